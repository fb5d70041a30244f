#include "analysis/scorecard/diagnostics.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace hs::analysis {

bool has_errors(const std::vector<Diagnostic>& problems) {
    return std::any_of(problems.begin(), problems.end(), [](const Diagnostic& problem) {
        return problem.severity == Severity::error;
    });
}

std::string to_text(const std::vector<Diagnostic>& problems) {
    std::string out;
    for (const auto& problem : problems) {
        if (!out.empty()) out += '\n';
        out += fmt::format("{} {} {}:{}:{} {}",
                           problem.severity == Severity::error ? "error" : "warning",
                           problem.code,
                           problem.file,
                           problem.line,
                           problem.column,
                           problem.message);
    }
    return out;
}

} // namespace hs::analysis
