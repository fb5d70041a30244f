/// Mel-frequency cepstral coefficients: the shape of a voice, frame by frame.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "audio/voice_activity.hpp"

namespace hs::audio {

inline constexpr std::size_t cepstral_size = 13;
/// Coefficients 1 to 13; 0 (loudness) is left out.
using Cepstrum = std::array<float, cepstral_size>;

/// One for each whole 20 ms frame of `samples` (32 ms window, 26 bands between 300 and 3400 Hz);
/// frames outside `within` stay zero.
[[nodiscard]] std::vector<Cepstrum> cepstra(Samples samples, const std::vector<Span>& within);

} // namespace hs::audio
