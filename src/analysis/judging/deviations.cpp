#include "analysis/judging/deviations.hpp"

#include <algorithm>

namespace hs::analysis {

namespace {

constexpr double critical_severity = 0.90;
constexpr double reaction_extra = 0.10;
constexpr double negative = -0.25;

/// Whether the customer's next turn sounds hurt.
bool customer_upset_after(const CallCase& call, int turn) {
    const auto& scores = call.evaluation.sentiment.turn_scores;
    for (const auto& next : call.transcript.turns) {
        if (next.index <= turn || next.role != Role::customer) continue;
        const auto at = static_cast<std::size_t>(next.index - 1);
        return at < scores.size() && scores[at] <= negative;
    }
    return false;
}

Deviation from_evidence(const CallCase& call, const Answer& answer, const Evidence& evidence) {
    Deviation deviation;
    deviation.turn_number = evidence.turn;
    deviation.start_ms = evidence.start_ms;
    deviation.end_ms = evidence.end_ms;
    deviation.deviated_phrase = evidence.quote;
    deviation.question_id = answer.question_id;
    deviation.kind = evidence.kind;
    deviation.confidence = answer.confidence;
    deviation.should_have_said = answer.should_have_said;
    if (customer_upset_after(call, evidence.turn)) deviation.severity = reaction_extra;
    return deviation;
}

/// The variant whose rule holds changes the code and perhaps the words.
void choose_variant(CallCase& call, const DeviationText& text, Deviation& deviation) {
    deviation.what_was_wrong = text.code;
    for (const auto& variant : text.variants) {
        if (call.run.spans(variant.rule).empty()) continue;
        deviation.what_was_wrong = variant.code;
        if (!variant.should_have_said.empty())
            deviation.should_have_said = in_language(variant.should_have_said, call.language);
        return;
    }
}

Deviation question_deviation(CallCase& call, const Question& question, const Answer& answer) {
    auto deviation = from_evidence(call, answer, answer.evidence.front());
    if (question.deviation)
        choose_variant(call, *question.deviation, deviation);
    else
        deviation.what_was_wrong = question.id;
    const double base = question.critical    ? critical_severity
                        : question.deviation ? question.deviation->severity
                                             : 0.4;
    deviation.severity = std::min(1.0, base + deviation.severity);
    return deviation;
}

void step_deviations(CallCase& call,
                     const CompiledConditions& conditions,
                     const Question& question,
                     const Answer& answer) {
    for (const auto& [step, result] : step_results(call, conditions)) {
        if (result.result != RuleOutcome::fail || result.evidence.empty()) continue;
        auto deviation = from_evidence(call, answer, quoted(call, result.evidence.front()));
        deviation.kind = EvidenceKind::absence;
        deviation.what_was_wrong = question.deviation ? question.deviation->code : question.id;
        if (!step.should_have_said.empty())
            deviation.should_have_said = in_language(step.should_have_said, call.language);
        else if (!step.title.empty())
            deviation.should_have_said = in_language(step.title, call.language);
        deviation.severity = std::min(
            1.0, (question.deviation ? question.deviation->severity : 0.3) + deviation.severity);
        call.evaluation.sop_deviations.push_back(std::move(deviation));
    }
}

bool uses_steps(const Question& question) {
    return std::find(question.automation.order.begin(), question.automation.order.end(), "steps") !=
           question.automation.order.end();
}

} // namespace

void list_deviations(CallCase& call, const CompiledConditions& conditions) {
    auto& list = call.evaluation.sop_deviations;
    for (const auto& answer : call.evaluation.answers) {
        if (answer.state != AnswerState::fail || answer.evidence.empty()) continue;
        const auto* question = call.card.question(answer.question_id);
        if (question == nullptr) continue;
        if (uses_steps(*question))
            step_deviations(call, conditions, *question, answer);
        else
            list.push_back(question_deviation(call, *question, answer));
    }
    std::stable_sort(list.begin(), list.end(), [](const Deviation& a, const Deviation& b) {
        if (a.severity != b.severity) return a.severity > b.severity;
        return a.turn_number < b.turn_number;
    });
    if (list.size() > most_deviations) list.resize(most_deviations);
}

} // namespace hs::analysis
