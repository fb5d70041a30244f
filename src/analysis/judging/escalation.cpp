#include "analysis/judging/escalation.hpp"

#include <algorithm>

namespace hs::analysis {

void find_cues(CallCase& call, const std::vector<const CueRule*>& cues) {
    for (const auto* cue : cues) {
        auto result = call.run.result(cue->rule);
        if (result.result != RuleOutcome::pass || result.evidence.empty()) continue;
        EscalationCue found;
        found.cue = cue->cue;
        found.label = in_language(cue->label, call.language == "hi" ? "hi" : "en");
        found.weight = cue->weight;
        found.evidence = quoted(call, result.evidence.front());
        if (found.evidence.quote.empty()) continue;
        call.evaluation.cues.push_back(std::move(found));
    }
    std::stable_sort(
        call.evaluation.cues.begin(),
        call.evaluation.cues.end(),
        [](const EscalationCue& a, const EscalationCue& b) { return a.weight > b.weight; });
}

void add_score_cues(CallCase& call, bool other_critical_failed) {
    // A low mood or a missed step alone is coaching; it only strengthens what somebody said.
    if (call.evaluation.cues.empty()) return;
    const auto& sentiment = call.evaluation.sentiment;
    const bool hindi = call.language == "hi";
    if (sentiment.scored && sentiment.direction == "declining" && sentiment.end < -0.6 &&
        !sentiment.trajectory.empty()) {
        EscalationCue cue;
        cue.cue = "declining";
        cue.label = hindi ? "नाराज़गी बढ़ती गई" : "mood fell to the end";
        cue.weight = 0.25;
        cue.evidence = whole_turn(call, sentiment.trajectory.back().turn, EvidenceKind::metric);
        call.evaluation.cues.push_back(std::move(cue));
    }
    if (!other_critical_failed) return;
    for (const auto& answer : call.evaluation.answers) {
        if (!answer.critical || answer.state != AnswerState::fail || answer.evidence.empty() ||
            answer.question_id == "privacy")
            continue;
        EscalationCue cue;
        cue.cue = "critical_fail";
        cue.label = (hindi ? "गंभीर चूक: " : "critical question failed: ") + answer.title;
        cue.weight = 0.40;
        cue.evidence = answer.evidence.front();
        call.evaluation.cues.push_back(std::move(cue));
        break;
    }
}

std::vector<double> cue_weights(const CallCase& call) {
    std::vector<double> weights(call.transcript.turns.size(), 0.0);
    for (const auto& cue : call.card.escalation) {
        const bool found = std::any_of(call.evaluation.cues.begin(),
                                       call.evaluation.cues.end(),
                                       [&](const auto& present) { return present.cue == cue.cue; });
        if (!found) continue;
        for (const auto& span : call.run.spans(cue.rule)) {
            if (span.turn < 1 || span.turn > static_cast<int>(weights.size())) continue;
            auto& weight = weights[static_cast<std::size_t>(span.turn - 1)];
            weight = std::max(weight, cue.weight);
        }
    }
    return weights;
}

} // namespace hs::analysis
