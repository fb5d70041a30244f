// What is particular to one engine: its parameters and the shapes of its replies.
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "base/json.hpp"
#include "base/text.hpp"
#include "providers/stt/command.hpp"
#include "providers/stt/deepgram.hpp"
#include "providers/stt/elevenlabs.hpp"
#include "providers/stt/engines_test_support.hpp"
#include "providers/stt/google.hpp"
#include "providers/stt/speech_chain.hpp"
#include "support/await.hpp"
#include "support/imposter.hpp"

using namespace hs;
using namespace hs::providers;
using namespace std::chrono_literals;
using test::await_here;
using test::Imposter;
using test::ImposterReply;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

namespace {

std::vector<std::string> texts(const std::vector<HeardSegment>& segments) {
    std::vector<std::string> out;
    for (const auto& segment : segments)
        out.push_back(segment.text);
    return out;
}

Transport to(HttpClient& client) {
    return [&client](OutboundRequest request) { return client.send(std::move(request)); };
}

std::string url_for(const std::string& model, const std::string& language, const char* track) {
    DeepgramConfig config;
    config.model = model;
    const DeepgramSpeech engine(config, {});
    SpeechRequest request;
    request.tracks.push_back(test::quiet_track(track, 3000, {{0, 3000}}));
    request.language = language;
    request.phrases = {"battery swap & more"};
    return engine.prepare(request, engine.parts(request).at(0)).http.url;
}

/// A program in a folder of its own.
std::filesystem::path script(const std::string& name, const std::string& body) {
    const auto folder = std::filesystem::path(testing::TempDir()) / "hs-speech-commands";
    std::filesystem::create_directories(folder);
    const auto path = folder / name;
    std::ofstream(path) << "#!/bin/sh\n" << body;
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
}

Result<Speech> heard_by(CommandSpeechConfig config) {
    CommandSpeech engine(std::move(config));
    SpeechRequest request;
    request.tracks.push_back(test::quiet_track("ch0", 4000, {{500, 3000}}));
    request.language = "hi";
    return await_here(engine.transcribe(std::move(request)));
}

/// Answers from a list; an empty one means it must not be asked.
class Scripted final : public SpeechToText {
public:
    Scripted(std::string name, std::optional<Error> error)
        : name_(std::move(name)), error_(std::move(error)) {}

    [[nodiscard]] std::string name() const override { return name_; }

    Task<Result<Speech>> transcribe(SpeechRequest) override {
        if (error_) co_return std::unexpected(*error_);
        Speech speech;
        speech.engine = name_;
        co_return speech;
    }

private:
    std::string name_;
    std::optional<Error> error_;
};

std::string engine_after(const Error& first, bool journaled) {
    std::vector<std::unique_ptr<SpeechToText>> engines;
    engines.push_back(std::make_unique<Scripted>("first", first));
    engines.push_back(std::make_unique<Scripted>("second", std::nullopt));
    SpeechChain chain(std::move(engines), 60s, {});
    SpeechRequest request;
    if (journaled) request.exchange = straight_exchange({});
    const auto speech = await_here(chain.transcribe(std::move(request)));
    return speech ? speech->engine : speech.error().code;
}

} // namespace

TEST(Deepgram, ReadsWordsLanguagesAndPauses) {
    const auto heard = read_deepgram_reply(test::recorded("deepgram/nova3_multi"), {});
    ASSERT_TRUE(heard);
    EXPECT_THAT(texts(heard->segments),
                ElementsAre("Namaste, battery swap नहीं हो रहा है.", "Please help."))
        << "a pause of 1.7 s parts them";
    EXPECT_EQ(heard->language, "hi") << "what most words are in";
    EXPECT_EQ(heard->segments[0].words[1].lang, "en");
    EXPECT_EQ(heard->segments[0].words[1].start_ms, 800);
    EXPECT_EQ(heard->usage.at("audio_seconds").as_double(), 7.9);
}

TEST(Deepgram, SpeakersPartSegments) {
    const auto heard = read_deepgram_reply(test::recorded("deepgram/diarized"), {});
    ASSERT_TRUE(heard);
    EXPECT_THAT(texts(heard->segments), ElementsAre("good evening", "hello yes"));
    EXPECT_NE(heard->segments[0].speaker, heard->segments[1].speaker);
    EXPECT_NEAR(heard->segments[1].confidence, 0.8, 1e-9);
    EXPECT_TRUE(read_deepgram_reply(test::recorded("deepgram/silence"), {})->segments.empty());
}

TEST(Deepgram, AsksInTheWordsOfTheModel) {
    EXPECT_THAT(url_for("nova-3", "", "ch0"), HasSubstr("&language=multi"));
    EXPECT_THAT(url_for("nova-3", "hi-Latn", "ch0"), HasSubstr("&language=multi"));
    EXPECT_THAT(url_for("nova-3", "hi-IN", "ch0"), HasSubstr("&language=hi&"));
    EXPECT_THAT(url_for("nova-3", "en-IN", "ch0"), HasSubstr("&language=en-IN"));
    EXPECT_THAT(url_for("nova-3", "", "ch0"), HasSubstr("&keyterm=battery%20swap%20%26%20more"));
    EXPECT_THAT(url_for("nova-2", "", "ch0"), HasSubstr("&detect_language=true"));
    EXPECT_THAT(url_for("nova-2", "", "ch0"), HasSubstr("&keywords=battery"));
    EXPECT_THAT(url_for("nova-3", "", "ch0"), Not(HasSubstr("diarize")));
    EXPECT_THAT(url_for("nova-3", "", "mix"), HasSubstr("&diarize=true"));
}

TEST(ElevenLabs, LeavesBlanksAndEventsOut) {
    const auto heard = read_elevenlabs_reply(test::recorded("elevenlabs/scribe_words"), {});
    ASSERT_TRUE(heard);
    EXPECT_EQ(heard->language, "hi");
    EXPECT_THAT(texts(heard->segments), ElementsAre("जी बताइए।", "मेरा नाम अजय है"));
    EXPECT_EQ(heard->segments[1].speaker, "speaker_1");
    EXPECT_NEAR(heard->segments[1].words[2].confidence, 0.5, 0.001);
}

TEST(ElevenLabs, OnlyTheSecondModelGetsKeyTerms) {
    SpeechRequest request;
    request.tracks.push_back(test::quiet_track("ch0", 3000, {{0, 3000}}));
    request.phrases = {"battery swap", "one two three four five six", std::string(60, 'x')};
    const auto terms = [&](const std::string& model) {
        ElevenLabsConfig config;
        config.model = model;
        const ElevenLabsSpeech engine(config, {});
        std::vector<std::string> out;
        for (const auto& field : engine.prepare(request, engine.parts(request).at(0)).http.form)
            if (field.name == "keyterms") out.push_back(field.content);
        return out;
    };
    EXPECT_TRUE(terms("scribe_v1").empty());
    EXPECT_THAT(terms("scribe_v2"), ElementsAre("battery swap"));
}

TEST(Google, ReadsResultsWithAndWithoutWords) {
    const auto heard = read_google_reply(test::recorded("google/recognize"));
    ASSERT_TRUE(heard);
    EXPECT_THAT(texts(heard->segments), ElementsAre("thank you for calling", "how may I help"));
    EXPECT_EQ(heard->segments[0].words[0].start_ms, 0) << "an offset of zero is left out";
    EXPECT_EQ(heard->segments[0].words[3].end_ms, 1340);
    EXPECT_EQ(heard->segments[1].start_ms, 1900);
    EXPECT_EQ(heard->segments[1].end_ms, 4120);
    EXPECT_EQ(heard->usage.at("audio_seconds").as_double(), 6);
    const auto failed = read_google_reply(test::recorded("google/operation_failed"));
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, "speech.refused");
}

TEST(Google, TokenIsSignedByTheAccount) {
    const auto account = test::test_account();
    const Time now = Time(std::chrono::seconds(1'770'000'000));
    const auto token = google_token(account, now);
    ASSERT_TRUE(token);
    const auto parts = split(*token, '.');
    ASSERT_EQ(parts.size(), 3u);
    const auto text = token->substr(0, token->rfind('.'));
    const auto signature = parse_base64url(parts[2]);
    ASSERT_TRUE(signature);
    EXPECT_TRUE(test::test_key().verifies(text, *signature));
    EXPECT_FALSE(test::test_key().verifies(text + "x", *signature));
    const auto decoded = parse_base64url(parts[1]).value();
    const auto claims =
        parse_json({reinterpret_cast<const char*>(decoded.data()), decoded.size()}).value();
    EXPECT_EQ(claims.at("iss").as_string(), "ears@calls.example");
    EXPECT_EQ(claims.at("exp").as_int64() - claims.at("iat").as_int64(), 3600);
    EXPECT_FALSE(google_token({"a", "b", "c", Secret(std::string("no key"))}, now));
}

TEST(Google, LongRecordingsGoThroughTheBucketAndAreRemovedThere) {
    Imposter server;
    HttpClient client;
    GoogleSpeechConfig config;
    config.account = test::test_account();
    config.bucket = "calls";
    config.base_url = server.url();
    config.storage_url = server.url();
    config.allow_private = true;
    config.look_every = 1ms;
    GoogleSpeech engine(config, to(client));
    SpeechRequest request;
    request.tracks.push_back(test::quiet_track("ch0", 90'000, {{0, 90'000}}));
    server.then({.body = R"({"name":"stored"})"});
    server.then({.body = R"({"name":"projects/1/locations/global/operations/7777"})"});
    server.then({.body = test::recorded("google/operation_running")});
    server.then({.body = test::recorded("google/operation_done")});
    server.then({.status = 204});
    const auto speech = await_here(engine.transcribe(request));
    ASSERT_TRUE(speech) << speech.error().code << speech.error().message;
    ASSERT_EQ(speech->utterances.size(), 1u);
    EXPECT_EQ(speech->utterances[0].words[0].start_ms, 61'200);
    const auto seen = server.requests();
    ASSERT_EQ(seen.size(), 5u);
    EXPECT_THAT(seen[0].target, HasSubstr("/upload/storage/v1/b/calls/o?uploadType=media"));
    EXPECT_THAT(seen[1].target, HasSubstr("recognizers/_:batchRecognize"));
    EXPECT_THAT(seen[1].body, HasSubstr("SEPARATE_RECOGNITION_PER_CHANNEL"));
    EXPECT_EQ(seen[3].target, "/v2/projects/1/locations/global/operations/7777");
    EXPECT_EQ(seen[4].method, "DELETE");
}

TEST(Google, WithoutABucketPartsStayUnderAMinute) {
    GoogleSpeechConfig config;
    config.account = test::test_account();
    const GoogleSpeech engine(config, {});
    SpeechRequest request;
    request.tracks.push_back(test::quiet_track("ch0", 150'000, {{0, 70'000}, {71'000, 150'000}}));
    const auto parts = engine.parts(request);
    ASSERT_GE(parts.size(), 3u);
    for (const auto& part : parts)
        EXPECT_LE(part.span.end_ms - part.span.start_ms, 58'000);
}

TEST(Command, ReadsWhatTheProgramPrints) {
    const auto program = script("good.sh", R"(
head -c 4 "$1" | grep -q RIFF || exit 3
[ "$2" = hi ] || exit 4
echo '{"text":"x","language":"hindi","segments":[{"text":"namaste ji","start":1,"end":2}]}'
)");
    const auto speech = heard_by({.command = {program.string(), "{wav}", "{language}"}});
    ASSERT_TRUE(speech) << speech.error().message;
    ASSERT_EQ(speech->utterances.size(), 1u);
    EXPECT_EQ(speech->utterances[0].text, "namaste ji");
    EXPECT_EQ(speech->language, "hi");
    EXPECT_EQ(speech->model, "good.sh");
}

TEST(Command, TroubleOfTheProgramIsAnErrorOfTheCall) {
    EXPECT_EQ(heard_by({.command = {"/nowhere/at-all"}}).error().code, "speech.engine_unavailable");
    EXPECT_EQ(heard_by({.command = {script("dies.sh", "kill -9 $$").string()}}).error().code,
              "speech.engine_crashed");
    EXPECT_EQ(heard_by({.command = {script("words.sh", "echo hello").string()}}).error().code,
              "speech.invalid_reply");
    EXPECT_EQ(heard_by({.command = {script("endless.sh", "exec yes").string()},
                        .max_output_bytes = 100'000})
                  .error()
                  .code,
              "speech.invalid_reply");
    EXPECT_EQ(heard_by({.command = {script("hangs.sh", "exec tail -f /dev/null").string()},
                        .least_limit = 1s})
                  .error()
                  .code,
              "speech.too_slow");
}

TEST(Command, NoShellReadsTheLine) {
    EXPECT_THAT(command_words("/bin/hear  -m 'my model' \"{wav}\" $(x)"),
                ElementsAre("/bin/hear", "-m", "my model", "{wav}", "$(x)"));
}

TEST(SpeechChain, PassesOnWhatWaitingDoesNotMend) {
    const auto trouble = [](ErrorKind kind, const char* code, auto after) {
        return Error{kind, code, "", after};
    };
    using After = std::optional<std::chrono::seconds>;
    EXPECT_EQ(engine_after(trouble(ErrorKind::upstream, "speech.refused", After()), true),
              "second");
    EXPECT_EQ(engine_after(trouble(ErrorKind::rate_limited, "speech.denied", After(5s)), true),
              "second");
    EXPECT_EQ(engine_after(trouble(ErrorKind::rate_limited, "speech.paused", After(61s)), true),
              "second");
    EXPECT_EQ(engine_after(trouble(ErrorKind::rate_limited, "speech.paused", After(60s)), true),
              "speech.paused")
        << "a short pause is waited for";
    EXPECT_EQ(engine_after(trouble(ErrorKind::unavailable, "speech.unavailable", After()), true),
              "speech.unavailable")
        << "the job comes back, and the gate counts";
    EXPECT_EQ(engine_after(trouble(ErrorKind::unavailable, "speech.unavailable", After()), false),
              "second")
        << "a command line does not come back";
    EXPECT_EQ(engine_after(trouble(ErrorKind::rate_limited, "budget.exhausted", After(9h)), true),
              "second")
        << "another engine may cost nothing";
    EXPECT_EQ(engine_after(trouble(ErrorKind::rate_limited, "budget.wait", After(9h)), true),
              "budget.wait");
}
