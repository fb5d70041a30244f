/// What a new installation knows from the start.
#pragma once

#include "analysis/judging/issue_categories.hpp"
#include "pipeline/services.hpp"

namespace hs::pipeline {

/// Gives every tenant without issue categories the ones of the seed file; how many were added.
Task<std::size_t> seed_categories(const Services& services, analysis::IssueCategories categories);

} // namespace hs::pipeline
