/// Inside of a run: resolved windows, matches, values.
#pragma once

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "analysis/rules/matcher.hpp"
#include "analysis/rules/rulebook.hpp"
#include "analysis/rules/rulebook_state.hpp"

namespace hs::analysis {

/// A scope applied to one call.
struct Window {
    std::vector<char> turns; // per turn: inside
    int from_ms = std::numeric_limits<int>::min();
    int to_ms = std::numeric_limits<int>::max(); // exclusive
    int from_token = 0;
    int to_token = std::numeric_limits<int>::max(); // exclusive
    std::optional<Role> role;
    bool turn_limited = false;
    bool questions_only = false;
    bool reliable = true; // what was not found was not said
    SearchedWindow searched;
};

struct Value {
    Truth truth = Truth::no;
    std::vector<RuleSpan> spans;
    bool reliable = true; // `no` is an observation, not a failure to hear
};

struct RuleValue {
    RuleOutcome outcome = RuleOutcome::uncertain;
    DecidedBy deciding = DecidedBy::otherwise;
    int root = -1; // of the deciding expression; -1 for otherwise
    Value value;
    Value applies;
};

struct RuleRun::State {
    State(const Rulebook::State& rulebook, RuleInputs call);

    const Rulebook::State& book;
    RuleInputs inputs;
    std::vector<std::vector<Match>> matches;                // per pattern
    std::vector<std::vector<Match>> heard;                  // per pattern, in the spotted phrases
    TokenText heard_text;                                   // one turn per spotted phrase
    std::vector<std::optional<Window>> windows;             // per scope
    std::vector<std::optional<RuleValue>> rules;            // per rule
    std::unordered_map<int, SearchedWindow> searched_below; // per root asked for
    std::map<std::string, std::pair<std::string, std::string>> answers;
    std::vector<std::pair<int, int>> turn_speech; // per turn: length, part without sure words (ms)

    const Window& window(int scope);
    const RuleValue& rule(int id);
    Value evaluate(int node);
    const SearchedWindow& searched(int root); // union of the windows below a node

    [[nodiscard]] const Turn& turn(int index) const;
    [[nodiscard]] int duration_ms() const;
    [[nodiscard]] RuleSpan span(int from_token, int to_token, double confidence) const;
    [[nodiscard]] RuleSpan joined(const RuleSpan& a, const RuleSpan& b) const;
    [[nodiscard]] bool inside(const RuleSpan& span, const Window& window) const;
    [[nodiscard]] std::vector<Evidence> quotes(const RuleSpan& span) const;
    [[nodiscard]] std::optional<Evidence> anchor(std::string_view name) const;
    [[nodiscard]] std::optional<Evidence> opening_words(int turn, EvidenceKind kind) const;

private:
    Window resolve(int scope);
    void apply_item(const ScopeItem& item, Window& window);
    void limit_turns(const ScopeItem& item, Window& window);
    void limit_next_turns(const ScopeItem& item, Window& window);
    void limit_time(int from_ms, int to_ms, Window& window) const;
    void finish_window(Window& window) const;
    RuleValue evaluate_rule(int id);
    [[nodiscard]] std::vector<RuleSpan> rule_spans(const RuleValue& value) const;

    Value matched(const Node& node, const std::vector<int>& patterns);
    bool add_heard(const Node& node,
                   const std::vector<int>& patterns,
                   const Window& window,
                   Value& value) const;
    Value rule_reference(const Node& node);
    Value both(const Node& node);
    Value either(const Node& node);
    Value related(const Node& node);
    Value not_near(const Node& node);
    Value counted(const Node& node);
    Value events(const Node& node);
    Value compared(const Node& node);
    Value sentiment(const Node& node);
    [[nodiscard]] Value meta(const Node& node) const;
    [[nodiscard]] Value answer(const Node& node) const;
    void relate(const Node& node,
                const std::vector<RuleSpan>& left,
                const std::vector<RuleSpan>& right,
                std::vector<RuleSpan>& out) const;
    [[nodiscard]] bool heard_around(const RuleSpan& span, int distance) const;
    [[nodiscard]] int reply_turn(int turn) const;
    [[nodiscard]] bool is_backchannel(int turn) const;
};

} // namespace hs::analysis
