#include "analysis/rules/pattern.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace hs::analysis {

namespace {

bool is_plain(std::string_view piece) {
    return piece.find_first_of("|*~%=@[]_") == std::string_view::npos;
}

/// Signs people write when they think of regular expressions.
bool looks_like_regex(std::string_view piece) {
    if (piece.starts_with('[')) return false; // a class, or an error of its own
    return piece.find_first_of("\\^$(){}+") != std::string_view::npos ||
           piece.find(".*") != std::string_view::npos || piece == "*" || piece == ".";
}

bool is_class(std::string_view text) {
    return text.starts_with('@') || text.starts_with('[');
}

} // namespace

std::pair<std::string, int> split_gap(const std::string& text) {
    const auto slash = text.rfind('/');
    if (slash == std::string::npos || slash + 2 != text.size()) return {text, 0};
    const char digit = text.back();
    if (digit < '0' || digit > '9') return {text, 0};
    auto end = slash;
    while (end > 0 && text[end - 1] == ' ')
        --end;
    return {text.substr(0, end), digit - '0'};
}

bool PatternReader::read(const SourceText& source,
                         int gap,
                         PatternOptions options,
                         Pattern& pattern) {
    source_ = &source;
    options_ = options;
    failed_ = false;
    pattern.text = source.text;
    pattern.gap = gap;
    std::vector<Piece> run; // plain words in a row: "o t p" and "one hundred" are one slot
    const auto flush = [&] {
        if (!run.empty()) add_plain_run(run, pattern);
        run.clear();
    };
    for (const auto& piece : pieces(source.text)) {
        if (looks_like_regex(piece.text))
            error("E08",
                  piece.offset,
                  fmt::format("'{}' looks like a regular expression", piece.text),
                  "write word* for a beginning, a|b for alternatives, _ for any word");
        if (is_plain(piece.text) && !piece.optional && !options.exact && !options.phonetic) {
            run.push_back(piece);
        } else {
            flush();
            add_slot(piece, pattern);
        }
        if (failed_) return false;
    }
    flush();
    finish(pattern);
    return !failed_;
}

std::vector<int> PatternReader::words(const std::vector<std::string>& texts) {
    std::vector<int> ids;
    options_ = {.exact = false, .phonetic = false, .fuzzy = false};
    for (const auto& text : texts)
        ids.push_back(word(text));
    return ids;
}

std::vector<PatternReader::Piece> PatternReader::pieces(std::string_view text) const {
    std::vector<Piece> found;
    for (std::size_t at = 0; at < text.size();) {
        const auto begin = text.find_first_not_of(" \t\r\n", at);
        if (begin == std::string_view::npos) break;
        const auto end = std::min(text.find_first_of(" \t\r\n", begin), text.size());
        auto piece = text.substr(begin, end - begin);
        const bool optional = piece.size() > 1 && piece.ends_with('?');
        if (optional) piece.remove_suffix(1);
        found.push_back({piece, begin, optional});
        at = end;
    }
    return found;
}

void PatternReader::add_plain_run(const std::vector<Piece>& run, Pattern& pattern) {
    std::string joined;
    for (const auto& piece : run)
        joined += (joined.empty() ? "" : " ") + std::string(piece.text);
    const auto read = tokenise_text(joined);
    const auto& tokens = read.tokens;
    if (tokens.empty()) error("E01", run.front().offset, "there is no word here");
    for (const auto& token : tokens) {
        Slot slot;
        slot.words.push_back(token_word(token));
        pattern.slots.push_back(std::move(slot));
    }
}

void PatternReader::add_slot(const Piece& piece, Pattern& pattern) {
    Slot slot;
    slot.optional = piece.optional;
    auto rest = piece.text;
    while (!failed_) {
        const auto bar = rest.find('|');
        add_alternative(rest.substr(0, bar), piece, slot);
        if (bar == std::string_view::npos) break;
        rest.remove_prefix(bar + 1);
    }
    pattern.slots.push_back(std::move(slot));
}

void PatternReader::add_alternative(std::string_view text, const Piece& piece, Slot& slot) {
    if (text.empty())
        return error("E01", piece.offset, "an alternative is missing beside |", "remove the |");
    if (text == "_") {
        slot.any = true;
        return;
    }
    if (is_class(text)) return add_class(text, piece, slot);
    const char first = text.front();
    const bool marked = first == '~' || first == '%' || first == '=';
    const auto bare = text.substr(marked ? 1 : 0);
    if (bare.empty() || bare == "*") return error("E01", piece.offset, "there is no word here");
    if (!marked && !text.ends_with('*') && !options_.exact && !options_.phonetic) {
        const auto read = tokenise_text(text);
        const auto& tokens = read.tokens;
        if (tokens.empty()) return error("E01", piece.offset, "there is no word here");
        if (tokens.size() > 1)
            return error("E01",
                         piece.offset,
                         fmt::format("'{}' is several words", text),
                         "write two slots, or put it into a list");
        slot.words.push_back(token_word(tokens.front()));
        return;
    }
    slot.words.push_back(word(text));
}

void PatternReader::add_class(std::string_view text, const Piece& piece, Slot& slot) {
    if (text.starts_with('@')) {
        const int id = list_class_(context_, std::string(text.substr(1)));
        if (id < 0) return error("E02", piece.offset, fmt::format("no list is called {}", text));
        slot.classes.push_back(id);
        return;
    }
    if (!text.ends_with(']'))
        return error("E01", piece.offset, "expected ] at the end of " + std::string(text));
    const auto entity = parse_entity(text.substr(1, text.size() - 2));
    if (!entity) {
        return error("E08",
                     piece.offset,
                     fmt::format("no class is called {}", text),
                     "[num] [num:4..6] [amount] [time] [date] [duration] [email] [phone]");
    }
    const auto found = std::ranges::find_if(
        classes_, [&](const auto& known) { return known.list < 0 && known.entity == *entity; });
    if (found != classes_.end()) {
        slot.classes.push_back(static_cast<int>(found - classes_.begin()));
        return;
    }
    SlotClass added;
    added.name = text;
    added.entity = *entity;
    slot.classes.push_back(static_cast<int>(classes_.size()));
    classes_.push_back(std::move(added));
}

int PatternReader::token_word(const Token& token) {
    WordForm form{WordFormKind::plain, std::string(token.text), options_.fuzzy, 0};
    if (token.is_number)
        form = {WordFormKind::number, std::string(token.digits), false, token.number};
    return vocabulary_.add(form);
}

int PatternReader::word(std::string_view text) {
    auto kind = options_.exact      ? WordFormKind::literal
                : options_.phonetic ? WordFormKind::phonetic
                                    : WordFormKind::plain;
    bool fuzzy = options_.fuzzy && kind == WordFormKind::plain;
    switch (text.front()) {
    case '~': kind = WordFormKind::stem; break;
    case '%': kind = WordFormKind::phonetic; break;
    case '=': kind = WordFormKind::literal; break;
    default: break;
    }
    const bool marked = text.front() == '~' || text.front() == '%' || text.front() == '=';
    if (marked) text.remove_prefix(1);
    if (text.size() > 1 && text.ends_with('*')) {
        kind = WordFormKind::prefix;
        text.remove_suffix(1);
    }
    if (kind != WordFormKind::plain) fuzzy = false;
    const auto read = tokenise_text(text);
    const auto& tokens = read.tokens;
    const std::string plain(tokens.empty() ? text : tokens.front().text);
    const bool number = kind == WordFormKind::plain && !tokens.empty() && tokens[0].is_number;
    if (number) return token_word(tokens.front());
    return vocabulary_.add({kind, plain, fuzzy, 0});
}

void PatternReader::finish(Pattern& pattern) {
    if (failed_) return;
    const auto slots = static_cast<int>(pattern.slots.size());
    if (slots == 0) return error("E01", 0, "an empty string matches nothing");
    if (slots > most_slots) return error("E05", 0, "a string has at most 64 slots");
    if (slots * (pattern.gap + 1) > most_states)
        return error("E05", 0, "slots times extra words is above 256", "split the string");
    bool concrete = false;
    for (int i = 0; i < slots; ++i) {
        const auto& slot = pattern.slots[static_cast<std::size_t>(i)];
        if (slot.any || slot.optional) continue;
        concrete = true;
        if (slot.classes.empty()) pattern.required |= std::uint64_t{1} << i;
        for (const int id : slot.classes)
            pattern.stage = std::max(pattern.stage, classes_[static_cast<std::size_t>(id)].stage);
    }
    for (const auto& slot : pattern.slots)
        for (const int id : slot.classes)
            pattern.stage = std::max(pattern.stage, classes_[static_cast<std::size_t>(id)].stage);
    if (!concrete) error("E01", 0, "a string needs at least one word that must be there");
}

void PatternReader::error(const char* code,
                          std::size_t offset,
                          std::string message,
                          std::string hint) {
    if (failed_) return;
    failed_ = true;
    lints_.push_back({LintSeverity::error,
                      code,
                      position_in(*source_, offset),
                      std::move(message),
                      std::move(hint)});
}

} // namespace hs::analysis
