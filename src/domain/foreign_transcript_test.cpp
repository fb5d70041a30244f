#include <gtest/gtest.h>

#include "base/files.hpp"
#include "domain/foreign_transcript.hpp"

using namespace hs;

namespace {

std::string recorded(const std::string& name) {
    return read_file(HS_SOURCE_DIR "/tests/golden/providers/" + name).value();
}

Transcript read(const std::string& name) {
    const auto document = parse_json(recorded(name));
    auto transcript = read_foreign_transcript(document.value());
    EXPECT_TRUE(transcript && *transcript) << name;
    return **transcript;
}

std::string summary(const Transcript& transcript) {
    std::string out;
    for (const auto& turn : transcript.turns)
        out += std::string(to_string(turn.role)) + " " + std::to_string(turn.start_ms) + "-" +
               std::to_string(turn.end_ms) + " " + turn.text + "\n";
    return out;
}

std::string error_of(const std::string& text) {
    const auto read = read_foreign_transcript(parse_json(text).value());
    return read ? "none" : read.error().code;
}

} // namespace

TEST(ForeignTranscript, AmazonWithSpeakersBesideTheWords) {
    const auto call = read("aws_transcribe/standard_speakers.json");
    EXPECT_EQ(summary(call), "unknown 100-900 Good evening.\nunknown 1200-1900 Hello, yes.\n");
    EXPECT_EQ(call.turns[0].speaker, "spk_0");
    EXPECT_EQ(call.turns[1].speaker, "spk_1");
    EXPECT_EQ(call.turns[0].words[1].text, "evening.");
    EXPECT_NEAR(call.turns[0].words[1].confidence, 0.5, 1e-9);
    EXPECT_EQ(call.language, "en-IN");
    EXPECT_EQ(call.words_timed, "asr");
    EXPECT_TRUE(call.machine);
}

TEST(ForeignTranscript, AmazonWithChannels) {
    const auto call = read("aws_transcribe/standard_channels.json");
    EXPECT_EQ(summary(call), "unknown 200-700 नमस्ते जी\nunknown 2000-2400 बोलिए\n");
    EXPECT_EQ(call.turns[1].speaker, "ch_1");
}

TEST(ForeignTranscript, CallAnalytics) {
    const auto call = read("aws_transcribe/call_analytics.json");
    EXPECT_EQ(summary(call),
              "agent 0-1500 Thank you for calling.\ncustomer 1800-4200 My battery is dead.\n");
    EXPECT_EQ(call.turns[0].words.size(), 4u);
    EXPECT_EQ(call.turns[0].words[3].text, "calling.");
    EXPECT_EQ(call.turns[1].words[0].start_ms, 1800) << "interpolated";
    EXPECT_EQ(call.words_timed, "interpolated");
}

TEST(ForeignTranscript, ContactLensNamesRolesOnce) {
    const auto call = read("aws_transcribe/contact_lens.json");
    EXPECT_EQ(summary(call), "customer 0-900 Hello?\nagent 1000-2000 Hi, how can I help?\n");
}

TEST(ForeignTranscript, OpenAi) {
    const auto call = read("openai/diarized.json");
    EXPECT_GE(call.turns.size(), 2u);
    EXPECT_EQ(call.diarisation, "engine");
    const auto plain = read("openai/whisper1_verbose.json");
    EXPECT_EQ(plain.language, "en");
    EXPECT_EQ(plain.diarisation, "none") << "nobody told the speakers apart";
}

TEST(ForeignTranscript, OthersAreNotGuessed) {
    EXPECT_EQ(read_foreign_transcript(parse_json(R"({"transcript":[]})").value()).value(),
              std::nullopt);
    EXPECT_EQ(read_foreign_transcript(parse_json("[]").value()).value(), std::nullopt);
    EXPECT_EQ(
        error_of(R"({"Transcript":[{"Content":"x","BeginOffsetMillis":5,"EndOffsetMillis":1}]})"),
        "transcript.invalid");
    EXPECT_EQ(error_of(R"({"segments":[{"text":"x","start":-1,"end":2}]})"), "transcript.invalid");
    EXPECT_EQ(error_of(R"({"results":{}})"), "transcript.invalid");
    EXPECT_EQ(error_of(R"({"segments":[{"text":"x","start":0,"end":1e300}]})"),
              "transcript.invalid");
}

TEST(Subtitles, WebVtt) {
    const auto call =
        read_subtitles("\xEF\xBB\xBFWEBVTT - a call\n\nNOTE nothing --- here\n\n1\n"
                       "00:01.000 --> 00:02.500 align:start\n<v Agent>Good <i>day</i> "
                       "&amp; welcome\n\n00:00:03.000 --> 00:00:04.000\nCustomer: hi\n"
                       "there\n");
    ASSERT_TRUE(call) << call.error().message;
    EXPECT_EQ(summary(*call), "agent 1000-2500 Good day & welcome\ncustomer 3000-4000 hi there\n");
}

TEST(Subtitles, SubRip) {
    const std::string text = "1\r\n00:00:00,500 --> 00:00:01,500\r\nहेलो\r\n\r\n2\r\n"
                             "00:01:02,000 --> 00:01:03,250\r\nNote: no name of a role\r\n";
    EXPECT_TRUE(looks_like_subtitles(text));
    const auto call = read_subtitles(text);
    ASSERT_TRUE(call);
    EXPECT_EQ(summary(*call),
              "unknown 500-1500 हेलो\nunknown 62000-63250 Note: no name of a role\n");
}

TEST(Subtitles, NonsenseIsAnError) {
    EXPECT_FALSE(looks_like_subtitles("RIFF"));
    EXPECT_FALSE(looks_like_subtitles("{\"transcript\":[]}"));
    EXPECT_EQ(read_subtitles("WEBVTT\n\nx --> y\nhello\n").error().code, "transcript.invalid");
    EXPECT_EQ(read_subtitles("1\n00:00:05,000 --> 00:00:01,000\nback\n").error().code,
              "transcript.invalid");
}
