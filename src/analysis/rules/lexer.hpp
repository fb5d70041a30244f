/// Words and signs of the expression language.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hs::analysis {

enum class LexKind : std::uint8_t { name, number, string, sign, end, bad };

struct Lex {
    LexKind kind = LexKind::end;
    std::string text; // name (with its @), sign, content of a string
    double number = 0;
    bool whole = false; // a number without a fraction
    std::size_t offset = 0;
};

/// Always ends with one `end`; an unreadable place gives `bad` and ends the list.
[[nodiscard]] std::vector<Lex> lex(std::string_view text);

} // namespace hs::analysis
