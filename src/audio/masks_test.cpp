// The tone over what must not be heard, listened to with code.
#include <cmath>
#include <numbers>

#include <fcntl.h>
#include <gtest/gtest.h>

#include "audio/audio.hpp"
#include "support/sounds.hpp"

using namespace hs;
using namespace hs::audio;

namespace {

constexpr int per_ms = speech_rate_hz / 1000;

/// Share of the energy in [from, to) ms that lies at `hz` (Goertzel), 0 to 1.
double share_at(const std::vector<std::int16_t>& samples, double hz, int from_ms, int to_ms) {
    double re = 0;
    double im = 0;
    double energy = 0;
    const auto from = static_cast<std::size_t>(from_ms * per_ms);
    const auto to = static_cast<std::size_t>(to_ms * per_ms);
    for (auto i = from; i < to; ++i) {
        const double angle = 2 * std::numbers::pi * hz * static_cast<double>(i) / speech_rate_hz;
        re += samples[i] * std::cos(angle);
        im += samples[i] * std::sin(angle);
        energy += static_cast<double>(samples[i]) * samples[i];
    }
    const double count = static_cast<double>(to - from);
    return energy > 0 ? 2 * (re * re + im * im) / count / energy : 0;
}

double rms(const std::vector<std::int16_t>& samples, int from_ms, int to_ms) {
    double energy = 0;
    for (auto i = static_cast<std::size_t>(from_ms * per_ms);
         i < static_cast<std::size_t>(to_ms * per_ms);
         ++i)
        energy += static_cast<double>(samples[i]) * samples[i];
    return std::sqrt(energy / ((to_ms - from_ms) * per_ms));
}

/// Correlation of two sounds in [from, to) ms.
double likeness(const std::vector<std::int16_t>& a,
                const std::vector<std::int16_t>& b,
                int from_ms,
                int to_ms) {
    double both = 0;
    double of_a = 0;
    double of_b = 0;
    for (auto i = static_cast<std::size_t>(from_ms * per_ms);
         i < static_cast<std::size_t>(to_ms * per_ms);
         ++i) {
        both += static_cast<double>(a[i]) * b[i];
        of_a += static_cast<double>(a[i]) * a[i];
        of_b += static_cast<double>(b[i]) * b[i];
    }
    return both / std::sqrt(of_a * of_b + 1);
}

Decoded copy_of(const std::string& name, const std::vector<AudioMask>& masks) {
    const Decoder decoder(test::decoder_program());
    const Fd call(::open(test::corpus("calls/" + name).c_str(), O_RDONLY));
    const Fd copy = open_unnamed(std::filesystem::temp_directory_path()).value();
    EXPECT_TRUE(decoder.encode_playback(call.get(), copy.get(), {}, masks).has_value());
    return decoder.decode(copy.get(), {}).value();
}

} // namespace

TEST(Masks, ToneInsideAndTheCallOutside) {
    const auto plain = copy_of("c01_perfect_swap.mp3", {});
    ASSERT_EQ(plain.tracks.size(), 2u);
    const auto covered = copy_of("c01_perfect_swap.mp3", {{{8000, 12000}, -1}});
    ASSERT_EQ(covered.tracks.size(), 2u);
    for (std::size_t channel = 0; channel < 2; ++channel) {
        SCOPED_TRACE(channel);
        const auto& before = plain.tracks[channel].samples;
        const auto& after = covered.tracks[channel].samples;
        EXPECT_GT(share_at(after, 1000, 8050, 11950), 0.98) << "nothing but the tone";
        EXPECT_LT(share_at(before, 1000, 8050, 11950), 0.3) << "which was not there before";
        // A sine of -20 dBFS has an RMS of 2317; the copy is lossy.
        EXPECT_NEAR(rms(after, 8100, 11900), 2317, 120);
        EXPECT_GT(likeness(before, after, 13000, 30000), 0.98) << "the call goes on as it was";
        EXPECT_GT(likeness(before, after, 1000, 7500), 0.98);
    }
}

TEST(Masks, OneChannelOfTwo) {
    const auto plain = copy_of("c01_perfect_swap.mp3", {});
    const auto covered = copy_of("c01_perfect_swap.mp3", {{{8000, 12000}, 1}});
    ASSERT_EQ(covered.tracks.size(), 2u);
    EXPECT_GT(share_at(covered.tracks[1].samples, 1000, 8050, 11950), 0.98);
    EXPECT_LT(share_at(covered.tracks[0].samples, 1000, 8050, 11950), 0.3);
}

TEST(Masks, NearOnesAreJoinedPerChannel) {
    const auto masks = joined_masks({{{5000, 6000}, 0},
                                     {{1000, 2000}, 0},
                                     {{2399, 3000}, 0},
                                     {{3400, 3500}, 0},
                                     {{2100, 2200}, 1}});
    ASSERT_EQ(masks.size(), 4u);
    EXPECT_EQ(masks[0].span.end_ms, 3000) << "399 ms apart";
    EXPECT_EQ(masks[1].span.start_ms, 3400) << "400 ms apart";
    EXPECT_EQ(masks[3].channel, 1);
}

TEST(Masks, TooManyAreJoinedAndNoneIsLeftOut) {
    std::vector<AudioMask> many;
    for (int i = 0; i < 1000; ++i)
        many.push_back({{i * 1000, i * 1000 + 100}, -1});
    const auto masks = joined_masks(many);
    EXPECT_LE(masks.size(), 256u);
    for (const auto& one : many)
        EXPECT_TRUE(std::ranges::any_of(masks, [&](const AudioMask& mask) {
            return mask.span.start_ms <= one.span.start_ms && one.span.end_ms <= mask.span.end_ms;
        }));
}
