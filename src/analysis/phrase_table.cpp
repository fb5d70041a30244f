#include "analysis/phrase_table.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace hs::analysis {
namespace {

constexpr int number_word_id = 0;
constexpr int any_word_id = 1;
constexpr std::size_t max_slots = 8;
constexpr std::size_t max_variants = 256;

std::uint64_t edge(int node, int word) {
    return (static_cast<std::uint64_t>(node) << 32) | static_cast<std::uint32_t>(word);
}

} // namespace

std::size_t PhraseTable::EdgeMap::place(std::uint64_t key) const {
    const std::size_t mask = entries_.size() - 1;
    auto at = static_cast<std::size_t>((key * 0x9E3779B97F4A7C15U) >> 32U) & mask;
    while (entries_[at].value >= 0 && entries_[at].key != key)
        at = (at + 1) & mask;
    return at;
}

int PhraseTable::EdgeMap::find(std::uint64_t key) const {
    return entries_.empty() ? -1 : entries_[place(key)].value;
}

int PhraseTable::EdgeMap::add(std::uint64_t key, int value) {
    if ((count_ + 1) * 2 > entries_.size()) grow();
    auto& entry = entries_[place(key)];
    if (entry.value < 0) {
        entry = {key, value};
        ++count_;
    }
    return entry.value;
}

void PhraseTable::EdgeMap::grow() {
    std::vector<Entry> old(std::max<std::size_t>(entries_.size() * 2, 16));
    old.swap(entries_);
    for (const auto& entry : old)
        if (entry.value >= 0) entries_[place(entry.key)] = entry;
}

void PhraseTable::keep_distinct(std::string_view word) {
    distinct_[fold(word).k1] = true;
}

int PhraseTable::new_word() {
    const int id = next_word_++;
    starts_.resize(static_cast<std::size_t>(id) + 1, 0);
    return id;
}

int PhraseTable::word_id(std::string_view word) {
    if (word == "[num]") return number_word_id;
    if (word == "_") return any_word_id;
    const WordKeys keys = fold(nfc(word));
    const Known known{.word = -1, .english = keys.english, .devanagari = keys.devanagari};
    const auto same = by_k1_.find(keys.k1);
    if (same != by_k1_.end()) return same->second.word;
    const bool distinct = distinct_.contains(keys.k1);
    int id = -1;
    if (!distinct && !keys.english && keys.k2.size() >= 3)
        if (const auto found = by_k2_.find(keys.k2); found != by_k2_.end()) id = found->second.word;
    if (id < 0) id = new_word();
    Known entry = known;
    entry.word = id;
    by_k1_.try_emplace(keys.k1, entry);
    if (!keys.k1_alt.empty()) by_k1_.try_emplace(keys.k1_alt, entry);
    if (distinct) return id;
    if (keys.k2.size() >= 3) by_k2_.try_emplace(keys.k2, entry);
    if (!keys.k3.empty()) by_k3_.try_emplace(keys.k3, entry);
    // "friendly" would make a compliment of every friend.
    if (keys.k2.size() >= 4 && !keys.k1.ends_with("ly")) by_stem_.try_emplace(light_stem(keys), id);
    return id;
}

int PhraseTable::find_word(const WordKeys& keys) const {
    if (const auto found = by_k1_.find(keys.k1); found != by_k1_.end()) return found->second.word;
    if (!keys.k1_alt.empty())
        if (const auto found = by_k1_.find(keys.k1_alt); found != by_k1_.end())
            return found->second.word;
    if (!distinct_.empty() && distinct_.contains(keys.k1)) return -1;
    if (keys.k2.size() >= 3) {
        const auto found = by_k2_.find(keys.k2);
        if (found != by_k2_.end() && !(found->second.english && keys.english))
            return found->second.word;
    }
    if (!keys.k3.empty()) {
        const auto found = by_k3_.find(keys.k3);
        if (found != by_k3_.end() && found->second.devanagari != keys.devanagari)
            return found->second.word;
    }
    if (stems_ && keys.k2.size() >= 4 && keys.english) {
        const auto found = by_stem_.find(light_stem(keys));
        if (found != by_stem_.end()) return found->second;
    }
    return -1;
}

bool PhraseTable::add(std::string_view pattern, int value) {
    std::vector<Slot> slots;
    std::size_t variants = 1;
    for (std::string_view text : split(pattern, ' ')) {
        if (text.empty()) continue;
        Slot slot;
        if (text.ends_with('?')) {
            slot.optional = true;
            text.remove_suffix(1);
        }
        for (const std::string_view word : split(text, '|'))
            if (!word.empty()) slot.words.emplace_back(word);
        if (slot.words.empty()) return false;
        variants *= slot.words.size() + (slot.optional ? 1 : 0);
        slots.push_back(std::move(slot));
    }
    if (slots.empty() || slots.size() > max_slots || variants > max_variants) return false;
    std::vector<int> path;
    add_path(slots, 0, path, value);
    return true;
}

void PhraseTable::add_path(const std::vector<Slot>& slots,
                           std::size_t slot,
                           std::vector<int>& path,
                           int value) {
    if (slot == slots.size()) {
        if (!path.empty()) add_words(path, value);
        return;
    }
    if (slots[slot].optional) add_path(slots, slot + 1, path, value);
    for (const std::string& word : slots[slot].words) {
        path.push_back(word_id(word));
        add_path(slots, slot + 1, path, value);
        path.pop_back();
    }
}

void PhraseTable::add_words(const std::vector<int>& path, int value) {
    if (path.front() <= any_word_id)
        wild_start_ = true;
    else
        starts_[static_cast<std::size_t>(path.front())] = 1;
    int node = 0;
    for (const int word : path) {
        const auto next = static_cast<int>(values_.size());
        node = edges_.add(edge(node, word), next);
        if (node == next) values_.push_back(-1);
    }
    if (values_[static_cast<std::size_t>(node)] < 0)
        values_[static_cast<std::size_t>(node)] = value;
}

PhraseToken PhraseTable::resolve(const Token& token) const {
    return {.word = find_word(*token.keys), .number = token.is_number};
}

std::vector<PhraseToken> PhraseTable::resolve(std::span<const Token> tokens) const {
    return resolve(tokens, [](const Token&) { return true; });
}

PhraseTable::Match PhraseTable::longest(std::span<const PhraseToken> tokens, std::size_t at) const {
    Match best;
    const PhraseToken& first = tokens[at];
    const bool may_start = first.word >= 0 && starts_[static_cast<std::size_t>(first.word)] != 0;
    if (may_start || wild_start_) walk(tokens, at, 0, 0, best);
    return best;
}

void PhraseTable::walk(
    std::span<const PhraseToken> tokens, std::size_t at, int node, int depth, Match& best) const {
    if (const int value = values_[static_cast<std::size_t>(node)];
        value >= 0 && depth > best.length)
        best = {.value = value, .length = depth};
    if (at == tokens.size()) return;
    const auto step = [&](int word) {
        const int next = edges_.find(edge(node, word));
        if (next >= 0) walk(tokens, at + 1, next, depth + 1, best);
    };
    if (tokens[at].word >= 0) step(tokens[at].word);
    if (tokens[at].number) step(number_word_id);
    if (depth > 0) step(any_word_id);
}

} // namespace hs::analysis
