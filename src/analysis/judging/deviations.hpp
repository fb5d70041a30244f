/// What the agent should have done otherwise, one item per failed question or missing step.
#pragma once

#include "analysis/judging/answers.hpp"
#include "analysis/judging/call_case.hpp"

namespace hs::analysis {

inline constexpr std::size_t most_deviations = 50;

/// Fills evaluation.sop_deviations: severity first, then turn.
void list_deviations(CallCase& call, const CompiledConditions& conditions);

} // namespace hs::analysis
