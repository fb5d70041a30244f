#include "analysis/judging/issue.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace hs::analysis {

namespace {

constexpr std::size_t summary_bytes = 240;
constexpr std::size_t most_entities = 20;

/// Sentences shorter than this greet, answer or sigh; what somebody wants takes more words.
constexpr int least_words = 5;

int words_of(std::string_view sentence) {
    int words = 0;
    bool inside = false;
    for (const char c : sentence) {
        const bool blank = c == ' ';
        if (!blank && !inside) ++words;
        inside = !blank;
    }
    return words;
}

/// The first sentence that says something, else the first one.
std::string request_of(const std::string& text) {
    std::string first;
    std::size_t from = 0;
    while (from < text.size()) {
        const auto end = std::min(text.find_first_of(".?!", from), text.find("।", from));
        const auto sentence = std::string(trim(text.substr(from, end - from)));
        if (first.empty()) first = sentence;
        if (words_of(sentence) >= least_words) return sentence;
        if (end == std::string::npos) break;
        from = text.find_first_of(" ", end);
    }
    return first;
}

/// The turn in which the customer says why they call: the first of enough words, else `fallback`.
int request_turn(const Transcript& transcript, int fallback) {
    int seen = 0;
    for (const auto& turn : transcript.turns) {
        if (turn.role != Role::customer) continue;
        if (words_of(request_of(turn.text)) >= least_words) return turn.index;
        if (++seen == 3) break;
    }
    return fallback;
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
    const int number = request_turn(call.redacted, issue_turn(call));
    const auto* turn = turn_at(call.redacted, number);
    if (turn == nullptr) return;
    issue.turn_number = number;
    issue.start_ms = turn->start_ms;
    issue.end_ms = turn->end_ms;
    issue.quote = whole_turn(call, number, EvidenceKind::said).quote;
    issue.summary = std::string(truncate_utf8(turn->text, summary_bytes));
    issue.customer_request = std::string(truncate_utf8(request_of(turn->text), summary_bytes));
}

} // namespace hs::analysis
