/// The tree of one expression as parsed: names are not looked up yet.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/rules/rule_source.hpp"
#include "domain/transcript.hpp"

namespace hs::analysis {

enum class ItemKind : std::uint8_t {
    role,
    first_turns,
    last_turns,
    first_ms,
    last_ms,
    first_percent,
    last_percent,
    turns,   // low..high
    time_ms, // low..high
    percent, // low..high
    before_rule,
    after_rule,
    next_turns, // the role's next `low` turns after a rule
    question,   // only in sentences that ask
    language,
};

struct ScopeItem {
    ItemKind kind = ItemKind::role;
    Role role = Role::unknown;
    double low = 0;
    double high = 0;
    std::string name = {}; // rule id or language tag
    int rule = -1;         // filled by the compiler

    bool operator==(const ScopeItem&) const = default;
};

enum class NegationMode : std::uint8_t { dropped, allowed, only };

/// How strings match in a scope; inherited by inner scopes.
struct MatchMode {
    NegationMode negation = NegationMode::dropped;
    bool exact = false;    // no folding, no fuzz
    bool phonetic = false; // every word as %word

    bool operator==(const MatchMode&) const = default;
};

enum class NodeKind : std::uint8_t {
    constant, // low = 1: true
    string,
    list,
    rule,
    all, // and
    any, // or
    negation,
    near,
    before,
    not_near,
    then,
    reply,
    same_turn,
    count,
    event,
    value,
    meta,
    answer,
};

enum class Comparison : std::uint8_t {
    less,
    less_equal,
    greater,
    greater_equal,
    equal,
    not_equal,
    between,
    one_of,
    contains,
    missing
};
enum class EventKind : std::uint8_t {
    silence,
    hold,
    overlap,
    interruption,
    monologue,
    raised_voice
};
enum class ValueKind : std::uint8_t { metric, sentiment, sentiment_min, sentiment_max };

struct Node {
    NodeKind kind = NodeKind::constant;
    int left = -1;
    int right = -1;
    int scope = 0; // into Syntax.scopes
    MatchMode mode;
    int distance = 0;             // near/5; gap of a string
    std::optional<int> within_ms; // then, reply
    std::optional<Comparison> comparison;
    double low = 0;
    double high = 0;
    std::string unit; // of low: "", s, ms, %
    EventKind event = EventKind::silence;
    std::optional<Role> by;
    ValueKind value = ValueKind::metric;
    std::string text; // string, name, metric path, meta key, question id
    std::vector<std::string> literals;
    int target = -1; // pattern, list or rule; filled by the compiler
    SourcePosition at;
};

/// A scope narrows its parent by its items; scope 0 is the whole call.
struct Scope {
    int parent = -1;
    std::vector<ScopeItem> items;

    bool operator==(const Scope&) const = default;
};

/// Nodes and scopes of all expressions of a rulebook; grows as expressions are parsed.
struct Syntax {
    std::vector<Node> nodes;
    std::vector<Scope> scopes = {Scope{}};
};

/// Parses one expression into `syntax`; returns its root, or -1 with the errors in `lints`.
[[nodiscard]] int
parse_expression(const SourceText& source, Syntax& syntax, std::vector<Lint>& lints);

/// Position of byte `offset` of a text: lines and columns counted in characters.
[[nodiscard]] SourcePosition position_in(const SourceText& source, std::size_t offset);

} // namespace hs::analysis
