/// Pieces of replies about evaluation runs.
#pragma once

#include <optional>

#include "base/json.hpp"
#include "store/evaluation_runs.hpp"

namespace hs::api {

/// `quality: {before, after}`: 0..1, null without a score. Given in basis points.
void write_quality(JsonWriter& json,
                   std::optional<std::int64_t> before,
                   std::optional<std::int64_t> after);
/// `flagged: {before, after}`.
void write_flagged(JsonWriter& json, std::optional<bool> before, std::optional<bool> after);
/// `question_id, before, after`; null: the scorecard had no such question.
void write_change(JsonWriter& json, const store::AnswerChange& change);
/// Members of a run; begins and ends no object.
void write_run(JsonWriter& json, const store::StoredRun& run);
/// `compared, flips, agreement, quality, flagged, rules: […]`.
void write_shift(JsonWriter& json,
                 const store::ScoreShift& scores,
                 const std::vector<store::RuleShift>& rules);

} // namespace hs::api
