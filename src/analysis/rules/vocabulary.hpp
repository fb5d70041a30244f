/// The distinct word forms of all patterns, and which of them a spoken word is.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "analysis/text/tokens.hpp"

namespace hs::analysis {

enum class WordFormKind : std::uint8_t { plain, prefix, stem, phonetic, literal, number };

struct WordForm {
    WordFormKind kind = WordFormKind::plain;
    std::string text;
    bool fuzzy = true;       // may match a misheard word of a machine transcript
    std::int64_t number = 0; // for kind number

    auto operator<=>(const WordForm&) const = default;
};

struct WordHit {
    int word = 0;
    int edits = 0;
};

class Vocabulary {
public:
    /// The form's id; equal forms share it.
    int add(const WordForm& form);

    [[nodiscard]] int size() const { return static_cast<int>(forms_.size()); }

    [[nodiscard]] const WordForm& form(int id) const {
        return forms_[static_cast<std::size_t>(id)];
    }

    /// Every form that `token` is. `machine`: misheard spellings count, with their edits.
    void resolve(const Token& token, bool machine, std::vector<WordHit>& hits) const;

private:
    using Index = std::unordered_map<std::string, std::vector<int>>;

    struct Prefix {
        std::string k1;
        std::string k2;
        bool english = false;
        int word = 0;
    };

    void index_plain(const WordForm& form, int id);
    void resolve_plain(const Token& token, std::vector<WordHit>& hits) const;
    void resolve_prefixes(const Token& token, std::vector<WordHit>& hits) const;
    void resolve_other(const Token& token, std::vector<WordHit>& hits) const;
    void resolve_fuzzy(const Token& token, std::vector<WordHit>& hits) const;

    std::vector<WordForm> forms_;
    std::vector<WordKeys> keys_; // of the form's text
    std::map<WordForm, int> ids_;
    Index by_k1_;
    Index by_k2_;
    Index by_k3_;
    Index by_text_; // literal
    Index by_stem_;
    Index by_phonetic_;
    std::unordered_map<std::int64_t, std::vector<int>> by_number_;
    std::array<std::vector<Prefix>, 256> prefixes_;    // by first letter of k1
    std::array<std::vector<int>, 32> fuzzy_by_length_; // plain forms, by length of k2
};

/// Damerau-Levenshtein distance of two ASCII words, or limit + 1 when it is larger.
[[nodiscard]] int bounded_distance(const std::string& a, const std::string& b, int limit);

} // namespace hs::analysis
