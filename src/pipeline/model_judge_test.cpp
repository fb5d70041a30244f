// Asking models about a call: what is paid once, what is passed over, what no transaction waits
// for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analysis/transcript_json.hpp"
#include "base/files.hpp"
#include "base/http_client.hpp"
#include "pipeline/model_judge.hpp"
#include "pipeline/provider_gate.hpp"
#include "providers/llm/external_agent.hpp"
#include "providers/llm/openai_chat.hpp"
#include "store/model_answers.hpp"
#include "support/imposter.hpp"
#include "support/postgres.hpp"

namespace hs::pipeline {
namespace {

using namespace std::chrono_literals;
using test::ImposterReply;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

/// A chat completion around a judgement that passes question "a" with words that are there.
std::string completion(double confidence = 0.9, const std::string& words = "i am really sorry") {
    const json::object judgement{
        {"answers",
         json::array{json::object{
             {"question_id", "a"},
             {"state", "pass"},
             {"value", nullptr},
             {"confidence", confidence},
             {"rationale", "said so"},
             {"evidence",
              json::array{json::object{{"turn", 1}, {"quote", words}, {"kind", "said"}}}}}}},
        {"turn_sentiment", json::array()},
        {"issue",
         json::object{{"category", ""},
                      {"summary", ""},
                      {"customer_request", ""},
                      {"severity", "low"},
                      {"evidence", json::array()}}},
        {"resolution",
         json::object{{"status", "none"},
                      {"action", nullptr},
                      {"owner", nullptr},
                      {"due", nullptr},
                      {"customer_accepted", nullptr},
                      {"raw_score", 0},
                      {"evidence", json::array()}}},
        {"escalation", json::object{{"cues", json::array()}}},
        {"insights",
         json::object{{"business_insight", ""},
                      {"coaching_insight", ""},
                      {"agent_summary", ""},
                      {"why_flagged", nullptr}}},
        {"detected_language", "english"}};
    const json::object whole{
        {"model", "served-model"},
        {"choices",
         json::array{json::object{
             {"finish_reason", "stop"},
             {"message",
              json::object{{"role", "assistant"}, {"content", json::serialize(judgement)}}}}}},
        {"usage",
         json::object{{"prompt_tokens", 700}, {"completion_tokens", 90}, {"cost", 0.0021}}}};
    return json::serialize(whole);
}

Prices prices() {
    const auto table = parse_json(R"({"prices":[
        {"provider":"openai","model":"small","tokens_in":1,"tokens_out":10},
        {"provider":"openai","model":"large","tokens_in":10,"tokens_out":100},
        {"provider":"openai","model":"own","tokens_in":0}]})");
    return Prices::read(table.value()).value();
}

class ModelJudgeTest : public testing::Test {
public:
    ModelJudgeTest()
        : prompts(PromptFiles::load(HS_SOURCE_DIR "/prompts").value()), cache(*live.database, keys),
          ledger({*live.database, clock, live.log, live.metrics}, prices(), {}),
          gate(std::make_unique<ProviderGate>(ProviderGate::Parts{.database = *live.database,
                                                                  .keys = keys,
                                                                  .clock = clock,
                                                                  .transport = transport(),
                                                                  .log = live.log,
                                                                  .metrics = live.metrics,
                                                                  .ledger = &ledger},
                                              ProviderGateOptions{})) {
        add_call(tenant, call);
        chain.models = {model("small")};
        server.otherwise([](const auto&) { return ImposterReply{.body = completion()}; });
    }

    void add_call(TenantId owner, CallId id) {
        live.base.sql("INSERT INTO calls (tenant_id, id, audio_url, duration_seconds, "
                      "call_timestamp, processing_status) VALUES ('" +
                      owner.str() + "', '" + id.str() + "', 'local:x', 60, now(), 'transcribed')");
    }

    providers::Transport transport() {
        return [this](OutboundRequest request) { return client.send(std::move(request)); };
    }

    std::shared_ptr<providers::LanguageModel> model(const std::string& name) {
        providers::OpenAiChatConfig config;
        config.base_url = server.url() + "/v1";
        config.model = name;
        config.allow_private = true;
        config.repeat_delay = 1ms;
        return std::make_shared<providers::OpenAiChat>(std::move(config));
    }

    static analysis::ModelBrief brief() {
        analysis::ModelBrief out;
        Turn turn;
        turn.role = Role::agent;
        turn.end_ms = 2000;
        turn.text = "I am really sorry for the trouble, it is released now.";
        interpolate_words(turn);
        out.transcript.turns.push_back(std::move(turn));
        out.turn_sentiment = {0};
        analysis::OpenQuestion question;
        question.id = "a";
        question.prompt = "sop-judge";
        out.questions = {question};
        return out;
    }

    Result<analysis::ModelFindings> ask(bool last_try = false, bool cached = true) {
        ModelQuestion question;
        question.tenant = tenant;
        question.call = call;
        question.brief = brief();
        question.form = {{"call_id", call.str()}, {"audio_url", "http://x/audio"}};
        question.exchange = gate->exchange(tenant, call.str());
        question.secret = keys.tenant_key(tenant);
        question.last_try = last_try;
        const ModelParts parts{chain, *prompts, cached ? &cache : nullptr, &ledger.prices()};
        return live.loop.wait(ask_models(parts, std::move(question)));
    }

    static AnswerState state(const analysis::ModelFindings& findings) {
        return findings.answers.at(0).state;
    }

    std::size_t paid() { return server.requests().size(); }

    test::Imposter server;
    test::LiveDatabase live;
    HttpClient client;
    MasterKey keys{Key256{1, 2, 3}};
    SystemClock clock;
    std::unique_ptr<PromptFiles> prompts;
    StoredModelCache cache;
    SpendLedger ledger;
    std::unique_ptr<ProviderGate> gate;
    ModelChain chain;
    TenantId tenant = test::TestDatabase::tenant();
    CallId call = *CallId::parse("00000000-0000-4000-8000-00000000ca11");
};

TEST_F(ModelJudgeTest, TheSameQuestionIsPaidForOnce) {
    const auto first = ask();
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(state(*first), AnswerState::pass);
    EXPECT_EQ(first->use.models.at(0).reported, "served-model");
    EXPECT_EQ(first->use.models.at(0).tokens_in, 700);
    live.base.sql("DELETE FROM provider_calls"); // the cache alone
    const auto again = ask();
    ASSERT_TRUE(again);
    EXPECT_EQ(state(*again), AnswerState::pass);
    EXPECT_EQ(again->use.models.at(0).cached, 1);
    EXPECT_EQ(again->use.models.at(0).cost_usd, 0);
    EXPECT_EQ(paid(), 1U);
    EXPECT_EQ(live.base.count("SELECT count(*) FROM paid_requests"), 1)
        << "a kept answer needs no money";
    EXPECT_EQ(live.base.count("SELECT count(*) FROM model_answers WHERE "
                              "position('pass'::bytea IN reply_sealed) > 0"),
              0);
}

TEST_F(ModelJudgeTest, AnAnswerBelongsToItsTenantAndItsCall) {
    ASSERT_TRUE(ask());
    const auto home = tenant;
    tenant = live.base.another_tenant();
    add_call(tenant, call);
    ASSERT_TRUE(ask());
    EXPECT_EQ(paid(), 2U);
    live.base.sql("DELETE FROM calls WHERE tenant_id = '" + home.str() + "'");
    EXPECT_EQ(live.base.count("SELECT count(*) FROM model_answers"), 1);
    live.base.sql("DELETE FROM calls");
    ASSERT_TRUE(ask());
    EXPECT_EQ(live.base.count("SELECT count(*) FROM model_answers"), 0) << "kept about nobody";
}

TEST_F(ModelJudgeTest, ACrashAfterTheAnswerPaysNothingTwice) {
    ASSERT_TRUE(ask(false, false));
    ASSERT_TRUE(ask(false, false)) << "without the cache, from the journal";
    EXPECT_EQ(paid(), 1U);
}

TEST_F(ModelJudgeTest, OnlyRepliesThatKeepToTheSchemaAreCached) {
    auto broken = completion();
    const auto at = broken.find("turn_sentiment");
    broken.replace(at, 14, "turn_xxxxxment");
    server.then({.body = broken});
    const auto findings = ask();
    ASSERT_TRUE(findings);
    EXPECT_EQ(state(*findings), AnswerState::pass) << "after one repair";
    EXPECT_EQ(paid(), 2U);
    EXPECT_THAT(server.requests()[1].body, HasSubstr("turn_sentiment: is missing"));
    EXPECT_EQ(live.base.count("SELECT count(*) FROM model_answers"), 1);
}

TEST_F(ModelJudgeTest, MoneyIsReservedBeforeAndSettledAfter) {
    server.otherwise([this](const auto&) {
        EXPECT_EQ(live.base.count("SELECT count(*) FROM paid_requests WHERE state = 'reserved' AND "
                                  "reserved_usd BETWEEN 0.0403 AND 0.05"),
                  1)
            << "4000 tokens of output at most, and a few to read";
        return ImposterReply{.body = completion()};
    });
    const auto findings = ask();
    ASSERT_TRUE(findings);
    EXPECT_DOUBLE_EQ(findings->use.models.at(0).cost_usd, 0.0021) << "as the server reports it";
    EXPECT_EQ(live.base.count("SELECT count(*) FROM paid_requests WHERE state = 'settled' AND "
                              "cost_usd = 0.0021 AND tokens_in = 700 AND tokens_out = 90 AND "
                              "questions = '{a}' AND NOT estimated"),
              1);
}

TEST_F(ModelJudgeTest, WithoutMoneyNothingIsSent) {
    live.base.sql("INSERT INTO budgets (tenant_id, day_usd) SELECT id, 0 FROM tenants");
    const auto findings = ask();
    ASSERT_TRUE(findings) << "the call is judged by rules";
    EXPECT_EQ(paid(), 0U);
    EXPECT_THAT(findings->flags, Contains("budget_exhausted"));
    EXPECT_EQ(state(*findings), AnswerState::needs_review);
}

TEST_F(ModelJudgeTest, AModelOfOnesOwnIsAskedWhenTheBudgetAllowsNoOther) {
    live.base.sql("INSERT INTO budgets (tenant_id, month_usd) SELECT id, 0.001 FROM tenants");
    chain.models = {model("small"), model("own")};
    const auto findings = ask();
    ASSERT_TRUE(findings);
    EXPECT_EQ(paid(), 1U);
    EXPECT_THAT(server.requests().at(0).body, HasSubstr(R"("model":"own")"));
    EXPECT_EQ(state(*findings), AnswerState::pass);
}

TEST_F(ModelJudgeTest, WhoWaitsForMoneyWaitsEvenOnTheLastTry) {
    live.base.sql("INSERT INTO budgets (tenant_id, day_usd, policy) SELECT id, 0, 'wait' "
                  "FROM tenants");
    const auto findings = ask(true);
    ASSERT_FALSE(findings);
    EXPECT_EQ(findings.error().code, "budget.wait");
    EXPECT_LE(findings.error().retry_after.value(), 24h);
    EXPECT_GE(findings.error().retry_after.value(), 1s);
    EXPECT_EQ(paid(), 0U);
}

TEST_F(ModelJudgeTest, TroubleIsWaitedOutAndOnTheLastTryPassedOver) {
    chain.models = {model("small"), model("large")};
    server.otherwise([](const test::ImposterRequest& request) {
        const bool small = request.body.find(R"("model":"small")") != std::string::npos;
        return small ? ImposterReply{.status = 503, .body = "busy"}
                     : ImposterReply{.body = completion()};
    });
    const auto waits = ask();
    ASSERT_FALSE(waits);
    EXPECT_TRUE(may_retry(waits.error().kind));
    const auto passed = ask(true);
    ASSERT_TRUE(passed);
    EXPECT_EQ(state(*passed), AnswerState::pass);
    EXPECT_EQ(passed->use.models.at(0).model, "large");
    server.otherwise([](const auto&) { return ImposterReply{.status = 503}; });
    for (const auto* table : {"model_answers", "provider_calls", "provider_state"})
        live.base.sql(std::string("DELETE FROM ") + table);
    const auto none = ask(true);
    ASSERT_FALSE(none) << "for a degraded evaluation";
    EXPECT_EQ(none.error().kind, ErrorKind::unavailable);
}

TEST_F(ModelJudgeTest, ARefusalGoesToTheNextModelAtOnce) {
    chain.models = {model("small"), model("large")};
    server.then({.status = 400, .body = R"({"error":{"code":"content_filter","message":"no"}})"});
    const auto findings = ask();
    ASSERT_TRUE(findings);
    EXPECT_EQ(state(*findings), AnswerState::pass);
    EXPECT_EQ(paid(), 2U);
}

TEST_F(ModelJudgeTest, AnInventedQuoteIsForPeople) {
    server.otherwise([](const auto&) {
        return ImposterReply{.body = completion(0.99, "we sincerely apologise to you madam")};
    });
    const auto findings = ask();
    ASSERT_TRUE(findings);
    EXPECT_EQ(state(*findings), AnswerState::needs_review);
}

TEST_F(ModelJudgeTest, NoTransactionIsOpenWhileAModelThinks) {
    std::int64_t open = -1;
    server.otherwise([&](const auto&) {
        open = live.base.count("SELECT count(*) FROM pg_stat_activity WHERE datname = "
                               "current_database() AND state LIKE 'idle in transaction%'");
        return ImposterReply{.body = completion()};
    });
    ASSERT_TRUE(ask());
    EXPECT_EQ(open, 0);
}

TEST_F(ModelJudgeTest, AnExternalEvaluatorIsAskedFirstAndNeedNotAnswer) {
    providers::ExternalAgentConfig config;
    config.url = server.url() + "/agent";
    config.allow_private = true;
    config.repeat_delay = 1ms;
    chain.external = std::make_shared<providers::ExternalAgent>(config);
    server.then(
        {.body = read_file(HS_SOURCE_DIR "/tests/golden/providers/external/success.json").value()});
    const auto external = ask();
    ASSERT_TRUE(external) << external.error().message;
    ASSERT_TRUE(external->external);
    EXPECT_DOUBLE_EQ(external->external->scores.at("sop_compliance"), 0.82);
    EXPECT_THAT(server.requests().at(0).body, HasSubstr("audio_url=http%3A%2F%2Fx%2Faudio"));
    EXPECT_THAT(server.requests().at(0).body, Not(HasSubstr("sorry"))) << "no transcript is sent";

    live.base.sql("DELETE FROM provider_calls");
    server.then({.body = R"({"success":false,"error":"no"})"});
    const auto models = ask();
    ASSERT_TRUE(models);
    EXPECT_FALSE(models->external);
    EXPECT_EQ(state(*models), AnswerState::pass);
}

TEST_F(ModelJudgeTest, OldAnswersArePurged) {
    ASSERT_TRUE(ask());
    live.base.sql("UPDATE model_answers SET created_at = now() - interval '91 days'");
    live.loop.wait([](ModelJudgeTest& test) -> Task<void> {
        const auto unit =
            test.live.database->unit({.tenant = test.tenant, .role = pg::DbRole::worker});
        co_await store::purge_model_answers(*unit, test.tenant);
    }(*this));
    EXPECT_EQ(live.base.count("SELECT count(*) FROM model_answers"), 0);
}

} // namespace
} // namespace hs::pipeline
