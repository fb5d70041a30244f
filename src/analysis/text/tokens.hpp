/// The words of a call as rules and lexicons see them: lower case, numbers joined, clauses marked.
///
/// A token keeps the indices of the words it came from, so whatever matches can be quoted and
/// played. Letter runs ("o t p") and spoken numbers ("ninety six", "double nine") are one token.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analysis/text/folding.hpp"
#include "analysis/text/known_words.hpp"
#include "domain/transcript.hpp"

namespace hs::analysis {

/// Texts and keys are kept once for all tokens of the same text, by the TokenText they are in.
struct Token {
    std::string_view text; // lower case, NFC; a joined number keeps its words: "ninety six"
    const WordKeys* keys = nullptr; // never null in a tokenised text
    std::string_view digits;        // as spoken or written: "0071", "96"; empty when no number
    std::int64_t number = 0;        // value; capped at 10^15 for long digit runs
    double confidence = 1.0;        // mean of its words
    int lexeme = 0; // the same small number for the same text, within one tokenised text
    int turn = 0;   // index into transcript.turns, from 0
    int word_from = 0;
    int word_to = 0;         // inclusive index into turn.words
    int clause = 0;          // rises through the call; never shared by two turns
    bool punctuated = false; // its turn has punctuation, so clauses are known
    bool comma_after = false;
    bool sentence_end = false;  // followed by . ? ! or the turn's end
    bool question = false;      // its sentence ends in a question mark
    bool exclaimed = false;     // its sentence ends in an exclamation mark
    bool negator = false;       // negates (idioms such as "no problem" excepted)
    bool hindi_negator = false; // a negator that may stand on either side of what it negates
    bool negated = false;       // governed by an odd number of negators of its clause
    bool contrast = false;      // but, however, lekin … : opens a new clause
    bool is_number = false;
    int start_ms = 0;
    int end_ms = 0;
};

struct TokenText {
    std::vector<Token> tokens;
    std::vector<std::pair<int, int>> turn_ranges; // per turn: first token, one past the last
    std::shared_ptr<const void> texts{};          // what the tokens point to; shared by copies
};

/// `known` must outlive the tokens.
[[nodiscard]] TokenText tokenise(const Transcript& transcript, const KnownWords* known = nullptr);

/// Tokens of a text on its own (a pattern, a note): one turn, no times.
[[nodiscard]] TokenText tokenise_text(std::string_view text);

/// Whether a negator outside `[from, to]` governs a phrase of these tokens of `tokens`. Tokens in
/// `own` belong to the phrase itself ("did not open") and never negate it.
[[nodiscard]] bool
phrase_negated(const std::vector<Token>& tokens, int from, int to, std::span<const int> own);

} // namespace hs::analysis
