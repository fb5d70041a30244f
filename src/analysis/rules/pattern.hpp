/// One compiled STRING: slots over words and classes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/rules/entities.hpp"
#include "analysis/rules/syntax.hpp"
#include "analysis/rules/vocabulary.hpp"

namespace hs::analysis {

inline constexpr int most_slots = 64;
inline constexpr int most_states = 256;
inline constexpr int most_patterns = 4000;
inline constexpr int most_rules = 500;

struct Slot {
    std::vector<int> words;   // vocabulary ids
    std::vector<int> classes; // entity and list classes
    bool any = false;         // `_`
    bool optional = false;
};

struct Pattern {
    std::string text;
    std::vector<Slot> slots;
    int gap = 0;
    std::uint64_t required = 0; // slots that only words fill and that must be filled
    int stage = 0;              // after the lists its slots name
    std::vector<int> not_before;
    std::vector<int> not_after;
};

/// Something of one or more words that can fill a slot.
struct SlotClass {
    std::string name; // as written, for messages
    int list = -1;    // a list, or else
    EntityClass entity;
    std::vector<int> patterns; // of the list
    int stage = 0;             // known after this stage has been matched
};

struct PatternOptions {
    bool exact = false;
    bool phonetic = false;
    bool fuzzy = true;

    auto operator<=>(const PatternOptions&) const = default;
};

/// Reads the slots of a string. `list_class` gives the class of a list, or -1 when there is none.
class PatternReader {
public:
    using ListClass = int (*)(void* context, const std::string& name);

    PatternReader(Vocabulary& vocabulary,
                  std::vector<SlotClass>& classes,
                  std::vector<Lint>& lints,
                  void* context,
                  ListClass list_class)
        : vocabulary_(vocabulary), classes_(classes), lints_(lints), context_(context),
          list_class_(list_class) {}

    /// False when the text is wrong; the reasons are in the lints.
    bool read(const SourceText& source, int gap, PatternOptions options, Pattern& pattern);

    /// Vocabulary ids of plain words (not_before, not_after).
    [[nodiscard]] std::vector<int> words(const std::vector<std::string>& texts);

private:
    struct Piece {
        std::string_view text;
        std::size_t offset = 0;
        bool optional = false;
    };

    [[nodiscard]] std::vector<Piece> pieces(std::string_view text) const;
    void add_slot(const Piece& piece, Pattern& pattern);
    void add_plain_run(const std::vector<Piece>& run, Pattern& pattern);
    void add_alternative(std::string_view text, const Piece& piece, Slot& slot);
    void add_class(std::string_view text, const Piece& piece, Slot& slot);
    [[nodiscard]] int word(std::string_view text);
    [[nodiscard]] int token_word(const Token& token);
    void error(const char* code, std::size_t offset, std::string message, std::string hint = {});
    void finish(Pattern& pattern);

    Vocabulary& vocabulary_;
    std::vector<SlotClass>& classes_;
    std::vector<Lint>& lints_;
    void* context_;
    ListClass list_class_;
    const SourceText* source_ = nullptr;
    PatternOptions options_;
    bool failed_ = false;
};

/// Splits a trailing "/3" off a list entry; the gap is 0 without one.
[[nodiscard]] std::pair<std::string, int> split_gap(const std::string& text);

} // namespace hs::analysis
