/// Finds many short phrases in tokens at once: a trie over folded words.
///
/// A pattern is words separated by blanks: word|word alternatives, word? optional, _ any one word,
/// [num] a spoken or written number. Spelling and script do not matter (text/folding.hpp).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analysis/text/tokens.hpp"

namespace hs::analysis {

/// A token as the table sees it.
struct PhraseToken {
    int word = -1; // id in the table's vocabulary; -1 when no pattern has it
    bool number = false;
};

class PhraseTable {
public:
    struct Match {
        int value = -1; // as given to add(); -1: none
        int length = 0; // tokens
    };

    PhraseTable() = default;

    /// `stems`: an inflected word that no pattern has counts as its light stem.
    explicit PhraseTable(bool stems) : stems_(stems) {}

    /// Words that must be spelled as written: "kam" (little) is not "kaam" (work).
    void keep_distinct(std::string_view word);

    /// False when the pattern is empty, too long (8 words) or has too many variants (256). The
    /// first value given for a phrase stays.
    [[nodiscard]] bool add(std::string_view pattern, int value);

    /// Ids of all tokens of one tokenised text; each distinct word is looked up once.
    [[nodiscard]] std::vector<PhraseToken> resolve(std::span<const Token> tokens) const;

    /// Only tokens that `wanted`; the others match nothing.
    template <typename Wanted>
    [[nodiscard]] std::vector<PhraseToken> resolve(std::span<const Token> tokens,
                                                   const Wanted& wanted) const {
        constexpr int unseen = -2;
        std::vector<PhraseToken> resolved(tokens.size());
        std::vector<int> words; // per lexeme
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            if (!wanted(tokens[i])) continue;
            const auto lexeme = static_cast<std::size_t>(tokens[i].lexeme);
            if (lexeme >= words.size()) words.resize(lexeme + 1, unseen);
            if (words[lexeme] == unseen) words[lexeme] = find_word(*tokens[i].keys);
            resolved[i] = {.word = words[lexeme], .number = tokens[i].is_number};
        }
        return resolved;
    }

    [[nodiscard]] PhraseToken resolve(const Token& token) const;

    /// Longest phrase that starts at `at`.
    [[nodiscard]] Match longest(std::span<const PhraseToken> tokens, std::size_t at) const;

private:
    struct Slot {
        std::vector<std::string> words; // alternatives
        bool optional = false;
    };

    struct TextHash {
        using is_transparent = void;

        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };

    template <typename Value>
    using TextMap = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

    /// Node and word to node, by open addressing: this is asked several times for every word.
    class EdgeMap {
    public:
        [[nodiscard]] int find(std::uint64_t key) const; // -1: there is none
        /// The node at `key`; `value` becomes it when there is none yet.
        int add(std::uint64_t key, int value);

    private:
        struct Entry {
            std::uint64_t key = 0;
            int value = -1; // -1: free
        };

        [[nodiscard]] std::size_t place(std::uint64_t key) const;
        void grow();

        std::vector<Entry> entries_; // a power of two, at most half full
        std::size_t count_ = 0;
    };

    struct Known {
        int word = -1;
        bool english = false;
        bool devanagari = false;
    };

    int word_id(std::string_view word);
    int new_word();
    [[nodiscard]] int find_word(const WordKeys& keys) const;
    void
    add_path(const std::vector<Slot>& slots, std::size_t slot, std::vector<int>& path, int value);
    void add_words(const std::vector<int>& path, int value);
    void walk(std::span<const PhraseToken> tokens,
              std::size_t at,
              int node,
              int depth,
              Match& best) const;

    TextMap<Known> by_k1_, by_k2_, by_k3_;
    TextMap<int> by_stem_;
    TextMap<bool> distinct_;
    int next_word_ = 2;                // 0 is a number, 1 any word
    EdgeMap edges_;                    // node and word -> node
    std::vector<int> values_{-1};      // per node
    std::vector<std::uint8_t> starts_; // per word: some phrase begins with it
    bool wild_start_ = false;
    bool stems_ = false;
};

} // namespace hs::analysis
