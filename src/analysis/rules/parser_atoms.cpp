// Atoms: strings, lists, rules, counts, events, values, facts of the call and answers.
#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "analysis/rules/parser.hpp"

namespace hs::analysis {

namespace {

constexpr int largest_gap = 8;

} // namespace

int Parser::atom(int scope, MatchMode mode, int depth) {
    const auto item = here();
    if (take("(")) {
        const int inner = expression(scope, mode, depth + 1);
        need(")");
        return inner;
    }
    Node node;
    node.scope = scope;
    node.mode = mode;
    if (item.kind == LexKind::string) {
        ++at_;
        string_atom(node, item);
    } else if (item.kind == LexKind::name) {
        ++at_;
        named_atom(node, item.text, depth);
    } else {
        error("E01", "expected an expression before " + shown());
    }
    return failed_ ? -1 : add(std::move(node), item);
}

void Parser::string_atom(Node& node, const Lex& item) {
    node.kind = NodeKind::string;
    node.text = item.text;
    if (!take("/")) return;
    node.distance = integer("a number of words");
    if (node.distance < 0 || node.distance > largest_gap)
        error("E05", "a string allows at most 8 extra words", "use near/n for more");
}

void Parser::named_atom(Node& node, const std::string& name, int depth) {
    static constexpr std::array<std::string_view, 8> reserved = {
        "and", "or", "near", "then", "reply", "within", "same", "between"};
    if (name == "true" || name == "false") {
        node.low = name == "true" ? 1 : 0;
    } else if (name == "count" && is("(")) {
        count_atom(node, depth);
    } else if (name == "event" && is("(")) {
        event_atom(node);
    } else if (name.starts_with("metric.")) {
        node.text = name.substr(7);
        value_atom(node, ValueKind::metric);
    } else if (name == "sentiment" || name == "sentiment_min" || name == "sentiment_max") {
        const auto kind = name == "sentiment"       ? ValueKind::sentiment
                          : name == "sentiment_min" ? ValueKind::sentiment_min
                                                    : ValueKind::sentiment_max;
        sentiment_scope(node);
        value_atom(node, kind);
    } else if (name.starts_with("meta.")) {
        node.text = name.substr(5);
        meta_atom(node);
    } else if (name.starts_with("answer.")) {
        node.text = name.substr(7);
        answer_atom(node);
    } else if (std::ranges::find(reserved, name) != reserved.end()) {
        --at_;
        error("E01", "expected an expression before " + shown());
    } else {
        node.kind = name.starts_with('@') ? NodeKind::list : NodeKind::rule;
        node.text = name.starts_with('@') ? name.substr(1) : name;
    }
}

void Parser::count_atom(Node& node, int depth) {
    need("(");
    node.kind = NodeKind::count;
    node.left = expression(node.scope, node.mode, depth + 1);
    need(")");
    compare(node);
    node.low = integer("a count");
}

bool Parser::compare(Node& node) {
    static const std::map<std::string, Comparison> signs = {{"<", Comparison::less},
                                                            {"<=", Comparison::less_equal},
                                                            {">", Comparison::greater},
                                                            {">=", Comparison::greater_equal},
                                                            {"=", Comparison::equal},
                                                            {"!=", Comparison::not_equal}};
    const auto found = here().kind == LexKind::sign ? signs.find(here().text) : signs.end();
    if (found == signs.end()) {
        error("E01", "expected a comparison before " + shown());
        return false;
    }
    node.comparison = found->second;
    ++at_;
    return true;
}

bool Parser::at_comparison() const {
    static constexpr std::array<std::string_view, 6> signs = {"<", "<=", ">", ">=", "=", "!="};
    return here().kind == LexKind::sign && std::ranges::find(signs, here().text) != signs.end();
}

void Parser::unit(Node& node) {
    for (const auto* const name : {"s", "ms", "%"})
        if (take(name)) node.unit = name;
}

void Parser::event_atom(Node& node) {
    static const std::map<std::string, EventKind> kinds = {
        {"silence", EventKind::silence},
        {"hold", EventKind::hold},
        {"overlap", EventKind::overlap},
        {"interruption", EventKind::interruption},
        {"monologue", EventKind::monologue},
        {"raised_voice", EventKind::raised_voice}};
    node.kind = NodeKind::event;
    need("(");
    const auto found = kinds.find(here().text);
    if (found == kinds.end())
        return error("E02",
                     "no event is called " + shown(),
                     "silence, hold, overlap, interruption, monologue, raised_voice");
    ++at_;
    node.event = found->second;
    if (take("by")) {
        node.by = parse_role(here().text);
        if (node.by == Role::unknown) return error("E01", "expected agent or customer");
        ++at_;
    }
    need(")");
    if (failed_ || !at_comparison()) return;
    compare(node);
    node.low = number("a duration");
    unit(node);
    if (node.unit != "s" && node.unit != "ms")
        error("E06", "an event lasts s or ms", "write > 20 s");
    if (node.unit == "s") node.low *= 1000;
}

void Parser::sentiment_scope(Node& node) {
    if (!take("(")) return;
    Scope scope{node.scope, {}};
    do {
        scope_item(scope, node.mode);
    } while (!failed_ && take(","));
    need(")");
    node.scope = intern(std::move(scope));
}

void Parser::value_atom(Node& node, ValueKind kind) {
    node.kind = NodeKind::value;
    node.value = kind;
    if (take("between")) {
        node.comparison = Comparison::between;
        node.low = number("a number");
        need("and");
        node.high = number("a number");
    } else if (compare(node)) {
        node.low = number("a number");
    }
    unit(node);
    if (kind != ValueKind::metric && !node.unit.empty())
        error("E06", "sentiment has no unit", "it lies between -1 and 1");
}

std::string Parser::literal() {
    if (here().kind == LexKind::end || here().kind == LexKind::sign ||
        here().kind == LexKind::bad) {
        error("E01", "expected a value before " + shown());
        return {};
    }
    return items_[at_++].text;
}

void Parser::meta_atom(Node& node) {
    node.kind = NodeKind::meta;
    if (take("missing")) {
        node.comparison = Comparison::missing;
    } else if (take("contains")) {
        node.comparison = Comparison::contains;
        node.literals.push_back(literal());
    } else if (take("in")) {
        node.comparison = Comparison::one_of;
        need("(");
        do {
            node.literals.push_back(literal());
        } while (!failed_ && take(","));
        need(")");
    } else if (compare(node)) {
        if (here().kind == LexKind::number) node.low = here().number;
        node.literals.push_back(literal());
    }
}

void Parser::answer_atom(Node& node) {
    node.kind = NodeKind::answer;
    if (!compare(node)) return;
    if (node.comparison != Comparison::equal && node.comparison != Comparison::not_equal)
        return error("E01", "an answer is compared with = or !=");
    node.literals.push_back(literal());
}

} // namespace hs::analysis
