/// When the customer was made to wait, and whether it was asked for and thanked for.
#pragma once

#include <vector>

#include "analysis/conversation/speech.hpp"
#include "domain/metrics.hpp"

namespace hs::analysis {

/// `quiet`: stretches in which nobody speaks, in order. `hold_audio`: music or tone of the track.
[[nodiscard]] std::vector<Hold>
find_holds(const Transcript& transcript, const Spans& quiet, const Spans& hold_audio);

} // namespace hs::analysis
