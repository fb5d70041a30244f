/// A scorecard ready to judge: its document, compiled rules and lexicon.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "analysis/judging/answers.hpp"
#include "analysis/judging/issue_categories.hpp"
#include "analysis/lexicon.hpp"
#include "analysis/rules/rulebook.hpp"
#include "analysis/scorecard/scorecard.hpp"
#include "base/error.hpp"

namespace hs::analysis {

struct Pack {
    Scorecard card;
    Rulebook book;
    Lexicon lexicon;
    IssueCategories categories;
    CompiledConditions conditions;
    std::vector<const CueRule*> early_cues; // decided without sentiment
    std::vector<const CueRule*> late_cues;  // look at sentiment
    KnownWords words;                       // of the rules
};

/// Reads `<folder>/<key>/<version>.yaml` with everything it extends, `<folder>/lexicon` and
/// `<folder>/issue_categories.yaml`.
/// Errors: invalid "scorecard.invalid" with file:line:column lines, not_found "file.missing".
[[nodiscard]] Result<Pack>
load_pack(const std::filesystem::path& folder, const std::string& key, int version);

} // namespace hs::analysis
