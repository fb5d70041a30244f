#include "analysis/text/tokens.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "analysis/text/clauses.hpp"
#include "analysis/text/numbers.hpp"
#include "analysis/text/raw_words.hpp"

namespace hs::analysis {

namespace {

/// A distinct text of a call; what depends on the spelling alone is looked at once.
struct Lexeme {
    std::string text;
    const WordFacts* facts = nullptr; // null: not needed yet
    WordFacts own;                    // of a word that is not among the known ones
};

/// What tokens point to. Deques never move what they hold.
struct Texts {
    std::deque<Lexeme> lexemes;
    std::deque<std::string> digits; // of joined numbers
};

/// A distinct written word of a call, split.
struct KnownWord {
    struct Piece {
        int lexeme = 0;
        Mark after = Mark::none;
        bool hyphen_before = false;
    };

    std::vector<Piece> pieces;
    Mark before = Mark::none;
};

struct TextHash {
    using is_transparent = void;

    std::size_t operator()(std::string_view text) const {
        return std::hash<std::string_view>{}(text);
    }
};

class Tokeniser {
public:
    explicit Tokeniser(const KnownWords* known = nullptr) : known_(known) {}

    /// Tokens are large: growing the list word by word would copy them again and again.
    void expect_words(std::size_t count) { out_.tokens.reserve(count); }

    void add_turn(const Turn& turn, int index) {
        place_pieces(turn);
        join_letters();
        read_numbers();
        kinds_.clear();
        const bool hindi_turn = turn.language.starts_with("hi");
        const auto from = static_cast<int>(out_.tokens.size());
        for (std::size_t at = 0; at < words_.size();) {
            const bool number = inputs_[at].number.kind != NumberKind::none;
            const auto run = number ? number_run(inputs_, at) : NumberRun{};
            const auto count = std::max<std::size_t>(run.words, 1);
            add_token(at, count, run, hindi_turn);
            place(out_.tokens.back(), turn, index);
            at += count;
        }
        finish_turn(from);
    }

    TokenText take() {
        out_.texts = std::move(texts_);
        return std::move(out_);
    }

private:
    int lexeme_of(std::string_view text) {
        if (const auto found = lexeme_ids_.find(text); found != lexeme_ids_.end())
            return found->second;
        const int id = static_cast<int>(lexemes_.size());
        auto& added = lexemes_.emplace_back();
        added.text = text;
        lexeme_ids_.emplace(added.text, id);
        return id;
    }

    const Lexeme& read_lexeme(int id) {
        auto& lexeme = lexemes_[static_cast<std::size_t>(id)];
        if (lexeme.facts == nullptr && known_ != nullptr) lexeme.facts = known_->find(lexeme.text);
        if (lexeme.facts == nullptr) {
            lexeme.own = facts_of(lexeme.text);
            lexeme.facts = &lexeme.own;
        }
        return lexeme;
    }

    const KnownWord& known_word(const std::string& text) {
        if (const auto found = known_words_.find(std::string_view(text));
            found != known_words_.end())
            return found->second;
        const auto split = split_word(text);
        KnownWord known;
        known.before = split.before;
        for (const auto& piece : split.pieces)
            known.pieces.push_back({lexeme_of(piece.text), piece.after, piece.hyphen_before});
        return known_words_.emplace(text, std::move(known)).first->second;
    }

    void place_pieces(const Turn& turn) {
        pieces_.clear();
        for (std::size_t i = 0; i < turn.words.size(); ++i) {
            const auto& known = known_word(turn.words[i].text);
            if (!pieces_.empty())
                pieces_.back().after = std::max(pieces_.back().after, known.before);
            const auto word = static_cast<int>(i);
            for (const auto& piece : known.pieces)
                pieces_.push_back({lexemes_[static_cast<std::size_t>(piece.lexeme)].text,
                                   piece.after,
                                   piece.hyphen_before,
                                   word,
                                   word,
                                   piece.lexeme});
        }
    }

    /// Letters spoken one by one become one word over all that they span.
    void join_letters() {
        words_.clear();
        for (std::size_t at = 0; at < pieces_.size();) {
            const auto count = letters_together(pieces_, at);
            auto word = pieces_[at];
            if (count > 1) {
                std::string text;
                for (std::size_t i = at; i < at + count; ++i)
                    text += pieces_[i].text;
                word.lexeme = lexeme_of(text);
                word.text = lexemes_[static_cast<std::size_t>(word.lexeme)].text;
                word.after = pieces_[at + count - 1].after;
                word.word_to = pieces_[at + count - 1].word_to;
            }
            words_.push_back(word);
            at += count;
        }
    }

    void read_numbers() {
        inputs_.clear();
        for (const auto& word : words_)
            inputs_.push_back({word.text,
                               read_lexeme(word.lexeme).facts->number,
                               word.after >= Mark::stop,
                               word.after == Mark::comma,
                               word.hyphen_before});
    }

    void add_token(std::size_t at, std::size_t count, const NumberRun& run, bool hindi_turn) {
        auto& token = out_.tokens.emplace_back();
        token.lexeme = count == 1 ? words_[at].lexeme : joined_lexeme(at, count);
        const auto& lexeme = read_lexeme(token.lexeme);
        token.text = lexeme.text;
        token.keys = hindi_turn ? &lexeme.facts->hindi_keys : &lexeme.facts->keys;
        kinds_.push_back(lexeme.facts->kinds);
        token.word_from = words_[at].word;
        token.word_to = words_[at + count - 1].word_to;
        token.is_number = run.words > 0;
        token.number = run.value;
        if (!run.digits.empty()) token.digits = texts_->digits.emplace_back(run.digits);
        const auto after = words_[at + count - 1].after;
        token.comma_after = after == Mark::comma;
        token.sentence_end = after >= Mark::stop;
        token.question = after == Mark::question;
        token.exclaimed = after == Mark::exclamation;
    }

    /// Of a number of several words; it is a number and nothing else.
    int joined_lexeme(std::size_t at, std::size_t count) {
        std::string text(words_[at].text);
        for (std::size_t i = at + 1; i < at + count; ++i)
            text.append(" ").append(words_[i].text);
        const int id = lexeme_of(text);
        auto& lexeme = lexemes_[static_cast<std::size_t>(id)];
        lexeme.own.keys.k1 = lexeme.own.keys.k2 = text;
        lexeme.own.hindi_keys = lexeme.own.keys;
        lexeme.facts = &lexeme.own;
        return id;
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
        clause_ = mark_clauses(tokens, from, to, kinds_, clause_);
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

    const KnownWords* known_;
    TokenText out_;
    int clause_ = 0;
    // Of the whole call.
    std::shared_ptr<Texts> texts_ = std::make_shared<Texts>();
    std::deque<Lexeme>& lexemes_ = texts_->lexemes;
    std::unordered_map<std::string_view, int> lexeme_ids_;
    std::unordered_map<std::string, KnownWord, TextHash, std::equal_to<>> known_words_;
    // Of the turn that is being added.
    std::vector<PlacedPiece> pieces_;
    std::vector<PlacedPiece> words_; // letters joined
    std::vector<NumberInput> inputs_;
    std::vector<std::uint32_t> kinds_; // per token
};

/// Transcripts are complete by contract; a turn without words is read from its text all the same.
const Turn& with_words(const Turn& turn, Turn& scratch) {
    if (!turn.words.empty() || turn.text.empty()) return turn;
    scratch = turn;
    interpolate_words(scratch);
    return scratch;
}

} // namespace

TokenText tokenise(const Transcript& transcript, const KnownWords* known) {
    Tokeniser tokeniser(known);
    Turn scratch;
    std::size_t words = 0;
    for (const auto& turn : transcript.turns)
        words += turn.words.size();
    tokeniser.expect_words(words);
    for (std::size_t i = 0; i < transcript.turns.size(); ++i)
        tokeniser.add_turn(with_words(transcript.turns[i], scratch), static_cast<int>(i));
    return tokeniser.take();
}

TokenText tokenise_text(std::string_view text) {
    Turn turn;
    turn.text = text;
    interpolate_words(turn);
    Tokeniser tokeniser;
    tokeniser.add_turn(turn, 0);
    return tokeniser.take();
}

} // namespace hs::analysis
