/// First step of tokenising: pieces of written words with the punctuation that followed them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hs::analysis {

enum class Mark { none, comma, stop, question, exclamation };

struct RawWord {
    std::string text; // lower case, NFC, apostrophes joined
    int word = 0;     // index of the written word it came from
    Mark after = Mark::none;
    bool hyphen_before = false; // continues a hyphenated word: "5-7"
};

/// Appends the pieces of one blank-separated word.
void split_word(std::string_view word, int index, std::vector<RawWord>& out);

/// Joins letters spoken one by one: "o", "t", "p" become "otp" over the words they span.
struct WordRange {
    RawWord raw;
    int word_to = 0;
    bool joined = false;
};

[[nodiscard]] std::vector<WordRange> join_letters(std::vector<RawWord>& raw); ///< empties `raw`

} // namespace hs::analysis
