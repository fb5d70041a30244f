/// Where a model's findings enter a judgement, beside the rules' (analysis section 5, "Combining").
#pragma once

#include <vector>

#include "analysis/judging/call_case.hpp"
#include "analysis/model/brief.hpp"
#include "analysis/model/findings.hpp"

namespace hs::analysis {

/// The questions a model may answer after the rules have: what is unsure, what a model always
/// answers, free texts.
[[nodiscard]] std::vector<OpenQuestion> open_questions(const CallCase& call);

/// The model's answer to the question, if there is one and the rules leave room for it.
void take_model_answer(const CallCase& call, const Question& question, Answer& answer);

/// The model's moods, when it gave them for four fifths of the caller's turns; flags large
/// differences.
void take_model_sentiment(CallCase& call);

/// The model's outcome, when the rules found none or were unsure.
void take_model_outcome(CallCase& call);

/// Cues the rules did not find, at the weight the scorecard gives them.
void take_model_cues(CallCase& call);

/// Category, summary and request in the model's words, as far as they keep to the call's facts.
void take_model_issue(CallCase& call);

/// Insights in the model's words, as far as they keep to the call's facts; the others stay.
void take_model_texts(CallCase& call);

/// Scores and deviations of an external evaluator, over ours.
void take_external(CallCase& call);

} // namespace hs::analysis
