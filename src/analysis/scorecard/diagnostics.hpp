/// Messages about a scorecard document, for the person who wrote it.
#pragma once

#include <string>
#include <vector>

namespace hs::analysis {

enum class Severity { warning, error };

struct Diagnostic {
    Severity severity = Severity::error;
    std::string code; // stable: "S07"
    std::string file;
    int line = 0;
    int column = 0;
    std::string message;
};

[[nodiscard]] bool has_errors(const std::vector<Diagnostic>& problems);
/// "error S07 file:line:column message" lines.
[[nodiscard]] std::string to_text(const std::vector<Diagnostic>& problems);

} // namespace hs::analysis
