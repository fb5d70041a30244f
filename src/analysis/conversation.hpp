/// How the two sides talked: talk, silence, overlap, interruptions, holds, pace.
///
/// Nothing is guessed: what the recording or the transcript cannot tell stays null.
#pragma once

#include <span>

#include "domain/audio_facts.hpp"
#include "domain/metrics.hpp"
#include "domain/transcript.hpp"

namespace hs::analysis {

/// The figures of one call.
///
/// transcript          roles already assigned; turns in order of start
/// audio               facts of the recording, or nullptr. With two tracks the voice activity of
///                     channel n belongs to the role of the turns whose speaker is "ch<n>";
///                     without, the turns' own times are used
/// turn_loudness_dbfs  mean level of each turn's speech, one value a turn, or empty when unknown
///                     (then there is no loudness and no raised voice)
[[nodiscard]] ConversationMetrics
measure_conversation(const Transcript& transcript,
                     const AudioFacts* audio = nullptr,
                     std::span<const double> turn_loudness_dbfs = {});

} // namespace hs::analysis
