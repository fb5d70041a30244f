#include "analysis/text/raw_words.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/text.hpp"

namespace hs::analysis {

namespace {

bool is_digit(char32_t c) {
    return c >= '0' && c <= '9';
}

bool is_letter(char32_t c) {
    if (c < 0x80) return (c >= 'a' && c <= 'z') || is_digit(c);
    if (c == 0x0964 || c == 0x0965) return false; // danda
    if (c >= 0x00A0 && c <= 0x00BF) return false;
    if (c >= 0x2000 && c <= 0x2BFF) return false; // punctuation, currency, symbols
    if (c >= 0x3000 && c <= 0x303F) return false;
    if (c >= 0xFE00 && c <= 0xFE0F) return false;
    return c < 0x1F000; // not an emoji
}

bool is_apostrophe(char32_t c) {
    return c == '\'' || c == 0x2019 || c == 0x2018 || c == 0x02BC || c == '`';
}

Mark mark_of(char32_t c) {
    switch (c) {
    case '?': return Mark::question;
    case '!': return Mark::exclamation;
    case '.':
    case ';':
    case 0x0964:
    case 0x0965:
    case 0x2026: return Mark::stop;
    case ',':
    case ':':
    case 0x2014:
    case 0x2013: return Mark::comma;
    default: return Mark::none;
    }
}

/// Lower case, composed, Devanagari digits as ASCII; bytes that are no UTF-8 become blanks.
std::u32string normal_points(std::string_view word) {
    std::string text(word);
    if (std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; })) {
        std::u32string points;
        for (const char c : text)
            points += static_cast<char32_t>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
        return points;
    }
    if (!valid_utf8(text))
        std::ranges::replace_if(
            text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, ' ');
    auto points = code_points(to_lower(nfc(text)));
    std::erase_if(points, [](char32_t c) { return (c >= 0x200B && c <= 0x200D) || c == 0xFEFF; });
    for (auto& c : points)
        if (c >= 0x0966 && c <= 0x096F) c = c - 0x0966 + '0';
    return points;
}

/// Signs inside a number or an address that do not split it: 1,499  1.5  10:30  12/03/2024.
bool joins(const std::u32string& points, std::size_t at) {
    if (at == 0 || at + 1 >= points.size()) return false;
    const auto c = points[at];
    const bool between_digits = is_digit(points[at - 1]) && is_digit(points[at + 1]);
    return between_digits && (c == ',' || c == '.' || c == ':' || c == '/');
}

bool is_address(const std::u32string& points) {
    const auto at = points.find(U'@');
    return at != points.npos && at > 0 && at + 1 < points.size() && is_letter(points[at - 1]) &&
           is_letter(points[at + 1]);
}

bool is_abbreviation(std::string_view text) {
    static constexpr std::array<std::string_view, 7> known = {
        "mr", "mrs", "ms", "dr", "rs", "no", "st"};
    return std::ranges::find(known, text) != known.end();
}

/// "5pm", "15th", "10mins": the unit is a word of its own.
std::size_t unit_start(const std::string& text) {
    static constexpr std::array<std::string_view, 18> units = {"am",
                                                               "pm",
                                                               "th",
                                                               "st",
                                                               "nd",
                                                               "rd",
                                                               "min",
                                                               "mins",
                                                               "hr",
                                                               "hrs",
                                                               "km",
                                                               "days",
                                                               "hours",
                                                               "rs",
                                                               "baje",
                                                               "din",
                                                               "k",
                                                               "kms"};
    const auto letters = text.find_first_not_of("0123456789.,:");
    if (letters == 0 || letters == text.npos) return 0;
    const auto rest = std::string_view(text).substr(letters);
    return std::ranges::find(units, rest) != units.end() ? letters : 0;
}

class Splitter {
public:
    explicit Splitter(SplitWord& out) : out_(out) {}

    void split(const std::u32string& points) {
        const bool address = is_address(points);
        for (std::size_t at = 0; at < points.size(); ++at) {
            const auto c = points[at];
            if (is_letter(c) || joins(points, at) || (address && keeps_address(points, at))) {
                if (c != ',') current_ += c;
            } else if (!is_apostrophe(c)) {
                sign(c);
            }
        }
        flush();
    }

private:
    static bool keeps_address(const std::u32string& points, std::size_t at) {
        const auto c = points[at];
        const bool sign = c == '@' || c == '.' || c == '_' || c == '-' || c == '+';
        return sign && at + 1 < points.size() && is_letter(points[at + 1]);
    }

    void sign(char32_t c) {
        flush();
        if (c == 0x20B9) return emit("rupees");
        if (c == '%') return emit("percent");
        const bool first = out_.pieces.empty();
        hyphen_ = c == '-' && !first;
        const bool shortened = c == '.' && !first && is_abbreviation(out_.pieces.back().text);
        const auto mark = shortened ? Mark::none : mark_of(c);
        auto& after = first ? out_.before : out_.pieces.back().after;
        after = std::max(after, mark);
    }

    void flush() {
        if (current_.empty()) return;
        auto text = utf8(current_);
        current_.clear();
        if (const auto unit = unit_start(text); unit > 0) {
            emit(text.substr(0, unit));
            emit(text.substr(unit));
        } else {
            emit(std::move(text));
        }
    }

    void emit(std::string text) {
        out_.pieces.push_back({std::move(text), Mark::none, hyphen_});
        hyphen_ = false;
    }

    SplitWord& out_;
    std::u32string current_;
    bool hyphen_ = false;
};

bool single_letter(const PlacedPiece& piece) {
    return piece.text.size() == 1 && piece.text[0] >= 'a' && piece.text[0] <= 'z';
}

/// Devanagari letter names that stand for a secret or a service; others are words as well.
std::size_t devanagari_letters(const std::vector<PlacedPiece>& raw, std::size_t at) {
    static constexpr std::array<std::array<std::string_view, 3>, 4> known = {{
        {"ओ", "टी", "पी"},
        {"सी", "वी", "वी"},
        {"यू", "पी", "आई"},
        {"ए", "टी", "एम"},
    }};
    if (at + 3 > raw.size()) return 0;
    for (const auto& name : known)
        if (raw[at].text == name[0] && raw[at + 1].text == name[1] && raw[at + 2].text == name[2])
            return 3;
    return 0;
}

/// How many letters from `at` belong together; 0 when they are words ("i", "a").
std::size_t letter_run(const std::vector<PlacedPiece>& raw, std::size_t at) {
    std::size_t end = at;
    while (end < raw.size() && single_letter(raw[end])) {
        ++end;
        if (raw[end - 1].after >= Mark::question) break;
    }
    const auto count = end - at;
    const auto is_word = [&](std::size_t i) { return raw[i].text == "i" || raw[i].text == "a"; };
    if (count == 2) {
        const bool id = raw[at].text == "i" && raw[at + 1].text == "d";
        return id || (!is_word(at) && !is_word(at + 1)) ? 2 : 0;
    }
    if (count >= 4 && is_word(at)) return 0; // "can i o t p …": the run begins one later
    return count >= 3 ? count : 0;
}

/// Most words are plain letters with at most one sign behind them; true when this one was.
bool split_plain_word(std::string_view word, SplitWord& out) {
    auto mark = Mark::none;
    if (!word.empty()) {
        const char last = word.back();
        if (last == ',' || last == '?' || last == '!' || last == '.') {
            mark = mark_of(static_cast<char32_t>(last));
            word.remove_suffix(1);
        }
    }
    WordPiece piece{std::string(word), mark};
    if (piece.text.empty()) return false;
    for (char& c : piece.text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (c < 'a' || c > 'z') return false;
    }
    if (mark == Mark::stop && is_abbreviation(piece.text)) piece.after = Mark::none;
    out.pieces.push_back(std::move(piece));
    return true;
}

} // namespace

SplitWord split_word(std::string_view word) {
    SplitWord split;
    if (!split_plain_word(word, split)) Splitter(split).split(normal_points(word));
    return split;
}

std::size_t letters_together(const std::vector<PlacedPiece>& pieces, std::size_t at) {
    auto count = letter_run(pieces, at);
    if (count == 0) count = devanagari_letters(pieces, at);
    return std::max<std::size_t>(count, 1);
}

} // namespace hs::analysis
