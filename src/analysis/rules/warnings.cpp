#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "analysis/rules/rulebook_state.hpp"

namespace hs::analysis {

namespace {

constexpr std::array<std::string_view, 44> common_words = {
    "the",  "a",    "an",   "is",  "are", "was", "you",  "your", "i",   "we",   "it",
    "to",   "of",   "in",   "on",  "for", "and", "or",   "yes",  "no",  "not",  "okay",
    "this", "that", "have", "has", "do",  "can", "will", "sir",  "me",  "my",   "be",
    "hai",  "hain", "ka",   "ki",  "ke",  "ko",  "se",   "ji",   "aap", "main", "mera"};

std::size_t index(int i) {
    return static_cast<std::size_t>(i);
}

void warn(Rulebook::State& state,
          const char* code,
          const SourcePosition& at,
          std::string message,
          std::string hint) {
    state.lints.push_back({LintSeverity::warning, code, at, std::move(message), std::move(hint)});
}

bool has_role(const Syntax& syntax, int scope) {
    for (; scope > 0; scope = syntax.scopes[index(scope)].parent)
        for (const auto& item : syntax.scopes[index(scope)].items)
            if (item.kind == ItemKind::role) return true;
    return false;
}

bool has_window(const Syntax& syntax, int root) {
    return std::ranges::any_of(subtree(syntax, root),
                               [&](int id) { return syntax.nodes[index(id)].scope > 0; });
}

bool only_common_words(const Rulebook::State& state, const Pattern& pattern) {
    if (pattern.slots.size() != 1 || !pattern.slots[0].classes.empty()) return false;
    return std::ranges::all_of(pattern.slots[0].words, [&](int word) {
        const auto& text = state.vocabulary.form(word).text;
        return std::ranges::find(common_words, text) != common_words.end();
    });
}

bool has_hindi(const std::string& text) {
    for (const char c : text)
        if (static_cast<unsigned char>(c) == 0xE0) return true;
    const auto read = tokenise_text(text);
    const auto& tokens = read.tokens;
    return std::ranges::any_of(tokens, [](const Token& token) { return !token.keys->english; });
}

void common_word_alone(Rulebook::State& state, int root) {
    for (const int id : subtree(state.syntax, root)) {
        const auto& node = state.syntax.nodes[index(id)];
        if (node.kind != NodeKind::string || node.target < 0) continue;
        if (has_role(state.syntax, node.scope)) continue;
        if (only_common_words(state, state.patterns[index(node.target)]))
            warn(state,
                 "W01",
                 node.at,
                 fmt::format("\"{}\" is in every call", node.text),
                 "add a role or more words");
    }
}

/// The same entry twice in a list, or one that a shorter entry already finds.
void shadowed_entries(Rulebook::State& state) {
    for (const auto& list : state.lists) {
        std::set<std::string> seen;
        for (const auto& entry : list.entries)
            if (!seen.insert(entry.pattern.text).second)
                warn(state,
                     "W02",
                     entry.pattern.at,
                     fmt::format("\"{}\" stands twice in @{}", entry.pattern.text, list.name),
                     "remove one");
    }
}

void no_hindi_form(Rulebook::State& state, const CompiledRule& rule) {
    bool any = false;
    for (const int root : {rule.applies, rule.fail, rule.pass})
        for (const int id : subtree(state.syntax, root)) {
            const auto& node = state.syntax.nodes[index(id)];
            if (node.kind == NodeKind::list || node.kind == NodeKind::rule) return;
            if (node.kind != NodeKind::string) continue;
            any = true;
            if (has_hindi(node.text)) return;
        }
    if (any)
        warn(state,
             "W03",
             rule.source.at,
             fmt::format("the rule {} has no Hindi form", rule.source.id),
             "add the words a Hindi speaker uses, in either script");
}

} // namespace

void add_warnings(Rulebook::State& state) {
    for (const auto& rule : state.rules) {
        for (const int root : {rule.applies, rule.fail, rule.pass})
            common_word_alone(state, root);
        no_hindi_form(state, rule);
        const bool searched = has_window(state.syntax, rule.pass);
        if (rule.otherwise == RuleOutcome::fail && rule.pass >= 0 && !searched)
            warn(state,
                 "W05",
                 rule.source.at,
                 fmt::format("the rule {} fails without a window", rule.source.id),
                 "say where the words are missing: [agent, first 2 turns]");
    }
    shadowed_entries(state);
    for (const auto& list : state.lists)
        if (list.entries.empty())
            warn(state, "W02", list.at, fmt::format("@{} is empty", list.name), "");
}

} // namespace hs::analysis
