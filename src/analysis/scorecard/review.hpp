/// A scorecard document looked at before it may judge: read, compiled, linted, its tests run.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "analysis/scorecard/diagnostics.hpp"
#include "analysis/scorecard/load.hpp"
#include "analysis/scorecard/scorecard.hpp"
#include "base/error.hpp"

namespace hs::analysis {

struct Grounds; // judging/pack.hpp: what all scorecards share

/// Reads it from the folder of scorecards.
[[nodiscard]] Result<std::shared_ptr<const Grounds>>
load_grounds(const std::filesystem::path& folder);

/// Reads `key`@`version` with all it extends and compiles nothing: its head and its content_hash.
/// Errors: invalid "scorecard.invalid", those of `texts`.
[[nodiscard]] Result<Scorecard>
identify_scorecard(const ScorecardTexts& texts, const std::string& key, int version);

struct ScorecardReview {
    Scorecard card; // with what it extends; only the head when it could not be read
    std::vector<Diagnostic> findings;
    std::size_t tests = 0; // embedded in its own rules

    [[nodiscard]] bool sound() const { return !has_errors(findings); }
};

/// Never fails: what is wrong is among the findings, with its place in `file`. `texts` gives what
/// the document extends.
[[nodiscard]] ScorecardReview review_scorecard(const Grounds& grounds,
                                               const ScorecardTexts& texts,
                                               const std::string& text,
                                               const std::string& file);

} // namespace hs::analysis
