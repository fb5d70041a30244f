#include <algorithm>

#include <gtest/gtest.h>

#include "audio/sound_facts.hpp"
#include "audio/voice_activity.hpp"
#include "support/sounds.hpp"

namespace hs::audio {
namespace {

using test::Wave;

/// Two voices on their own channels, as recorded.
class Layouts : public testing::Test {
protected:
    static void SetUpTestSuite() {
        auto decoded = test::decode_file(test::corpus("calls/c01_perfect_swap.mp3")).value();
        agent_ = std::move(decoded.tracks[0].samples);
        customer_ = std::move(decoded.tracks[1].samples);
    }

    static Decoded examine_pair(Wave first, Wave second) {
        AudioFacts facts;
        facts.channels = 2;
        facts.sample_rate = 16000;
        return examine(facts, {std::move(first), std::move(second)});
    }

    static Wave mixed(double gain) {
        Wave wave(agent_.size(), 0);
        test::mix_into(wave, agent_, 0, gain);
        test::mix_into(wave, customer_, 0, gain);
        return wave;
    }

    static Wave agent_;
    static Wave customer_;
};

Wave Layouts::agent_;
Wave Layouts::customer_;

TEST_F(Layouts, OneSoundOnBothChannelsIsDualMono) {
    auto second = mixed(0.45);
    test::mix_into(second, test::noise(56000, 0.0005, 7), 0);
    const auto got = examine_pair(mixed(0.5), second);
    EXPECT_EQ(got.facts.layout, Layout::dual_mono);
    EXPECT_GE(got.facts.layout_confidence, 0.5);
    ASSERT_EQ(got.tracks.size(), 1U);
    EXPECT_EQ(got.tracks[0].name, "mix");
    EXPECT_EQ(got.facts.channel_facts.size(), 1U);
    EXPECT_EQ(media_flags(got.facts), std::vector<std::string>{"dual_mono"});
}

TEST_F(Layouts, SwappedChannelsStaySwapped) {
    const auto straight = examine_pair(agent_, customer_);
    const auto swapped = examine_pair(customer_, agent_);
    EXPECT_EQ(swapped.facts.layout, Layout::true_stereo);
    EXPECT_GT(swapped.facts.layout_confidence, 0.8);
    EXPECT_EQ(swapped.facts.channel_facts[1].speech_ms, straight.facts.channel_facts[0].speech_ms);
    EXPECT_EQ(swapped.tracks[1].samples, agent_);
    EXPECT_EQ(swapped.tracks[1].name, "ch1");
}

TEST_F(Layouts, BleedIsFoundAndSilenced) {
    const auto clean = examine_pair(agent_, customer_);
    auto bled = customer_;
    test::mix_into(bled, agent_, 5, 0.2); // the agent, 14 dB down and 5 ms late
    const auto got = examine_pair(agent_, bled);
    EXPECT_EQ(got.facts.layout, Layout::cross_talk);
    EXPECT_LE(got.facts.layout_confidence, 0.9);
    ASSERT_EQ(got.tracks.size(), 2U);
    const int truth = clean.facts.channel_facts[1].speech_ms;
    EXPECT_NEAR(got.facts.channel_facts[1].speech_ms, truth, 0.15 * truth);
    EXPECT_NEAR(got.facts.channel_facts[0].speech_ms,
                clean.facts.channel_facts[0].speech_ms,
                0.05 * clean.facts.channel_facts[0].speech_ms);
}

TEST_F(Layouts, ADeadChannelLeavesMono) {
    const auto got = examine_pair(test::noise(56000, 0.0003, 3), agent_);
    EXPECT_EQ(got.facts.layout, Layout::mono);
    ASSERT_EQ(got.tracks.size(), 1U);
    EXPECT_EQ(got.tracks[0].samples, agent_);
}

TEST_F(Layouts, OverlapOfTwoChannelsIsMeasured) {
    // 12.5-20.3 s of the agent is one long turn, 6.2-12.1 s one of the customer.
    Wave first = test::noise(20000, 0.0005, 1);
    Wave second = test::noise(20000, 0.0005, 2);
    test::mix_into(first, test::part(agent_, 12550, 20300), 1000);
    test::mix_into(second, test::part(customer_, 6250, 12100), 1000 + 7750 - 3700);
    const auto got = examine_pair(first, second);
    EXPECT_EQ(got.facts.layout, Layout::true_stereo);
    const auto& a = got.facts.channel_facts[0];
    const auto& b = got.facts.channel_facts[1];
    const int overlap = a.speech_ms + b.speech_ms - got.facts.speech_ms;
    EXPECT_NEAR(overlap, 3700, 500);
}

TEST_F(Layouts, TwoSilentChannelsAreNoError) {
    const auto got = examine_pair(test::silence(5000), test::silence(5000));
    EXPECT_EQ(got.facts.speech_ms, 0);
    EXPECT_TRUE(no_speech(got.facts));
    EXPECT_EQ(got.facts.loudness_lufs, -70);
}

} // namespace
} // namespace hs::audio
