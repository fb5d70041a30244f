/// From an evaluation to the objects of the reference API: what `call_insights` stores.
///
/// One place for the mapping; docs/reference/evaluation-shapes.md has it as a table.
#pragma once

#include "base/json.hpp"
#include "domain/evaluation.hpp"

namespace hs::analysis {

/// {primary_issue, sub_issue, root_cause, matches_declared_category}
[[nodiscard]] json::object reference_issue_analysis(const Evaluation& evaluation);
/// {resolved, resolution_path, valid_path, follow_up_required}
[[nodiscard]] json::object reference_resolution_analysis(const Evaluation& evaluation);
/// The seven keys, by start time; no value is null.
[[nodiscard]] json::array reference_sop_deviations(const Evaluation& evaluation);
/// {turn, score, sentiment}, by turn.
[[nodiscard]] json::array reference_sentiment_trajectory(const Evaluation& evaluation);
/// One item per question that applied, in scorecard order.
[[nodiscard]] json::array reference_sop_checks(const Evaluation& evaluation);

} // namespace hs::analysis
