#include <algorithm>

#include "analysis/roles.hpp"
#include "analysis/rules/run_state.hpp"

namespace hs::analysis {

namespace {

/// RFC 4647 basic filtering: "hi" means hi and hi-Latn, "hi-Latn" only itself.
bool in_range(std::string_view tag, std::string_view range) {
    return tag.starts_with(range) && (tag.size() == range.size() || tag[range.size()] == '-');
}

constexpr double most_uncovered_speech = 0.20;
constexpr double sure_word = 0.5;

std::size_t index(int i) {
    return static_cast<std::size_t>(i);
}

/// Length of a turn and how much of it has no word that was heard with some certainty.
std::pair<int, int> speech_of(const Turn& turn) {
    const int length = std::max(0, turn.end_ms - turn.start_ms);
    if (turn.words.empty()) return {length, turn.confidence < sure_word ? length : 0};
    int weak = 0;
    for (const auto& word : turn.words)
        if (word.confidence < sure_word) weak += std::max(0, word.end_ms - word.start_ms);
    return {length, std::min(weak, length)};
}

} // namespace

RuleRun::State::State(const Rulebook::State& rulebook, RuleInputs call)
    : book(rulebook), inputs(std::move(call)) {
    const auto& index_of_patterns = book.index();
    matches = index_of_patterns.run(inputs.text, inputs.transcript.machine);
    windows.resize(book.syntax.scopes.size());
    rules.resize(book.rules.size());
    for (const auto& turn : inputs.transcript.turns)
        turn_speech.push_back(speech_of(turn));
    if (inputs.spotted == nullptr || inputs.spotted->empty()) return;
    Transcript phrases;
    for (const auto& phrase : *inputs.spotted) {
        Turn turn;
        turn.text = phrase.phrase;
        interpolate_words(turn);
        phrases.turns.push_back(std::move(turn));
    }
    heard_text = tokenise(phrases);
    heard = index_of_patterns.run(heard_text, false);
}

const Turn& RuleRun::State::turn(int i) const {
    return inputs.transcript.turns[index(i)];
}

int RuleRun::State::duration_ms() const {
    if (inputs.transcript.duration_ms > 0) return inputs.transcript.duration_ms;
    int last = 0;
    for (const auto& each : inputs.transcript.turns)
        last = std::max(last, each.end_ms);
    return last;
}

const Window& RuleRun::State::window(int scope) {
    if (windows.size() < book.syntax.scopes.size()) windows.resize(book.syntax.scopes.size());
    if (!windows[index(scope)]) {
        auto resolved = resolve(scope);
        windows[index(scope)] = std::move(resolved);
    }
    return *windows[index(scope)];
}

Window RuleRun::State::resolve(int scope) {
    Window result;
    const auto& own = book.syntax.scopes[index(scope)];
    if (own.parent >= 0) {
        result = window(own.parent);
    } else {
        result.turns.assign(inputs.transcript.turns.size(), 1);
    }
    // Roles first: "first 2 turns" counts the turns of the role, in whatever order they stand.
    for (const auto& item : own.items)
        if (item.kind == ItemKind::role) apply_item(item, result);
    for (const auto& item : own.items)
        if (item.kind != ItemKind::role) apply_item(item, result);
    finish_window(result);
    return result;
}

void RuleRun::State::apply_item(const ScopeItem& item, Window& window) {
    const auto& turns = inputs.transcript.turns;
    const auto part = [&](double percent) {
        return static_cast<int>(duration_ms() * percent / 100.0);
    };
    const int begin = turns.empty() ? 0 : turns.front().start_ms;
    const int last = turns.empty() ? 0 : turns.back().end_ms;
    const int open = std::numeric_limits<int>::max();
    switch (item.kind) {
    case ItemKind::role:
        window.role = item.role;
        for (std::size_t i = 0; i < turns.size(); ++i)
            if (turns[i].role != item.role) window.turns[i] = 0;
        return;
    case ItemKind::first_turns:
    case ItemKind::last_turns:
    case ItemKind::turns: return limit_turns(item, window);
    case ItemKind::first_ms: return limit_time(begin, begin + static_cast<int>(item.low), window);
    case ItemKind::last_ms: return limit_time(last - static_cast<int>(item.low), open, window);
    case ItemKind::first_percent: return limit_time(0, part(item.low), window);
    case ItemKind::last_percent: return limit_time(part(100 - item.low), open, window);
    case ItemKind::time_ms:
        return limit_time(static_cast<int>(item.low), static_cast<int>(item.high), window);
    case ItemKind::percent:
        return limit_time(part(item.low), item.high >= 100 ? open : part(item.high), window);
    case ItemKind::before_rule:
    case ItemKind::after_rule: {
        const auto spans = rule_spans(rule(item.rule));
        const bool before = item.kind == ItemKind::before_rule;
        if (spans.empty()) {
            if (!before) window.turns.assign(turns.size(), 0); // nothing comes after it
            return;
        }
        if (before && spans.front().token_from >= 0) {
            window.to_token = std::min(window.to_token, spans.front().token_from);
        } else if (before) {
            limit_time(window.from_ms, spans.front().start_ms, window);
        } else if (spans.front().token_to >= 0) {
            window.from_token = std::max(window.from_token, spans.front().token_to + 1);
        } else {
            limit_time(spans.front().end_ms, open, window);
        }
        return;
    }
    case ItemKind::next_turns: return limit_next_turns(item, window);
    case ItemKind::question: window.questions_only = true; return;
    case ItemKind::language:
        for (std::size_t i = 0; i < turns.size(); ++i)
            if (!in_range(turns[i].language, item.name)) window.turns[i] = 0;
        return;
    }
}

void RuleRun::State::limit_turns(const ScopeItem& item, Window& window) {
    // Counted over the turns of the role that have words, whatever else narrows the window.
    std::vector<std::size_t> counted;
    const auto& turns = inputs.transcript.turns;
    for (std::size_t i = 0; i < turns.size(); ++i) {
        const auto [from, to] = inputs.text.turn_ranges[i];
        const bool of_role = !window.role || turns[i].role == *window.role;
        if (of_role && from != to) counted.push_back(i);
    }
    const auto size = static_cast<double>(counted.size());
    double low = 1;
    double high = size;
    if (item.kind == ItemKind::first_turns) high = item.low;
    if (item.kind == ItemKind::last_turns) low = size - item.low + 1;
    if (item.kind == ItemKind::turns) {
        low = item.low;
        high = item.high;
    }
    std::vector<char> inside(turns.size(), 0);
    for (std::size_t n = 0; n < counted.size(); ++n) {
        const auto number = static_cast<double>(n + 1);
        if (number >= low && number <= high) inside[counted[n]] = 1;
    }
    for (std::size_t i = 0; i < turns.size(); ++i)
        window.turns[i] = window.turns[i] != 0 && inside[i] != 0 ? 1 : 0;
    window.turn_limited = true;
}

void RuleRun::State::limit_next_turns(const ScopeItem& item, Window& window) {
    const auto spans = rule_spans(rule(item.rule));
    const int after = spans.empty() ? 0 : spans.front().turn_to;
    double left = after > 0 ? item.low : 0; // nothing comes after what was not said
    const auto& turns = inputs.transcript.turns;
    for (std::size_t i = 0; i < turns.size(); ++i) {
        const auto [from, to] = inputs.text.turn_ranges[i];
        const bool of_role = !window.role || turns[i].role == *window.role;
        const bool counts = static_cast<int>(i) >= after && of_role && from != to;
        if (!counts || left <= 0) window.turns[i] = 0;
        if (counts) --left;
    }
    window.turn_limited = true;
}

void RuleRun::State::limit_time(int from_ms, int to_ms, Window& window) const {
    window.from_ms = std::max(window.from_ms, from_ms);
    window.to_ms = std::min(window.to_ms, to_ms);
}

void RuleRun::State::finish_window(Window& window) const {
    const auto& turns = inputs.transcript.turns;
    auto& searched = window.searched;
    searched = {};
    long long speech = 0;
    long long weak = 0;
    for (std::size_t i = 0; i < turns.size(); ++i) {
        if (window.turns[i] == 0) continue;
        if (turns[i].start_ms >= window.to_ms || turns[i].end_ms < window.from_ms) continue;
        speech += turn_speech[i].first;
        weak += turn_speech[i].second;
        if (searched.turn_from == 0) {
            searched.turn_from = static_cast<int>(i) + 1;
            searched.start_ms = turns[i].start_ms;
        }
        searched.turn_to = static_cast<int>(i) + 1;
        searched.end_ms = turns[i].end_ms;
        searched.words += static_cast<int>(turns[i].words.size());
    }
    const auto& transcript = inputs.transcript;
    const bool roles_known = !window.role || transcript.role_confidence >= role_confidence_floor;
    const bool covered =
        static_cast<double>(weak) <= most_uncovered_speech * static_cast<double>(speech);
    window.reliable = !transcript.low_confidence && roles_known && covered;
}

const SearchedWindow& RuleRun::State::searched(int root) {
    const auto [known, added] = searched_below.try_emplace(root);
    if (!added) return known->second;
    SearchedWindow all;
    for (const int id : subtree(book.syntax, root)) {
        const auto& node = book.syntax.nodes[index(id)];
        if (node.kind != NodeKind::string && node.kind != NodeKind::list) continue;
        const auto part = window(node.scope).searched;
        if (part.turn_from == 0) continue;
        if (all.turn_from == 0) {
            all = part;
            continue;
        }
        all.turn_from = std::min(all.turn_from, part.turn_from);
        all.turn_to = std::max(all.turn_to, part.turn_to);
        all.start_ms = std::min(all.start_ms, part.start_ms);
        all.end_ms = std::max(all.end_ms, part.end_ms);
        all.words = std::max(all.words, part.words);
    }
    return searched_below[root] = all.turn_from == 0 ? window(0).searched : all;
}

bool RuleRun::State::inside(const RuleSpan& span, const Window& window) const {
    if (span.start_ms < window.from_ms || span.start_ms >= window.to_ms) return false;
    if (span.kind == EvidenceKind::metric) {
        return !window.turn_limited || (span.start_ms >= window.searched.start_ms &&
                                        span.start_ms <= window.searched.end_ms);
    }
    if (span.turn < 1 || window.turns[index(span.turn - 1)] == 0) return false;
    if (span.token_from < 0) return true;
    if (span.token_from < window.from_token || span.token_to >= window.to_token) return false;
    return !window.questions_only || inputs.text.tokens[index(span.token_from)].question ||
           inputs.text.tokens[index(span.token_to)].question;
}

} // namespace hs::analysis
