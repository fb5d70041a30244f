/// What the call was about.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "analysis/judging/call_case.hpp"

namespace hs::analysis {

/// Fills evaluation.issue: declared and detected category, the caller's request with its place,
/// severity and entities (personal data only as placeholders).
void describe_issue(CallCase& call, const std::vector<PersonalSpan>& personal_data);

/// The category whose rules hold most often in the caller's words; empty when none holds.
[[nodiscard]] std::string detected_category(const CallCase& call);

} // namespace hs::analysis
