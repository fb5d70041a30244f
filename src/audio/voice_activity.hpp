/// Where somebody speaks: frame levels, an energy threshold, joined and cleaned stretches.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "domain/audio_facts.hpp"

namespace hs::audio {

inline constexpr int frame_ms = 20;
inline constexpr std::size_t frame_samples = 320; // at 16 kHz
inline constexpr double lowest_dbfs = -120;

using Samples = std::span<const std::int16_t>;
/// RMS of each 20 ms in dB below full scale; the last frame may be short.
using Levels = std::vector<float>;

[[nodiscard]] Levels frame_levels(Samples samples);

/// q-th part (0..1) of the values in order; lowest_dbfs when there is none.
[[nodiscard]] double percentile(std::vector<float> values, double q);

/// p10 + 0.35 (p95 - p10), never below -55 dBFS.
[[nodiscard]] double speech_threshold_dbfs(const Levels& levels);

/// Frames at or above `threshold`; gaps under 250 ms joined, bursts under 120 ms dropped.
[[nodiscard]] std::vector<Span> active_spans(const Levels& levels, double threshold_dbfs);

/// The parts of `spans` outside `removed`; what is left under 120 ms is dropped. Both in order.
[[nodiscard]] std::vector<Span> subtract(const std::vector<Span>& spans,
                                         const std::vector<Span>& removed);
/// In order, without overlaps.
[[nodiscard]] std::vector<Span> unite(std::vector<Span> spans);
[[nodiscard]] int total_ms(const std::vector<Span>& spans);

} // namespace hs::audio
