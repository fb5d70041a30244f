/// Questions answered by figures instead of words.
#pragma once

#include <string>

#include "analysis/judging/call_case.hpp"

namespace hs::analysis {

struct Measured {
    AnswerState state = AnswerState::needs_review;
    int turn = 0; // where it shows
    std::string rationale;
};

/// Knows "listening": the agent interrupts at most twice in ten minutes of talk and holds no
/// monologue over a minute; calls under a minute are not asked.
[[nodiscard]] Measured measure(const CallCase& call, const std::string& name);

/// What the communication score is made of.
[[nodiscard]] struct CommunicationFacts communication_facts(const CallCase& call);

} // namespace hs::analysis
