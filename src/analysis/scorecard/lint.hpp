/// What is wrong with a scorecard before it judges anybody (analysis section 2, "Lint").
#pragma once

#include <set>
#include <string>
#include <vector>

#include "analysis/scorecard/diagnostics.hpp"
#include "analysis/scorecard/scorecard.hpp"

namespace hs::analysis {

/// `rule_ids` are the ids of the scorecard's compiled rules.
[[nodiscard]] std::vector<Diagnostic> lint(const Scorecard& card,
                                           const std::set<std::string>& rule_ids);

} // namespace hs::analysis
