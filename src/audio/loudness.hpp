/// Programme loudness after ITU-R BS.1770: K-weighting, 400 ms blocks, two gates.
#pragma once

#include <vector>

#include "audio/voice_activity.hpp"

namespace hs::audio {

/// In LUFS over all tracks; -70 for silence.
[[nodiscard]] double loudness_lufs(const std::vector<Samples>& tracks);

} // namespace hs::audio
