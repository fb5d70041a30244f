// Scopes: what stands in [ ] before an expression.
#include <algorithm>
#include <utility>

#include "analysis/rules/parser.hpp"

namespace hs::analysis {

int Parser::scope_items(int parent, MatchMode& mode) {
    need("[");
    Scope scope{parent, {}};
    do {
        scope_item(scope, mode);
    } while (!failed_ && take(","));
    need("]");
    return intern(std::move(scope));
}

int Parser::intern(Scope scope) {
    if (scope.items.empty()) return scope.parent;
    const auto found = std::ranges::find(syntax_.scopes, scope);
    const auto index = found - syntax_.scopes.begin();
    if (found == syntax_.scopes.end()) syntax_.scopes.push_back(std::move(scope));
    return static_cast<int>(index);
}

void Parser::scope_item(Scope& scope, MatchMode& mode) {
    if (here().kind == LexKind::number) return range_item(scope);
    const auto word = here().kind == LexKind::name ? here().text : std::string();
    if (word == "first" || word == "last") return edge_item(scope, word == "first");
    if (word == "turns") return turns_item(scope);
    if (word == "any") {
        ++at_;
        return;
    }
    if (word == "agent" || word == "customer" || word == "unknown" || word == "system") {
        ++at_;
        scope.items.push_back({ItemKind::role, parse_role(word)});
    } else if (word == "before" || word == "after") {
        ++at_;
        named_item(scope, word == "before" ? ItemKind::before_rule : ItemKind::after_rule);
    } else if (word == "next") {
        next_item(scope);
    } else if (word == "lang") {
        ++at_;
        named_item(scope, ItemKind::language);
    } else if (word == "question") {
        ++at_;
        scope.items.push_back({ItemKind::question});
    } else {
        mode_item(word, mode);
    }
}

void Parser::mode_item(const std::string& word, MatchMode& mode) {
    if (word == "negated" && is("ok", 1)) {
        mode.negation = NegationMode::allowed;
        at_ += 2;
    } else if (word == "negated" && is("only", 1)) {
        mode.negation = NegationMode::only;
        at_ += 2;
    } else if (word == "exact") {
        mode.exact = true;
        ++at_;
    } else if (word == "phonetic") {
        mode.phonetic = true;
        ++at_;
    } else {
        error("E01",
              "no scope begins with " + shown(),
              "agent, customer, first 2 turns, last 30 s, 0%..60%, before x, negated ok");
    }
}

void Parser::named_item(Scope& scope, ItemKind kind) {
    if (here().kind != LexKind::name) return error("E01", "expected a name before " + shown());
    ScopeItem item{kind};
    item.name = items_[at_++].text;
    scope.items.push_back(std::move(item));
}

/// "next 3 turns after trouble".
void Parser::next_item(Scope& scope) {
    ++at_;
    const double turns = number("a number");
    if (turns <= 0) error("E04", "this window is empty", "begin with 1");
    if (!take("turns") && !take("turn")) error("E06", "next counts turns", "write next 3 turns");
    need("after");
    named_item(scope, ItemKind::next_turns);
    if (!scope.items.empty()) scope.items.back().low = turns;
}

void Parser::edge_item(Scope& scope, bool first) {
    ++at_;
    ScopeItem item;
    item.low = number("a number");
    if (item.low <= 0) error("E04", "this window is empty", "begin with 1");
    if (take("turns") || take("turn")) {
        item.kind = first ? ItemKind::first_turns : ItemKind::last_turns;
    } else if (take("s")) {
        item.kind = first ? ItemKind::first_ms : ItemKind::last_ms;
        item.low *= 1000;
    } else if (take("%")) {
        item.kind = first ? ItemKind::first_percent : ItemKind::last_percent;
    } else {
        error("E06", "first and last count turns, s or %", "write first 2 turns");
    }
    scope.items.push_back(std::move(item));
}

void Parser::turns_item(Scope& scope) {
    ++at_;
    ScopeItem item{ItemKind::turns};
    item.low = integer("a turn");
    need("..");
    item.high = integer("a turn");
    if (item.low > item.high || item.high < 1) error("E04", "this window is empty");
    scope.items.push_back(std::move(item));
}

void Parser::range_item(Scope& scope) {
    ScopeItem item;
    item.low = number("a number");
    const bool percent = is("%");
    if (!take("%") && !take("s")) error("E06", "a range has the unit s or %", "write 0%..60%");
    need("..");
    item.high = number("a number");
    if (!failed_ && !take(percent ? "%" : "s"))
        error("E06", "both ends of a range have the same unit");
    if (item.low >= item.high) error("E04", "this window is empty");
    item.kind = percent ? ItemKind::percent : ItemKind::time_ms;
    if (!percent) {
        item.low *= 1000;
        item.high *= 1000;
    }
    scope.items.push_back(std::move(item));
}

} // namespace hs::analysis
