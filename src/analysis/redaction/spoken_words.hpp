/// What each word of a turn is to the detectors: digits, filler, unit, letter, cue.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <boost/iterator/indirect_iterator.hpp>

#include "analysis/redaction/number_words.hpp"
#include "domain/transcript.hpp"

namespace hs::analysis::redaction {

/// Lower case without outer punctuation; Devanagari without nukta, chandrabindu as anusvara,
/// Devanagari digits as ASCII.
[[nodiscard]] std::string word_key(std::string_view word);

struct SpokenWord {
    std::string key;
    std::string_view raw;  // as in the transcript
    NumberWord number;     // of a number word
    std::string digits;    // of a written number: "98310", "4471"
    std::string letters;   // capitals it may spell: "DL", "K", "डी" -> "D"
    bool written = false;  // digits come from figures
    bool plus = false;     // "+91…"
    bool quantity = false; // an amount, time, share or ordinal: never part of a secret
    bool unit = false;     // rupees, days, baje: what stands before it is a quantity
    bool place = false;    // slot, station, sector: what follows is a place's number
    bool currency = false; // rs, rupees: what follows is an amount
    bool filler = false;   // does not break a run of digits
    bool ends_sentence = false;
    bool ends_clause = false; // comma or stronger
    bool mixed = false;       // letters and digits: "mh12ab1234"
    int cues = -1;            // cue phrases that begin with it, see cues_beginning_with()

    [[nodiscard]] bool numeric() const {
        return !quantity && (!digits.empty() || number.kind == NumberKind::digits ||
                             number.kind == NumberKind::tens);
    }
};

/// Words of a turn. What is known of a word is kept once for all its occurrences in the call.
class SpokenWords {
public:
    using Iterator = boost::indirect_iterator<std::vector<const SpokenWord*>::const_iterator>;

    void reserve(std::size_t count) { words_.reserve(count); }

    void push_back(const SpokenWord& word) { words_.push_back(&word); } // must stay

    [[nodiscard]] std::size_t size() const { return words_.size(); }

    [[nodiscard]] bool empty() const { return words_.empty(); }

    [[nodiscard]] const SpokenWord& operator[](std::size_t index) const { return *words_[index]; }

    [[nodiscard]] Iterator begin() const { return words_.begin(); }

    [[nodiscard]] Iterator end() const { return words_.end(); }

private:
    std::vector<const SpokenWord*> words_;
};

struct SpokenTurn {
    Role role = Role::unknown;
    std::string_view speaker;
    SpokenWords words;
    double confidence = 1.0; // mean of the words
};

/// Reads the turns of one call, which must outlive it; each distinct word is looked at once. The
/// turns it gives point to its words: it must outlive them.
class TurnReader {
public:
    /// Words of the turn, one a word of turn.words (of the blank-separated text when it has none).
    [[nodiscard]] SpokenTurn read(const Turn& turn);

private:
    [[nodiscard]] const SpokenWord& known_word(std::string_view text);

    std::unordered_map<std::string_view, SpokenWord> known_;
};

} // namespace hs::analysis::redaction
