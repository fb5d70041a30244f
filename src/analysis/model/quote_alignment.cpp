#include "analysis/model/quote_alignment.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <vector>

#include "analysis/text/tokens.hpp"
#include "base/text.hpp"

namespace hs::analysis {

namespace {

constexpr std::size_t fewest_tokens = 3; // fewer are no place, unless they are the whole turn
constexpr double repaired_ratio = 0.85;
constexpr double repaired_ratio_short = 0.95;
constexpr std::size_t short_quote = 6;
constexpr int neighbours = 2;
constexpr std::size_t longest_mask = 12; // tokens one placeholder may stand for
constexpr std::size_t most_quote_tokens = 120;
constexpr double impossible = 1000;

/// A token of a quote or of a turn: a word, or a placeholder for what was masked.
struct Piece {
    Token token;
    bool mask = false;
    int word_from = 0;
    int word_to = 0;
};

struct TurnPieces {
    int index = 0;
    Role role = Role::unknown;
    std::vector<Piece> pieces;
    TokenText text; // of the whole turn: its clauses, and what the pieces point to
    std::vector<Word> words;
};

/// "[PHONE]", "[…]": what redaction leaves, with what punctuation may cling to it.
bool is_mask(std::string_view word) {
    const auto open = word.find('[');
    const auto close = word.rfind(']');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open + 2)
        return false;
    const auto inside = word.substr(open + 1, close - open - 1);
    return inside == "…" || inside == "..." ||
           std::ranges::all_of(inside, [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
}

bool is_filler(std::string_view text) {
    static constexpr std::array<std::string_view, 13> fillers{
        "um", "umm", "uh", "uhh", "uhm", "er", "erm", "hmm", "hm", "mm", "mhm", "ah", "aa"};
    return std::ranges::find(fillers, text) != fillers.end();
}

/// Tokens of a text as a turn of its own; word indices are those of its blank-separated words.
TokenText tokens_of(const std::vector<Word>& words) {
    Transcript transcript;
    Turn turn;
    turn.words = words;
    for (auto& word : turn.words) {
        word.text = is_mask(word.text) ? std::string(",") : nfkc(word.text);
        turn.text += (turn.text.empty() ? "" : " ") + word.text;
    }
    transcript.turns.push_back(std::move(turn));
    return tokenise(transcript);
}

/// Words and masks in order; neighbouring masked words are one mask.
std::vector<Piece> pieces_of(const std::vector<Word>& words, const std::vector<Token>& tokens) {
    std::vector<Piece> out;
    std::size_t token = 0;
    std::size_t masked = 0; // words the last mask stands for
    for (int i = 0; i < static_cast<int>(words.size()); ++i) {
        if (is_mask(words[static_cast<std::size_t>(i)].text)) {
            const bool same = !out.empty() && out.back().mask && out.back().word_to == i - 1;
            if (same && masked < longest_mask) {
                out.back().word_to = i;
                ++masked;
            } else {
                Piece mask;
                mask.mask = true;
                mask.word_from = i;
                mask.word_to = i;
                out.push_back(std::move(mask));
                masked = 1;
            }
            continue;
        }
        while (token < tokens.size() && tokens[token].word_from <= i) {
            if (tokens[token].word_from == i && !is_filler(tokens[token].text)) {
                Piece piece;
                piece.token = tokens[token];
                piece.word_from = tokens[token].word_from;
                piece.word_to = tokens[token].word_to;
                out.push_back(std::move(piece));
            }
            ++token;
        }
    }
    return out;
}

std::string_view spelling_of(const Token& token) {
    return token.keys->k2.empty() ? token.text : std::string_view(token.keys->k2);
}

double word_distance(const Token& a, const Token& b) {
    if (a.is_number || b.is_number) {
        const bool same =
            a.is_number && b.is_number && a.number == b.number && a.digits == b.digits;
        return same || a.text == b.text ? 0 : impossible;
    }
    if (a.text == b.text || same_word(*a.keys, *b.keys)) return 0;
    if (a.negator != b.negator) return impossible;
    const auto left = code_points(spelling_of(a));
    const auto right = code_points(spelling_of(b));
    const auto longest = std::max(left.size(), right.size());
    if (longest == 0) return 1;
    return std::min(1.0,
                    static_cast<double>(edit_distance(left, right)) / static_cast<double>(longest));
}

double cost_of_change(const Piece& quote, const Piece& turn) {
    if (quote.mask || turn.mask) return quote.mask && turn.mask ? 0 : impossible;
    return word_distance(quote.token, turn.token);
}

/// A number or a "not" that is left out or put in changes the sense, whatever the ratio says.
double cost_of_gap(const Piece& piece) {
    return !piece.mask && (piece.token.negator || piece.token.is_number) ? impossible : 1;
}

struct Alignment {
    double cost = impossible;
    std::size_t from = 0; // pieces of the turn
    std::size_t to = 0;   // inclusive
};

/// Semi-global: the whole quote somewhere inside of the turn.
Alignment align(const std::vector<Piece>& quote, const std::vector<Piece>& turn) {
    struct Cell {
        double cost = 0;
        std::size_t start = 0; // first piece of the turn used
    };

    std::vector<Cell> row(turn.size() + 1);
    for (std::size_t j = 0; j <= turn.size(); ++j)
        row[j] = {0, j};
    for (const auto& piece : quote) {
        auto diagonal = row[0];
        row[0] = {row[0].cost + cost_of_gap(piece), 0};
        for (std::size_t j = 1; j <= turn.size(); ++j) {
            const auto above = row[j];
            Cell best{diagonal.cost + cost_of_change(piece, turn[j - 1]), diagonal.start};
            if (above.cost + cost_of_gap(piece) < best.cost)
                best = {above.cost + cost_of_gap(piece), above.start};
            const auto left = row[j - 1].cost + cost_of_gap(turn[j - 1]);
            if (left < best.cost) best = {left, row[j - 1].start};
            diagonal = above;
            row[j] = best;
        }
    }
    Alignment out;
    for (std::size_t j = 1; j <= turn.size(); ++j)
        if (row[j].cost < out.cost && row[j].start < j) out = {row[j].cost, row[j].start, j - 1};
    return out;
}

} // namespace

struct QuoteAligner::State {
    std::vector<TurnPieces> turns;

    [[nodiscard]] std::optional<QuotePlace> in_turn(const std::vector<Piece>& quote,
                                                    const TurnPieces& turn) const;
    [[nodiscard]] static bool negator_cut_off(const TurnPieces& turn, const Alignment& found);
};

QuoteAligner::QuoteAligner(const Transcript& transcript) {
    auto state = std::make_unique<State>();
    for (const auto& turn : transcript.turns) {
        TurnPieces out;
        out.index = turn.index;
        out.role = turn.role;
        out.words = turn.words;
        out.text = tokens_of(turn.words);
        out.pieces = pieces_of(turn.words, out.text.tokens);
        state->turns.push_back(std::move(out));
    }
    state_ = std::move(state);
}

QuoteAligner::QuoteAligner(QuoteAligner&&) noexcept = default;
QuoteAligner& QuoteAligner::operator=(QuoteAligner&&) noexcept = default;
QuoteAligner::~QuoteAligner() = default;

bool QuoteAligner::State::negator_cut_off(const TurnPieces& turn, const Alignment& found) {
    const int from_word = turn.pieces[found.from].word_from;
    const int to_word = turn.pieces[found.to].word_to;
    int from = -1;
    int to = -1;
    std::vector<int> own;
    for (int i = 0; i < static_cast<int>(turn.text.tokens.size()); ++i) {
        const auto& token = turn.text.tokens[static_cast<std::size_t>(i)];
        if (token.word_from < from_word || token.word_to > to_word) continue;
        if (from < 0) from = i;
        to = i;
        if (token.negator) own.push_back(i);
    }
    return from >= 0 && phrase_negated(turn.text.tokens, from, to, own);
}

std::optional<QuotePlace> QuoteAligner::State::in_turn(const std::vector<Piece>& quote,
                                                       const TurnPieces& turn) const {
    if (turn.pieces.empty()) return std::nullopt;
    const bool whole = quote.size() == turn.pieces.size();
    if (quote.size() < fewest_tokens && !whole) return std::nullopt;
    const auto found = align(quote, turn.pieces);
    const auto count = static_cast<double>(quote.size());
    const double ratio = 1 - found.cost / count;
    const double least = quote.size() < fewest_tokens ? 1.0
                         : quote.size() < short_quote ? repaired_ratio_short
                                                      : repaired_ratio;
    if (ratio < least || negator_cut_off(turn, found)) return std::nullopt;
    QuotePlace place;
    place.turn = turn.index;
    place.word_from = turn.pieces[found.from].word_from;
    place.word_to = turn.pieces[found.to].word_to;
    place.start_ms = turn.words[static_cast<std::size_t>(place.word_from)].start_ms;
    place.end_ms = turn.words[static_cast<std::size_t>(place.word_to)].end_ms;
    place.ratio = ratio;
    place.exact = found.cost == 0;
    return place;
}

std::optional<QuotePlace> QuoteAligner::find(std::string_view quote, int turn, Role role) const {
    if (!valid_utf8(quote)) return std::nullopt;
    std::vector<Word> words;
    auto plain = nfkc(quote);
    std::ranges::replace_if(plain, [](char c) { return c == '\n' || c == '\t' || c == '\r'; }, ' ');
    for (const auto part : split(plain, ' ')) {
        if (trim(part).empty()) continue;
        Word word;
        word.text = trim(part);
        words.push_back(std::move(word));
    }
    const auto said = tokens_of(words);
    const auto pieces = pieces_of(words, said.tokens);
    if (pieces.empty() || pieces.size() > most_quote_tokens) return std::nullopt;

    const auto best_of = [&](auto&& wanted) {
        std::optional<QuotePlace> best;
        for (const auto& candidate : state_->turns) {
            if (!wanted(candidate)) continue;
            const auto place = state_->in_turn(pieces, candidate);
            if (!place) continue;
            const bool nearer = best && std::abs(place->turn - turn) < std::abs(best->turn - turn);
            if (!best || place->ratio > best->ratio || (place->ratio == best->ratio && nearer))
                best = place;
        }
        return best;
    };
    if (auto place = best_of([&](const auto& t) { return t.index == turn; })) return place;
    if (auto place = best_of([&](const auto& t) { return std::abs(t.index - turn) <= neighbours; }))
        return place;
    if (role != Role::unknown)
        if (auto place = best_of([&](const auto& t) { return t.role == role; })) return place;
    return best_of([](const auto&) { return true; });
}

} // namespace hs::analysis
