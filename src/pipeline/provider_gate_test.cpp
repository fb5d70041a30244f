// R-29, R-30, R-32: what is paid for is paid once, and a provider's trouble is a pause for all.
#include <algorithm>
#include <future>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/provider_gate.hpp"
#include "providers/stt/openai.hpp"
#include "queue/job.hpp"
#include "support/imposter.hpp"
#include "support/postgres.hpp"

namespace hs::pipeline {
namespace {

using namespace std::chrono_literals;
using providers::OpenAiSpeech;
using providers::OpenAiSpeechConfig;
using providers::SpeechRequest;
using test::ImposterReply;
using ::testing::AllOf;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;

constexpr const char* words = R"({"text":"thank you for calling","language":"english",
    "segments":[{"start":0.2,"end":1.9,"text":"thank you for calling"}],
    "usage":{"type":"tokens\u0000","input_tokens":14,"output_tokens":45,"cost":0.0123}})";

class ProviderGateTest : public testing::Test {
public:
    ProviderGateTest() {
        live.base.sql("INSERT INTO calls (tenant_id, id, audio_url, duration_seconds, "
                      "call_timestamp, processing_status) VALUES ('" +
                      tenant.str() + "', '" + call_id + "', 'local:x', 60, now(), 'analyzed')");
        server.otherwise([](const test::ImposterRequest&) { return ImposterReply{.body = words}; });
    }

    OpenAiSpeechConfig config() {
        OpenAiSpeechConfig out;
        out.base_url = server.url() + "/v1";
        out.api_key = Secret(std::string("sk-test"));
        out.allow_private = true;
        out.repeat_delay = 1ms;
        return out;
    }

    providers::Transport transport() {
        return [this](OutboundRequest request) { return client.send(std::move(request)); };
    }

    /// What one more worker process has.
    std::unique_ptr<ProviderGate> worker(ProviderGateOptions options = {}) {
        return worker(options, live.metrics);
    }

    std::unique_ptr<ProviderGate> worker(ProviderGateOptions options, Metrics& metrics) {
        ProviderGate::Parts parts{.database = *live.database,
                                  .keys = keys,
                                  .clock = clock,
                                  .transport = transport(),
                                  .log = live.log,
                                  .metrics = metrics};
        return std::make_unique<ProviderGate>(std::move(parts), options);
    }

    /// Two seconds of sound; another `sample` is another recording.
    static SpeechRequest call(std::int16_t sample = 1) {
        SpeechRequest out;
        auto samples = std::make_shared<std::vector<std::int16_t>>(32000, sample);
        out.tracks.push_back({"ch0", std::move(samples), {{100, 1900}}});
        return out;
    }

    Result<providers::Speech>
    hear(ProviderGate& gate, SpeechRequest request, const OpenAiSpeechConfig& with) {
        OpenAiSpeech speech(with, transport());
        request.exchange = gate.exchange(tenant, call_id);
        return live.loop.wait(speech.transcribe(std::move(request)));
    }

    Result<providers::Speech> hear(ProviderGate& gate, SpeechRequest request = call()) {
        return hear(gate, std::move(request), config());
    }

    Error error(ProviderGate& gate, SpeechRequest request = call()) {
        const auto speech = hear(gate, std::move(request));
        return speech ? Error{ErrorKind::internal, "no error", "", {}} : speech.error();
    }

    std::size_t paid() { return server.requests().size(); }

    void end_pauses() { live.base.sql("UPDATE provider_state SET paused_until = now()"); }

    /// How a job that met this error ends its run.
    static queue::Outcome::Kind outcome(const Error& error) {
        return queue::Outcome::from(error).kind;
    }

    test::Imposter server;
    test::LiveDatabase live;
    HttpClient client;
    MasterKey keys{Key256{1, 2, 3}};
    SystemClock clock;
    TenantId tenant = test::TestDatabase::tenant();
    std::string call_id = "00000000-0000-4000-8000-00000000ca11";
};

using Kind = queue::Outcome::Kind;

TEST_F(ProviderGateTest, NoReplyIsKeptAboutADeletedCall) {
    server.otherwise([this](const test::ImposterRequest&) {
        live.base.sql("DELETE FROM calls");
        return ImposterReply{.body = words};
    });
    const auto gate = worker();
    ASSERT_TRUE(hear(*gate));
    EXPECT_EQ(live.base.count("SELECT count(*) FROM provider_calls"), 0);
}

TEST_F(ProviderGateTest, AKeptReplyIsReadAfterACrashInsteadOfPaidForAgain) {
    {
        const auto crashed = worker();
        const OpenAiSpeech speech(config(), transport());
        const auto request = call();
        const auto prepared = speech.prepare(request, speech.parts(request).at(0));
        const auto exchange = crashed->exchange(tenant, call_id);
        const auto reply = live.loop.wait(speech.send(exchange, prepared));
        ASSERT_TRUE(reply) << "and nobody has read it when the process ends";
    }
    const auto next = worker();
    const auto heard = hear(*next);
    ASSERT_TRUE(heard) << heard.error().message;
    EXPECT_EQ(heard->utterances.at(0).text, "thank you for calling");
    EXPECT_EQ(paid(), 1U);
    EXPECT_EQ(live.metrics
                  .counter("hacksmart_provider_journal_hits_total",
                           "Requests answered by a kept reply",
                           {{"provider", "openai"}, {"model", "whisper-1"}})
                  .value(),
              1U);
}

TEST_F(ProviderGateTest, OtherAudioAndOtherTenantsArePaidForThemselves) {
    const auto gate = worker();
    ASSERT_TRUE(hear(*gate, call(1)));
    ASSERT_TRUE(hear(*gate, call(2)));
    EXPECT_EQ(paid(), 2U);
    tenant = live.base.another_tenant();
    ASSERT_TRUE(hear(*gate, call(1)));
    EXPECT_EQ(paid(), 3U);
}

TEST_F(ProviderGateTest, RepliesAreSealedAndCarryWhatTheProviderReports) {
    const auto gate = worker();
    ASSERT_TRUE(hear(*gate));
    EXPECT_EQ(live.base.count("SELECT count(*) FROM provider_calls WHERE "
                              "position('thank you'::bytea IN reply_sealed) > 0"),
              0);
    const auto row =
        live.base.sql("SELECT concat_ws(' ', subject, state, run, usage->'input_tokens', "
                      "usage ? 'type', cost_usd) FROM provider_calls");
    EXPECT_EQ(row.front(), "00000000-0000-4000-8000-00000000ca11 answered 1 14 f 0.012300");
    const auto page = live.metrics.prometheus_text();
    EXPECT_THAT(page,
                HasSubstr("hacksmart_provider_tokens_total{direction=\"out\",model=\"whisper-1\","
                          "provider=\"openai\"} 45"));
    EXPECT_THAT(page, HasSubstr("hacksmart_provider_request_duration_seconds_count"));
}

TEST_F(ProviderGateTest, AnUnreadableReplyIsNeverReadAgain) {
    const auto gate = worker();
    server.then({.body = R"({"text":)"});
    const auto unreadable = error(*gate);
    EXPECT_EQ(unreadable.code, "speech.invalid_reply");
    EXPECT_EQ(outcome(unreadable), Kind::retry);
    const auto again = worker();
    ASSERT_TRUE(hear(*again));
    EXPECT_EQ(paid(), 2U);
    EXPECT_EQ(live.base.sql("SELECT run || state FROM provider_calls ORDER BY run"),
              (std::vector<std::string>{"1invalid", "2answered"}));
}

TEST_F(ProviderGateTest, AReplySealedUnderAnotherKeyIsPaidForAgain) {
    ASSERT_TRUE(hear(*worker()));
    live.base.sql("UPDATE provider_calls SET reply_sealed = set_byte(reply_sealed, 20, "
                  "get_byte(reply_sealed, 20) # 1)");
    ASSERT_TRUE(hear(*worker()));
    EXPECT_EQ(paid(), 2U);
}

TEST_F(ProviderGateTest, OneWorkersRateLimitIsEveryWorkersPause) {
    const auto one = worker();
    const auto other = worker();
    server.then({.status = 429, .headers = {{"Retry-After", "120"}}});
    const auto told = error(*one);
    EXPECT_EQ(told.code, "speech.rate_limited");
    EXPECT_EQ(told.retry_after, 120s);
    EXPECT_EQ(outcome(told), Kind::snooze) << "a failure less of the job";
    EXPECT_EQ(one->health(), ProviderHealth::paused);

    const auto waits = error(*other, call(2));
    EXPECT_EQ(waits.code, "speech.paused");
    EXPECT_EQ(outcome(waits), Kind::snooze);
    ASSERT_TRUE(waits.retry_after);
    EXPECT_THAT(waits.retry_after->count(), AllOf(Ge(100), Le(120)));
    EXPECT_EQ(paid(), 1U) << "a request was sent into a pause";

    end_pauses();
    EXPECT_TRUE(hear(*other, call(2)));
    EXPECT_TRUE(hear(*one));
}

TEST_F(ProviderGateTest, APauseIsNeverShortened) {
    const auto gate = worker();
    live.base.sql("INSERT INTO provider_state (provider, key_id, model, paused_until) "
                  "SELECT 'openai', 'k', 'm', now() + interval '1 hour'");
    live.loop.wait([](ProviderGateTest& test) -> Task<void> {
        const auto unit =
            test.live.database->unit({.tenant = std::nullopt, .role = pg::DbRole::worker});
        store::ProviderAccount account{"openai", "k", "m"};
        co_await store::pause_provider(*unit, account, 5s);
        const auto answer = co_await store::admit_request(*unit, account, 60s);
        EXPECT_EQ(answer.verdict, store::Admission::Verdict::paused);
        EXPECT_GT(answer.wait, 3000s);
    }(*this));
}

TEST_F(ProviderGateTest, AnotherModelOrKeyIsNotPaused) {
    const auto gate = worker();
    server.then({.status = 429, .headers = {{"Retry-After", "120"}}});
    EXPECT_EQ(error(*gate).code, "speech.rate_limited");
    auto with = config();
    with.model = "other";
    EXPECT_TRUE(hear(*gate, call(), with));
    with = config();
    with.api_key = Secret(std::string("sk-second"));
    EXPECT_TRUE(hear(*gate, call(), with));
}

TEST_F(ProviderGateTest, AServerThatAsksForTimeGetsIt) {
    const auto gate = worker();
    server.then({.status = 503, .headers = {{"Retry-After", "30"}}});
    const auto told = error(*gate);
    EXPECT_EQ(told.code, "speech.unavailable");
    EXPECT_EQ(told.retry_after, 30s);
    EXPECT_EQ(outcome(told), Kind::snooze);
    EXPECT_EQ(error(*gate).code, "speech.paused");
    EXPECT_EQ(paid(), 1U);
}

TEST_F(ProviderGateTest, ARefusedKeyStopsTheEngineAndCostsNoJobAnything) {
    for (const int status : {401, 403}) {
        const auto gate = worker();
        live.base.sql("DELETE FROM provider_state");
        const auto before = paid();
        server.then({.status = status, .body = "no"});
        const auto refused = error(*gate, call(static_cast<std::int16_t>(status)));
        EXPECT_EQ(refused.code, "speech.denied");
        EXPECT_EQ(outcome(refused), Kind::snooze);
        EXPECT_EQ(error(*gate, call(3)).code, "speech.denied");
        EXPECT_EQ(paid(), before + 1) << "the refused key was tried again";
        EXPECT_EQ(gate->health(), ProviderHealth::denied);
        EXPECT_THAT(
            live.metrics.prometheus_text(),
            HasSubstr("hacksmart_provider_denied{model=\"whisper-1\",provider=\"openai\"} 1"));
        end_pauses();
        EXPECT_TRUE(hear(*gate, call(static_cast<std::int16_t>(status))));
        EXPECT_EQ(gate->health(), ProviderHealth::ready);
    }
}

TEST_F(ProviderGateTest, ARefusedAddressStopsTheEngineToo) {
    const auto gate = worker();
    auto with = config();
    with.allow_private = false;
    const auto refused = hear(*gate, call(), with);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "egress.address_refused");
    EXPECT_EQ(outcome(refused.error()), Kind::snooze);
    EXPECT_EQ(gate->health(), ProviderHealth::denied);
}

TEST_F(ProviderGateTest, WhatTheProviderFindsWrongIsFinal) {
    const auto gate = worker();
    for (const int status : {400, 404, 413, 422}) {
        server.then({.status = status, .body = "no"});
        const auto refused = error(*gate, call(static_cast<std::int16_t>(status)));
        EXPECT_EQ(refused.code, "speech.refused");
        EXPECT_EQ(outcome(refused), Kind::dead);
    }
    EXPECT_EQ(paid(), 4U) << "none of them is repeated";
    EXPECT_EQ(live.base.count("SELECT count(*) FROM provider_calls"), 0);
}

TEST_F(ProviderGateTest, AProviderThatIsDownIsLeftAlone) {
    server.otherwise([](const test::ImposterRequest&) { return ImposterReply{.status = 500}; });
    const auto one = worker();
    const auto first = error(*one);
    EXPECT_EQ(first.code, "speech.unavailable");
    EXPECT_EQ(outcome(first), Kind::retry);
    EXPECT_EQ(paid(), 3U) << "two quick repeats";
    const auto second = error(*one);
    EXPECT_EQ(outcome(second), Kind::snooze) << "the fifth failure in a row";
    EXPECT_EQ(second.retry_after, 10s);
    EXPECT_EQ(paid(), 5U);
    for (std::int16_t i = 0; i < 20; ++i)
        EXPECT_EQ(error(*worker(), call(i)).code, "speech.paused");
    EXPECT_EQ(paid(), 5U);

    end_pauses();
    const auto third = error(*one);
    EXPECT_EQ(third.retry_after, 20s) << "one more try, then a longer pause";
    EXPECT_EQ(paid(), 6U);

    end_pauses();
    server.otherwise([](const test::ImposterRequest&) { return ImposterReply{.body = words}; });
    EXPECT_TRUE(hear(*one));
}

TEST_F(ProviderGateTest, RepeatsHaveABudget) {
    const auto gate = worker();
    // Each call fails once and is repeated once, so that the provider is never down.
    int asked = 0;
    server.otherwise([&asked](const test::ImposterRequest&) {
        return ++asked % 2 == 1 ? ImposterReply{.status = 500} : ImposterReply{.body = words};
    });
    std::int16_t calls = 0;
    Error stopped{ErrorKind::internal, "", "", {}};
    while (calls < 30 && stopped.code.empty()) {
        const auto heard = hear(*gate, call(++calls));
        if (!heard) stopped = heard.error();
    }
    EXPECT_EQ(stopped.code, "speech.retry_budget");
    EXPECT_EQ(outcome(stopped), Kind::snooze);
    EXPECT_THAT(calls, AllOf(Ge(6), Le(8))) << "five, and a tenth of the successes";
}

/// One request that is no one's paid answer: sent as often as it is asked for.
class BreakerTest : public ProviderGateTest {
public:
    providers::ProviderRequest probe() {
        providers::ProviderRequest out;
        out.provider = "openai";
        out.model = "whisper-1";
        out.key_id = "k";
        out.area = "speech";
        out.keep = false;
        out.http.url = server.url() + "/v1/x";
        out.http.allow_private = true;
        return out;
    }

    Result<InboundReply> ask(ProviderGate& gate) {
        const auto exchange = gate.exchange(tenant, call_id);
        return live.loop.wait(exchange->send(probe()));
    }

    /// Asks with each worker in turn; 'x' is answered 500.
    void ask_each(const std::string& fates) {
        for (std::size_t i = 0; i < fates.size(); ++i) {
            server.then({.status = fates[i] == 'x' ? 500 : 200, .body = words});
            static_cast<void>(ask(i % 2 == 0 ? *one : *other));
        }
    }

    std::string state(const std::string& what) {
        return live.base.sql("SELECT " + what + " FROM provider_state WHERE key_id LIKE 'k@%'")
            .at(0);
    }

    void SetUp() override {
        one = worker();
        other = worker();
    }

    std::unique_ptr<ProviderGate> one;
    std::unique_ptr<ProviderGate> other;
};

TEST_F(BreakerTest, HalfOfTwentyInHalfAMinuteOpenItForAllWorkers) {
    ask_each(".x.x.x.x.x.x.x.x.x.");
    EXPECT_EQ(state("breaker"), "closed") << "nineteen tell nothing";
    ask_each("..x");
    EXPECT_EQ(state("breaker"), "closed") << "ten of twenty-two";
    ask_each("xx");
    EXPECT_EQ(state("breaker"), "open") << "twelve of twenty-four";
    EXPECT_EQ(paid(), 24U);
    for (auto* gate : {one.get(), other.get()}) {
        const auto refused = ask(*gate);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, "speech.paused");
        EXPECT_EQ(outcome(refused.error()), Kind::snooze);
        EXPECT_EQ(gate->health(), ProviderHealth::paused);
    }
    EXPECT_EQ(paid(), 24U);
    EXPECT_THAT(live.metrics.prometheus_text(),
                HasSubstr("hacksmart_breaker_state{model=\"whisper-1\",provider=\"openai\"} 2"));
}

TEST_F(BreakerTest, FewerThanHalfDoNot) {
    ask_each("..x.x..x.x..x.x..x.x..x.x..x.x");
    EXPECT_EQ(state("breaker"), "closed");
    EXPECT_EQ(paid(), 30U);
}

TEST_F(BreakerTest, WhatWasMoreThanHalfAMinuteAgoIsForgotten) {
    ask_each(".x.x.x.x.x.x.x.x.x.");
    live.base.sql("UPDATE provider_state SET newest_slot = newest_slot - 6");
    ask_each("x");
    EXPECT_EQ(state("breaker || recent_bad::text"), "closed{0,0,0,0,0,1}");
}

TEST_F(BreakerTest, AnotherAddressIsAnotherBreaker) {
    ask_each("xxxxx");
    EXPECT_EQ(state("breaker"), "open");
    test::Imposter second;
    second.otherwise([](const test::ImposterRequest&) { return ImposterReply{.body = words}; });
    auto elsewhere = probe();
    elsewhere.http.url = second.url() + "/v1/x";
    const auto exchange = one->exchange(tenant, call_id);
    EXPECT_TRUE(live.loop.wait(exchange->send(std::move(elsewhere))));
}

TEST_F(BreakerTest, OneOfAllWorkersFindsOutWhetherItIsOver) {
    ask_each("xxxxx");
    end_pauses();
    // Answered only when all the others were refused.
    std::promise<void> refused;
    auto others_refused = refused.get_future().share();
    server.otherwise([others_refused](const test::ImposterRequest&) {
        others_refused.wait();
        return ImposterReply{.body = words};
    });
    std::vector<std::unique_ptr<ProviderGate>> workers;
    std::vector<std::shared_ptr<providers::Exchange>> exchanges;
    std::vector<std::future<Result<InboundReply>>> asked;
    for (int i = 0; i < 6; ++i) {
        workers.push_back(worker());
        exchanges.push_back(workers.back()->exchange(tenant, call_id));
        asked.push_back(live.loop.start(exchanges.back()->send(probe())));
    }
    const auto ready = [](auto& reply) { return reply.wait_for(0s) == std::future_status::ready; };
    const auto limit = std::chrono::steady_clock::now() + 10s;
    while (std::ranges::count_if(asked, ready) < 5 && std::chrono::steady_clock::now() < limit)
        std::this_thread::yield();
    refused.set_value();
    int answered = 0;
    for (auto& one_asked : asked) {
        const auto reply = one_asked.get();
        answered += reply ? 1 : 0;
        if (!reply) {
            EXPECT_EQ(reply.error().retry_after, 10s);
        }
    }
    EXPECT_EQ(answered, 1);
    EXPECT_EQ(paid(), 6U);
    EXPECT_EQ(state("breaker"), "closed");
    EXPECT_TRUE(ask(*one));
    EXPECT_TRUE(ask(*other));
}

TEST_F(BreakerTest, AProbeThatNeverComesBackIsAnothersTurn) {
    ask_each("xxxxx");
    live.base.sql("UPDATE provider_state SET paused_until = now(), breaker = 'half_open', "
                  "probe_until = now() + interval '1 minute'");
    EXPECT_FALSE(ask(*one)) << "somebody may still be finding out";
    live.base.sql("UPDATE provider_state SET probe_until = now()");
    EXPECT_TRUE(ask(*one));
    EXPECT_EQ(state("breaker"), "closed");
}

TEST_F(BreakerTest, UnreadableRepliesAreFailures) {
    server.otherwise([](const test::ImposterRequest&) { return ImposterReply{.body = "{"}; });
    for (std::int16_t i = 1; i <= 5; ++i)
        EXPECT_EQ(error(*one, call(i)).code, "speech.invalid_reply");
    EXPECT_EQ(error(*other, call(6)).code, "speech.paused");
    EXPECT_EQ(paid(), 5U) << "each of them may have been charged for";
}

TEST_F(BreakerTest, LessAtOnceAfterARateLimitAndMoreAfterEachCleanRound) {
    const auto limited = [this] {
        server.then({.status = 429, .headers = {{"Retry-After", "1"}}});
        static_cast<void>(ask(*one));
    };
    ask_each(".");
    EXPECT_EQ(state("at_once"), "4");
    limited();
    EXPECT_EQ(state("at_once"), "2.8");
    ask_each("..");
    EXPECT_EQ(state("at_once"), "3.8") << "two in a row, of two that may be under way";
    ask_each("......");
    EXPECT_EQ(state("at_once"), "4") << "never more than was allowed to begin with";
    for (int i = 0; i < 6; ++i)
        limited();
    EXPECT_EQ(state("at_once"), "1");
    Metrics its_own;
    const auto third = worker({}, its_own);
    server.then({.status = 429, .headers = {{"Retry-After", "1"}}});
    static_cast<void>(ask(*third));
    EXPECT_THAT(its_own.prometheus_text(),
                HasSubstr("hacksmart_provider_at_once{model=\"whisper-1\",provider=\"openai\"} 1"))
        << "a worker that has met none of these limits keeps to them";
}

TEST_F(BreakerTest, OneRateLimitHitByManyAtOnceSlowsDownOnce) {
    std::promise<void> all_there;
    auto released = all_there.get_future().share();
    server.otherwise([released](const test::ImposterRequest&) {
        released.wait();
        return ImposterReply{.status = 429, .headers = {{"Retry-After", "1"}}};
    });
    std::vector<std::shared_ptr<providers::Exchange>> exchanges;
    std::vector<std::future<Result<InboundReply>>> asked;
    for (int i = 0; i < 4; ++i) {
        exchanges.push_back(one->exchange(tenant, call_id));
        asked.push_back(live.loop.start(exchanges.back()->send(probe())));
    }
    EXPECT_TRUE(server.wait_for_requests(4));
    all_there.set_value();
    for (auto& one_asked : asked)
        EXPECT_TRUE(one_asked.get());
    EXPECT_EQ(state("at_once"), "2.8");
}

TEST_F(ProviderGateTest, OldRepliesArePurged) {
    ASSERT_TRUE(hear(*worker(), call(1)));
    live.base.sql("UPDATE provider_calls SET created_at = now() - interval '7 days 1 minute'");
    ASSERT_TRUE(hear(*worker(), call(2)));
    live.loop.wait([](ProviderGateTest& test) -> Task<void> {
        const auto unit =
            test.live.database->unit({.tenant = test.tenant, .role = pg::DbRole::worker});
        co_await store::purge_provider_calls(*unit, test.tenant);
    }(*this));
    EXPECT_EQ(live.base.count("SELECT count(*) FROM provider_calls"), 1);
    ASSERT_TRUE(hear(*worker(), call(2)));
    EXPECT_EQ(paid(), 2U);
}

} // namespace
} // namespace hs::pipeline
