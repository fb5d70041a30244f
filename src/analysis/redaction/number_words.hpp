/// Number words of English, Hindi and roman Hindi, as people say digits on the telephone.
#pragma once

#include <functional>
#include <string_view>

namespace hs::analysis::redaction {

enum class NumberKind {
    none,
    digits,     // contributes its digits: "nine", "अट्ठानवे", "fifteen"
    tens,       // English twenty … ninety: a following one … nine joins it
    repeat,     // double, triple
    multiplier, // hundred, thousand, sau: makes a quantity of what stands before
};

struct NumberWord {
    NumberKind kind = NumberKind::none;
    std::string_view digits; // "9", "98"; of a repeat: how often; of a multiplier: its zeros
};

/// Every number word, its key as normalised by word_key().
void for_each_number_word(
    const std::function<void(std::string_view key, const NumberWord& number)>& visit);

/// First … thirty-first, as day of a date.
[[nodiscard]] bool is_ordinal(std::string_view key);

} // namespace hs::analysis::redaction
