#include "analysis/text/tokens.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "analysis/text/clauses.hpp"
#include "analysis/text/numbers.hpp"
#include "analysis/text/raw_words.hpp"

namespace hs::analysis {

namespace {

/// What depends on the spelling alone, computed once per distinct word of a call.
struct Lexeme {
    WordKeys keys;
    NumberWord number;
};

class Tokeniser {
public:
    /// Tokens are large: growing the list word by word would copy them again and again.
    void expect_words(std::size_t count) { out_.tokens.reserve(count); }

    void add_turn(const Turn& turn, int index) {
        raw_.clear();
        for (std::size_t i = 0; i < turn.words.size(); ++i)
            split_word(turn.words[i].text, static_cast<int>(i), raw_);
        const auto words = join_letters(raw_);
        const auto inputs = number_inputs(words);
        const bool hindi_turn = turn.language.starts_with("hi");
        const auto from = static_cast<int>(out_.tokens.size());
        for (std::size_t at = 0; at < words.size();) {
            const auto run = number_run(inputs, at);
            const auto count = std::max<std::size_t>(run.words, 1);
            add_token(words, at, count, run, hindi_turn);
            place(out_.tokens.back(), turn, index);
            at += count;
        }
        finish_turn(from);
    }

    TokenText take() { return std::move(out_); }

private:
    const Lexeme& lexeme(const std::string& text) {
        const auto found = lexemes_.find(text);
        if (found != lexemes_.end()) return found->second;
        return lexemes_.emplace(text, Lexeme{fold(text), number_word(text)}).first->second;
    }

    std::vector<NumberInput> number_inputs(const std::vector<WordRange>& words) {
        std::vector<NumberInput> inputs;
        inputs.reserve(words.size());
        known_.clear();
        for (const auto& word : words) {
            known_.push_back(&lexeme(word.raw.text));
            inputs.push_back({word.raw.text,
                              known_.back()->number,
                              word.raw.after >= Mark::stop,
                              word.raw.after == Mark::comma,
                              word.raw.hyphen_before});
        }
        return inputs;
    }

    void add_token(const std::vector<WordRange>& words,
                   std::size_t at,
                   std::size_t count,
                   const NumberRun& run,
                   bool hindi_turn) {
        auto& token = out_.tokens.emplace_back();
        token.text = words[at].raw.text;
        for (std::size_t i = at + 1; i < at + count; ++i)
            token.text += " " + words[i].raw.text;
        if (count == 1) {
            token.keys = known_[at]->keys;
        } else {
            token.keys.k1 = token.keys.k2 = token.text;
        }
        if (hindi_turn) token.keys.english = false;
        token.word_from = words[at].raw.word;
        token.word_to = words[at + count - 1].word_to;
        token.is_number = run.words > 0;
        token.number = run.value;
        token.digits = run.digits;
        const auto after = words[at + count - 1].raw.after;
        token.comma_after = after == Mark::comma;
        token.sentence_end = after >= Mark::stop;
        token.question = after == Mark::question;
        token.exclaimed = after == Mark::exclamation;
    }

    static void place(Token& token, const Turn& turn, int index) {
        token.turn = index;
        const auto from = static_cast<std::size_t>(token.word_from);
        const auto to = static_cast<std::size_t>(token.word_to);
        double confidence = 0;
        for (auto i = from; i <= to; ++i)
            confidence += turn.words[i].confidence;
        token.confidence = confidence / static_cast<double>(to - from + 1);
        token.start_ms = turn.words[from].start_ms;
        token.end_ms = turn.words[to].end_ms;
    }

    /// A sentence's last mark belongs to all its words; the turn's end closes the last sentence.
    void finish_turn(int from) {
        auto& tokens = out_.tokens;
        const auto to = static_cast<int>(tokens.size());
        out_.turn_ranges.emplace_back(from, to);
        if (from == to) return;
        clause_ = mark_clauses(tokens, from, to, clause_);
        bool question = false;
        bool exclaimed = false;
        tokens.back().sentence_end = true;
        for (auto i = tokens.size(); i-- > static_cast<std::size_t>(from);) {
            if (tokens[i].sentence_end) {
                question = tokens[i].question;
                exclaimed = tokens[i].exclaimed;
            }
            tokens[i].question = question;
            tokens[i].exclaimed = exclaimed;
        }
    }

    TokenText out_;
    int clause_ = 0;
    std::vector<RawWord> raw_;
    std::unordered_map<std::string, Lexeme> lexemes_;
    std::vector<const Lexeme*> known_; // of the turn's words; the map never moves its values
};

/// Transcripts are complete by contract; a turn without words is read from its text all the same.
const Turn& with_words(const Turn& turn, Turn& scratch) {
    if (!turn.words.empty() || turn.text.empty()) return turn;
    scratch = turn;
    interpolate_words(scratch);
    return scratch;
}

} // namespace

TokenText tokenise(const Transcript& transcript) {
    Tokeniser tokeniser;
    Turn scratch;
    std::size_t words = 0;
    for (const auto& turn : transcript.turns)
        words += turn.words.size();
    tokeniser.expect_words(words);
    for (std::size_t i = 0; i < transcript.turns.size(); ++i)
        tokeniser.add_turn(with_words(transcript.turns[i], scratch), static_cast<int>(i));
    return tokeniser.take();
}

std::vector<Token> tokenise_text(std::string_view text) {
    Turn turn;
    turn.text = text;
    interpolate_words(turn);
    Tokeniser tokeniser;
    tokeniser.add_turn(turn, 0);
    return tokeniser.take().tokens;
}

} // namespace hs::analysis
