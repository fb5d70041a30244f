#include "providers/stt/sphinx/pronunciation.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace hs::providers::sphinx {
namespace {

constexpr std::array<std::string_view, 20> below_twenty{
    "zero",     "one",     "two",     "three",     "four",     "five",    "six",
    "seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",  "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
constexpr std::array<std::string_view, 10> tens{
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"};

/// Longest first: the first pattern that fits at a place wins.
constexpr std::array<std::pair<std::string_view, std::string_view>, 49> letter_sounds{{
    {"tion", "SH AH N"}, {"sion", "ZH AH N"}, {"igh", "AY"}, {"chh", "CH"}, {"sch", "SH"},
    {"eau", "OW"},       {"sh", "SH"},        {"ch", "CH"},  {"th", "T"},   {"ph", "F"},
    {"kh", "K"},         {"gh", "G"},         {"bh", "B"},   {"dh", "D"},   {"jh", "JH"},
    {"ck", "K"},         {"qu", "K W"},       {"ng", "NG"},  {"wh", "W"},   {"wr", "R"},
    {"kn", "N"},         {"aa", "AA"},        {"ee", "IY"},  {"ea", "IY"},  {"oo", "UW"},
    {"ai", "EY"},        {"ay", "EY"},        {"ei", "EY"},  {"ey", "EY"},  {"au", "AO"},
    {"aw", "AO"},        {"ou", "AW"},        {"ow", "OW"},  {"oa", "OW"},  {"oi", "OY"},
    {"oy", "OY"},        {"ie", "IY"},        {"b", "B"},    {"d", "D"},    {"f", "F"},
    {"h", "HH"},         {"j", "JH"},         {"k", "K"},    {"l", "L"},    {"m", "M"},
    {"n", "N"},          {"p", "P"},          {"r", "R"},    {"v", "V"},
}};

bool vowel(char c) {
    return std::string_view("aeiou").find(c) != std::string_view::npos;
}

void say_number(unsigned long number, std::vector<Token>& out) {
    if (number >= 1000) {
        say_number(number / 1000, out);
        out.push_back({"thousand"});
        if (number % 1000 == 0) return;
        number %= 1000;
    }
    if (number >= 100) {
        out.push_back({std::string(below_twenty[number / 100])});
        out.push_back({"hundred"});
        if (number % 100 == 0) return;
        number %= 100;
    }
    if (number >= 20) {
        out.push_back({std::string(tens[number / 10])});
        if (number % 10 == 0) return;
        number %= 10;
    }
    out.push_back({std::string(below_twenty[number])});
}

void add_figures(const std::string& figures, std::vector<Token>& out) {
    if (figures.size() <= 4) return say_number(std::stoul(figures), out);
    for (const char digit : figures) // long runs are numbers that people spell out
        out.push_back({std::string(below_twenty[std::size_t(digit - '0')])});
}

void add_word(const std::string& raw, std::vector<Token>& out) {
    std::string word;
    for (const char c : raw)
        word += char(std::tolower(static_cast<unsigned char>(c)));
    const bool upper =
        raw.size() >= 2 && raw.size() <= 5 &&
        std::all_of(raw.begin(), raw.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    out.push_back({word, upper});
}

/// "rate", "mike": a vowel before one consonant and a last e sounds as its own name.
std::string_view long_vowel(char c) {
    switch (c) {
    case 'a': return "EY";
    case 'e': return "IY";
    case 'i': return "AY";
    case 'o': return "OW";
    default: return "UW";
    }
}

std::string_view short_vowel(char c, bool last, bool first) {
    switch (c) {
    case 'a': return first || !last ? "AH" : "AA";
    case 'e': return "EH";
    case 'i': return last ? "IY" : "IH";
    case 'o': return "OW";
    default: return last ? "UW" : "UH";
    }
}

/// The letters that depend on their neighbours; empty: silent.
std::string_view sound_of(const std::string& word, std::size_t at) {
    const std::size_t size = word.size();
    const char c = word[at];
    const char next = at + 1 < size ? word[at + 1] : '\0';
    if (at > 0 && word[at - 1] == c && !vowel(c)) return "";
    if (vowel(c)) {
        if (c == 'e' && at + 1 == size && size > 3) return "";
        const bool magic = at + 3 == size && word[size - 1] == 'e' && !vowel(next) && size > 3;
        return magic ? long_vowel(c) : short_vowel(c, at + 1 == size, at == 0);
    }
    const bool soft = next == 'e' || next == 'i' || next == 'y';
    switch (c) {
    case 'c': return soft ? "S" : "K";
    case 'g': return "G";
    case 'q': return "K";
    case 's': return "S";
    case 't': return "T";
    case 'w': return "W";
    case 'x': return at == 0 ? "Z" : "K S";
    case 'y': return at == 0 || vowel(next) ? "Y" : "IY";
    case 'z': return "Z";
    default: return "";
    }
}

void append(std::string& phones, std::string_view more) {
    if (more.empty()) return;
    if (!phones.empty()) phones += ' ';
    phones += more;
}

std::string by_letters(const std::string& word) {
    std::string phones;
    for (std::size_t at = 0; at < word.size();) {
        const auto fits = [&](const auto& entry) {
            return word.compare(at, entry.first.size(), entry.first) == 0 &&
                   !(entry.first.size() == 1 && at > 0 && word[at - 1] == word[at]);
        };
        const auto found = std::find_if(letter_sounds.begin(), letter_sounds.end(), fits);
        if (found != letter_sounds.end()) {
            append(phones, found->second);
            at += found->first.size();
        } else {
            append(phones, sound_of(word, at));
            ++at;
        }
    }
    return phones;
}

std::string spelled(const std::string& word, const Lookup& lookup) {
    std::string phones;
    for (const char letter : word) {
        // The dictionary's plain "a" is the article, not the letter's name.
        const auto sound =
            letter == 'a' ? std::optional<std::string>("EY") : lookup(std::string(1, letter));
        append(phones, sound.value_or(""));
    }
    return phones;
}

std::string compound(const std::string& word, const Lookup& lookup) {
    for (std::size_t cut = 4; cut + 3 <= word.size(); ++cut) {
        const auto head = lookup(word.substr(0, cut));
        if (!head) continue;
        if (const auto tail = lookup(word.substr(cut))) return *head + ' ' + *tail;
    }
    return "";
}

} // namespace

std::vector<Token> spoken_tokens(std::string_view phrase) {
    std::vector<Token> out;
    std::string word;
    std::string figures;
    const auto flush = [&] {
        if (!word.empty()) add_word(word, out);
        if (!figures.empty()) add_figures(figures, out);
        word.clear();
        figures.clear();
    };
    for (const char c : phrase) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x80) return {};
        if (std::isdigit(byte) != 0) {
            if (!word.empty()) flush();
            figures += c;
        } else if (std::isalpha(byte) != 0 || (c == '\'' && !word.empty())) {
            if (!figures.empty()) flush();
            word += c;
        } else if (c != ',' || figures.empty()) { // "1,500" is one number
            flush();
        }
    }
    flush();
    return out;
}

std::string guess_phones(const Token& token, const Lookup& lookup) {
    const bool no_vowel = std::none_of(
        token.word.begin(), token.word.end(), [](char c) { return vowel(c) || c == 'y'; });
    if (token.acronym || no_vowel) return spelled(token.word, lookup);
    std::string letters;
    std::copy_if(token.word.begin(), token.word.end(), std::back_inserter(letters), [](char c) {
        return c != '\'';
    });
    if (auto phones = compound(letters, lookup); !phones.empty()) return phones;
    return by_letters(letters);
}

} // namespace hs::providers::sphinx
