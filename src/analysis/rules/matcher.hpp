/// Finds every pattern in the words of a call, all of them in one pass per stage.
///
/// A word's forms name the patterns and slots they fill, so only patterns whose required words all
/// occur in a turn are followed, as bit sets of (slot, extra words used). Nothing is ever tried
/// twice from the same word.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analysis/rules/pattern.hpp"

namespace hs::analysis {

struct Match {
    int from = 0; // token
    int to = 0;   // inclusive
    float confidence = 1;
    bool negated = false;
};

/// Immutable: the patterns indexed by the words that fill their slots.
class PatternIndex {
public:
    void build(const Vocabulary& vocabulary,
               const std::vector<Pattern>& patterns,
               const std::vector<SlotClass>& classes);

    /// Matches per pattern, by start; never two of one pattern with the same start.
    [[nodiscard]] std::vector<std::vector<Match>> run(const TokenText& text, bool machine) const;

private:
    friend class MatchRun;

    struct Posting {
        int pattern = 0;
        std::uint64_t slots = 0;
    };

    /// Per word of the vocabulary: where its postings begin; one more at the end.
    struct Postings {
        std::vector<int> first;
        std::vector<Posting> list;

        void add(const std::vector<Posting>& of_next_word);

        [[nodiscard]] std::span<const Posting> of(int word) const {
            const auto at = static_cast<std::size_t>(word);
            return std::span(list).subspan(static_cast<std::size_t>(first[at]),
                                           static_cast<std::size_t>(first[at + 1] - first[at]));
        }
    };

    struct Stage {
        Postings all;
        Postings keys;              // only those that fill the key slot of their pattern
        std::vector<int> class_led; // patterns without required words
        bool empty = true;
    };

    using ByWord = std::vector<std::vector<Posting>>;

    /// What a spelling is, worked out for the rules' own words when the index is built.
    struct KnownHits {
        std::vector<WordHit> english;
        std::vector<WordHit> other; // read as a word that is not certainly English
    };

    struct TextHash {
        using is_transparent = void;

        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };

    void build_stage(Stage& stage, int number) const;
    void know_own_words();
    /// The hits of a token whose spelling is one of the rules' own, or null.
    [[nodiscard]] const std::vector<WordHit>* known_hits(const Token& token, bool machine) const;
    [[nodiscard]] static std::uint64_t key_slot(const Pattern& pattern, const ByWord& by_word);

    const Vocabulary* vocabulary_ = nullptr;
    const std::vector<Pattern>* patterns_ = nullptr;
    const std::vector<SlotClass>* classes_ = nullptr;
    std::vector<Stage> stages_;
    std::unordered_map<std::string, KnownHits, TextHash, std::equal_to<>> known_;
};

} // namespace hs::analysis
