/// Spoken numbers: English, Hindi and roman Hindi words that stand for digits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hs::analysis {

enum class NumberKind : std::uint8_t {
    none,
    digit,      // 0–9
    small,      // 10–19, and Hindi 10–99: nothing may be added to it
    tens,       // English 20, 30 … 90: a digit may follow
    multiplier, // hundred, thousand, lakh, crore
    repeat,     // double, triple
    written,    // digits
};

struct NumberWord {
    NumberKind kind = NumberKind::none;
    std::int64_t value = 0;
    bool hindi = false;
    bool ambiguous = false; // also an ordinary word ("do", "saath"): a number beside numbers only
};

/// The number a word may be; kind none when it is no number.
[[nodiscard]] NumberWord number_word(std::string_view text);

/// Word after a number that shows it is one: days, rupees, baje.
[[nodiscard]] bool is_number_unit(std::string_view text);

struct NumberRun {
    std::size_t words = 0; // words joined; 0 when none begins here
    std::int64_t value = 0;
    std::string digits;
};

struct NumberInput {
    std::string_view text;
    NumberWord number;
    bool stop_after = false; // punctuation that ends a run
    bool comma_after = false;
    bool hyphen_before = false;
};

/// The longest number beginning at `at`.
[[nodiscard]] NumberRun number_run(const std::vector<NumberInput>& words, std::size_t at);

} // namespace hs::analysis
