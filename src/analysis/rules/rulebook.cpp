#include "analysis/rules/rulebook.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "analysis/rules/rulebook_state.hpp"

namespace hs::analysis {

Rulebook::Rulebook(std::unique_ptr<State> state) : state_(std::move(state)) {}

Rulebook::Rulebook(Rulebook&&) noexcept = default;
Rulebook& Rulebook::operator=(Rulebook&&) noexcept = default;
Rulebook::~Rulebook() = default;

Rulebook Rulebook::compile(std::vector<ListSource> lists, std::vector<RuleSource> rules) {
    auto state = std::make_unique<State>();
    state->lists = std::move(lists);
    for (auto& rule : rules) {
        CompiledRule compiled;
        compiled.source = std::move(rule);
        state->rules.push_back(std::move(compiled));
    }
    Compiler compiler(*state);
    compiler.compile_lists();
    compiler.compile_rules();
    add_warnings(*state);
    return Rulebook(std::move(state));
}

Result<ExpressionId> Rulebook::add_expression(std::string_view text, const SourcePosition& at) {
    const auto known_problems = state_->lints.size();
    const auto known_patterns = state_->patterns.size();
    const int root = Compiler(*state_).compile_text({std::string(text), at});
    if (state_->patterns.size() != known_patterns) state_->patterns_changed();
    if (root < 0) {
        const bool said = state_->lints.size() > known_problems;
        return fail(ErrorKind::invalid,
                    "rule.invalid",
                    said ? to_string(state_->lints[known_problems]) : "the expression is empty");
    }
    state_->expressions.push_back(root);
    return ExpressionId{static_cast<int>(state_->expressions.size()) - 1};
}

bool Rulebook::has_rule(std::string_view id) const {
    return state_->rule_ids.contains(id);
}

std::vector<std::string> Rulebook::rule_ids() const {
    std::vector<std::string> ids;
    for (const auto& rule : state_->rules)
        ids.push_back(rule.source.id);
    return ids;
}

std::vector<std::string> Rulebook::words() const {
    std::vector<std::string> words;
    for (int id = 0; id < state_->vocabulary.size(); ++id)
        words.push_back(state_->vocabulary.form(id).text);
    return words;
}

const std::vector<Lint>& Rulebook::lints() const {
    return state_->lints;
}

bool Rulebook::has_errors() const {
    return std::ranges::any_of(
        state_->lints, [](const Lint& lint) { return lint.severity == LintSeverity::error; });
}

// --- embedded tests ------------------------------------------------------------------------------

namespace {

constexpr int test_turn_ms = 4000;

Transcript spoken(const RuleTest& test) {
    Transcript call;
    call.engine = "reference";
    call.machine = test.machine;
    call.low_confidence = test.machine;
    for (const auto& [role, text] : test.turns) {
        Turn turn;
        turn.index = static_cast<int>(call.turns.size()) + 1;
        turn.role = role;
        turn.start_ms = call.duration_ms;
        turn.end_ms = call.duration_ms + test_turn_ms;
        turn.text = text;
        interpolate_words(turn);
        call.duration_ms = turn.end_ms;
        call.turns.push_back(std::move(turn));
    }
    return call;
}

} // namespace

std::size_t Rulebook::test_count() const {
    std::size_t count = 0;
    for (const auto& rule : state_->rules)
        count += rule.source.tests.size();
    return count;
}

std::vector<Lint> Rulebook::run_tests() const {
    std::vector<Lint> failures;
    const ConversationMetrics nothing_measured;
    for (const auto& rule : state_->rules)
        for (const auto& test : rule.source.tests) {
            const auto call = spoken(test);
            const auto text = tokenise(call);
            RuleRun run(*this, {call, text, &nothing_measured, nullptr, test.meta, nullptr});
            const auto result = run.result(rule.source.id);
            const std::string got = to_string(result.result);
            if (got == test.want) continue;
            failures.push_back(
                {LintSeverity::error,
                 "E07",
                 test.at,
                 fmt::format("test of {}: wanted {}, got {}", rule.source.id, test.want, got),
                 result.evidence.empty()
                     ? std::string()
                     : fmt::format("it found \"{}\"", result.evidence[0].quote)});
        }
    return failures;
}

} // namespace hs::analysis
