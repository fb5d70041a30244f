// What every engine behind HTTP must do, whatever mood its server is in.
#include <functional>
#include <thread>

#include <gmock/gmock.h>

#include "providers/stt/deepgram.hpp"
#include "providers/stt/elevenlabs.hpp"
#include "providers/stt/engines_test_support.hpp"
#include "providers/stt/google.hpp"
#include "providers/stt/openai.hpp"
#include "support/await.hpp"
#include "support/imposter.hpp"

using namespace hs;
using namespace hs::providers;
using namespace std::chrono_literals;
using test::await_here;
using test::Imposter;
using test::ImposterReply;
using testing::HasSubstr;
using testing::Not;
using Trick = test::ImposterReply::Trick;

namespace {

constexpr const char* key = "sk-of-the-test";

struct EngineCase {
    std::string name;
    std::string payload; // a recorded reply
    std::function<std::unique_ptr<HttpSpeech>(std::string url, bool allow_private, Transport)> make;
};

template <typename Engine, typename Config>
std::unique_ptr<HttpSpeech> with_key(std::string url, bool allow_private, Transport transport) {
    Config config;
    config.base_url = std::move(url);
    config.api_key = Secret(std::string(key));
    config.allow_private = allow_private;
    config.repeat_delay = 1ms;
    return std::make_unique<Engine>(std::move(config), std::move(transport));
}

std::unique_ptr<HttpSpeech> google(std::string url, bool allow_private, Transport transport) {
    GoogleSpeechConfig config;
    config.account = test::test_account();
    config.base_url = std::move(url);
    config.allow_private = allow_private;
    config.repeat_delay = 1ms;
    return std::make_unique<GoogleSpeech>(std::move(config), std::move(transport));
}

std::vector<EngineCase> engines() {
    return {{"openai", "openai/whisper1_verbose", with_key<OpenAiSpeech, OpenAiSpeechConfig>},
            {"deepgram", "deepgram/nova3_multi", with_key<DeepgramSpeech, DeepgramConfig>},
            {"elevenlabs", "elevenlabs/scribe_words", with_key<ElevenLabsSpeech, ElevenLabsConfig>},
            {"google", "google/recognize", google}};
}

class EngineConformance : public testing::TestWithParam<EngineCase> {
protected:
    std::unique_ptr<HttpSpeech> engine(bool allow_private = true) {
        return GetParam().make(server.url() + "/", allow_private, [this](OutboundRequest request) {
            if (first_byte_limit) request.first_byte_limit = *first_byte_limit;
            return client.send(std::move(request));
        });
    }

    static SpeechRequest call() {
        SpeechRequest out;
        out.tracks.push_back(test::quiet_track("ch0", 9000, {{200, 4000}, {5000, 6000}}));
        out.language = "en-IN";
        out.phrases = {"thanks for calling", "battery swap"};
        return out;
    }

    Result<Speech> transcribe(SpeechRequest request = call()) {
        auto speech = engine();
        return await_here(speech->transcribe(std::move(request)));
    }

    Error error(SpeechRequest request = call()) {
        const auto speech = transcribe(std::move(request));
        return speech ? Error{ErrorKind::internal, "no error", "", {}} : speech.error();
    }

    std::string payload() { return test::recorded(GetParam().payload); }

    std::optional<std::chrono::milliseconds> first_byte_limit;
    Imposter server;
    HttpClient client;
};

} // namespace

TEST_P(EngineConformance, RecordedReplyBecomesUtterancesWithWords) {
    server.then({.body = payload()});
    const auto speech = transcribe();
    ASSERT_TRUE(speech) << speech.error().message;
    EXPECT_EQ(speech->engine, GetParam().name);
    EXPECT_FALSE(speech->model.empty());
    EXPECT_FALSE(speech->language.empty());
    ASSERT_FALSE(speech->utterances.empty());
    int last = 0;
    for (const auto& utterance : speech->utterances) {
        EXPECT_EQ(utterance.track, "ch0");
        EXPECT_FALSE(utterance.text.empty());
        EXPECT_GE(utterance.start_ms, last);
        EXPECT_GE(utterance.end_ms, utterance.start_ms);
        EXPECT_GT(utterance.confidence, 0.3);
        EXPECT_LE(utterance.confidence, 1.0);
        last = utterance.start_ms;
    }
    EXPECT_FALSE(speech->utterances.front().words.empty());
}

TEST_P(EngineConformance, KeyStaysInTheHeadersAndOutOfTheFingerprint) {
    const auto one = engine();
    const auto request = call();
    const auto prepared = one->prepare(request, one->parts(request).at(0));
    EXPECT_THAT(prepared.http.url, Not(HasSubstr(key)));
    EXPECT_THAT(prepared.http.body, Not(HasSubstr(key)));
    EXPECT_THAT(prepared.key_id, Not(HasSubstr(key)));
    EXPECT_FALSE(prepared.http.headers.empty());
    EXPECT_EQ(prepared.fingerprint,
              engine()->prepare(request, one->parts(request).at(0)).fingerprint);
    const auto changed = [&](const std::function<void(SpeechRequest&)>& change) {
        auto other = call();
        change(other);
        return one->prepare(other, one->parts(other).at(0)).fingerprint;
    };
    EXPECT_NE(prepared.fingerprint, changed([](auto& other) { other.language = "hi-IN"; }));
    EXPECT_NE(prepared.fingerprint, changed([](auto& other) { other.tracks[0].name = "ch1"; }));
    EXPECT_NE(prepared.fingerprint, changed([](auto& other) {
                  auto louder = *other.tracks[0].samples;
                  louder[4000] = 7;
                  other.tracks[0].samples =
                      std::make_shared<const std::vector<std::int16_t>>(louder);
              }));
}

TEST_P(EngineConformance, WhatIsPaidByIsSaidBeforehand) {
    const auto one = engine();
    const auto request = call();
    double seconds = 0;
    for (const auto& part : one->parts(request))
        seconds += one->prepare(request, part).expected.audio_seconds;
    EXPECT_GE(seconds, 5.8) << "of nine seconds, in six somebody may be heard";
    EXPECT_LE(seconds, 9.0);
}

TEST_P(EngineConformance, ChannelsAreSentApart) {
    auto request = call();
    request.tracks.push_back(test::quiet_track("ch1", 9000, {}));
    request.tracks.push_back(test::quiet_track("ch2", 9000, {{3000, 8000}}));
    server.otherwise([this](const auto&) { return ImposterReply{.body = payload()}; });
    const auto speech = transcribe(request);
    ASSERT_TRUE(speech);
    EXPECT_EQ(server.requests().size(), 2u) << "nothing is sent of a silent channel";
    const auto of_second = std::ranges::find(speech->utterances, "ch2", &Utterance::track);
    ASSERT_NE(of_second, speech->utterances.end());
    EXPECT_GE(of_second->start_ms, 2500) << "times are of the call, not of the part";
}

TEST_P(EngineConformance, PassingTroubleIsRepeatedQuicklyTwice) {
    server.then({.status = 503, .body = "overloaded"});
    server.then({.trick = Trick::drop});
    server.then({.body = payload(), .pause = 30ms});
    EXPECT_TRUE(transcribe());
    EXPECT_EQ(server.requests().size(), 3u);
    server.otherwise([](const auto&) { return ImposterReply{.status = 500}; });
    EXPECT_EQ(error().code, "speech.unavailable");
    EXPECT_EQ(server.requests().size(), 6u);
}

TEST_P(EngineConformance, CutRepliesAreRepeatedThenUnavailable) {
    server.otherwise(
        [this](const auto&) { return ImposterReply{.body = payload(), .trick = Trick::cut}; });
    EXPECT_EQ(error().code, "egress.interrupted");
    EXPECT_EQ(server.requests().size(), 3u);
}

TEST_P(EngineConformance, RateLimitsAreASnooze) {
    server.then({.status = 429, .body = "{}", .headers = {{"Retry-After", "20"}}});
    const auto told = error();
    EXPECT_EQ(told.kind, ErrorKind::rate_limited);
    EXPECT_EQ(told.retry_after, 20s);
    server.then({.status = 429});
    EXPECT_EQ(error().kind, ErrorKind::rate_limited);
    EXPECT_EQ(server.requests().size(), 2u) << "none of them was repeated at once";
}

TEST_P(EngineConformance, RefusalsAreFinal) {
    for (const auto& [status, kind] : {std::pair(400, ErrorKind::upstream),
                                       {401, ErrorKind::forbidden},
                                       {403, ErrorKind::forbidden},
                                       {404, ErrorKind::upstream},
                                       {422, ErrorKind::upstream}}) {
        server.then({.status = status, .body = R"({"error":"about your key sk-1"})"});
        const auto trouble = error();
        EXPECT_EQ(trouble.kind, kind) << status;
        EXPECT_THAT(trouble.message, Not(HasSubstr("sk-1"))) << "answers are not quoted";
    }
    EXPECT_EQ(server.requests().size(), 5u);
}

TEST_P(EngineConformance, NonsenseIsUnavailableNotFinal) {
    const auto half = payload().substr(0, payload().size() / 2);
    for (const std::string& body :
         {half, std::string("<html>"), std::string("[]"), std::string(R"({"weather":"fine"})")}) {
        server.then({.body = body});
        const auto trouble = error();
        EXPECT_EQ(trouble.code, "speech.invalid_reply") << body;
        EXPECT_TRUE(may_retry(trouble.kind));
    }
    server.then({.trick = Trick::endless});
    EXPECT_EQ(error().code, "speech.invalid_reply") << "bounded, and not the call's fault";
}

TEST_P(EngineConformance, SilenceOfTheServerEndsAndDripsDoNot) {
    first_byte_limit = 100ms;
    server.then({.trick = Trick::hang});
    EXPECT_EQ(error().code, "egress.timeout");
    EXPECT_EQ(server.requests().size(), 1u) << "perhaps paid: not sent again at once";
    first_byte_limit.reset();
    server.then({.body = payload(), .trick = Trick::drip, .pause = 1ms});
    EXPECT_TRUE(transcribe()) << "slow is not silent";
}

TEST_P(EngineConformance, StopEndsTheTransfer) {
    server.then({.trick = Trick::hang});
    std::stop_source stop;
    auto request = call();
    request.stop = stop.get_token();
    const std::jthread stopper([&] {
        server.wait_for_requests(1);
        stop.request_stop();
    });
    EXPECT_EQ(error(request).code, "egress.interrupted");
}

TEST_P(EngineConformance, InternalAddressNeedsPermission) {
    auto speech = engine(false);
    const auto outcome = await_here(speech->transcribe(call()));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, "egress.address_refused");
    EXPECT_TRUE(server.requests().empty());
}

TEST_P(EngineConformance, OneRecordingOfTwoVoicesIsHeardOnce) {
    auto request = call();
    auto second = request.tracks[0];
    request.tracks[0].name = "spk0";
    request.tracks[0].speech = {{0, 1000}};
    second.name = "spk1";
    second.speech = {{1000, 9000}};
    request.tracks.push_back(second);
    server.then({.body = payload()});
    const auto speech = transcribe(request);
    ASSERT_TRUE(speech) << speech.error().message;
    EXPECT_EQ(server.requests().size(), 1u) << "both voices lie in the same samples";
    for (const auto& utterance : speech->utterances) {
        if (!utterance.speaker.empty() || utterance.words.empty()) continue;
        for (const auto& word : utterance.words) {
            const bool early = (word.start_ms + word.end_ms) / 2 <= 1000;
            EXPECT_EQ(utterance.track, early ? "spk0" : "spk1") << word.text;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(All,
                         EngineConformance,
                         testing::ValuesIn(engines()),
                         [](const auto& engine) { return engine.param.name; });
