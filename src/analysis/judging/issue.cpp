#include "analysis/judging/issue.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace hs::analysis {

namespace {

constexpr std::size_t summary_bytes = 240;
constexpr std::size_t most_entities = 20;

std::string first_sentence(const std::string& text) {
    const auto end = text.find_first_of(".?!");
    const auto danda = text.find("।");
    const auto cut = std::min(end, danda);
    if (cut == std::string::npos || cut < 12) return text;
    return text.substr(0, cut);
}

bool has_cue(const CallCase& call, std::string_view name) {
    return std::any_of(call.evaluation.cues.begin(),
                       call.evaluation.cues.end(),
                       [&](const EscalationCue& cue) { return cue.cue == name; });
}

std::string severity_of(const CallCase& call) {
    if (call.context.issue_is_emergency || has_cue(call, "safety") || has_cue(call, "violence"))
        return "critical";
    const auto strongest = call.evaluation.cues.empty() ? 0.0 : call.evaluation.cues.front().weight;
    if (strongest > 0.5) return "high";
    return signal_spans(call, "trouble").empty() ? "low" : "medium";
}

} // namespace

std::string detected_category(const CallCase& call) {
    std::string best;
    std::size_t most = 0;
    for (const auto& [category, rules] : call.card.issue_phrases) {
        std::size_t hits = 0;
        for (const auto& rule : rules)
            hits += call.run.spans(rule).size();
        if (hits <= most) continue;
        most = hits;
        best = category;
    }
    return best;
}

void describe_issue(CallCase& call, const std::vector<PersonalSpan>& personal_data) {
    auto& issue = call.evaluation.issue;
    issue.declared_category = call.context.issue_category;
    issue.detected_category = detected_category(call);
    issue.primary_issue =
        !issue.declared_category.empty() ? issue.declared_category : issue.detected_category;
    issue.category_match = issue.declared_category.empty() || issue.detected_category.empty() ||
                           name_key(call.category) == name_key(issue.detected_category);
    issue.severity = severity_of(call);
    issue.confidence = issue.detected_category.empty() ? 0.5 : 0.8;
    for (const auto& span : personal_data) {
        if (issue.entities.size() == most_entities) break;
        issue.entities.push_back({span.type, "[" + span.type + "]", span.turn});
    }
    const int number = issue_turn(call);
    const auto* turn = turn_at(call.redacted, number);
    if (turn == nullptr) return;
    issue.turn_number = number;
    issue.start_ms = turn->start_ms;
    issue.end_ms = turn->end_ms;
    issue.quote = whole_turn(call, number, EvidenceKind::said).quote;
    issue.summary = std::string(truncate_utf8(turn->text, summary_bytes));
    issue.customer_request = std::string(truncate_utf8(first_sentence(turn->text), summary_bytes));
}

} // namespace hs::analysis
