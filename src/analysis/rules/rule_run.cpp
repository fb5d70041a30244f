#include <algorithm>

#include "analysis/rules/run_state.hpp"

namespace hs::analysis {

namespace {

constexpr double least_confidence = 0.35;
constexpr double least_heard_confidence = 0.5;
constexpr double sure_word = 0.5; // as windows.cpp counts them
constexpr int backchannel_words = 2;

std::size_t index(int i) {
    return static_cast<std::size_t>(i);
}

Truth inverted(Truth truth) {
    return truth == Truth::yes ? Truth::no : truth == Truth::no ? Truth::yes : Truth::unknown;
}

bool by_place(const RuleSpan& a, const RuleSpan& b) {
    if (a.start_ms != b.start_ms) return a.start_ms < b.start_ms;
    if (a.token_from != b.token_from) return a.token_from < b.token_from;
    return a.end_ms < b.end_ms;
}

bool same_place(const RuleSpan& a, const RuleSpan& b) {
    return a.token_from == b.token_from && a.token_to == b.token_to && a.start_ms == b.start_ms &&
           a.kind == b.kind;
}

void sort_spans(std::vector<RuleSpan>& spans) {
    // Most lists are in order already, and sorting would ask for memory first.
    if (!std::ranges::is_sorted(spans, by_place)) std::ranges::stable_sort(spans, by_place);
    spans.erase(std::ranges::unique(spans, same_place).begin(), spans.end());
}

void append(std::vector<RuleSpan>& spans, const std::vector<RuleSpan>& more) {
    spans.insert(spans.end(), more.begin(), more.end());
}

bool negation_fits(const Match& match, NegationMode mode) {
    switch (mode) {
    case NegationMode::dropped: return !match.negated;
    case NegationMode::allowed: return true;
    case NegationMode::only: return match.negated;
    }
    return false;
}

} // namespace

Value RuleRun::State::evaluate(int id) {
    const auto& node = book.syntax.nodes[index(id)];
    switch (node.kind) {
    case NodeKind::constant: return {node.low > 0 ? Truth::yes : Truth::no, {}, true};
    case NodeKind::string: return matched(node, {node.target});
    case NodeKind::list: return matched(node, book.classes[index(node.target)].patterns);
    case NodeKind::rule: return rule_reference(node);
    case NodeKind::all: return both(node);
    case NodeKind::any: return either(node);
    case NodeKind::negation: {
        const auto inner = evaluate(node.left);
        return {inverted(inner.truth), {}, inner.reliable};
    }
    case NodeKind::near:
    case NodeKind::before:
    case NodeKind::then:
    case NodeKind::reply:
    case NodeKind::same_turn: return related(node);
    case NodeKind::not_near: return not_near(node);
    case NodeKind::count: return counted(node);
    case NodeKind::event: return events(node);
    case NodeKind::value: return compared(node);
    case NodeKind::meta: return meta(node);
    case NodeKind::answer: return answer(node);
    }
    return {};
}

// --- words ---------------------------------------------------------------------------------------

Value RuleRun::State::matched(const Node& node, const std::vector<int>& patterns) {
    Value value;
    const auto& scope = window(node.scope);
    bool weak = false;
    for (const int p : patterns)
        for (const auto& match : matches[index(p)]) {
            if (!negation_fits(match, node.mode.negation)) continue;
            auto found = span(match.from, match.to, match.confidence);
            if (!inside(found, scope)) continue;
            if (found.confidence < least_confidence) {
                weak = true;
            } else {
                value.spans.push_back(found);
            }
        }
    value.reliable = scope.reliable && !weak;
    if (value.spans.empty() && !value.reliable) {
        add_heard(node, patterns, scope, value);
    }
    sort_spans(value.spans);
    value.truth = !value.spans.empty() ? Truth::yes : value.reliable ? Truth::no : Truth::unknown;
    return value;
}

/// A phrase of the keyphrase spotter stands for words that the recogniser missed.
bool RuleRun::State::add_heard(const Node& node,
                               const std::vector<int>& patterns,
                               const Window& scope,
                               Value& value) const {
    if (heard.empty() || node.mode.negation == NegationMode::only) return false;
    for (const int p : patterns)
        for (const auto& match : heard[index(p)]) {
            const auto& phrase =
                (*inputs.spotted)[index(heard_text.tokens[index(match.from)].turn)];
            if (phrase.confidence < least_heard_confidence) continue;
            if (scope.role && *scope.role != phrase.role) continue;
            RuleSpan found;
            found.spotted = true;
            found.start_ms = phrase.start_ms;
            found.end_ms = phrase.end_ms;
            found.confidence = phrase.confidence;
            for (std::size_t i = 0; i < inputs.transcript.turns.size(); ++i) {
                const auto& each = inputs.transcript.turns[i];
                if (each.role != phrase.role || each.start_ms > phrase.end_ms ||
                    each.end_ms < phrase.start_ms)
                    continue;
                found.turn = found.turn_to = static_cast<int>(i) + 1;
                break;
            }
            if (found.turn == 0) continue;
            // The spotter hears no "never" before the phrase; the recogniser may have.
            const auto [from, to] = inputs.text.turn_ranges[index(found.turn - 1)];
            for (int t = from; t < to; ++t) {
                const auto& token = inputs.text.tokens[index(t)];
                if (token.negator) found.confidence = 0;
                if (token.start_ms < phrase.end_ms && token.end_ms > phrase.start_ms) {
                    if (found.token_from < 0) found.token_from = t;
                    found.token_to = t;
                }
            }
            if (found.token_from >= 0) {
                found.word_from = inputs.text.tokens[index(found.token_from)].word_from;
                found.word_to = inputs.text.tokens[index(found.token_to)].word_to;
            } else {
                found.word_to = static_cast<int>(turn(found.turn - 1).words.size()) - 1;
            }
            found.last_word_from = found.word_from;
            found.last_word_to = found.word_to;
            if (found.confidence > 0 && inside(found, scope)) value.spans.push_back(found);
        }
    return !value.spans.empty();
}

// --- logic ---------------------------------------------------------------------------------------

Value RuleRun::State::both(const Node& node) {
    auto left = evaluate(node.left);
    if (left.truth == Truth::no) return {Truth::no, {}, left.reliable};
    auto right = evaluate(node.right);
    Value value;
    value.truth = std::min(left.truth, right.truth);
    value.reliable = left.reliable && right.reliable;
    if (value.truth != Truth::yes) return value;
    value.spans = std::move(left.spans);
    append(value.spans, right.spans);
    sort_spans(value.spans);
    return value;
}

Value RuleRun::State::either(const Node& node) {
    auto left = evaluate(node.left);
    auto right = evaluate(node.right);
    Value value;
    value.truth = std::max(left.truth, right.truth);
    value.reliable = left.reliable && right.reliable;
    if (left.truth == Truth::yes) value.spans = std::move(left.spans);
    if (right.truth == Truth::yes) append(value.spans, right.spans);
    sort_spans(value.spans);
    return value;
}

// --- relations -----------------------------------------------------------------------------------

Value RuleRun::State::related(const Node& node) {
    const auto left = evaluate(node.left);
    const auto right = evaluate(node.right);
    Value value;
    value.reliable = left.reliable && right.reliable;
    relate(node, left.spans, right.spans, value.spans);
    sort_spans(value.spans);
    if (!value.spans.empty()) {
        value.truth = Truth::yes;
    } else if (left.truth == Truth::no || right.truth == Truth::no) {
        value.truth = Truth::no; // one of the two was certainly not said
    } else {
        value.truth = value.reliable ? Truth::no : Truth::unknown;
    }
    return value;
}

namespace {

/// Words between two spans of one turn; negative when they overlap; null when not comparable.
std::optional<int> words_between(const RuleSpan& first, const RuleSpan& second) {
    if (first.token_from < 0 || second.token_from < 0 || first.turn_to != second.turn)
        return std::nullopt;
    return second.token_from - first.token_to - 1;
}

bool near(const RuleSpan& a, const RuleSpan& b, int distance, bool ordered) {
    if (const auto gap = words_between(a, b); gap && *gap >= 0 && *gap <= distance) return true;
    if (ordered) return false;
    if (const auto gap = words_between(b, a); gap && *gap >= 0 && *gap <= distance) return true;
    const bool overlap = a.turn == b.turn && a.token_from >= 0 && b.token_from >= 0 &&
                         a.token_from <= b.token_to && b.token_from <= a.token_to;
    return overlap;
}

bool comes_after(const RuleSpan& a, const RuleSpan& b) {
    if (a.token_to >= 0 && b.token_from >= 0) return b.token_from > a.token_to;
    return b.start_ms >= a.end_ms;
}

bool within(const RuleSpan& a, const RuleSpan& b, const std::optional<int>& limit_ms) {
    return !limit_ms || b.start_ms - a.end_ms <= *limit_ms;
}

} // namespace

void RuleRun::State::relate(const Node& node,
                            const std::vector<RuleSpan>& left,
                            const std::vector<RuleSpan>& right,
                            std::vector<RuleSpan>& out) const {
    // Both lists are in order of the call, so what is too early for one span of the left list is
    // too early for the next ones as well.
    std::size_t begin = 0;
    for (const auto& a : left) {
        const int reply = node.kind == NodeKind::reply ? reply_turn(a.turn_to) : 0;
        while (begin < right.size() && right[begin].turn_to < a.turn &&
               right[begin].end_ms < a.start_ms)
            ++begin;
        for (auto i = begin; i < right.size(); ++i) {
            const auto& b = right[i];
            bool fits = false;
            switch (node.kind) {
            case NodeKind::near: fits = near(a, b, node.distance, false); break;
            case NodeKind::before: fits = near(a, b, node.distance, true); break;
            case NodeKind::then: fits = comes_after(a, b) && within(a, b, node.within_ms); break;
            case NodeKind::reply: fits = b.turn == reply && within(a, b, node.within_ms); break;
            default: fits = a.turn == b.turn && a.turn > 0; break;
            }
            if (fits) {
                out.push_back(a.token_from <= b.token_from ? joined(a, b) : joined(b, a));
                break;
            }
            const bool in_turn = node.kind == NodeKind::near || node.kind == NodeKind::before ||
                                 node.kind == NodeKind::same_turn;
            if (in_turn && b.turn > a.turn_to) break;
            if (node.kind == NodeKind::then && comes_after(a, b)) break; // the later, the further
        }
    }
}

/// The next turn of the other side that is more than a backchannel, 1-based; 0 when none.
int RuleRun::State::reply_turn(int number) const {
    const auto& turns = inputs.transcript.turns;
    if (number < 1) return 0;
    const auto role = turn(number - 1).role;
    for (auto i = index(number); i < turns.size(); ++i) {
        if (turns[i].role == role || turns[i].role == Role::unknown) continue;
        if (!is_backchannel(static_cast<int>(i))) return static_cast<int>(i) + 1;
    }
    return 0;
}

/// "Okay", "haan ji"; never a number, which is an answer however short.
bool RuleRun::State::is_backchannel(int number) const {
    const auto [from, to] = inputs.text.turn_ranges[index(number)];
    for (int t = from; t < to; ++t)
        if (inputs.text.tokens[index(t)].is_number) return false;
    return to - from <= backchannel_words;
}

Value RuleRun::State::not_near(const Node& node) {
    const auto left = evaluate(node.left);
    const auto right = evaluate(node.right);
    Value value;
    value.reliable = left.reliable && right.reliable;
    bool unsure = false;
    for (const auto& a : left.spans) {
        if (std::ranges::any_of(
                right.spans, [&](const RuleSpan& b) { return near(a, b, node.distance, false); }))
            continue;
        if (right.reliable || heard_around(a, node.distance)) {
            value.spans.push_back(a);
        } else {
            unsure = true;
        }
    }
    const bool unknown = unsure || left.truth == Truth::unknown;
    value.truth = !value.spans.empty() ? Truth::yes : unknown ? Truth::unknown : Truth::no;
    return value;
}

/// What was not found among the words beside a span was not said there: those words were heard,
/// whatever else of the call was not.
bool RuleRun::State::heard_around(const RuleSpan& span, int distance) const {
    if (span.token_from < 0 || span.turn < 1 || span.turn != span.turn_to) return false;
    const auto [from, to] = inputs.text.turn_ranges[index(span.turn - 1)];
    const int first = std::max(from, span.token_from - distance);
    const int last = std::min(to - 1, span.token_to + distance);
    return std::all_of(inputs.text.tokens.begin() + first,
                       inputs.text.tokens.begin() + last + 1,
                       [](const Token& token) { return token.confidence >= sure_word; });
}

// --- rules ---------------------------------------------------------------------------------------

const RuleValue& RuleRun::State::rule(int id) {
    if (rules.size() < book.rules.size()) rules.resize(book.rules.size());
    if (!rules[index(id)]) {
        auto value = evaluate_rule(id);
        rules[index(id)] = std::move(value);
    }
    return *rules[index(id)];
}

RuleValue RuleRun::State::evaluate_rule(int id) {
    const auto& compiled = book.rules[index(id)];
    RuleValue result;
    if (compiled.broken) return result;
    const auto decide = [&](RuleOutcome outcome, DecidedBy by, int root, Value value) {
        result.outcome = outcome;
        result.deciding = by;
        result.root = root;
        result.value = std::move(value);
        return result;
    };
    if (compiled.applies >= 0) {
        result.applies = evaluate(compiled.applies);
        if (result.applies.truth == Truth::no)
            return decide(RuleOutcome::na, DecidedBy::applies, compiled.applies, result.applies);
        if (result.applies.truth == Truth::unknown)
            return decide(
                RuleOutcome::uncertain, DecidedBy::applies, compiled.applies, result.applies);
    }
    if (compiled.fail >= 0) {
        auto fail = evaluate(compiled.fail);
        if (fail.truth != Truth::no) {
            const bool yes = fail.truth == Truth::yes;
            return decide(yes ? RuleOutcome::fail : RuleOutcome::uncertain,
                          DecidedBy::fail,
                          compiled.fail,
                          std::move(fail));
        }
    }
    if (compiled.pass >= 0) {
        auto pass = evaluate(compiled.pass);
        if (pass.truth != Truth::no) {
            const bool yes = pass.truth == Truth::yes;
            return decide(yes ? RuleOutcome::pass : RuleOutcome::uncertain,
                          DecidedBy::pass,
                          compiled.pass,
                          std::move(pass));
        }
    }
    return decide(compiled.otherwise, DecidedBy::otherwise, -1, {});
}

std::vector<RuleSpan> RuleRun::State::rule_spans(const RuleValue& value) const {
    if (value.deciding == DecidedBy::applies) return {};
    return value.value.spans;
}

/// A rule as an atom: its fail or pass expression holds.
Value RuleRun::State::rule_reference(const Node& node) {
    const auto& referred = rule(node.target);
    Value value;
    value.reliable = referred.value.reliable && referred.applies.reliable;
    if (referred.outcome == RuleOutcome::uncertain && referred.deciding != DecidedBy::otherwise) {
        value.truth = Truth::unknown;
        value.reliable = false;
        return value;
    }
    if (referred.deciding != DecidedBy::fail && referred.deciding != DecidedBy::pass) return value;
    const auto& scope = window(node.scope);
    for (const auto& each : referred.value.spans)
        if (inside(each, scope)) value.spans.push_back(each);
    const bool spanless = referred.value.spans.empty();
    value.truth = spanless || !value.spans.empty() ? Truth::yes : Truth::no;
    return value;
}

} // namespace hs::analysis
