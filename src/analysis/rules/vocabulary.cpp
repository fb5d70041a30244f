#include "analysis/rules/vocabulary.hpp"

#include <algorithm>

namespace hs::analysis {

namespace {

constexpr std::size_t shortest_fuzzy = 5;
constexpr std::size_t long_word = 8;

void add_hit(std::vector<WordHit>& hits, int word, int edits = 0) {
    for (auto& hit : hits)
        if (hit.word == word) {
            hit.edits = std::min(hit.edits, edits);
            return;
        }
    hits.push_back({word, edits});
}

template <typename Index, typename Key>
const std::vector<int>* find(const Index& index, const Key& key) {
    const auto found = index.find(key);
    return found == index.end() ? nullptr : &found->second;
}

/// The vowels after each consonant of a second key, one place a consonant; 0 for none.
std::vector<char> vowels_of(const std::string& key) {
    std::vector<char> vowels{0};
    for (const char c : key) {
        if (std::string_view("aeiou").find(c) == std::string_view::npos)
            vowels.push_back(0);
        else if (vowels.back() == 0)
            vowels.back() = c;
    }
    return vowels;
}

/// Whether two words of the same consonants can be one loan word: an English vowel is written in
/// many ways, but front ones do not become back ones ("cheat" is not छोटा), and a Hindi ending in
/// -i or -u stands for an English one ("gunda" is not गांधी).
bool loan_vowels_fit(const std::string& hindi, const std::string& english) {
    const auto ours = vowels_of(hindi);
    const auto theirs = vowels_of(english);
    if (ours.size() != theirs.size()) return true;        // keys of clusters: nothing to compare
    if ((ours[0] == 0) != (theirs[0] == 0)) return false; // one begins with a vowel
    const auto front = [](char c) { return c == 'e' || c == 'i'; };
    const auto back = [](char c) { return c == 'o' || c == 'u'; };
    for (std::size_t i = 0; i < ours.size(); ++i) {
        if (front(ours[i]) && back(theirs[i])) return false;
        if (back(ours[i]) && front(theirs[i])) return false;
    }
    const bool ends_open = ours.back() == 'i' || ours.back() == 'u';
    return !ends_open || theirs.back() != 0 || english.ends_with('y');
}

std::size_t bucket(const std::string& text) {
    return text.empty() ? 0 : static_cast<unsigned char>(text[0]);
}

} // namespace

int Vocabulary::add(const WordForm& form) {
    const auto found = ids_.find(form);
    if (found != ids_.end()) return found->second;
    const int id = size();
    ids_.emplace(form, id);
    forms_.push_back(form);
    keys_.push_back(fold(form.text));
    const auto& keys = keys_.back();
    switch (form.kind) {
    case WordFormKind::plain: index_plain(form, id); break;
    case WordFormKind::prefix: {
        prefixes_[bucket(keys.k1)].push_back({keys.k1, keys.k2, keys.english, id});
        if (bucket(keys.k2) != bucket(keys.k1))
            prefixes_[bucket(keys.k2)].push_back({keys.k1, keys.k2, keys.english, id});
        break;
    }
    case WordFormKind::stem: by_stem_[light_stem(keys)].push_back(id); break;
    case WordFormKind::phonetic: {
        const auto code = phonetic_code(keys);
        by_phonetic_[code.primary].push_back(id);
        if (code.secondary != code.primary) by_phonetic_[code.secondary].push_back(id);
        break;
    }
    case WordFormKind::literal: by_text_[form.text].push_back(id); break;
    case WordFormKind::number: by_number_[form.number].push_back(id); break;
    }
    return id;
}

void Vocabulary::index_plain(const WordForm& form, int id) {
    const auto& keys = keys_.back();
    by_k1_[keys.k1].push_back(id);
    if (!keys.k1_alt.empty()) by_k1_[keys.k1_alt].push_back(id);
    if (keys.k2.size() >= 3) by_k2_[keys.k2].push_back(id);
    if (keys.k2_alt.size() >= 3) by_k2_[keys.k2_alt].push_back(id);
    if (!keys.k3.empty()) by_k3_[keys.k3].push_back(id);
    if (form.fuzzy && keys.k2.size() >= shortest_fuzzy && keys.k2.size() < fuzzy_by_length_.size())
        fuzzy_by_length_[keys.k2.size()].push_back(id);
}

void Vocabulary::resolve(const Token& token, bool machine, std::vector<WordHit>& hits) const {
    hits.clear();
    if (token.is_number)
        if (const auto* ids = find(by_number_, token.number))
            for (const int id : *ids)
                add_hit(hits, id);
    resolve_plain(token, hits);
    resolve_prefixes(token, hits);
    resolve_other(token, hits);
    // A word that is one of ours as it stands is not taken for another.
    if (machine && hits.empty() && !token.is_number && !token.negator) resolve_fuzzy(token, hits);
}

void Vocabulary::resolve_plain(const Token& token, std::vector<WordHit>& hits) const {
    const auto take = [&](const Index& index, const std::string& key, bool across, bool second) {
        const auto* ids = find(index, key);
        if (ids == nullptr) return;
        for (const int id : *ids) {
            const auto& keys = keys_[static_cast<std::size_t>(id)];
            if (second && keys.english && token.keys->english) continue;
            if (across && keys.devanagari == token.keys->devanagari) continue;
            const auto& hindi = keys.devanagari ? keys.k2 : token.keys->k2;
            const auto& english = keys.devanagari ? token.keys->k2 : keys.k2;
            if (across && !loan_vowels_fit(hindi, english)) continue;
            add_hit(hits, id);
        }
    };
    const auto& keys = *token.keys;
    take(by_k1_, keys.k1, false, false);
    if (!keys.k1_alt.empty()) take(by_k1_, keys.k1_alt, false, false);
    if (keys.k2.size() >= 3) take(by_k2_, keys.k2, false, true);
    if (keys.k2_alt.size() >= 3) take(by_k2_, keys.k2_alt, false, true);
    if (!keys.k3.empty()) take(by_k3_, keys.k3, true, false);
}

void Vocabulary::resolve_prefixes(const Token& token, std::vector<WordHit>& hits) const {
    const auto& keys = *token.keys;
    const auto scan = [&](const std::vector<Prefix>& candidates) {
        for (const auto& prefix : candidates) {
            const bool second = !(prefix.english && keys.english) && prefix.k2.size() >= 2;
            if (keys.k1.starts_with(prefix.k1) || (second && keys.k2.starts_with(prefix.k2)))
                add_hit(hits, prefix.word);
        }
    };
    scan(prefixes_[bucket(keys.k1)]);
    if (bucket(keys.k2) != bucket(keys.k1)) scan(prefixes_[bucket(keys.k2)]);
}

void Vocabulary::resolve_other(const Token& token, std::vector<WordHit>& hits) const {
    const auto take = [&](const Index& index, const std::string& key) {
        if (const auto* ids = find(index, key))
            for (const int id : *ids)
                add_hit(hits, id);
    };
    if (!by_text_.empty()) take(by_text_, std::string(token.text));
    if (!by_stem_.empty()) {
        // An English word in a Hindi sentence has English endings.
        take(by_stem_, light_stem(*token.keys, token.keys->latin));
        take(by_stem_, light_stem(*token.keys, false));
    }
    if (!by_phonetic_.empty()) {
        const auto code = phonetic_code(*token.keys);
        if (!code.primary.empty()) take(by_phonetic_, code.primary);
        if (code.secondary != code.primary && !code.secondary.empty())
            take(by_phonetic_, code.secondary);
    }
}

void Vocabulary::resolve_fuzzy(const Token& token, std::vector<WordHit>& hits) const {
    const auto& heard = token.keys->k2;
    if (heard.size() < shortest_fuzzy || heard.size() + 2 >= fuzzy_by_length_.size()) return;
    for (std::size_t size = std::max(shortest_fuzzy, heard.size() - 2); size <= heard.size() + 2;
         ++size) {
        const int limit = size >= long_word ? 2 : 1;
        const auto difference = size > heard.size() ? size - heard.size() : heard.size() - size;
        if (difference > static_cast<std::size_t>(limit)) continue;
        for (const int id : fuzzy_by_length_[size]) {
            const auto& ours = keys_[static_cast<std::size_t>(id)].k2;
            if (size < long_word && ours[0] != heard[0]) continue;
            const int edits = bounded_distance(ours, heard, limit);
            if (edits <= limit) add_hit(hits, id, std::max(edits, 1));
        }
    }
}

int bounded_distance(const std::string& a, const std::string& b, int limit) {
    constexpr std::size_t longest = 40;
    if (a.size() >= longest || b.size() >= longest) return limit + 1;
    std::array<std::array<int, longest>, 3> rows{};
    for (std::size_t j = 0; j <= b.size(); ++j)
        rows[0][j] = static_cast<int>(j);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        auto& row = rows[i % 3];
        const auto& above = rows[(i + 2) % 3];
        const auto& two_above = rows[(i + 1) % 3];
        row[0] = static_cast<int>(i);
        int best = row[0];
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const int change = a[i - 1] == b[j - 1] ? 0 : 1;
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + change});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], two_above[j - 2] + 1);
            best = std::min(best, row[j]);
        }
        if (best > limit) return limit + 1;
    }
    return std::min(rows[a.size() % 3][b.size()], limit + 1);
}

} // namespace hs::analysis
