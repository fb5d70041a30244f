/// Whether a machine transcript may be trusted: what was not heard must not count against anybody.
#pragma once

#include <string>
#include <vector>

#include "domain/audio_facts.hpp"
#include "domain/transcript.hpp"
#include "providers/stt/speech_to_text.hpp"

namespace hs::pipeline {

/// Reasons, empty when there is none: "word_confidence" (duration-weighted mean under 0.60),
/// "speech_rate" (words a second of speech outside 0.8..5.5), "uncovered_speech" (over 30 % of the
/// speech without words), "repetition" (a 4-gram more than 6 times in a row),
/// "language_unsupported", "embedded_engine", "diarisation" (silhouette 0.12..0.25 or below).
[[nodiscard]] std::vector<std::string>
low_confidence_reasons(const Transcript& transcript,
                       const providers::Speech& speech,
                       const AudioFacts& facts,
                       const std::string& preferred_language);

} // namespace hs::pipeline
