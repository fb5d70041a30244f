/// First step of tokenising: pieces of written words with the punctuation that followed them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hs::analysis {

enum class Mark { none, comma, stop, question, exclamation };

struct WordPiece {
    std::string text; // lower case, NFC, apostrophes joined
    Mark after = Mark::none;
    bool hyphen_before = false; // continues a hyphenated word: "5-7"
};

/// One blank-separated word. Signs before its first piece belong to what was said before it.
struct SplitWord {
    std::vector<WordPiece> pieces;
    Mark before = Mark::none;
};

[[nodiscard]] SplitWord split_word(std::string_view word);

/// A piece at its place in a turn.
struct PlacedPiece {
    std::string_view text;
    Mark after = Mark::none;
    bool hyphen_before = false;
    int word = 0;    // index of the written word it came from
    int word_to = 0; // of the last one, when letters were joined
    int lexeme = 0;  // the tokeniser's number for the text
};

/// How many pieces from `at` are letters spoken one by one ("o", "t", "p") and belong together; 1
/// when the piece stands alone.
[[nodiscard]] std::size_t letters_together(const std::vector<PlacedPiece>& pieces, std::size_t at);

} // namespace hs::analysis
