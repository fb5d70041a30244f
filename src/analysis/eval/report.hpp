/// The agreement table as text and as a baseline file.
#pragma once

#include <string>
#include <vector>

#include "analysis/eval/comparison.hpp"
#include "base/json.hpp"

namespace hs::analysis {

[[nodiscard]] std::string table_text(const Table& table);

/// The points that disagree or are open: listed for `dev`, counted for other splits unless
/// `reveal`.
[[nodiscard]] std::string misses_text(const std::vector<Point>& points, bool reveal);

/// {measures, points}: what `--json` writes and `--compare` reads. Quotes of other splits than
/// `dev` are left out unless `reveal`.
[[nodiscard]] json::object
report_json(const Table& table, const std::vector<Point>& points, bool reveal);

struct Baseline {
    std::map<std::string, double> measures;
    std::vector<Point> points;
};

/// Errors: invalid "baseline.invalid".
[[nodiscard]] Result<Baseline> read_baseline(const json::value& document);

/// Answers that differ between two reports, with their quotes.
[[nodiscard]] std::string flips_text(const Baseline& before, const Baseline& now);

} // namespace hs::analysis
