// Conformance of the adapter against a server that misbehaves.
#include <thread>

#include <gmock/gmock.h>

#include "base/files.hpp"
#include "providers/stt/openai.hpp"
#include "providers/stt/openai_parts.hpp"
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

std::string golden(const std::string& name) {
    return read_file(HS_SOURCE_DIR "/tests/golden/providers/openai/" + name + ".json").value();
}

SpeechTrack track_of(std::string name, int length_ms, std::vector<Span> speech) {
    auto samples =
        std::make_shared<std::vector<std::int16_t>>(static_cast<std::size_t>(length_ms) * 16);
    return {std::move(name), std::move(samples), std::move(speech)};
}

class OpenAiSpeechTest : public testing::Test {
protected:
    OpenAiSpeechConfig config() {
        OpenAiSpeechConfig out;
        out.base_url = server.url() + "/v1/";
        out.api_key = Secret(std::string("sk-test"));
        out.allow_private = true;
        out.repeat_delay = 1ms;
        return out;
    }

    OpenAiSpeech engine(OpenAiSpeechConfig with) {
        return {std::move(with), [this](OutboundRequest request) {
                    if (first_byte_limit) request.first_byte_limit = *first_byte_limit;
                    return client.send(std::move(request));
                }};
    }

    static SpeechRequest call() {
        SpeechRequest out;
        out.tracks.push_back(track_of("ch0", 9000, {{200, 4000}, {5000, 6000}}));
        out.language = "en-IN";
        out.phrases = {"thanks for calling", "anything else"};
        return out;
    }

    Result<Speech> transcribe(SpeechRequest request = call()) {
        auto speech = engine(config());
        return await_here(speech.transcribe(std::move(request)));
    }

    Error error(SpeechRequest request = call()) {
        const auto speech = transcribe(std::move(request));
        return speech ? Error{ErrorKind::internal, "no error", "", {}} : speech.error();
    }

    std::optional<std::chrono::milliseconds> first_byte_limit;
    Imposter server;
    HttpClient client;
};

} // namespace

TEST_F(OpenAiSpeechTest, SendsWhatTheApiAsksFor) {
    server.then({.body = golden("whisper1_verbose")});
    const auto speech = transcribe();
    ASSERT_TRUE(speech) << speech.error().message;
    const auto seen = server.requests().at(0);
    EXPECT_EQ(seen.method + " " + seen.target, "POST /v1/audio/transcriptions");
    EXPECT_EQ(seen.headers.at("authorization"), "Bearer sk-test");
    for (const auto* part : {"name=\"model\"\r\n\r\nwhisper-1\r\n",
                             "name=\"response_format\"\r\n\r\nverbose_json\r\n",
                             "name=\"language\"\r\n\r\nen\r\n",
                             "name=\"prompt\"\r\n\r\nthanks for calling, anything else\r\n",
                             "name=\"timestamp_granularities[]\"\r\n\r\nword\r\n",
                             "name=\"timestamp_granularities[]\"\r\n\r\nsegment\r\n",
                             "name=\"file\"; filename=\"ch0.wav\"\r\nContent-Type: audio/wav\r\n"})
        EXPECT_THAT(seen.body, HasSubstr(part));
    EXPECT_EQ(speech->engine, "openai");
    EXPECT_EQ(speech->model, "whisper-1");
    EXPECT_EQ(speech->language, "en");
    EXPECT_FALSE(speech->embedded);
    ASSERT_EQ(speech->utterances.size(), 3u);
    EXPECT_EQ(speech->utterances[0].track, "ch0");
    EXPECT_EQ(speech->utterances[0].words.size(), 5u);
}

TEST_F(OpenAiSpeechTest, FormatFollowsTheModel) {
    auto with = config();
    with.api_key = Secret();
    with.model = "gpt-4o-transcribe-diarize";
    server.then({.body = golden("diarized")});
    auto diarizing = engine(with);
    const auto speech = await_here(diarizing.transcribe(call()));
    ASSERT_TRUE(speech);
    EXPECT_EQ(speech->utterances.at(1).speaker, "B");
    auto seen = server.requests().at(0);
    EXPECT_EQ(seen.headers.count("authorization"), 0u);
    EXPECT_THAT(seen.body, HasSubstr("diarized_json"));
    EXPECT_THAT(seen.body, HasSubstr("name=\"chunking_strategy\"\r\n\r\nauto\r\n"));
    EXPECT_THAT(seen.body, Not(HasSubstr("name=\"prompt\"")));
    EXPECT_THAT(seen.body, Not(HasSubstr("timestamp_granularities")));

    with.model = "gpt-4o-transcribe";
    server.then({.body = golden("gpt4o_json")});
    auto plain = engine(with);
    ASSERT_TRUE(await_here(plain.transcribe(call())));
    seen = server.requests().at(1);
    EXPECT_THAT(seen.body, HasSubstr("name=\"response_format\"\r\n\r\njson\r\n"));
    EXPECT_THAT(seen.body, HasSubstr("name=\"include[]\"\r\n\r\nlogprobs\r\n"));
}

TEST_F(OpenAiSpeechTest, TracksAreSentApartAndSilentOnesNotAtAll) {
    auto request = call();
    request.tracks.push_back(track_of("ch1", 9000, {}));
    request.tracks.push_back(track_of("ch2", 9000, {{3000, 8000}}));
    server.then({.body = R"({"text":"late","segments":[{"text":"late","start":3.0,"end":4}]})"});
    server.then({.body = R"({"text":"early","segments":[{"text":"early","start":0.5,"end":1}]})"});
    const auto speech = transcribe(request);
    ASSERT_TRUE(speech);
    ASSERT_EQ(server.requests().size(), 2u);
    EXPECT_THAT(server.requests()[1].body, HasSubstr("ch2.wav"));
    ASSERT_EQ(speech->utterances.size(), 2u);
    EXPECT_EQ(speech->utterances[0].text, "late") << "ch0 at 3.0 s: its part starts at 0";
    EXPECT_EQ(speech->utterances[1].track, "ch2");
    EXPECT_EQ(speech->utterances[1].start_ms, 3000) << "0.5 s into a part that starts at 2.5 s";
}

TEST_F(OpenAiSpeechTest, LongTracksAreCutAtPausesAndStitched) {
    auto with = config();
    with.max_upload_bytes = (64u << 10) + 10'000 * 32; // ten seconds
    SpeechRequest request;
    request.tracks.push_back(
        track_of("mix", 30000, {{1000, 6000}, {6300, 7000}, {9000, 14000}, {15000, 29000}}));
    auto speech_engine = engine(with);
    const auto parts = speech_engine.parts(request);
    ASSERT_GE(parts.size(), 3u);
    EXPECT_EQ(parts[0].span.start_ms, 500);
    EXPECT_EQ(parts[0].span.end_ms, 8000) << "the middle of the longest pause";
    for (std::size_t i = 0; i < parts.size(); ++i) {
        EXPECT_LE(parts[i].span.end_ms - parts[i].span.start_ms, 10000);
        EXPECT_EQ(parts[i].span.start_ms, i > 0 ? parts[i - 1].span.end_ms : 500);
    }
    EXPECT_EQ(parts.back().span.end_ms, 29500);
    server.otherwise([](const test::ImposterRequest& seen) {
        EXPECT_LE(seen.body.size(), (64u << 10) + 10'000u * 32);
        return ImposterReply{
            .body = R"({"text":"x","language":"english","segments":[{"text":"x y","start":1,"end":2,
                "words":[{"word":" x","start":1,"end":1.2},{"word":" y","start":1.5,"end":99}]}]})"};
    });
    const auto speech = await_here(speech_engine.transcribe(request));
    ASSERT_TRUE(speech);
    ASSERT_EQ(speech->utterances.size(), parts.size());
    for (std::size_t i = 0; i < parts.size(); ++i) {
        EXPECT_EQ(speech->utterances[i].start_ms, parts[i].span.start_ms + 1000);
        EXPECT_EQ(speech->utterances[i].words[0].start_ms, parts[i].span.start_ms + 1000);
        EXPECT_EQ(speech->utterances[i].words[1].end_ms, parts[i].span.end_ms)
            << "times never leave the part";
    }
}

TEST_F(OpenAiSpeechTest, PassingTroubleIsRepeatedQuicklyTwice) {
    server.then({.status = 503, .body = "Loading model"});
    server.then({.trick = Trick::drop});
    server.then({.body = golden("empty_text")});
    const auto speech = transcribe();
    ASSERT_TRUE(speech) << speech.error().message;
    EXPECT_TRUE(speech->utterances.empty()) << "empty text with 200 is normal";
    EXPECT_EQ(server.requests().size(), 3u);
    server.otherwise([](const auto&) { return ImposterReply{.status = 500}; });
    EXPECT_EQ(error().code, "speech.unavailable");
    EXPECT_EQ(server.requests().size(), 6u);
}

TEST_F(OpenAiSpeechTest, CutRepliesAreRepeatedThenUnavailable) {
    server.otherwise([](const auto&) {
        return ImposterReply{.body = golden("whisper1_verbose"), .trick = Trick::cut};
    });
    const auto trouble = error();
    EXPECT_EQ(trouble.code, "egress.interrupted");
    EXPECT_TRUE(may_retry(trouble.kind));
    EXPECT_EQ(server.requests().size(), 3u);
}

TEST_F(OpenAiSpeechTest, RateLimitsAreASnooze) {
    server.then({.status = 429, .body = golden("error_429"), .headers = {{"Retry-After", "20"}}});
    const auto told = error();
    EXPECT_EQ(told.kind, ErrorKind::rate_limited);
    EXPECT_EQ(told.retry_after, std::chrono::seconds(20));
    server.then({.status = 429,
                 .headers = {{"Date", "Tue, 03 Feb 2026 08:00:00 GMT"},
                             {"Retry-After", "Tue, 03 Feb 2026 08:00:45 GMT"}}});
    EXPECT_EQ(error().retry_after, std::chrono::seconds(45));
    server.then({.status = 429});
    EXPECT_EQ(error().retry_after, std::nullopt);
    EXPECT_EQ(server.requests().size(), 3u) << "none of them was repeated at once";
    server.then({.status = 429, .headers = {{"Retry-After", "0"}}});
    server.then({.body = golden("empty_text")});
    EXPECT_TRUE(transcribe()) << "a moment is waited for";
}

TEST_F(OpenAiSpeechTest, RefusalsAreFinal) {
    const std::vector<std::pair<int, ErrorKind>> cases{{400, ErrorKind::upstream},
                                                       {401, ErrorKind::forbidden},
                                                       {403, ErrorKind::forbidden},
                                                       {404, ErrorKind::upstream},
                                                       {413, ErrorKind::upstream},
                                                       {422, ErrorKind::upstream},
                                                       {302, ErrorKind::upstream}};
    for (const auto& [status, kind] : cases) {
        server.then({.status = status, .body = golden("error_401")});
        const auto trouble = error();
        EXPECT_EQ(trouble.kind, kind) << status;
        EXPECT_FALSE(may_retry(trouble.kind)) << status;
        EXPECT_THAT(trouble.message, Not(HasSubstr("API key"))) << "answers are not quoted";
    }
    EXPECT_EQ(server.requests().size(), cases.size());
}

TEST_F(OpenAiSpeechTest, NonsenseIsUnavailableNotFinal) {
    for (const std::string body : {"{\"text\": \"half", "<html>", "{\"error\":{}}"}) {
        server.then({.body = body});
        const auto trouble = error();
        EXPECT_EQ(trouble.code, "speech.invalid_reply") << body;
        EXPECT_TRUE(may_retry(trouble.kind));
    }
    server.then({.trick = Trick::endless});
    const auto trouble = error();
    EXPECT_EQ(trouble.code, "speech.invalid_reply") << "bounded, and not the call's fault";
    EXPECT_TRUE(may_retry(trouble.kind));
}

TEST_F(OpenAiSpeechTest, SilenceOfTheServerEnds) {
    first_byte_limit = 50ms;
    server.then({.trick = Trick::hang});
    EXPECT_EQ(error().code, "egress.timeout");
    EXPECT_EQ(server.requests().size(), 1u) << "perhaps paid: not sent again at once";
    server.then({.body = golden("empty_text"), .trick = Trick::drip, .pause = 10ms});
    EXPECT_TRUE(transcribe()) << "slow is not silent";
}

TEST_F(OpenAiSpeechTest, StopEndsTheTransfer) {
    server.then({.trick = Trick::hang});
    std::stop_source stop;
    auto request = call();
    request.stop = stop.get_token();
    const std::jthread stopper([&] {
        server.wait_for_requests(1);
        stop.request_stop();
    });
    EXPECT_EQ(error(request).code, "egress.interrupted");
    EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(OpenAiSpeechTest, InternalAddressNeedsPermission) {
    auto with = config();
    with.allow_private = false;
    auto speech = engine(with);
    const auto outcome = await_here(speech.transcribe(call()));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, "egress.address_refused");
    EXPECT_TRUE(server.requests().empty());
}

TEST_F(OpenAiSpeechTest, RequestsAreTheSameEveryTime) {
    // The journal finds a paid reply by the hash of its request.
    const auto speech = engine(config());
    const auto request = call();
    const auto part = speech.parts(request).at(0);
    const auto one = speech.prepare(request, part);
    const auto two = speech.prepare(request, part);
    ASSERT_EQ(one.http.form.size(), two.http.form.size());
    for (std::size_t i = 0; i < one.http.form.size(); ++i)
        EXPECT_EQ(one.http.form[i].content, two.http.form[i].content);
    EXPECT_EQ(one.fingerprint, two.fingerprint);
}

TEST_F(OpenAiSpeechTest, FingerprintCoversAllThatTheAnswerHangsOn) {
    const auto request = call();
    const auto print = [&](const OpenAiSpeechConfig& with, const SpeechRequest& asked) {
        const auto speech = engine(with);
        return speech.prepare(asked, speech.parts(asked).at(0)).fingerprint;
    };
    const auto usual = print(config(), request);
    auto with = config();
    with.api_key = Secret(std::string("sk-other"));
    EXPECT_EQ(print(with, request), usual) << "a new key hears the same";
    with = config();
    with.model = "whisper-2";
    EXPECT_NE(print(with, request), usual);
    with = config();
    with.base_url = "https://elsewhere.example/v1";
    EXPECT_NE(print(with, request), usual);
    auto other = request;
    other.language = "hi-IN";
    EXPECT_NE(print(config(), other), usual);
    other = request;
    other.phrases = {"anything else"};
    EXPECT_NE(print(config(), other), usual);
    other = request;
    other.tracks[0].name = "ch1";
    EXPECT_NE(print(config(), other), usual);
    other = request;
    auto louder = *request.tracks[0].samples;
    louder[4000] = 7;
    other.tracks[0].samples = std::make_shared<const std::vector<std::int16_t>>(louder);
    EXPECT_NE(print(config(), other), usual);
}

TEST(UploadSpans, CutsAtTheQuietestPlaceWhenNobodyPauses) {
    std::vector<std::int16_t> samples(20000 * 16, 5000);
    std::fill_n(samples.begin() + 7000 * 16, 100 * 16, std::int16_t{3});
    const auto spans = upload_spans({{0, 20000}}, samples, 10000);
    ASSERT_GE(spans.size(), 2u);
    EXPECT_EQ(spans[0].end_ms, 7050);
    EXPECT_EQ(spans.back().end_ms, 20000);
    EXPECT_TRUE(upload_spans({}, samples, 10000).empty());
}

TEST(WavFile, HasAHeaderThatFits) {
    const std::vector<std::int16_t> samples{1, -2};
    const auto wav = wav_file(samples);
    ASSERT_EQ(wav.size(), 48u);
    EXPECT_EQ(wav.substr(0, 4), "RIFF");
    EXPECT_EQ(wav[4], 40);
    EXPECT_EQ(wav.substr(8, 8), "WAVEfmt ");
    EXPECT_EQ(wav[40], 4);
    EXPECT_EQ(wav.substr(44), std::string("\x01\x00\xFE\xFF", 4));
}
