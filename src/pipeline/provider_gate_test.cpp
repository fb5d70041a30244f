// R-29, R-30, R-32: what is paid for is paid once, and a provider's trouble is a pause for all.
#include <future>

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
        ProviderGate::Parts parts{.database = *live.database,
                                  .keys = keys,
                                  .clock = clock,
                                  .transport = transport(),
                                  .log = live.log,
                                  .metrics = live.metrics};
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
        const auto left = co_await store::provider_pause(*unit, account);
        EXPECT_GT(left.value_or(0s), 3000s);
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

class ProviderLimitsTest : public testing::Test {
protected:
    /// Until everything handed to the loop so far has had its turn.
    void settle() {
        for (int i = 0; i < 3; ++i)
            loop.wait([]() -> Task<void> { co_return; }());
    }

    static bool ended(const std::future<bool>& waiting) {
        return waiting.wait_for(0s) == std::future_status::ready;
    }

    test::Loop loop;
};

TEST_F(ProviderLimitsTest, NoMoreThanAllowedAreInsideAtOnce) {
    ProviderLimits limits(2);
    EXPECT_TRUE(loop.wait(limits.enter({})));
    EXPECT_TRUE(loop.wait(limits.enter({})));
    auto third = loop.start(limits.enter({}));
    auto fourth = loop.start(limits.enter({}));
    settle();
    EXPECT_FALSE(ended(third));
    limits.leave();
    EXPECT_TRUE(third.get());
    settle();
    EXPECT_FALSE(ended(fourth));
    limits.leave();
    EXPECT_TRUE(fourth.get());
}

TEST_F(ProviderLimitsTest, WhoIsToldToStopWaitsNoLonger) {
    ProviderLimits limits(1);
    EXPECT_TRUE(loop.wait(limits.enter({})));
    std::stop_source stop;
    auto second = loop.start(limits.enter(stop.get_token()));
    auto third = loop.start(limits.enter({}));
    settle();
    stop.request_stop();
    EXPECT_FALSE(second.get());
    limits.leave();
    EXPECT_TRUE(third.get()) << "the place went to one who had left the queue";
}

TEST_F(ProviderLimitsTest, HalfAsManyAfterARateLimitAndBackAgain) {
    ProviderLimits limits(8);
    limits.slow_down();
    EXPECT_EQ(limits.at_once(), 4);
    for (int i = 0; i < 5; ++i)
        limits.slow_down();
    EXPECT_EQ(limits.at_once(), 1);
    for (int i = 0; i < 20; ++i)
        limits.succeeded({});
    EXPECT_EQ(limits.at_once(), 8);
}

TEST_F(ProviderLimitsTest, RepeatsComeWithTimeAndSuccess) {
    ProviderLimits limits(1);
    ProviderLimits::Instant now{};
    const auto spend = [&] {
        int repeats = 0;
        while (limits.may_repeat(now))
            ++repeats;
        return repeats;
    };
    EXPECT_EQ(spend(), 5);
    now += 1min;
    EXPECT_EQ(spend(), 5);
    now += 1h;
    EXPECT_EQ(spend(), 5) << "idle hours are not saved up";
    for (int i = 0; i < 31; ++i)
        limits.succeeded(now);
    EXPECT_EQ(spend(), 3);
}

TEST_F(ProviderLimitsTest, PausesGrowWithFailuresInARow) {
    ProviderLimits limits(4);
    for (int i = 0; i < 4; ++i)
        EXPECT_FALSE(limits.failed());
    EXPECT_EQ(limits.failed(), 10s);
    EXPECT_EQ(limits.at_once(), 1) << "one asks whether it is over";
    EXPECT_EQ(limits.failed(), 20s);
    for (int i = 0; i < 20; ++i)
        EXPECT_LE(limits.failed(), 300s);
    limits.succeeded({});
    EXPECT_FALSE(limits.failed());
}

} // namespace
} // namespace hs::pipeline
