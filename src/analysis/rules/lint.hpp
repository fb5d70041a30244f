/// What the rule compiler says about a rule: `severity code file:line:column message suggestion`.
#pragma once

#include <string>

namespace hs::analysis {

struct SourcePosition {
    std::string file;
    int line = 0; // from 1; 0 = unknown
    int column = 0;
};

enum class LintSeverity { error, warning };

struct Lint {
    LintSeverity severity = LintSeverity::error;
    std::string code; // E01 … E08, W01 … W06
    SourcePosition at;
    std::string message;
    std::string suggestion;
};

[[nodiscard]] std::string to_string(const Lint& lint);

} // namespace hs::analysis
