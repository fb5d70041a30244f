#include "analysis/rules/parser.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace hs::analysis {

namespace {

constexpr int deepest_nesting = 64;
constexpr int most_nodes = 1000;

} // namespace

int Parser::run() {
    const int root = expression(0, {}, 0);
    if (!failed_ && here().kind != LexKind::end)
        error("E01", "unexpected " + shown(), "join expressions with and, or, near/5, then");
    return failed_ ? -1 : root;
}

const Lex& Parser::here(std::size_t ahead) const {
    return items_[std::min(at_ + ahead, items_.size() - 1)];
}

bool Parser::is(std::string_view text, std::size_t ahead) const {
    const auto& item = here(ahead);
    return (item.kind == LexKind::name || item.kind == LexKind::sign) && item.text == text;
}

bool Parser::take(std::string_view text) {
    if (!is(text)) return false;
    ++at_;
    return true;
}

void Parser::need(std::string_view text) {
    if (!failed_ && !take(text)) error("E01", fmt::format("expected {} before {}", text, shown()));
}

std::string Parser::shown() const {
    const auto& item = here();
    switch (item.kind) {
    case LexKind::end: return "the end";
    case LexKind::string: return "\"" + item.text + "\"";
    case LexKind::bad: return item.text;
    default: return "'" + item.text + "'";
    }
}

void Parser::error(const char* code, std::string message, std::string suggestion) {
    if (failed_) return;
    failed_ = true;
    lints_.push_back({LintSeverity::error,
                      code,
                      position_in(source_, here().offset),
                      std::move(message),
                      std::move(suggestion)});
}

double Parser::number(const char* what) {
    if (here().kind != LexKind::number) {
        error("E01", fmt::format("expected {} before {}", what, shown()));
        return 0;
    }
    return items_[at_++].number;
}

int Parser::integer(const char* what) {
    if (here().kind == LexKind::number && !here().whole)
        error("E01", fmt::format("{} is a whole number", what));
    return static_cast<int>(std::clamp(number(what), -1e9, 1e9));
}

int Parser::add(Node node, const Lex& item) {
    if (++nodes_ > most_nodes) error("E05", "this expression is too long");
    node.at = position_in(source_, item.offset);
    syntax_.nodes.push_back(std::move(node));
    return static_cast<int>(syntax_.nodes.size()) - 1;
}

int Parser::join(NodeKind kind, int left, int right, const Lex& item) {
    Node node;
    node.kind = kind;
    node.left = left;
    node.right = right;
    return add(std::move(node), item);
}

int Parser::expression(int scope, MatchMode mode, int depth) {
    if (depth > deepest_nesting) error("E05", "nested too deeply");
    if (failed_) return -1;
    int left = conjunction(scope, mode, depth);
    while (!failed_ && is("or")) {
        const auto item = items_[at_++];
        left = join(NodeKind::any, left, conjunction(scope, mode, depth), item);
    }
    return left;
}

int Parser::conjunction(int scope, MatchMode mode, int depth) {
    int left = relation(scope, mode, depth);
    while (!failed_ && is("and")) {
        const auto item = items_[at_++];
        left = join(NodeKind::all, left, relation(scope, mode, depth), item);
    }
    return left;
}

int Parser::relation(int scope, MatchMode mode, int depth) {
    int left = unary(scope, mode, depth);
    Node node;
    while (!failed_ && relation_sign(node)) {
        const auto item = here();
        node.left = left;
        node.right = unary(scope, mode, depth);
        left = add(node, item);
    }
    return left;
}

bool Parser::relation_sign(Node& node) {
    node = {};
    if (is("not") && is("near", 1)) {
        at_ += 2;
        node.kind = NodeKind::not_near;
    } else if (take("near")) {
        node.kind = NodeKind::near;
    } else if (is("before") && is("/", 1)) {
        ++at_;
        node.kind = NodeKind::before;
    } else if (is("then") || is("reply")) {
        node.kind = take("then") ? NodeKind::then : (++at_, NodeKind::reply);
        if (take("within")) node.within_ms = duration();
        return true;
    } else if (is("same") && is("turn", 1)) {
        at_ += 2;
        node.kind = NodeKind::same_turn;
        return true;
    } else {
        return false;
    }
    need("/");
    node.distance = integer("a number of words");
    if (node.distance < 0 || node.distance > 100) error("E01", "a distance is 0 to 100 words");
    return true;
}

int Parser::duration() {
    const double amount = number("a duration such as 20s");
    if (take("ms")) return static_cast<int>(std::min(amount, 1e9));
    if (take("s")) return static_cast<int>(std::min(amount * 1000, 1e9));
    error("E06", "a duration has the unit s or ms", "write 20s");
    return 0;
}

int Parser::unary(int scope, MatchMode mode, int depth) {
    if (depth > deepest_nesting) error("E05", "nested too deeply");
    if (failed_) return -1;
    if (is("not") && !is("near", 1)) {
        const auto item = items_[at_++];
        return join(NodeKind::negation, unary(scope, mode, depth + 1), -1, item);
    }
    if (is("[")) {
        const int inner = scope_items(scope, mode);
        return unary(inner, mode, depth + 1);
    }
    return atom(scope, mode, depth);
}

SourcePosition position_in(const SourceText& source, std::size_t offset) {
    SourcePosition at = source.at;
    const std::string_view before = std::string_view(source.text).substr(0, offset);
    const auto newline = before.rfind('\n');
    const auto rest = newline == before.npos ? before : before.substr(newline + 1);
    const auto characters = static_cast<int>(std::ranges::count_if(
        rest, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
    const auto lines = static_cast<int>(std::ranges::count(before, '\n'));
    // A text of several lines is a block: it begins on the line after its mark.
    const bool block = source.text.find('\n') != std::string::npos;
    at.line += lines + (block ? 1 : 0);
    at.column = (block ? 1 : at.column) + characters;
    return at;
}

int parse_expression(const SourceText& source, Syntax& syntax, std::vector<Lint>& lints) {
    return Parser(source, syntax, lints).run();
}

} // namespace hs::analysis
