#include <gtest/gtest.h>

#include "audio/hold_audio.hpp"
#include "audio/sound_facts.hpp"
#include "audio/voice_activity.hpp"
#include "support/sounds.hpp"

namespace hs::audio {
namespace {

using test::Wave;

Levels levels_of(std::initializer_list<std::pair<int, float>> runs) {
    Levels levels;
    for (const auto& [frames, dbfs] : runs)
        levels.insert(levels.end(), static_cast<std::size_t>(frames), dbfs);
    return levels;
}

TEST(VoiceActivity, ThresholdLiesBetweenNoiseAndSpeech) {
    EXPECT_NEAR(speech_threshold_dbfs(levels_of({{50, -50.0F}, {50, -20.0F}})), -39.5, 0.1);
}

TEST(VoiceActivity, ThresholdNeverFallsBelowTheFloor) {
    EXPECT_DOUBLE_EQ(speech_threshold_dbfs(levels_of({{100, -66.0F}})), -55);
    EXPECT_DOUBLE_EQ(speech_threshold_dbfs({}), -55);
}

TEST(VoiceActivity, SteadyNoiseIsNotSpeech) {
    const auto levels = frame_levels(test::noise(10000, 0.02, 5));
    EXPECT_TRUE(active_spans(levels, speech_threshold_dbfs(levels)).empty());
}

TEST(VoiceActivity, JoinsShortGapsAndDropsBursts) {
    // 1 s speech, 240 ms gap, 1 s speech, 260 ms gap, 100 ms burst
    const auto spans = active_spans(
        levels_of({{50, -20.0F}, {12, -60.0F}, {50, -20.0F}, {13, -60.0F}, {5, -20.0F}}), -40);
    ASSERT_EQ(spans.size(), 1U);
    EXPECT_EQ(spans[0].start_ms, 0);
    EXPECT_EQ(spans[0].end_ms, 2240);
}

TEST(VoiceActivity, SubtractAndUniteKeepTimesInOrder) {
    const auto left = subtract({{0, 1000}, {2000, 5000}}, {{900, 2500}, {3000, 3500}});
    ASSERT_EQ(left.size(), 3U);
    EXPECT_EQ(left[0].end_ms, 900);
    EXPECT_EQ(left[1].start_ms, 2500);
    EXPECT_EQ(left[2].start_ms, 3500);
    EXPECT_EQ(total_ms(unite({{2000, 3000}, {0, 1000}, {900, 2500}})), 3000);
}

/// Speech, then something, then speech again.
Wave call_with(const Wave& middle) {
    const auto speech =
        test::decode_file(test::corpus("calls/c19_info_only.wav")).value().tracks[0].samples;
    Wave call = test::part(speech, 0, 10000);
    call.insert(call.end(), middle.begin(), middle.end());
    const Wave end = test::part(speech, 10000, 20000);
    call.insert(call.end(), end.begin(), end.end());
    return call;
}

class HoldAudio : public testing::TestWithParam<Wave> {};

TEST_P(HoldAudio, IsFoundAndNeverSpeech) {
    const auto plain = examine({}, {call_with({})});
    const auto got = examine({}, {call_with(GetParam())});
    ASSERT_EQ(got.facts.hold_audio.size(), 1U);
    EXPECT_NEAR(got.facts.hold_audio[0].start_ms, 10000, 300);
    EXPECT_NEAR(got.facts.hold_audio[0].end_ms, 18000, 300);
    EXPECT_NEAR(got.facts.speech_ms, plain.facts.speech_ms, 600);
}

INSTANTIATE_TEST_SUITE_P(Kinds,
                         HoldAudio,
                         testing::Values(test::tones(8000, {425}, 0.1),
                                         test::tones(8000, {262, 330, 392}, 0.2),
                                         test::tones(8000, {110, 220, 277, 330}, 0.3)));

TEST(HoldAudioNever, IsNoise) {
    const auto hiss = test::noise(10000, 0.05, 9);
    EXPECT_TRUE(find_hold_audio(hiss, frame_levels(hiss)).empty());
}

TEST(ChannelFacts, SayWhatTheSamplesAre) {
    Wave wave = test::tones(2000, {1000}, 0.5);
    for (auto& sample : wave)
        sample = static_cast<std::int16_t>(sample + 3277); // +0.1 of full scale
    const auto got = examine({}, {wave});
    const auto& facts = got.facts.channel_facts[0];
    EXPECT_NEAR(facts.dc_offset, 0.1, 0.001);
    EXPECT_NEAR(facts.peak_dbfs, 20 * std::log10(0.6), 0.1);
    EXPECT_EQ(facts.clipped_ratio, 0);
}

TEST(ChannelFacts, ClippingIsFlagged) {
    Wave wave = test::noise(3000, 0.1, 4);
    for (std::size_t i = 0; i < wave.size(); i += 50)
        wave[i] = 32767;
    AudioFacts facts;
    facts.sample_rate = 16000;
    const auto flags = media_flags(examine(facts, {wave}).facts);
    EXPECT_NE(std::ranges::find(flags, "clipped"), flags.end());
}

TEST(Loudness, OfAReferenceToneIsItsLevel) {
    // BS.1770: a 997 Hz sine at full scale in one channel reads -3.01 LUFS; 20 dB less, -23.
    const auto got = examine({}, {test::tones(5000, {997}, 0.1)});
    EXPECT_NEAR(got.facts.loudness_lufs, -23.0, 0.1);
}

TEST(Peaks, ComeAHundredASecondAndFitAnyWidth) {
    Wave wave = test::silence(1000);
    wave[8000] = 32767;
    wave[8001] = -32768;
    const auto row = examine({}, {wave}).peaks.channels.at(0);
    ASSERT_EQ(row.size(), 200U);
    EXPECT_EQ(row[100], -128);
    EXPECT_EQ(row[101], 127);
    for (const int points : {1, 7, 100, 8000}) {
        const auto drawn = peaks_at(row, points);
        ASSERT_EQ(drawn.size(), static_cast<std::size_t>(points) * 2);
        EXPECT_EQ(std::ranges::max(drawn), 127) << points;
        EXPECT_EQ(std::ranges::min(drawn), -128) << points;
    }
    EXPECT_TRUE(peaks_at({}, 100).empty());
}

} // namespace
} // namespace hs::audio
