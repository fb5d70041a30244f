/// Cues of an escalation, each with its quote (section 4, "escalation_risk").
#pragma once

#include "analysis/judging/call_case.hpp"

namespace hs::analysis {

/// Adds the cues whose rule holds. `early` takes those that do not look at sentiment, the second
/// call the others; sentiment itself looks at the early ones.
void find_cues(CallCase& call, const std::vector<const CueRule*>& cues);

/// Cues that come from scores, not words: a declining mood, a critical fail.
void add_score_cues(CallCase& call, bool other_critical_failed);

/// Per turn (index = turn - 1): weight of the customer's strongest cue there.
[[nodiscard]] std::vector<double> cue_weights(const CallCase& call);

} // namespace hs::analysis
