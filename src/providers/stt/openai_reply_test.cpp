#include <cmath>

#include <gmock/gmock.h>

#include "base/files.hpp"
#include "providers/stt/openai_reply.hpp"
#include "providers/stt/openai_words.hpp"

using namespace hs;
using namespace hs::providers;
using testing::ElementsAre;

namespace {

HeardPart golden(const std::string& name, const std::vector<Span>& speech = {{0, 8000}}) {
    const auto body =
        read_file(HS_SOURCE_DIR "/tests/golden/providers/openai/" + name + ".json").value();
    return read_speech_reply(body, speech).value();
}

std::vector<std::string> timed(const HeardSegment& segment) {
    std::vector<std::string> out;
    for (const auto& word : segment.words)
        out.push_back(word.text + " " + std::to_string(word.start_ms) + "-" +
                      std::to_string(word.end_ms));
    return out;
}

} // namespace

TEST(OpenAiReply, VerboseWithWordsBesideTheSegments) {
    const auto heard = golden("whisper1_verbose");
    EXPECT_EQ(heard.language, "en");
    ASSERT_EQ(heard.segments.size(), 3u) << "the made-up fourth is silence";
    EXPECT_EQ(heard.segments[0].text, "Good morning, thanks for calling.");
    EXPECT_NEAR(heard.segments[0].confidence, 0.8, 1e-9);
    EXPECT_THAT(timed(heard.segments[0]),
                ElementsAre("Good 0-360",
                            "morning, 360-740",
                            "thanks 1060-1320",
                            "for 1320-1500",
                            "calling. 1500-1940"));
    EXPECT_TRUE(heard.segments[1].words.empty()) << "text and words differ: no guessing";
    EXPECT_EQ(heard.segments[1].start_ms, 2400);
    EXPECT_THAT(timed(heard.segments[2]), ElementsAre("Anything 5020-5420", "else? 5420-5860"));
}

TEST(OpenAiReply, TokensInsideTheSegmentsBecomeWords) {
    const auto heard = golden("whisper_cpp_verbose");
    ASSERT_EQ(heard.segments.size(), 2u);
    EXPECT_THAT(timed(heard.segments[0]),
                ElementsAre("Your 50-300", "appointment's 300-1000", "confirmed. 1100-1900"));
    EXPECT_NEAR(heard.segments[0].words[1].confidence, (0.8 * 7 + 0.6 * 4 + 0.5) / 12, 1e-9);
    EXPECT_THAT(timed(heard.segments[1]),
                ElementsAre("Namaste 2100-2700", "ji, 2700-2900", "नमस्ते। 3000-3800"));
}

TEST(OpenAiReply, WordsWithProbabilitiesBeside) {
    const auto heard = golden("faster_whisper_verbose");
    EXPECT_EQ(heard.language, "hi");
    ASSERT_EQ(heard.segments.size(), 1u);
    EXPECT_THAT(timed(heard.segments[0]),
                ElementsAre("हाँ 200-500", "जी, 500-900", "बोलिए 1000-1600"));
    EXPECT_EQ(heard.segments[0].words[2].confidence, 0.66);
}

TEST(OpenAiReply, TextAloneIsLaidOverTheSpeech) {
    const auto heard = golden("gpt4o_json", {{1000, 2000}, {4000, 6000}});
    ASSERT_EQ(heard.segments.size(), 2u);
    EXPECT_EQ(heard.segments[0].text + " " + heard.segments[1].text,
              "Hello, this is Asha from the service desk. How may I help you today?");
    EXPECT_EQ(heard.segments[0].start_ms, 1000);
    EXPECT_EQ(heard.segments[1].end_ms, 6000);
    EXPECT_LT(heard.segments[0].text.size(), heard.segments[1].text.size());
    EXPECT_NEAR(heard.segments[0].confidence, std::exp(-0.2), 1e-9);
    EXPECT_TRUE(heard.segments[0].words.empty());
}

TEST(OpenAiReply, NoWordIsLostHoweverShortTheText) {
    const std::vector<Span> speech{{0, 10}, {500, 900}, {950, 960}, {2000, 9000}, {9500, 9501}};
    std::string text;
    for (int words = 1; words < 40; ++words) {
        text += (words > 1 ? " w" : "w") + std::to_string(words);
        const auto heard = read_speech_reply("{\"text\":\"" + text + "\"}", speech).value();
        std::string joined;
        for (const auto& segment : heard.segments)
            joined += (joined.empty() ? "" : " ") + segment.text;
        EXPECT_EQ(joined, text);
    }
}

TEST(OpenAiReply, SpeakersAreKept) {
    const auto heard = golden("diarized");
    ASSERT_EQ(heard.segments.size(), 2u);
    EXPECT_EQ(heard.segments[0].speaker, "A");
    EXPECT_EQ(heard.segments[1].speaker, "B");
    EXPECT_EQ(heard.segments[1].start_ms, 2900);
}

TEST(OpenAiReply, EmptyTextIsNoFault) {
    EXPECT_TRUE(golden("empty_text").segments.empty());
    EXPECT_TRUE(read_speech_reply(R"({"text":" ","segments":[]})", {{0, 9}})->segments.empty());
}

TEST(OpenAiReply, AnythingElseIsInvalidAndMayBeTriedAgain) {
    for (const std::string body : {"",
                                   "Loading model",
                                   "<html></html>",
                                   "{\"text\": \"half",
                                   "[]",
                                   "{}",
                                   "{\"text\":7}",
                                   "{\"segments\":{}}",
                                   "{\"error\":{\"message\":\"x\"},\"text\":\"\"}",
                                   "{\"error\":\"busy\"}"}) {
        const auto heard = read_speech_reply(body, {{0, 1000}});
        ASSERT_FALSE(heard) << body;
        EXPECT_EQ(heard.error().code, "speech.invalid_reply") << body;
        EXPECT_TRUE(may_retry(heard.error().kind));
    }
}

TEST(OpenAiReply, OddMembersDoNoHarm) {
    const auto heard = read_speech_reply(
        R"({"language":5,"segments":[1,null,{},{"text":"a b","start":-3,"end":"x","words":[1,{}]},)"
        R"({"text":"c","start":1e300,"end":2,"avg_logprob":50}]})",
        {{0, 1000}});
    ASSERT_TRUE(heard);
    ASSERT_EQ(heard->segments.size(), 2u);
    EXPECT_EQ(heard->segments[0].start_ms, 0);
    EXPECT_EQ(heard->segments[1].confidence, 1.0);
    EXPECT_GE(heard->segments[1].end_ms, heard->segments[1].start_ms);
}

TEST(AlignWords, PunctuationOnlyWordsHaveNoLength) {
    const std::vector<TimedPiece> pieces{{"so", 10, 20, {}}, {"yes", 30, 40, {}}};
    const auto words = align_words("So - yes!", pieces, 0.5);
    ASSERT_EQ(words.size(), 3u);
    EXPECT_EQ(words[1].start_ms, 20);
    EXPECT_EQ(words[1].end_ms, 20);
    EXPECT_EQ(words[2].start_ms, 30);
    EXPECT_TRUE(align_words("So yes no", pieces, 0.5).empty());
    EXPECT_TRUE(align_words("So", pieces, 0.5).empty());
}
