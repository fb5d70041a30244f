#include <gtest/gtest.h>

#include "pipeline/redacted_audio.hpp"

using namespace hs;
using namespace hs::pipeline;

namespace {

Transcript two_turns(const char* timed) {
    Transcript call;
    call.words_timed = timed;
    for (int i = 0; i < 2; ++i) {
        Turn turn;
        turn.index = i + 1;
        turn.speaker = i == 0 ? "ch0" : "ch1";
        turn.text = "x";
        call.turns.push_back(turn);
    }
    return call;
}

} // namespace

TEST(RedactedAudio, ToneIsWiderThanTheWords) {
    const std::vector<analysis::PersonalSpan> spans{{"PHONE", 2, 0, 3, 5000, 6000}};
    const auto heard = masks_of(two_turns("asr"), spans, "mono", 1);
    ASSERT_EQ(heard.size(), 1u);
    EXPECT_EQ(heard[0].span.start_ms, 4850);
    EXPECT_EQ(heard[0].span.end_ms, 6150);
    const auto guessed = masks_of(two_turns("interpolated"), spans, "mono", 1);
    EXPECT_EQ(guessed[0].span.start_ms, 4600);
    EXPECT_EQ(guessed[0].span.end_ms, 6400);
}

TEST(RedactedAudio, OnlyTrueStereoKeepsTheOtherChannel) {
    const std::vector<analysis::PersonalSpan> spans{{"OTP", 2, 0, 0, 5000, 6000}};
    EXPECT_EQ(masks_of(two_turns("asr"), spans, "true_stereo", 2)[0].channel, 1);
    EXPECT_EQ(masks_of(two_turns("asr"), spans, "cross_talk", 2)[0].channel, -1);
    EXPECT_EQ(masks_of(two_turns("asr"), spans, "dual_mono", 2)[0].channel, -1);
    EXPECT_EQ(masks_of(two_turns("asr"), spans, "true_stereo", 4)[0].channel, -1);
}

TEST(RedactedAudio, NearSpansAreOneTone) {
    const std::vector<analysis::PersonalSpan> spans{{"OTP", 1, 0, 0, 1000, 2000},
                                                    {"OTP", 1, 2, 2, 2600, 3000}};
    EXPECT_EQ(masks_of(two_turns("asr"), spans, "mono", 1).size(), 1u) << "300 ms are left between";
}
