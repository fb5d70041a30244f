/// Scorecards from their YAML files.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "analysis/scorecard/diagnostics.hpp"
#include "analysis/scorecard/scorecard.hpp"
#include "base/error.hpp"

namespace hs::analysis {

/// Gives the text of a scorecard, for itself and for those that extend it. Errors: not_found.
using ScorecardTexts = std::function<Result<std::string>(const std::string& key, int version)>;

/// Those of a folder: `<folder>/<key>/<version>.yaml`. Errors: not_found "file.missing".
[[nodiscard]] ScorecardTexts texts_of(std::filesystem::path folder);

/// One file as read: the scorecard and what was wrong with it.
struct ScorecardDocument {
    Scorecard card;
    json::value document; // what content_hash is made of
    std::vector<Diagnostic> problems;
};

/// Reads the text of a scorecard; never fails, problems are listed. `file` is for messages.
[[nodiscard]] ScorecardDocument read_scorecard(const std::string& text, const std::string& file);

/// `child` on top of `base`: sections, questions, cues and outcomes are replaced by id, the ids of
/// `remove` leave.
[[nodiscard]] Scorecard
extended(Scorecard base, const Scorecard& child, const std::vector<std::string>& remove);

} // namespace hs::analysis
