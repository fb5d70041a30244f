/// One spelling key for a word however it is written: Devanagari, roman Hindi or English.
///
/// A rule written in roman letters matches the Devanagari call and the reverse. The function that
/// derives the keys is small on purpose; spellings it cannot derive stand in a variant table that
/// is looked up first. Absent on purpose: any dictionary of a language.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hs::analysis {

struct WordKeys {
    std::string k1;     // transliterated, or the roman word itself
    std::string k1_alt; // Devanagari word-final nasal: the key without its n; else empty
    std::string k2;     // spelling differences removed
    std::string k2_alt; // the same of k1_alt
    std::string k3;     // consonants only; empty for words of fewer than three consonants
    bool devanagari = false;
    bool latin = false;
    bool english = false; // latin without marks of roman Hindi: two such words compare by K1 only
};

/// Keys of one lower-case NFC word (as tokens have it; upper-case ASCII is lowered).
[[nodiscard]] WordKeys fold(std::string_view word);

/// K1, else K2 (at least three letters, not between two English words), else K3 across scripts.
[[nodiscard]] bool same_word(const WordKeys& a, const WordKeys& b);

/// The light stem that `~word` compares: -s -es -ed -ing -ly, Hindi case, gender and tense endings.
[[nodiscard]] std::string light_stem(const WordKeys& keys);
/// The same, of a word that is taken for English or for Hindi.
[[nodiscard]] std::string light_stem(const WordKeys& keys, bool english);

/// Double metaphone (primary and secondary code) of the folded form, at most six letters each.
struct PhoneticCode {
    std::string primary;
    std::string secondary;
};

[[nodiscard]] PhoneticCode phonetic_code(const WordKeys& keys);

} // namespace hs::analysis
