#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "analysis/rules/lexer.hpp"
#include "analysis/rules/syntax.hpp"

namespace hs::analysis {

namespace {

constexpr int deepest_nesting = 64;
constexpr int largest_gap = 8;
constexpr int most_nodes = 1000;

/// Thrown by nobody: the first error stops the parse through `failed_`.
class Parser {
public:
    Parser(const SourceText& source, Syntax& syntax, std::vector<Lint>& lints)
        : source_(source), syntax_(syntax), lints_(lints), items_(lex(source.text)) {}

    int run() {
        const int root = expression(0, {}, 0);
        if (!failed_ && here().kind != LexKind::end)
            error("E01", "unexpected " + shown(), "join expressions with and, or, near/5, then");
        return failed_ ? -1 : root;
    }

private:
    // --- reading ------------------------------------------------------------------------------
    [[nodiscard]] const Lex& here(std::size_t ahead = 0) const {
        return items_[std::min(at_ + ahead, items_.size() - 1)];
    }

    [[nodiscard]] bool is(std::string_view text, std::size_t ahead = 0) const {
        const auto& item = here(ahead);
        return (item.kind == LexKind::name || item.kind == LexKind::sign) && item.text == text;
    }

    bool take(std::string_view text) {
        if (!is(text)) return false;
        ++at_;
        return true;
    }

    void need(std::string_view text) {
        if (!failed_ && !take(text))
            error("E01", fmt::format("expected {} before {}", text, shown()));
    }

    [[nodiscard]] std::string shown() const {
        const auto& item = here();
        switch (item.kind) {
        case LexKind::end: return "the end";
        case LexKind::string: return "\"" + item.text + "\"";
        case LexKind::bad: return item.text;
        default: return "'" + item.text + "'";
        }
    }

    void error(const char* code, std::string message, std::string suggestion = {}) {
        if (failed_) return;
        failed_ = true;
        lints_.push_back({LintSeverity::error,
                          code,
                          position_in(source_, here().offset),
                          std::move(message),
                          std::move(suggestion)});
    }

    double number(const char* what) {
        if (here().kind != LexKind::number) {
            error("E01", fmt::format("expected {} before {}", what, shown()));
            return 0;
        }
        return items_[at_++].number;
    }

    int integer(const char* what) {
        if (here().kind == LexKind::number && !here().whole)
            error("E01", fmt::format("{} is a whole number", what));
        return static_cast<int>(std::clamp(number(what), -1e9, 1e9));
    }

    int add(Node node, const Lex& item) {
        if (++nodes_ > most_nodes) error("E05", "this expression is too long");
        node.at = position_in(source_, item.offset);
        syntax_.nodes.push_back(std::move(node));
        return static_cast<int>(syntax_.nodes.size()) - 1;
    }

    int join(NodeKind kind, int left, int right, const Lex& item) {
        Node node;
        node.kind = kind;
        node.left = left;
        node.right = right;
        return add(std::move(node), item);
    }

    // --- expression ---------------------------------------------------------------------------
    int expression(int scope, MatchMode mode, int depth) {
        if (depth > deepest_nesting) error("E05", "nested too deeply");
        if (failed_) return -1;
        int left = conjunction(scope, mode, depth);
        while (!failed_ && is("or")) {
            const auto item = items_[at_++];
            left = join(NodeKind::any, left, conjunction(scope, mode, depth), item);
        }
        return left;
    }

    int conjunction(int scope, MatchMode mode, int depth) {
        int left = relation(scope, mode, depth);
        while (!failed_ && is("and")) {
            const auto item = items_[at_++];
            left = join(NodeKind::all, left, relation(scope, mode, depth), item);
        }
        return left;
    }

    int relation(int scope, MatchMode mode, int depth) {
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

    bool relation_sign(Node& node) {
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

    int duration() {
        const double amount = number("a duration such as 20s");
        if (take("ms")) return static_cast<int>(std::min(amount, 1e9));
        if (take("s")) return static_cast<int>(std::min(amount * 1000, 1e9));
        error("E06", "a duration has the unit s or ms", "write 20s");
        return 0;
    }

    int unary(int scope, MatchMode mode, int depth) {
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

    // --- scopes -------------------------------------------------------------------------------
    int scope_items(int parent, MatchMode& mode) {
        need("[");
        Scope scope{parent, {}};
        do {
            scope_item(scope, mode);
        } while (!failed_ && take(","));
        need("]");
        return intern(std::move(scope));
    }

    int intern(Scope scope) {
        if (scope.items.empty()) return scope.parent;
        const auto found = std::ranges::find(syntax_.scopes, scope);
        const auto index = found - syntax_.scopes.begin();
        if (found == syntax_.scopes.end()) syntax_.scopes.push_back(std::move(scope));
        return static_cast<int>(index);
    }

    void scope_item(Scope& scope, MatchMode& mode) {
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

    void mode_item(const std::string& word, MatchMode& mode) {
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

    void named_item(Scope& scope, ItemKind kind) {
        if (here().kind != LexKind::name) return error("E01", "expected a name before " + shown());
        ScopeItem item{kind};
        item.name = items_[at_++].text;
        scope.items.push_back(std::move(item));
    }

    void edge_item(Scope& scope, bool first) {
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

    void turns_item(Scope& scope) {
        ++at_;
        ScopeItem item{ItemKind::turns};
        item.low = integer("a turn");
        need("..");
        item.high = integer("a turn");
        if (item.low > item.high || item.high < 1) error("E04", "this window is empty");
        scope.items.push_back(std::move(item));
    }

    void range_item(Scope& scope) {
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

    // --- atoms --------------------------------------------------------------------------------
    int atom(int scope, MatchMode mode, int depth) {
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

    void string_atom(Node& node, const Lex& item) {
        node.kind = NodeKind::string;
        node.text = item.text;
        if (!take("/")) return;
        node.distance = integer("a number of words");
        if (node.distance < 0 || node.distance > largest_gap)
            error("E05", "a string allows at most 8 extra words", "use near/n for more");
    }

    void named_atom(Node& node, const std::string& name, int depth) {
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

    void count_atom(Node& node, int depth) {
        need("(");
        node.kind = NodeKind::count;
        node.left = expression(node.scope, node.mode, depth + 1);
        need(")");
        compare(node);
        node.low = integer("a count");
    }

    bool compare(Node& node) {
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

    [[nodiscard]] bool at_comparison() const {
        static constexpr std::array<std::string_view, 6> signs = {"<", "<=", ">", ">=", "=", "!="};
        return here().kind == LexKind::sign && std::ranges::find(signs, here().text) != signs.end();
    }

    void unit(Node& node) {
        for (const auto* const name : {"s", "ms", "%"})
            if (take(name)) node.unit = name;
    }

    void event_atom(Node& node) {
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

    void sentiment_scope(Node& node) {
        if (!take("(")) return;
        Scope scope{node.scope, {}};
        do {
            scope_item(scope, node.mode);
        } while (!failed_ && take(","));
        need(")");
        node.scope = intern(std::move(scope));
    }

    void value_atom(Node& node, ValueKind kind) {
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

    std::string literal() {
        if (here().kind == LexKind::end || here().kind == LexKind::sign ||
            here().kind == LexKind::bad) {
            error("E01", "expected a value before " + shown());
            return {};
        }
        return items_[at_++].text;
    }

    void meta_atom(Node& node) {
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

    void answer_atom(Node& node) {
        node.kind = NodeKind::answer;
        if (!compare(node)) return;
        if (node.comparison != Comparison::equal && node.comparison != Comparison::not_equal)
            return error("E01", "an answer is compared with = or !=");
        node.literals.push_back(literal());
    }

    const SourceText& source_;
    Syntax& syntax_;
    std::vector<Lint>& lints_;
    std::vector<Lex> items_;
    std::size_t at_ = 0;
    int nodes_ = 0;
    bool failed_ = false;
};

} // namespace

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
