// Calls judged with a language model, over the whole program.
#include <algorithm>

#include <fmt/format.h>

#include "api/api_test.hpp"
#include "base/text.hpp"
#include "support/scorecard_documents.hpp"

namespace hs::test {

namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// A chat server that passes every question it is asked with the first agent turn as its quote.
class ModelImposter {
public:
    ModelImposter() {
        server_.otherwise([](const ImposterRequest& request) { return answer(request.body); });
    }

    [[nodiscard]] std::string base_url() const { return server_.url() + "/v1"; }

    [[nodiscard]] Imposter& imposter() { return server_; }

    static ImposterReply answer(const std::string& body) {
        const auto request = parse_json(body)->as_object();
        const std::string prompt(request.at("messages").at(1).at("content").as_string());
        json::array answers;
        json::array quotes;
        std::size_t at = 0;
        std::vector<std::string> questions;
        while (at < prompt.size()) {
            const auto end = std::min(prompt.find('\n', at), prompt.size());
            const auto line = parse_json(prompt.substr(at, end - at));
            at = end + 1;
            if (!line || !line->is_object()) continue;
            const auto& object = line->get_object();
            if (object.contains("title"))
                questions.emplace_back(object.at("question_id").as_string());
            if (object.contains("i") && object.at("r") == "agent" && quotes.empty())
                quotes.push_back(json::object{
                    {"turn", object.at("i")},
                    {"quote", truncate_utf8(std::string_view(object.at("t").as_string()), 250)},
                    {"kind", "said"}});
        }
        for (const auto& id : questions)
            answers.push_back(json::object{{"question_id", id},
                                           {"state", "pass"},
                                           {"value", nullptr},
                                           {"confidence", 0.9},
                                           {"rationale", "it was said"},
                                           {"evidence", quotes}});
        return {.body = completion(std::move(answers))};
    }

private:
    static std::string completion(json::array answers) {
        const json::object nothing{{"status", "none"},
                                   {"action", nullptr},
                                   {"owner", nullptr},
                                   {"due", nullptr},
                                   {"customer_accepted", nullptr},
                                   {"raw_score", 0},
                                   {"evidence", json::array()}};
        const json::object judgement{{"answers", std::move(answers)},
                                     {"turn_sentiment", json::array()},
                                     {"issue",
                                      json::object{{"category", ""},
                                                   {"summary", ""},
                                                   {"customer_request", ""},
                                                   {"severity", "low"},
                                                   {"evidence", json::array()}}},
                                     {"resolution", nothing},
                                     {"escalation", json::object{{"cues", json::array()}}},
                                     {"insights",
                                      json::object{{"business_insight", ""},
                                                   {"coaching_insight", ""},
                                                   {"agent_summary", ""},
                                                   {"why_flagged", nullptr}}},
                                     {"detected_language", "english"}};
        const json::object message{{"role", "assistant"}, {"content", json::serialize(judgement)}};
        return json::serialize(json::object{
            {"model", "served"},
            {"choices", json::array{json::object{{"finish_reason", "stop"}, {"message", message}}}},
            {"usage", json::object{{"prompt_tokens", 900}, {"completion_tokens", 80}}}});
    }

    Imposter server_;
};

class ModelJudging : public ApiTest {
protected:
    ModelJudging()
        : own(speech,
              {{"LLM_CHAIN", "openai:small -> rules"},
               {"LLM_MODEL_SMALL", "judge-small"},
               {"LLM_BASE_URL", model.base_url()},
               {"LLM_ALLOW_PRIVATE", "true"}}) {
        add_directory(own);
    }

    /// A call that leaves the rules in doubt: models are asked about such questions only.
    std::string upload() {
        speech.mumble();
        auto sent = form();
        sent.set("customer_name", customer_name);
        sent.file = corpus_bytes("calls/c01_perfect_swap.mp3");
        const auto reply = own.upload(sent);
        EXPECT_EQ(reply.status, 201) << reply.body;
        return call_id_of(reply);
    }

    std::int64_t count(const std::string& what) {
        return own.database().count("SELECT count(*) FROM " + what);
    }

    SpeechImposter speech;
    ModelImposter model;
    WholeServer own;
};

TEST_F(ModelJudging, OpenQuestionsGetAnswersWithWordsAndProvenance) {
    const auto call = upload();
    ASSERT_EQ(own.settled(call), "analyzed");
    ASSERT_GE(model.imposter().requests().size(), 1U);
    for (const auto& request : model.imposter().requests())
        for (const auto* secret :
             {"Zebulon", "Quaverley", "97004 12863", "9700412863", "seven zero zero four"})
            EXPECT_THAT(request.body, Not(HasSubstr(secret)));
    EXPECT_EQ(count("evaluations WHERE model = 'served' AND prompt_id = 'sop-judge' AND "
                    "tokens_in >= 900 AND evaluator = 'rules+llm' AND NOT degraded"),
              1);
    // Judged again: paid for no second time.
    const auto paid = model.imposter().requests().size();
    const auto again =
        own.ask("POST /api/calls/" + call + "/process?force=true", "Prefer: wait=9\r\n");
    EXPECT_EQ(again.status, 200) << again.body;
    EXPECT_EQ(count("evaluations"), 2);
    EXPECT_EQ(model.imposter().requests().size(), paid);
}

TEST_F(ModelJudging, AModelOutOfReachCostsNoCallItsEvaluation) {
    model.imposter().otherwise([](const ImposterRequest&) {
        return ImposterReply{.status = 429, .headers = {{"Retry-After", "3600"}}};
    });
    const auto call = upload();
    ASSERT_EQ(own.settled(call), "analyzed");
    EXPECT_EQ(count("evaluations WHERE degraded"), 1);
    EXPECT_EQ(count("jobs WHERE kind = 'upgrade' AND run_at > now()"), 1);

    model.imposter().otherwise(
        [](const ImposterRequest& request) { return ModelImposter::answer(request.body); });
    own.database().sql("UPDATE provider_state SET paused_until = now()");
    own.database().sql("UPDATE jobs SET run_at = now() WHERE kind = 'upgrade'");
    ASSERT_TRUE(eventually([&] { return count("evaluations WHERE NOT degraded") == 1; }));
    EXPECT_EQ(count("evaluations"), 2) << "the older one stays readable";
    EXPECT_EQ(count("evaluations WHERE NOT degraded AND supersedes IS NOT NULL AND "
                    "reason = 'upgrade'"),
              1);
    EXPECT_EQ(count("jobs WHERE kind = 'upgrade'"), 0);
}

TEST_F(ModelJudging, ARunIsEstimatedBeforehandAndPaysUnderItsOwnName) {
    model.imposter().otherwise([](const ImposterRequest&) {
        return ImposterReply{.status = 429, .headers = {{"Retry-After", "3600"}}};
    });
    const auto unasked = upload(); // no model has judged it
    ASSERT_EQ(own.settled(unasked), "analyzed");
    model.imposter().otherwise(
        [](const ImposterRequest& request) { return ModelImposter::answer(request.body); });
    own.database().sql("UPDATE provider_state SET paused_until = now()");
    const auto call = upload();
    ASSERT_EQ(own.settled(call), "analyzed");
    json::object body{{"scorecard", json::object{{"key", "battery-swap-support"}, {"version", 1}}},
                      {"call_id", unasked},
                      {"dry_run", true}};
    const auto estimate = [&] {
        return json_of(own.post_json("/api/evaluation-runs", json::serialize(body))).as_object();
    };
    const auto by_words = estimate();
    EXPECT_GT(by_words.at("tokens_in").as_int64(), by_words.at("words").as_int64());
    EXPECT_EQ(by_words.at("tokens_out"), 4000) << "max_output of the prompt";
    body["call_id"] = call;
    const auto by_past = estimate();
    EXPECT_EQ(by_past.at("tokens_in").as_int64(),
              own.database().count("SELECT tokens_in FROM evaluations WHERE tokens_in > 0"));
    EXPECT_TRUE(by_past.at("cost_usd").is_null()) << "nobody knows what judge-small charges";
    EXPECT_THAT(std::string(by_past.at("note").as_string()), HasSubstr("price"));

    const auto made = own.post_json(
        "/api/scorecards/battery-swap-support/versions",
        json::serialize(json::object{{"content", scorecard_document(CardOptions{})}}));
    ASSERT_EQ(made.status, 201) << made.body;
    body["scorecard"].as_object()["version"] = 2;
    body.erase("dry_run");
    const auto paid = model.imposter().requests().size();
    const auto started = own.post_json("/api/evaluation-runs", json::serialize(body));
    ASSERT_EQ(started.status, 202) << started.body;
    const std::string run(json_of(started).at("id").as_string());
    ASSERT_TRUE(eventually([&] { return count("evaluation_runs WHERE state = 'done'") == 1; }));
    const auto requests = static_cast<std::int64_t>(model.imposter().requests().size() - paid);
    EXPECT_GE(requests, 1) << "other findings are another question";
    EXPECT_EQ(count("paid_requests WHERE state = 'settled' AND run_id = '" + run + "'"), requests);
    const auto usage = json_of(own.ask("GET /api/usage?group_by=run")).at("data").as_array();
    const auto row = std::ranges::find_if(
        usage, [&](const auto& sum) { return sum.at("key") == json::value(run); });
    ASSERT_NE(row, usage.end());
    EXPECT_EQ(row->at("requests"), json::value(requests));
    EXPECT_EQ(json_of(own.ask("GET /api/evaluation-runs/" + run)).at("spent").at("tokens_in"),
              900 * requests);
}

/// Budgets leave a run two ways out; neither makes an answer of the rules look like a model's.
TEST_F(ModelJudging, ACallThatThereIsNoMoneyForFailsInItsRun) {
    const auto call = upload();
    ASSERT_EQ(own.settled(call), "analyzed");
    const auto made = own.post_json(
        "/api/scorecards/battery-swap-support/versions",
        json::serialize(json::object{{"content", scorecard_document(CardOptions{})}}));
    ASSERT_EQ(made.status, 201) << made.body;
    own.database().sql("INSERT INTO budgets (tenant_id, stopped_providers) SELECT id, '{openai}' "
                       "FROM tenants ON CONFLICT (tenant_id) DO UPDATE SET stopped_providers = "
                       "'{openai}'");
    const json::object body{
        {"scorecard", json::object{{"key", "battery-swap-support"}, {"version", 2}}},
        {"call_id", call}};
    const auto paid = model.imposter().requests().size();
    const auto started = own.post_json("/api/evaluation-runs", json::serialize(body));
    ASSERT_EQ(started.status, 202) << started.body;
    ASSERT_TRUE(eventually([&] { return count("evaluation_runs WHERE state = 'done'") == 1; }));
    EXPECT_EQ(count("evaluation_runs WHERE failed = 1 AND done = 0"), 1);
    EXPECT_EQ(count("evaluation_run_calls WHERE error_code LIKE 'budget.%'"), 1);
    EXPECT_EQ(count("evaluations"), 1);
    EXPECT_EQ(model.imposter().requests().size(), paid);
}

} // namespace

} // namespace hs::test
