/// Rules and lists as written, with the place of every text for messages.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "analysis/rules/lint.hpp"
#include "domain/transcript.hpp"

namespace YAML {
class Node;
}

namespace hs::analysis {

struct SourceText {
    std::string text; // empty: not given
    SourcePosition at;
};

struct RuleTest {
    std::vector<std::pair<Role, std::string>> turns;
    std::map<std::string, std::string> meta;
    bool machine = false; // as if a speech engine had produced it
    std::string want;     // pass | fail | na | uncertain
    SourcePosition at;
};

struct RuleSource {
    std::string id;
    std::string title; // English, or the only one
    SourceText applies;
    SourceText fail;
    SourceText pass;
    std::string otherwise = "uncertain"; // `else`: pass | fail | na | uncertain
    std::string anchor; // first_agent_turn | last_agent_turn | longest_agent_turn | trigger
    std::vector<RuleTest> tests;
    SourcePosition at;
};

struct ListEntry {
    SourceText pattern; // full slot syntax; a trailing "/3" allows three extra words
    std::vector<std::string> not_before; // words that must not follow directly
    std::vector<std::string> not_after;  // words that must not stand directly before
};

struct ListSource {
    std::string name; // without @
    std::vector<ListEntry> entries;
    bool fuzzy = true; // false for `secret`
    SourcePosition at;
};

/// The `rules:` sequence of a scorecard. Shape errors are added to `lints` as E01.
[[nodiscard]] std::vector<RuleSource>
read_rules(const YAML::Node& rules, const std::string& file, std::vector<Lint>& lints);

/// The `lists:` mapping: `name: [word, two words, {words: pin, not_before: [code]}]`, or
/// `name: {fuzzy: false, entries: […]}`. The key `pattern` is the same as `words`.
[[nodiscard]] std::vector<ListSource>
read_lists(const YAML::Node& lists, const std::string& file, std::vector<Lint>& lints);

} // namespace hs::analysis
