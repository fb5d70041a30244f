/// Inside of a rulebook: trees with their names looked up, patterns, lists.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "analysis/rules/matcher.hpp"
#include "analysis/rules/pattern.hpp"
#include "analysis/rules/rulebook.hpp"
#include "analysis/rules/syntax.hpp"
#include "analysis/rules/vocabulary.hpp"

namespace hs::analysis {

struct CompiledRule {
    RuleSource source;
    int applies = -1; // roots of trees; -1: not given
    int fail = -1;
    int pass = -1;
    bool broken = false; // has an error: always uncertain
    bool shifts = false; // rests on answers or moods, itself or by a rule it names
    RuleOutcome otherwise = RuleOutcome::uncertain;
};

struct Rulebook::State {
    Syntax syntax;
    Vocabulary vocabulary;
    std::vector<Pattern> patterns;
    std::vector<SlotClass> classes;
    std::vector<ListSource> lists;
    std::vector<CompiledRule> rules;
    std::map<std::string, int, std::less<>> rule_ids;
    std::map<std::string, int, std::less<>> list_ids;
    std::vector<int> expressions; // roots, by ExpressionId
    std::vector<Lint> lints;
    std::map<std::pair<int, PatternOptions>, int> list_classes; // list and mode -> class
    std::map<std::tuple<std::string, int, PatternOptions>, int> strings;

    /// The index of all patterns; built by the first run after a change.
    const PatternIndex& index() const;
    void patterns_changed();

private:
    mutable std::mutex mutex_; // guards index_ and built_
    mutable PatternIndex index_;
    mutable bool built_ = false;
};

/// Looks up the names of the tree below `root` and compiles its strings; adds lints.
class Compiler {
public:
    explicit Compiler(Rulebook::State& state) : state_(state) {}

    void compile_lists();
    void compile_rules();
    /// -1 when the text has an error.
    int compile_text(const SourceText& text);

private:
    int resolve(int root);
    bool resolve_node(int id);
    bool resolve_scopes(int scope, const SourcePosition& at);
    bool string_pattern(Node& node);
    int compile_pattern(const SourceText& source, int gap, PatternOptions options);
    int list_class(int list, PatternOptions options);
    static int class_by_name(void* context, const std::string& name);
    void compile_rule(CompiledRule& rule);
    void refuse_cycles();
    void mark_shifting();
    [[nodiscard]] bool shifts(const CompiledRule& rule) const;
    bool reaches_itself(int rule, std::vector<int>& state);
    std::vector<int> references(int root) const;
    void error(const char* code, SourcePosition at, std::string message, std::string hint = {});

    Rulebook::State& state_;
    std::set<std::pair<int, PatternOptions>>
        open_lists_;         // being compiled: a second visit is a cycle
    PatternOptions options_; // of the pattern being read
};

/// Warnings W01, W02, W03 and W05.
void add_warnings(Rulebook::State& state);

/// Every node below `root`, the root first.
[[nodiscard]] std::vector<int> subtree(const Syntax& syntax, int root);

} // namespace hs::analysis
