/// The JSON object of call detail and `judge`: one evaluation with its redacted transcript.
#pragma once

#include "base/json.hpp"
#include "domain/evaluation.hpp"
#include "domain/transcript.hpp"

namespace hs::analysis {

/// Everything but ids and links. Scores stand under their column names, quantised as stored;
/// `raw_scores` keeps the figures before.
[[nodiscard]] json::object call_document(const Evaluation& evaluation, const Transcript& redacted);

/// Seconds with two decimals.
[[nodiscard]] double seconds(int ms);

} // namespace hs::analysis
