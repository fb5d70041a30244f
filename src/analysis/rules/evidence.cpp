#include <algorithm>

#include "analysis/roles.hpp"
#include "analysis/rules/run_state.hpp"

namespace hs::analysis {

namespace {

constexpr int most_anchor_words = 30;
constexpr std::size_t most_evidence = 3;
constexpr double sure_absence = 0.95;

std::size_t index(int i) {
    return static_cast<std::size_t>(i);
}

std::string words_of(const Turn& turn, int from, int to) {
    std::string text;
    for (int i = std::max(from, 0); i <= to && i < static_cast<int>(turn.words.size()); ++i)
        text += (text.empty() ? "" : " ") + turn.words[index(i)].text;
    return text;
}

/// A turn by contract has words; one that only has text is read the same way.
const Turn& with_words(const Turn& turn, Turn& scratch) {
    if (!turn.words.empty()) return turn;
    scratch = turn;
    interpolate_words(scratch);
    return scratch;
}

} // namespace

const char* to_string(RuleOutcome outcome) {
    switch (outcome) {
    case RuleOutcome::pass: return "pass";
    case RuleOutcome::fail: return "fail";
    case RuleOutcome::na: return "na";
    case RuleOutcome::uncertain: return "uncertain";
    }
    return "uncertain";
}

std::optional<Evidence> RuleRun::State::opening_words(int number, EvidenceKind kind) const {
    if (number < 1 || number > static_cast<int>(inputs.transcript.turns.size()))
        return std::nullopt;
    Turn scratch;
    const auto& cited = with_words(turn(number - 1), scratch);
    if (cited.words.empty()) return std::nullopt;
    Evidence evidence;
    evidence.kind = kind;
    evidence.turn = number;
    evidence.word_to = std::min(most_anchor_words, static_cast<int>(cited.words.size())) - 1;
    evidence.start_ms = cited.start_ms;
    evidence.end_ms = cited.words[index(evidence.word_to)].end_ms;
    evidence.quote = words_of(cited, 0, evidence.word_to);
    return evidence;
}

std::vector<Evidence> RuleRun::State::quotes(const RuleSpan& span) const {
    std::vector<Evidence> evidence;
    if (span.kind == EvidenceKind::metric) {
        auto cited = opening_words(span.turn, EvidenceKind::metric);
        if (!cited) return evidence;
        cited->start_ms = span.start_ms;
        cited->end_ms = span.end_ms;
        evidence.push_back(std::move(*cited));
        return evidence;
    }
    const auto part = [&](int number, int from, int to) {
        Turn scratch;
        const auto& cited = with_words(turn(number - 1), scratch);
        const int last = std::min(to, static_cast<int>(cited.words.size()) - 1);
        if (from > last || from < 0) return;
        Evidence quote;
        quote.turn = number;
        quote.word_from = from;
        quote.word_to = last;
        quote.start_ms = cited.words[index(from)].start_ms;
        quote.end_ms = cited.words[index(last)].end_ms;
        quote.quote = words_of(cited, from, last);
        // The recogniser wrote other words than the spotter heard.
        if (span.spotted) quote.verified = "repaired";
        evidence.push_back(std::move(quote));
    };
    if (span.turn < 1 || span.turn > static_cast<int>(inputs.transcript.turns.size()))
        return evidence;
    if (span.turn == span.turn_to) {
        part(span.turn, span.word_from, std::max(span.word_to, span.last_word_to));
        return evidence;
    }
    part(span.turn, span.word_from, span.word_to);
    part(span.turn_to, span.last_word_from, span.last_word_to);
    return evidence;
}

std::optional<Evidence> RuleRun::State::anchor(std::string_view name) const {
    const auto& turns = inputs.transcript.turns;
    int first = 0;
    int last = 0;
    int longest = 0;
    int any = 0;
    std::size_t most_words = 0;
    for (std::size_t i = 0; i < turns.size(); ++i) {
        const auto [from, to] = inputs.text.turn_ranges[i];
        if (from == to) continue;
        const auto number = static_cast<int>(i) + 1;
        if (any == 0) any = number;
        if (turns[i].role != Role::agent) continue;
        if (first == 0) first = number;
        last = number;
        if (index(to - from) > most_words) {
            most_words = index(to - from);
            longest = number;
        }
    }
    int chosen = first;
    if (name == "last_agent_turn") chosen = last;
    if (name == "longest_agent_turn") chosen = longest;
    return opening_words(chosen == 0 ? any : chosen, EvidenceKind::absence);
}

// --- results -------------------------------------------------------------------------------------

namespace {

double mean_confidence(const std::vector<RuleSpan>& spans) {
    double sum = 0;
    for (const auto& span : spans)
        sum += span.confidence;
    return spans.empty() ? 1.0 : sum / static_cast<double>(spans.size());
}

/// The expression whose silence decided: what would have had to be said.
int searched_root(const CompiledRule& rule, const RuleValue& value) {
    if (value.root >= 0) return value.root;
    const bool missing = rule.otherwise == RuleOutcome::fail;
    if (missing) return rule.pass >= 0 ? rule.pass : rule.fail;
    return rule.fail >= 0 ? rule.fail : rule.pass;
}

bool uses_roles(const Syntax& syntax, int root) {
    for (const int id : subtree(syntax, root))
        for (int scope = syntax.nodes[index(id)].scope; scope > 0;
             scope = syntax.scopes[index(scope)].parent)
            for (const auto& item : syntax.scopes[index(scope)].items)
                if (item.kind == ItemKind::role) return true;
    return false;
}

bool only_figures(const Syntax& syntax, int root) {
    bool figures = false;
    for (const int id : subtree(syntax, root)) {
        const auto kind = syntax.nodes[index(id)].kind;
        figures |= kind == NodeKind::value || kind == NodeKind::event;
        if (kind == NodeKind::string || kind == NodeKind::list) return false;
    }
    return figures;
}

/// The quote of a result that rests on nothing said: the anchor of the rule or of the question.
std::optional<Evidence> absence_of(const RuleRun::State& run,
                                   const CompiledRule& rule,
                                   const RuleValue& value,
                                   std::string_view anchor) {
    auto name = anchor.empty() ? std::string_view(rule.source.anchor) : anchor;
    if (name.empty() && !value.applies.spans.empty()) name = "trigger";
    if (name == "trigger" && !value.applies.spans.empty()) {
        auto quotes = run.quotes(value.applies.spans.front());
        if (!quotes.empty()) {
            quotes.front().kind = EvidenceKind::absence;
            return quotes.front();
        }
    }
    return run.anchor(name);
}

} // namespace

RuleRun::RuleRun(const Rulebook& book, RuleInputs inputs)
    : state_(std::make_unique<State>(*book.state_, std::move(inputs))) {}

RuleRun::RuleRun(RuleRun&&) noexcept = default;
RuleRun::~RuleRun() = default;

void RuleRun::set_answer(const std::string& question_id,
                         const std::string& state,
                         const std::string& option) {
    state_->answers[question_id] = {state, option};
    // What was derived from answers, or before the moods were known, may have changed.
    for (std::size_t i = 0; i < state_->rules.size(); ++i)
        if (state_->book.rules[i].shifts) state_->rules[i].reset();
}

RuleResult RuleRun::result(std::string_view rule_id, std::string_view anchor) {
    RuleResult result;
    result.rule_id = rule_id;
    const auto found = state_->book.rule_ids.find(rule_id);
    if (found == state_->book.rule_ids.end()) return result;
    const auto& rule = state_->book.rules[index(found->second)];
    const auto& value = state_->rule(found->second);
    result.result = value.outcome;
    result.deciding = value.deciding;
    result.searched = state_->searched(searched_root(rule, value));
    if (value.outcome == RuleOutcome::uncertain) return result;
    const bool said = !value.value.spans.empty();
    result.confidence = said ? mean_confidence(value.value.spans) : sure_absence;
    if (value.outcome == RuleOutcome::na) return result;
    for (const auto& span : value.value.spans) {
        if (result.evidence.size() >= most_evidence) break;
        for (auto& quote : state_->quotes(span))
            result.evidence.push_back(std::move(quote));
    }
    if (result.evidence.empty()) {
        auto absence = absence_of(*state_, rule, value, anchor);
        if (absence && value.root >= 0 && only_figures(state_->book.syntax, value.root))
            absence->kind = EvidenceKind::metric;
        if (absence) result.evidence.push_back(std::move(*absence));
    }
    const bool roles_unsure = state_->inputs.transcript.role_confidence < role_confidence_floor &&
                              uses_roles(state_->book.syntax, searched_root(rule, value));
    const bool accuses_a_guess = value.outcome == RuleOutcome::fail && roles_unsure;
    if (result.evidence.empty() || accuses_a_guess) {
        result.result = RuleOutcome::uncertain;
        result.confidence = 0;
    }
    return result;
}

const std::vector<RuleSpan>& RuleRun::spans(std::string_view rule_id) {
    static const std::vector<RuleSpan> none;
    const auto found = state_->book.rule_ids.find(rule_id);
    if (found == state_->book.rule_ids.end()) return none;
    const auto& value = state_->rule(found->second);
    return value.deciding == DecidedBy::applies ? none : value.value.spans;
}

ExpressionResult RuleRun::evaluate(ExpressionId expression) {
    ExpressionResult result;
    const auto& roots = state_->book.expressions;
    if (expression.value < 0 || index(expression.value) >= roots.size()) {
        result.truth = Truth::unknown;
        return result;
    }
    const int root = roots[index(expression.value)];
    auto value = state_->evaluate(root);
    result.truth = value.truth;
    if (value.truth == Truth::yes) result.spans = std::move(value.spans);
    result.confidence = result.spans.empty() ? sure_absence : mean_confidence(result.spans);
    result.searched = state_->searched(root);
    return result;
}

std::vector<Evidence> RuleRun::evidence(const RuleSpan& span) const {
    return state_->quotes(span);
}

std::optional<Evidence> RuleRun::anchor(std::string_view anchor) const {
    return state_->anchor(anchor);
}

} // namespace hs::analysis
