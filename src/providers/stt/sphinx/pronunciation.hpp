/// Words of phrases as the recogniser needs them: spoken tokens and how they sound.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hs::providers::sphinx {

/// A token of a phrase: lower case, and whether it was written as an acronym ("OTP").
struct Token {
    std::string word;
    bool acronym = false;
};

/// Splits a phrase into spoken tokens; figures become words. Empty when it is not English text
/// (a letter outside ASCII), because the model could not hear it anyway.
[[nodiscard]] std::vector<Token> spoken_tokens(std::string_view phrase);

/// Looks a word up in the dictionary; the phones, blank separated.
using Lookup = std::function<std::optional<std::string>(const std::string&)>;

/// Phones of a word that no dictionary has: letters of an acronym, a compound of two known words,
/// else by letter-to-sound rules that lean to Indian names and brands.
[[nodiscard]] std::string guess_phones(const Token& token, const Lookup& lookup);

} // namespace hs::providers::sphinx
