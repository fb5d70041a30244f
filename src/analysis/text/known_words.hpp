/// Words whose keys are worked out once, when rules are loaded, and not in every call.
///
/// Four of five distinct words of a call stand in the rules that read it. Filled from rules only,
/// never from calls: nothing that somebody said stays in memory.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "analysis/text/folding.hpp"
#include "analysis/text/numbers.hpp"

namespace hs::analysis {

/// What depends on the spelling of a word alone.
struct WordFacts {
    WordKeys keys;
    WordKeys hindi_keys; // in a Hindi turn: English words may be Hindi in roman letters
    NumberWord number;
    std::uint32_t kinds = 0; // clause_kinds()
};

[[nodiscard]] WordFacts facts_of(std::string_view word);

class KnownWords {
public:
    void add(std::string_view word);
    /// Null when the word is not known; the facts stay as long as this.
    [[nodiscard]] const WordFacts* find(std::string_view word) const;

private:
    struct TextHash {
        using is_transparent = void;

        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };

    std::unordered_map<std::string, WordFacts, TextHash, std::equal_to<>> words_;
};

} // namespace hs::analysis
