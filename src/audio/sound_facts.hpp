/// From channels to facts: layout, voice activity, hold audio, loudness, peaks.
#pragma once

#include <cstdint>
#include <vector>

#include "audio/audio.hpp"

namespace hs::audio {

/// `facts` holds what the file says; `channels` is 1 or 2 channels of equal length at 16 kHz.
/// Same samples, same result.
[[nodiscard]] Decoded examine(AudioFacts facts, std::vector<std::vector<std::int16_t>> channels);

} // namespace hs::audio
