/// What became of the issue: the resolution analysis (section 4, "resolution_validity").
#pragma once

#include "analysis/judging/call_case.hpp"
#include "analysis/sentiment/farewell.hpp"

namespace hs::analysis {

/// Finds the outcome in the agent's words after the issue and fills evaluation.resolution. A
/// promise that nobody may make decides over everything; else a refusal or a vague phrase counts
/// only when nothing concrete follows it. `farewell`: the caller's last words.
void judge_outcome(CallCase& call, const Farewell& farewell);

/// Per turn (index = turn - 1): the agent did something or committed to something.
[[nodiscard]] std::vector<bool> agent_progress(const CallCase& call);

/// Whether this status answers the question "was it resolved".
[[nodiscard]] bool is_concrete(std::string_view status);

} // namespace hs::analysis
