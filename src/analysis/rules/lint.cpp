#include "analysis/rules/lint.hpp"

#include <fmt/format.h>

namespace hs::analysis {

std::string to_string(const Lint& lint) {
    return fmt::format("{} {} {}:{}:{} {}{}{}",
                       lint.severity == LintSeverity::error ? "error" : "warning",
                       lint.code,
                       lint.at.file.empty() ? "-" : lint.at.file,
                       lint.at.line,
                       lint.at.column,
                       lint.message,
                       lint.suggestion.empty() ? "" : "; ",
                       lint.suggestion);
}

} // namespace hs::analysis
