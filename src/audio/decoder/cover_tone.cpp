#include "audio/decoder/cover_tone.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace hs::audio::decoder {

namespace {

constexpr double tone_hz = 1000;
constexpr double tone_peak = 0.1 * 32767; // -20 dBFS
constexpr double fade_ms = 5;

} // namespace

CoverTone::CoverTone(std::span<const Mask> masks, int rate, int channels)
    : masks_(masks.begin(), masks.end()), rate_(rate), channels_(channels) {}

/// 0 outside, 1 inside, between them while it fades.
double CoverTone::tone_share(const Mask& mask, std::uint64_t sample) const {
    const double at_ms = static_cast<double>(sample) * 1000 / rate_;
    const double inside = std::min(at_ms - mask.start_ms, mask.end_ms - at_ms);
    return std::clamp(inside / fade_ms, 0.0, 1.0);
}

void CoverTone::apply(std::span<std::int16_t> interleaved, std::uint64_t first) const {
    const auto channels = static_cast<std::size_t>(channels_);
    const auto count = interleaved.size() / channels;
    const auto sample_at = [&](std::int64_t ms) {
        const auto at = ms * rate_ / 1000 - static_cast<std::int64_t>(first);
        return static_cast<std::size_t>(
            std::clamp<std::int64_t>(at, 0, static_cast<std::int64_t>(count)));
    };
    for (const auto& mask : masks_) {
        const auto end = sample_at(std::int64_t{mask.end_ms} + 1);
        for (auto i = sample_at(mask.start_ms); i < end; ++i) {
            const auto share = tone_share(mask, first + i);
            const double turn = tone_hz * static_cast<double>(first + i) / rate_;
            const double tone =
                tone_peak * std::sin(2 * std::numbers::pi * (turn - std::floor(turn)));
            for (std::size_t channel = 0; channel < channels; ++channel) {
                if (mask.channel >= 0 && static_cast<std::size_t>(mask.channel) != channel)
                    continue;
                auto& sample = interleaved[i * channels + channel];
                sample =
                    static_cast<std::int16_t>(std::lround(share * tone + (1 - share) * sample));
            }
        }
    }
}

} // namespace hs::audio::decoder
