/// One answer for every question of the scorecard, each firm one with evidence that exists.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/judging/call_case.hpp"
#include "analysis/scorecard/answer_expression.hpp"

namespace hs::analysis {

/// A scorecard's conditions, compiled once.
struct CompiledConditions {
    std::map<std::string, ExpressionId> applies;                // question -> applies_if
    std::map<std::string, ExpressionId> weight;                 // question -> weight_if.expr
    std::map<std::string, AnswerExpression> enable;             // question or section -> enable_if
    std::map<std::string, std::vector<IssueSteps::Step>> steps; // name key of category -> steps
};

/// Fills evaluation.answers in scorecard order.
void answer_questions(CallCase& call, const CompiledConditions& conditions);

/// The steps of the call's issue with their outcome, for the deviations.
struct StepResult {
    IssueSteps::Step step;
    RuleResult result;
};

[[nodiscard]] std::vector<StepResult> step_results(const CallCase& call,
                                                   const CompiledConditions& conditions);

} // namespace hs::analysis
