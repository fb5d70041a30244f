/// Finds steady tones and music: sound that lasts, has pitch and does not come in syllables.
#pragma once

#include <vector>

#include "audio/voice_activity.hpp"

namespace hs::audio {

/// Stretches of at least 3 s, in order. `levels` belongs to `samples`.
[[nodiscard]] std::vector<Span> find_hold_audio(Samples samples, const Levels& levels);

} // namespace hs::audio
