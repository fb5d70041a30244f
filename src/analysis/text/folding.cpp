#include "analysis/text/folding.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "analysis/text/variants.hpp"
#include "base/text.hpp"

namespace hs::analysis {

namespace {

bool is_vowel(char c) {
    return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u';
}

bool is_consonant(char c) {
    return c >= 'a' && c <= 'z' && !is_vowel(c);
}

// --- K1: Devanagari to roman -------------------------------------------------------------------

constexpr char32_t virama = 0x094D;
constexpr char32_t nukta = 0x093C;
constexpr char32_t visarga = 0x0903;
constexpr char32_t anusvara = 0x0902;
constexpr char32_t chandrabindu = 0x0901;

std::string_view consonant(char32_t c) {
    // U+0915 … U+0939, in order.
    static constexpr std::array<std::string_view, 37> letters = {
        "k",  "kh", "g", "gh", "n", "ch", "chh", "j",  "jh", "n",  "t", "th", "d",
        "dh", "n",  "t", "th", "d", "dh", "n",   "n",  "p",  "ph", "b", "bh", "m",
        "y",  "r",  "r", "l",  "l", "l",  "v",   "sh", "sh", "s",  "h"};
    // U+0958 … U+095F: letters with nukta, which is dropped.
    static constexpr std::array<std::string_view, 8> dotted = {
        "k", "kh", "g", "j", "d", "dh", "ph", "y"};
    if (c >= 0x0915 && c <= 0x0939) return letters[c - 0x0915];
    if (c >= 0x0958 && c <= 0x095F) return dotted[c - 0x0958];
    return {};
}

/// Independent vowels and vowel signs share a sound.
std::string_view vowel(char32_t c) {
    switch (c) {
    case 0x0905: return "a";
    case 0x0906:
    case 0x093E: return "aa";
    case 0x0907:
    case 0x093F: return "i";
    case 0x0908:
    case 0x0940: return "ii";
    case 0x0909:
    case 0x0941: return "u";
    case 0x090A:
    case 0x0942: return "uu";
    case 0x090B:
    case 0x0943: return "ri";
    case 0x090D:
    case 0x0945:
    case 0x090E:
    case 0x0946: return "e";
    case 0x090F:
    case 0x0947: return "e";
    case 0x0910:
    case 0x0948: return "ai";
    case 0x0911:
    case 0x0949:
    case 0x0912:
    case 0x094A: return "o";
    case 0x0913:
    case 0x094B: return "o";
    case 0x0914:
    case 0x094C: return "au";
    default: return {};
    }
}

/// One sound: a consonant or a vowel; `inherent` marks the unwritten a, which may be dropped.
struct Sound {
    std::string_view text;
    bool vowel = false;
    bool inherent = false;
    bool nasal = false;
};

bool is_sign(char32_t c) {
    return (c >= 0x093E && c <= 0x094C) || c == virama;
}

std::vector<Sound> sounds_of(const std::u32string& points) {
    std::vector<Sound> sounds;
    for (std::size_t i = 0; i < points.size(); ++i) {
        const auto c = points[i];
        if (c == nukta || c == visarga || c == virama || c == 0x200C || c == 0x200D) continue;
        if (c == anusvara || c == chandrabindu) {
            sounds.push_back({"n", false, false, true});
        } else if (const auto text = consonant(c); !text.empty()) {
            sounds.push_back({text});
            std::size_t next = i + 1;
            while (next < points.size() && points[next] == nukta)
                ++next;
            if (next == points.size() || !is_sign(points[next]))
                sounds.push_back({"a", true, true});
        } else if (const auto sign = vowel(c); !sign.empty()) {
            sounds.push_back({sign, true});
        }
    }
    return sounds;
}

/// Speakers drop the unwritten a at the end of a word and between VC and CV.
void drop_schwas(std::vector<Sound>& sounds) {
    if (sounds.size() > 2 && sounds.back().inherent) sounds.pop_back();
    for (std::size_t i = sounds.size(); i-- > 2;) {
        if (i + 2 >= sounds.size() || !sounds[i].inherent) continue;
        const bool after_vc = !sounds[i - 1].vowel && sounds[i - 2].vowel;
        const bool before_cv = !sounds[i + 1].vowel && !sounds[i + 1].nasal && sounds[i + 2].vowel;
        if (after_vc && before_cv) sounds.erase(sounds.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

std::string joined(const std::vector<Sound>& sounds) {
    std::string text;
    for (std::size_t i = 0; i < sounds.size(); ++i) {
        const bool before_labial = sounds[i].nasal && i + 1 < sounds.size() &&
                                   (sounds[i + 1].text[0] == 'p' || sounds[i + 1].text[0] == 'b' ||
                                    sounds[i + 1].text[0] == 'm');
        text += before_labial ? "m" : sounds[i].text;
    }
    return text;
}

void transliterate(std::string_view word, WordKeys& keys) {
    auto sounds = sounds_of(code_points(word));
    drop_schwas(sounds);
    keys.k1 = joined(sounds);
    if (!sounds.empty() && sounds.back().nasal) {
        sounds.pop_back();
        keys.k1_alt = joined(sounds);
    }
}

// --- K2 and K3 ---------------------------------------------------------------------------------

/// Reads one sound of `k1` at `at` and appends its plain form; returns the letters consumed.
std::size_t simplify(std::string_view k1, std::size_t at, std::string& out) {
    const char c = k1[at];
    const char next = at + 1 < k1.size() ? k1[at + 1] : '\0';
    const auto put = [&out](std::string_view text, std::size_t consumed) {
        out += text;
        return consumed;
    };
    switch (c) {
    case 'a':
        if (next == 'a') return put("a", 2);
        if (next == 'i') return put("e", 2);
        if (next == 'y' && !(at + 2 < k1.size() && is_vowel(k1[at + 2]))) return put("e", 2);
        if (next == 'u') return put("o", 2);
        return put("a", 1);
    case 'e': return next == 'e' ? put("i", 2) : put("e", 1);
    case 'i': return next == 'i' ? put("i", 2) : put("i", 1);
    case 'o': return next == 'o' ? put("u", 2) : put("o", 1);
    case 'u': return next == 'u' ? put("u", 2) : put("u", 1);
    case 'w': return put("v", 1);
    case 'z': return put("j", 1);
    case 'c':
        if (next == 'k') return put("k", 2);
        if (next == 'e' || next == 'i' || next == 'y') return put("s", 1);
        return put("c", 1);
    case 'p': return next == 'h' ? put("f", 2) : put("p", 1);
    case 'q': return put("k", 1);
    case 'x': return put("ks", 1);
    case 's': return next == 'h' ? put("s", 2) : put("s", 1);
    case 'y': return put(is_vowel(next) ? "i" : "y", 1);
    default: return put(std::string_view(&k1[at], 1), 1);
    }
}

std::string second_key(std::string_view k1) {
    std::string rough;
    for (std::size_t at = 0; at < k1.size();)
        at += simplify(k1, at, rough);
    std::string key;
    for (const char c : rough) {
        if (!key.empty() && key.back() == c) continue;
        if (c == 'h' && !key.empty() && is_consonant(key.back()) && key.back() != 'c') continue;
        key += c;
    }
    if (key.size() > 1 && key.back() == 'h' && key[key.size() - 2] != 'c') key.pop_back();
    if (key.size() > 1 && key.back() == 'a') key.pop_back();
    return key;
}

std::string third_key(std::string_view k2) {
    std::string key;
    for (std::size_t i = 0; i < k2.size(); ++i) {
        const char c = k2[i];
        if (!is_consonant(c)) continue;
        // English spells the sound of k with c, too; only before h is it another one.
        const bool hard_c = c == 'c' && (i + 1 == k2.size() || k2[i + 1] != 'h');
        key += c == 'g' ? 'j' : hard_c ? 'k' : c;
    }
    return key.size() >= 3 ? key : std::string();
}

/// Marks of roman Hindi that English words hardly ever have.
bool looks_hindi(std::string_view word) {
    static constexpr std::array<std::string_view, 9> inside = {
        "aa", "bh", "dh", "kh", "jh", "chh", "iye", "aiy", "ao"};
    static constexpr std::array<std::string_view, 9> at_end = {
        "iya", "enge", "unga", "ungi", "ein", "oon", "aye", "ahi", "ega"};
    return std::ranges::any_of(inside, [&](auto mark) { return word.find(mark) != word.npos; }) ||
           std::ranges::any_of(at_end, [&](auto mark) { return word.ends_with(mark); });
}

bool has_devanagari(std::string_view word) {
    // U+0900 … U+097F is E0 A4 80 … E0 A5 BF.
    for (std::size_t i = 0; i + 1 < word.size(); ++i) {
        const auto second = static_cast<unsigned char>(word[i + 1]);
        if (static_cast<unsigned char>(word[i]) == 0xE0 && (second == 0xA4 || second == 0xA5))
            return true;
    }
    return false;
}

void derive(std::string_view word, WordKeys& keys) {
    if (has_devanagari(word)) {
        transliterate(word, keys);
    } else {
        keys.k1 = word;
    }
    keys.k2 = second_key(keys.k1);
    if (!keys.k1_alt.empty()) keys.k2_alt = second_key(keys.k1_alt);
    keys.k3 = third_key(keys.k2);
}

bool same_second_key(const WordKeys& a, const WordKeys& b) {
    if (a.english && b.english) return false;
    const auto equal = [](const std::string& x, const std::string& y) {
        return x.size() >= 3 && x == y;
    };
    return equal(a.k2, b.k2) || equal(a.k2_alt, b.k2) || equal(a.k2, b.k2_alt);
}

std::string english_stem(std::string stem) {
    const auto strip = [&stem](std::string_view ending, std::size_t keep) {
        if (!stem.ends_with(ending) || stem.size() < ending.size() + keep) return false;
        stem.resize(stem.size() - ending.size());
        return true;
    };
    strip("ly", 4);
    if (strip("ies", 2) || strip("ied", 2)) {
        stem += 'i';
        return stem;
    }
    if (!stem.ends_with("ss")) strip("s", 3);
    if (strip("ing", 3) || strip("ed", 3)) {
        const auto n = stem.size();
        if (n > 3 && stem[n - 1] == stem[n - 2] && stem[n - 1] != 's') stem.pop_back();
    }
    if (stem.size() > 3 && stem.back() == 'e') stem.pop_back();
    if (stem.size() > 2 && stem.back() == 'y') stem.back() = 'i';
    if (stem.size() > 4 && stem.ends_with("ll")) stem.pop_back();
    return stem;
}

std::string hindi_stem(const std::string& k2) {
    static constexpr std::array<std::string_view, 22> endings = {
        "enge", "ieg", "ungi", "ung", "egi", "eg", "ie", "ne", "ni", "te", "ti",
        "on",   "en",  "in",   "un",  "ta",  "n",  "t",  "e",  "i",  "o",  "u"};
    for (const auto ending : endings)
        if (k2.ends_with(ending) && k2.size() >= ending.size() + 3)
            return k2.substr(0, k2.size() - ending.size());
    return k2;
}

} // namespace

WordKeys fold(std::string_view word) {
    WordKeys keys;
    std::string lowered(word);
    for (char& c : lowered)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    keys.devanagari = has_devanagari(lowered);
    keys.latin = !keys.devanagari &&
                 std::ranges::any_of(lowered, [](char c) { return c >= 'a' && c <= 'z'; });
    const auto canonical = canonical_spelling(lowered);
    derive(canonical.empty() ? std::string_view(lowered) : canonical, keys);
    if (!canonical.empty()) keys.k3.clear(); // its spellings are known: no need to guess
    keys.english = keys.latin && !looks_hindi(lowered);
    return keys;
}

bool same_word(const WordKeys& a, const WordKeys& b) {
    if (a.k1 == b.k1) return true;
    if (!a.k1_alt.empty() && a.k1_alt == b.k1) return true;
    if (!b.k1_alt.empty() && b.k1_alt == a.k1) return true;
    if (same_second_key(a, b)) return true;
    const bool across = (a.devanagari && b.latin) || (a.latin && b.devanagari);
    return across && !a.k3.empty() && a.k3 == b.k3;
}

std::string light_stem(const WordKeys& keys) {
    return light_stem(keys, keys.english);
}

std::string light_stem(const WordKeys& keys, bool english) {
    return english ? english_stem(keys.k1) : hindi_stem(keys.k2);
}

} // namespace hs::analysis
