/// A scorecard ready to judge: its document, compiled rules and lexicon.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "analysis/judging/answers.hpp"
#include "analysis/judging/issue_categories.hpp"
#include "analysis/lexicon.hpp"
#include "analysis/rules/rulebook.hpp"
#include "analysis/scorecard/load.hpp"
#include "analysis/scorecard/review.hpp"
#include "analysis/scorecard/scorecard.hpp"
#include "base/error.hpp"

namespace hs::analysis {

/// What all scorecards share. Immutable.
struct Grounds {
    Lexicon lexicon;
    IssueCategories categories;
};

struct Pack {
    Scorecard card;
    Rulebook book;
    std::shared_ptr<const Grounds> grounds;
    CompiledConditions conditions;
    std::vector<const CueRule*> early_cues; // decided without sentiment
    std::vector<const CueRule*> late_cues;  // look at sentiment
    KnownWords words;                       // of the rules
};

/// The document `key`@`version` of `texts` with everything it extends.
/// Errors: invalid "scorecard.invalid" with file:line:column lines, those of `texts`.
[[nodiscard]] Result<Pack> build_pack(std::shared_ptr<const Grounds> grounds,
                                      const ScorecardTexts& texts,
                                      const std::string& key,
                                      int version);

/// The same from `<folder>/<key>/<version>.yaml`.
/// Errors: invalid "scorecard.invalid" with file:line:column lines, not_found "file.missing".
[[nodiscard]] Result<Pack>
load_pack(const std::filesystem::path& folder, const std::string& key, int version);

} // namespace hs::analysis
