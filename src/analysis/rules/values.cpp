#include <algorithm>
#include <charconv>

#include "analysis/rules/metric_values.hpp"
#include "analysis/rules/run_state.hpp"

namespace hs::analysis {

namespace {

std::size_t index(int i) {
    return static_cast<std::size_t>(i);
}

Truth truth_of(bool value) {
    return value ? Truth::yes : Truth::no;
}

bool holds(double value, const Node& node) {
    switch (*node.comparison) {
    case Comparison::less: return value < node.low;
    case Comparison::less_equal: return value <= node.low;
    case Comparison::greater: return value > node.low;
    case Comparison::greater_equal: return value >= node.low;
    case Comparison::equal: return value == node.low;
    case Comparison::not_equal: return value != node.low;
    case Comparison::between: return value >= node.low && value <= node.high;
    default: return false;
    }
}

std::optional<double> number_in(const std::string& text) {
    double value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
    return value;
}

bool by_start(const RuleSpan& a, const RuleSpan& b) {
    if (a.start_ms != b.start_ms) return a.start_ms < b.start_ms;
    return a.token_from < b.token_from;
}

struct TimedEvent {
    int start_ms = 0;
    int end_ms = 0;
    std::optional<Role> by;
};

std::vector<TimedEvent> events_of(const ConversationMetrics& metrics, EventKind kind) {
    std::vector<TimedEvent> events;
    const auto add = [&](const std::vector<Event>& found) {
        for (const auto& event : found)
            events.push_back({event.start_ms, event.end_ms, event.by});
    };
    switch (kind) {
    case EventKind::silence: add(metrics.silences); break;
    case EventKind::hold:
        for (const auto& hold : metrics.holds)
            events.push_back({hold.start_ms, hold.end_ms, std::nullopt});
        break;
    case EventKind::overlap: add(metrics.overlaps); break;
    case EventKind::interruption: add(metrics.interruptions); break;
    case EventKind::monologue: add(metrics.monologues); break;
    case EventKind::raised_voice: add(metrics.raised_voice); break;
    }
    return events;
}

} // namespace

Value RuleRun::State::counted(const Node& node) {
    const auto inner = evaluate(node.left);
    const bool met = holds(static_cast<double>(inner.spans.size()), node);
    const bool rising =
        node.comparison == Comparison::greater || node.comparison == Comparison::greater_equal;
    Value value;
    value.reliable = inner.reliable;
    // More may have been said than was heard, never less.
    value.truth = inner.reliable || (rising && met) ? truth_of(met) : Truth::unknown;
    if (value.truth == Truth::yes) value.spans = inner.spans;
    return value;
}

Value RuleRun::State::events(const Node& node) {
    Value value;
    const auto* metrics = inputs.metrics;
    if (metrics == nullptr || (node.event == EventKind::overlap && !metrics->overlap_ms)) {
        value.truth = Truth::unknown;
        value.reliable = false;
        return value;
    }
    const auto& scope = window(node.scope);
    for (const auto& event : events_of(*metrics, node.event)) {
        const auto by = node.by ? node.by : event.by ? scope.role : std::nullopt;
        if (by && event.by != by) continue;
        if (node.comparison && !holds(event.end_ms - event.start_ms, node)) continue;
        RuleSpan found;
        found.kind = EvidenceKind::metric;
        found.start_ms = event.start_ms;
        found.end_ms = event.end_ms;
        for (const auto& turn : inputs.transcript.turns)
            if (found.turn == 0 || turn.start_ms <= event.start_ms) found.turn = turn.index;
        found.turn_to = found.turn;
        if (inside(found, scope)) value.spans.push_back(found);
    }
    std::ranges::sort(value.spans, by_start);
    value.truth = truth_of(!value.spans.empty());
    return value;
}

Value RuleRun::State::compared(const Node& node) {
    if (node.value != ValueKind::metric) return sentiment(node);
    Value value;
    const auto figure =
        inputs.metrics == nullptr ? std::nullopt : metric_value(*inputs.metrics, node.text);
    if (!figure) {
        value.truth = Truth::unknown;
        value.reliable = false;
        return value;
    }
    value.truth = truth_of(holds(*figure, node));
    return value;
}

Value RuleRun::State::sentiment(const Node& node) {
    Value value;
    const auto* known = inputs.sentiment;
    const auto& scope = window(node.scope);
    double sum = 0;
    double weights = 0;
    double lowest = 1;
    double highest = -1;
    const auto turns =
        known == nullptr
            ? 0
            : std::min({known->turn_scores.size(), known->turn_weights.size(), scope.turns.size()});
    for (std::size_t i = 0; i < turns; ++i) {
        const int start = inputs.transcript.turns[i].start_ms;
        if (scope.turns[i] == 0 || start < scope.from_ms || start >= scope.to_ms) continue;
        if (known->turn_weights[i] <= 0) continue;
        sum += known->turn_scores[i] * known->turn_weights[i];
        weights += known->turn_weights[i];
        lowest = std::min(lowest, known->turn_scores[i]);
        highest = std::max(highest, known->turn_scores[i]);
    }
    if (known == nullptr || weights <= 0) {
        // Nobody said anything that carries feeling: nothing to compare, and nothing to wait for.
        value.reliable = known != nullptr && scope.reliable;
        value.truth = value.reliable ? Truth::no : Truth::unknown;
        return value;
    }
    const double figure = node.value == ValueKind::sentiment       ? sum / weights
                          : node.value == ValueKind::sentiment_min ? lowest
                                                                   : highest;
    value.truth = truth_of(holds(figure, node));
    return value;
}

Value RuleRun::State::meta(const Node& node) const {
    Value value;
    const auto found = inputs.meta.find(node.text);
    const bool missing = found == inputs.meta.end() || found->second.empty();
    if (node.comparison == Comparison::missing || missing) {
        const bool unequal = node.comparison == Comparison::not_equal;
        value.truth = truth_of(node.comparison == Comparison::missing ? missing : unequal);
        return value;
    }
    const auto& text = found->second;
    const auto& literal = node.literals.front();
    switch (*node.comparison) {
    case Comparison::equal: value.truth = truth_of(text == literal); return value;
    case Comparison::not_equal: value.truth = truth_of(text != literal); return value;
    case Comparison::contains:
        value.truth = truth_of(text.find(literal) != std::string::npos);
        return value;
    case Comparison::one_of:
        value.truth = truth_of(std::ranges::find(node.literals, text) != node.literals.end());
        return value;
    default: break;
    }
    const auto number = number_in(text);
    value.truth = truth_of(number && number_in(literal) && holds(*number, node));
    return value;
}

Value RuleRun::State::answer(const Node& node) const {
    Value value;
    const auto found = answers.find(node.text);
    if (found == answers.end()) {
        value.truth = Truth::unknown;
        value.reliable = false;
        return value;
    }
    const auto& [state, option] = found->second;
    const auto& literal = node.literals.front();
    const bool same = state == literal || (!option.empty() && option == literal);
    value.truth = truth_of(same == (node.comparison == Comparison::equal));
    return value;
}

RuleSpan RuleRun::State::span(int from_token, int to_token, double confidence) const {
    const auto& first = inputs.text.tokens[index(from_token)];
    const auto& last = inputs.text.tokens[index(to_token)];
    RuleSpan span;
    span.turn = first.turn + 1;
    span.word_from = first.word_from;
    span.word_to = last.word_to;
    span.turn_to = last.turn + 1;
    span.last_word_from = first.word_from;
    span.last_word_to = last.word_to;
    span.token_from = from_token;
    span.token_to = to_token;
    span.start_ms = first.start_ms;
    span.end_ms = last.end_ms;
    span.confidence = confidence;
    return span;
}

/// From the start of `a` to the end of `b`, whichever turns they are in.
RuleSpan RuleRun::State::joined(const RuleSpan& a, const RuleSpan& b) const {
    if (a.kind == EvidenceKind::metric) return b.kind == EvidenceKind::metric ? a : b;
    if (b.kind == EvidenceKind::metric) return a;
    RuleSpan both = a;
    both.confidence = std::min(a.confidence, b.confidence);
    both.token_from = std::min(a.token_from, b.token_from);
    both.token_to = std::max(a.token_to, b.token_to);
    both.start_ms = std::min(a.start_ms, b.start_ms);
    both.end_ms = std::max(a.end_ms, b.end_ms);
    both.spotted = a.spotted || b.spotted;
    if (a.turn == b.turn && a.turn_to == b.turn_to && a.turn == a.turn_to) {
        both.word_from = std::min(a.word_from, b.word_from);
        both.word_to = both.last_word_to = std::max(a.word_to, b.word_to);
        both.last_word_from = both.word_from;
        return both;
    }
    both.turn_to = b.turn_to;
    both.last_word_from = b.turn == b.turn_to ? b.word_from : b.last_word_from;
    both.last_word_to = b.last_word_to;
    return both;
}

} // namespace hs::analysis
