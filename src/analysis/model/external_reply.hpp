/// What an external evaluator of the reference's kind answers, held against the call.
#pragma once

#include <string>

#include "analysis/model/brief.hpp"
#include "analysis/model/findings.hpp"
#include "base/error.hpp"

namespace hs::analysis {

/// `reply`: {scores, insights, sop_deviations, …}. A deviation counts when its phrase is found in
/// the transcript; its times are ours. Errors: invalid "external.invalid" naming the member: a
/// score that is no number from 0 to 1, no scores at all.
[[nodiscard]] Result<ModelFindings> external_findings(const ModelBrief& brief,
                                                      const std::string& reply);

} // namespace hs::analysis
