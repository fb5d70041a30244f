#include "analysis/judging/answers.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "analysis/judging/measures.hpp"
#include "analysis/judging/model_step.hpp"
#include "analysis/judging/outcome.hpp"
#include "base/text.hpp"

namespace hs::analysis {

namespace {

AnswerState state_of(RuleOutcome outcome) {
    switch (outcome) {
    case RuleOutcome::pass: return AnswerState::pass;
    case RuleOutcome::fail: return AnswerState::fail;
    case RuleOutcome::na: return AnswerState::na;
    case RuleOutcome::uncertain: break;
    }
    return AnswerState::needs_review;
}

bool firm(const Answer& answer) {
    return answer.state != AnswerState::needs_review;
}

void take_evidence(const CallCase& call, const RuleResult& result, Answer& answer) {
    answer.evidence.clear();
    for (const auto& item : result.evidence) {
        auto evidence = quoted(call, item);
        if (!evidence.quote.empty()) answer.evidence.push_back(std::move(evidence));
    }
    answer.searched = result.searched;
    answer.confidence = result.confidence;
}

void by_rule(CallCase& call, const Question& question, Answer& answer) {
    const auto result = call.run.result(question.automation.rule, question.anchor);
    answer.state = state_of(result.result);
    answer.method = AnswerMethod::rule;
    take_evidence(call, result, answer);
    answer.rationale = fmt::format("rule {}", question.automation.rule);
}

void by_measure(CallCase& call, const Question& question, Answer& answer) {
    const auto measured = measure(call, question.automation.metric);
    answer.method = AnswerMethod::metric;
    answer.state = measured.state;
    answer.confidence = measured.state == AnswerState::needs_review ? 0 : 0.9;
    answer.rationale = measured.rationale;
    answer.evidence.clear();
    if (measured.turn > 0)
        answer.evidence.push_back(whole_turn(call, measured.turn, EvidenceKind::metric));
}

int anchor_turn(const CallCase& call, const std::string& anchor) {
    const auto evidence = call.run.anchor(anchor);
    return evidence ? evidence->turn : 0;
}

void by_outcome(CallCase& call, const Question& question, Answer& answer) {
    const auto& found = call.evaluation.resolution;
    answer.method = call.outcome_by_model ? AnswerMethod::llm : AnswerMethod::rule;
    answer.confidence = found.confidence;
    answer.rationale = "outcome " + found.status;
    answer.evidence.clear();
    if (found.status == "none") {
        // Nothing heard is no proof of nothing said when the words cannot be trusted.
        answer.state =
            call.transcript.low_confidence ? AnswerState::needs_review : AnswerState::fail;
        const int turn = anchor_turn(call, question.anchor);
        if (turn > 0) answer.evidence.push_back(whole_turn(call, turn, EvidenceKind::absence));
        return;
    }
    answer.state = is_concrete(found.status) ? AnswerState::pass : AnswerState::fail;
    if (call.outcome_evidence) answer.evidence.push_back(*call.outcome_evidence);
}

void by_steps(CallCase& call, const CompiledConditions& conditions, Answer& answer) {
    const auto steps = step_results(call, conditions);
    answer.method = AnswerMethod::rule;
    answer.evidence.clear();
    if (steps.empty()) {
        answer.state = AnswerState::na;
        return;
    }
    int done = 0;
    int open = 0;
    answer.confidence = 1;
    for (const auto& [step, result] : steps) {
        done += static_cast<int>(result.result == RuleOutcome::pass);
        open += static_cast<int>(result.result == RuleOutcome::uncertain);
        answer.confidence = std::min(answer.confidence, result.confidence);
        if (!result.evidence.empty())
            answer.evidence.push_back(quoted(call, result.evidence.front()));
    }
    const auto all = static_cast<int>(steps.size());
    answer.rationale = fmt::format("{} of {} steps", done, all);
    if (open > 0)
        answer.state = AnswerState::needs_review;
    else
        answer.state = done == all ? AnswerState::pass : AnswerState::fail;
    if (open == 0) answer.score = static_cast<double>(done) / all;
}

void answer_by(CallCase& call,
               const CompiledConditions& conditions,
               const Question& question,
               Answer& answer) {
    for (const auto& method : question.automation.order) {
        if (method == "rule")
            by_rule(call, question, answer);
        else if (method == "metric")
            by_measure(call, question, answer);
        else if (method == "outcome")
            by_outcome(call, question, answer);
        else if (method == "steps")
            by_steps(call, conditions, answer);
        else
            continue; // a model answers later, and only what is open
        if (firm(answer)) return;
    }
}

std::optional<std::string> given_state(const CallCase& call, std::string_view id) {
    for (const auto& answer : call.evaluation.answers) {
        if (answer.question_id != id) continue;
        return answer.value.empty() || answer.state == AnswerState::na
                   ? std::string(to_string(answer.state))
                   : answer.value;
    }
    return std::nullopt;
}

bool enabled(const CallCase& call, const CompiledConditions& conditions, const std::string& id) {
    const auto found = conditions.enable.find(id);
    if (found == conditions.enable.end()) return true;
    return found->second.holds(
        [&](std::string_view question) { return given_state(call, question); });
}

/// Unknown applicability stays open; na is only said when it is sure.
std::optional<AnswerState>
decided_before(CallCase& call, const CompiledConditions& conditions, const Question& question) {
    if (!enabled(call, conditions, question.id)) return AnswerState::na;
    if (const auto applies = conditions.applies.find(question.id);
        applies != conditions.applies.end()) {
        const auto truth = call.run.evaluate(applies->second).truth;
        if (truth == Truth::no) return AnswerState::na;
        if (truth == Truth::unknown) return AnswerState::needs_review;
    }
    return std::nullopt;
}

double weight_of(CallCase& call, const CompiledConditions& conditions, const Question& question) {
    const auto condition = conditions.weight.find(question.id);
    if (condition != conditions.weight.end() && question.weight_if &&
        call.run.evaluate(condition->second).truth == Truth::yes)
        return question.weight_if->weight;
    return question.weight;
}

/// The rules a firm answer must keep: evidence exists, and nobody is accused on a guess of roles.
void keep_honest(const CallCase& call, Answer& answer) {
    const bool decided = answer.state == AnswerState::pass || answer.state == AnswerState::fail;
    if (!decided) return;
    if (answer.evidence.empty()) {
        answer.state = AnswerState::needs_review;
        answer.rationale += "; no quote";
    } else if (call.role_uncertain && answer.state == AnswerState::fail) {
        answer.state = AnswerState::needs_review;
        answer.rationale += "; the speakers' roles are uncertain";
    }
}

void finish(const CallCase& call, Answer& answer) {
    if (answer.state == AnswerState::pass && !answer.score) answer.score = 1.0;
    if (answer.state == AnswerState::fail && !answer.score) answer.score = 0.0;
    if (answer.state == AnswerState::na || answer.state == AnswerState::needs_review)
        answer.score.reset();
    if (answer.state == AnswerState::na) answer.evidence.clear();
    if (answer.evidence.empty()) return;
    const auto& first = answer.evidence.front();
    const bool silent = answer.state == AnswerState::fail && first.kind == EvidenceKind::absence;
    const auto last_turn = static_cast<int>(call.transcript.turns.size());
    answer.actual = silent ? fmt::format("not said (searched turns {}-{})",
                                         answer.searched && answer.searched->turn_from > 0
                                             ? answer.searched->turn_from
                                             : 1,
                                         answer.searched && answer.searched->turn_to > 0
                                             ? answer.searched->turn_to
                                             : last_turn)
                           : first.quote;
}

Answer answer_question(CallCase& call,
                       const CompiledConditions& conditions,
                       const Section& section,
                       const Question& question) {
    Answer answer;
    answer.question_id = question.id;
    answer.section_id = section.id;
    answer.title = in_language(question.title, call.language);
    answer.critical = question.critical.has_value();
    answer.weight = question.weight;
    if (question.deviation)
        answer.should_have_said = in_language(question.deviation->should_have_said, call.language);
    if (call.language_unsupported) {
        answer.rationale = "the recogniser does not know this language";
        return answer;
    }
    answer.weight = weight_of(call, conditions, question);
    if (!enabled(call, conditions, section.id) || !has_role(call.transcript, Role::agent)) {
        answer.state = AnswerState::na;
        return answer;
    }
    if (const auto early = decided_before(call, conditions, question))
        answer.state = *early;
    else
        answer_by(call, conditions, question, answer);
    take_model_answer(call, question, answer);
    keep_honest(call, answer);
    finish(call, answer);
    return answer;
}

} // namespace

std::vector<StepResult> step_results(const CallCase& call, const CompiledConditions& conditions) {
    std::vector<StepResult> results;
    const auto steps = conditions.steps.find(name_key(call.category));
    if (steps == conditions.steps.end() || !has_role(call.transcript, Role::customer))
        return results;
    for (const auto& step : steps->second)
        results.push_back({step, call.run.result(step.rule)});
    return results;
}

void answer_questions(CallCase& call, const CompiledConditions& conditions) {
    for (const auto& section : call.card.sections) {
        for (const auto& question : section.questions) {
            auto answer = answer_question(call, conditions, section, question);
            call.run.set_answer(answer.question_id, to_string(answer.state), answer.value);
            call.evaluation.answers.push_back(std::move(answer));
        }
    }
}

} // namespace hs::analysis
