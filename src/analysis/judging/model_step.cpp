#include "analysis/judging/model_step.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "analysis/judging/outcome.hpp"
#include "analysis/model/facts_check.hpp"
#include "analysis/model/instruction_speech.hpp"
#include "analysis/scores/sop.hpp"
#include "analysis/sentiment.hpp"
#include "base/text.hpp"

namespace hs::analysis {

namespace {

constexpr double enough_turns = 0.8;
constexpr double large_difference = 0.8;
constexpr double sure_outcome_by_model = 0.75;
constexpr double unsure_outcome = 0.5; // of the rules: at most this leaves room for the model's
constexpr std::size_t longest_text = 400;
constexpr std::size_t longest_reason = 500;

Role role_of(EvidenceRole who) {
    if (who == EvidenceRole::any) return Role::unknown;
    return who == EvidenceRole::customer ? Role::customer : Role::agent;
}

bool model_may_answer(const Automation& automation) {
    const bool named = std::ranges::find(automation.order, "llm") != automation.order.end();
    return named && automation.llm_when != LlmUse::never;
}

void add_flag(CallCase& call, const std::string& flag) {
    auto& flags = call.evaluation.flags;
    if (std::ranges::find(flags, flag) == flags.end()) flags.push_back(flag);
}

std::vector<Evidence> quoted_all(const CallCase& call, const std::vector<Evidence>& places) {
    std::vector<Evidence> out;
    for (const auto& place : places) {
        auto evidence = quoted(call, place);
        if (!evidence.quote.empty()) out.push_back(std::move(evidence));
    }
    return out;
}

std::string shown_value(const SettledAnswer& settled) {
    if (settled.number) return json::serialize(json::value(*settled.number));
    std::string out;
    for (const auto& option : settled.chosen)
        out += (out.empty() ? "" : ",") + option;
    return out;
}

std::optional<double> score_of(const Question& question, const SettledAnswer& settled) {
    if (question.type == QuestionType::single || question.type == QuestionType::multi)
        return option_score(question, settled.chosen);
    if (question.type == QuestionType::numeric && settled.number)
        return numeric_score(question, *settled.number);
    return std::nullopt;
}

/// Text of a model on its way to a reader: one line, redacted, bounded.
std::string readable(const CallCase& call, const std::string& text, std::size_t limit) {
    std::string clean;
    for (const char c : text)
        clean += static_cast<unsigned char>(c) < 0x20U || c == 0x7F ? ' ' : c;
    const auto redacted = redacted_text(trim(clean), call.context.names);
    return std::string(truncate_utf8(redacted, limit));
}

CallFacts facts_of(const CallCase& call) {
    const auto& metrics = call.evaluation.metrics;
    const auto seconds = metrics.duration_ms / 1000;
    return {call.redacted,
            call.category + ", " + std::to_string(seconds) + " seconds, " +
                std::to_string(seconds / 60) + " minutes"};
}

bool keeps_to_facts(const CallFacts& facts, const std::string& text) {
    return !text.empty() && facts.hold(text) && !reads_like_instruction(text);
}

bool suspicious(const CallCase& call) {
    const auto& flags = call.findings->flags;
    return std::ranges::find(flags, "prompt_injection_suspected") != flags.end();
}

/// The scorecard's, else the usual one.
double raw_of(const CallCase& call, const std::string& status) {
    for (const auto& outcome : call.card.outcomes)
        if (outcome.status == status) return outcome.raw;
    if (status == "contradicted" || status == "vague") return 0.20;
    if (status == "pending") return 0.70;
    return status == "done" || status == "information" ? 0.90 : 0.0;
}

} // namespace

std::vector<OpenQuestion> open_questions(const CallCase& call) {
    std::vector<OpenQuestion> out;
    if (call.language_unsupported) return out;
    for (const auto& answer : call.evaluation.answers) {
        const auto* question = call.card.question(answer.question_id);
        if (question == nullptr || !model_may_answer(question->automation)) continue;
        const bool unsure = answer.state == AnswerState::needs_review;
        const bool always =
            question->automation.llm_when == LlmUse::always && answer.state != AnswerState::na;
        if (!unsure && !always) continue;
        OpenQuestion open;
        open.id = question->id;
        open.title = in_language(question->title, "en");
        open.instructions = in_language(question->instructions, "en");
        open.prompt = question->automation.llm_prompt;
        open.type = question->type;
        open.options = question->options;
        open.na_allowed = question->na_allowed;
        open.critical = question->critical.has_value();
        open.evidence_role = role_of(question->evidence_role);
        open.rule_state = answer.state;
        open.rule_confidence = answer.confidence;
        open.has_rule = !question->automation.rule.empty();
        open.rule_matched = open.has_rule && !call.run.spans(question->automation.rule).empty();
        out.push_back(std::move(open));
    }
    return out;
}

void take_model_answer(const CallCase& call, const Question& question, Answer& answer) {
    if (call.findings == nullptr || answer.state == AnswerState::na) return;
    const auto& answers = call.findings->answers;
    const auto found = std::ranges::find_if(
        answers, [&](const SettledAnswer& settled) { return settled.question_id == question.id; });
    if (found == answers.end()) return;
    if (answer.state != AnswerState::needs_review) {
        if (!found->conflict) return;
        answer.state = AnswerState::needs_review;
        answer.score.reset();
        answer.counter_evidence = quoted_all(call, found->evidence);
        answer.rationale +=
            "; a model says the opposite: " + readable(call, found->rationale, longest_text);
        return;
    }
    answer.method = AnswerMethod::llm;
    answer.state = found->state;
    answer.confidence = found->confidence;
    answer.rationale = readable(call, found->rationale, longest_text);
    answer.evidence = quoted_all(call, found->evidence);
    answer.counter_evidence = quoted_all(call, found->counter_evidence);
    answer.score.reset();
    answer.value = readable(call, shown_value(*found), longest_text);
    if (answer.state == AnswerState::pass || answer.state == AnswerState::fail)
        answer.score = score_of(question, *found);
}

void take_model_sentiment(CallCase& call) {
    if (call.findings == nullptr) return;
    auto& sentiment = call.evaluation.sentiment;
    const auto& moods = call.findings->turn_sentiment;
    int customer = 0;
    int covered = 0;
    bool differs = false;
    for (const auto& turn : call.transcript.turns) {
        if (turn.role != Role::customer) continue;
        ++customer;
        const auto mood = moods.find(turn.index);
        if (mood == moods.end()) continue;
        ++covered;
        const auto at = static_cast<std::size_t>(turn.index - 1);
        differs = differs || std::abs(sentiment.turn_scores[at] - mood->second) > large_difference;
    }
    if (customer == 0 || covered < enough_turns * customer) return;
    // Somebody who tells the judge what to think may mean the mood, too.
    if (suspicious(call)) return;
    if (differs) add_flag(call, "sentiment_disagreement");
    replace_moods(call.transcript, moods, sentiment);
}

void take_model_outcome(CallCase& call) {
    if (call.findings == nullptr || !call.findings->resolution || suspicious(call)) return;
    auto& ours = call.evaluation.resolution;
    const bool room = ours.status == "none" || ours.confidence <= unsure_outcome;
    const auto& [claim, place] = *call.findings->resolution;
    if (!room || !ours.scored || claim.status == ours.status || claim.status == "none") return;
    const auto* turn = turn_at(call.transcript, place.turn);
    // What the caller says resolves nothing; what the agent says contradicts nothing.
    const bool agents = turn != nullptr && turn->role == Role::agent;
    if (is_concrete(claim.status) != agents && claim.status != "vague" && claim.status != "refused")
        return;
    const auto quote = quoted(call, place);
    if (quote.quote.empty()) return;
    ours = {};
    ours.status = claim.status;
    ours.is_valid = is_concrete(claim.status);
    ours.raw_score = raw_of(call, claim.status);
    ours.action = readable(call, claim.action, longest_text);
    ours.owner = readable(call, claim.owner, longest_text);
    ours.due = readable(call, claim.due, longest_text);
    ours.customer_accepted = claim.customer_accepted;
    ours.turn_number = quote.turn;
    ours.start_ms = quote.start_ms;
    ours.end_ms = quote.end_ms;
    ours.quote = quote.quote;
    ours.confidence = sure_outcome_by_model;
    call.outcome_evidence = quote;
    call.outcome_by_model = true;
}

void take_model_cues(CallCase& call) {
    if (call.findings == nullptr) return;
    auto& cues = call.evaluation.cues;
    for (const auto& found : call.findings->cues) {
        const bool known = std::ranges::any_of(
            cues, [&](const EscalationCue& cue) { return cue.cue == found.cue; });
        const auto rule = std::ranges::find_if(
            call.card.escalation, [&](const CueRule& cue) { return cue.cue == found.cue; });
        if (known || rule == call.card.escalation.end()) continue;
        EscalationCue cue;
        cue.cue = found.cue;
        cue.label = in_language(rule->label, call.language == "hi" ? "hi" : "en");
        cue.weight = rule->weight;
        cue.evidence = quoted(call, found.evidence);
        if (!cue.evidence.quote.empty()) cues.push_back(std::move(cue));
    }
    std::ranges::stable_sort(cues, std::greater<>(), &EscalationCue::weight);
}

void take_model_issue(CallCase& call) {
    if (call.findings == nullptr || !call.findings->issue || suspicious(call)) return;
    const auto& claim = call.findings->issue->claim;
    auto& issue = call.evaluation.issue;
    const auto facts = facts_of(call);
    if (keeps_to_facts(facts, claim.summary)) issue.summary = readable(call, claim.summary, 300);
    if (keeps_to_facts(facts, claim.customer_request))
        issue.customer_request = readable(call, claim.customer_request, 200);
}

void take_model_texts(CallCase& call) {
    if (call.findings == nullptr) return;
    const auto& findings = *call.findings;
    const auto* texts = findings.external ? &findings.external->texts
                        : findings.texts  ? &*findings.texts
                                          : nullptr;
    if (texts == nullptr || suspicious(call)) return;
    const auto facts = facts_of(call);
    auto& evaluation = call.evaluation;
    const auto take = [&](const std::string& text, std::string& into) {
        if (keeps_to_facts(facts, text)) into = readable(call, text, longest_text);
    };
    take(texts->business_insight, evaluation.business_insight);
    take(texts->coaching_insight, evaluation.coaching_insight);
    take(texts->agent_summary, evaluation.agent_summary);
    const bool unexplained = evaluation.why_flagged && evaluation.cues.empty();
    if (unexplained && keeps_to_facts(facts, texts->why_flagged))
        evaluation.why_flagged = readable(call, texts->why_flagged, longest_reason);
}

void take_external(CallCase& call) {
    if (call.findings == nullptr || !call.findings->external) return;
    const auto& external = *call.findings->external;
    auto& scores = call.evaluation.scores;
    const auto take = [&](const char* name, double& into) {
        const auto found = external.scores.find(name);
        if (found != external.scores.end()) into = found->second;
    };
    take("sop_compliance", scores.sop_compliance);
    take("communication", scores.communication);
    take("sentiment_stabilization", scores.sentiment_stabilization);
    take("resolution_validity", scores.resolution_validity);
    take("overall_quality", scores.overall_quality);
    double risk = 0;
    take("escalation_risk", risk);
    // It may see a risk the rules do not; it does not take one away that has words behind it.
    scores.escalation_risk = std::max(scores.escalation_risk, risk);
    scores.sop_compliance = round_half_away(scores.sop_compliance, 4);
    if (external.scores.contains("overall_quality")) {
        scores.scored = true;
        scores.sop_scored = true;
    }
    if (external.deviations.empty() && external.unproven_deviations == 0) return;
    auto& list = call.evaluation.sop_deviations;
    list.clear();
    for (const auto& found : external.deviations) {
        auto deviation = found.deviation;
        deviation.deviated_phrase = quoted(call, found.place).quote;
        deviation.should_have_said = readable(call, deviation.should_have_said, longest_text);
        list.push_back(std::move(deviation));
    }
    if (external.unproven_deviations > 0) add_flag(call, "external_deviations_unproven");
}

} // namespace hs::analysis
