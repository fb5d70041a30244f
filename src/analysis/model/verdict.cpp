#include "analysis/model/verdict.hpp"

#include <algorithm>

#include "analysis/model/instruction_speech.hpp"
#include "analysis/scores/sop.hpp"

namespace hs::analysis {

namespace {

Role role_of(const Transcript& transcript, int turn) {
    if (turn < 1 || turn > static_cast<int>(transcript.turns.size())) return Role::unknown;
    return transcript.turns[static_cast<std::size_t>(turn - 1)].role;
}

bool is_firm(ClaimState state) {
    return state == ClaimState::pass || state == ClaimState::fail;
}

AnswerState opposite_of(ClaimState state) {
    return state == ClaimState::pass ? AnswerState::fail : AnswerState::pass;
}

const Verdict* surest(const std::vector<Verdict>& verdicts, auto&& wanted) {
    const Verdict* best = nullptr;
    for (const auto& verdict : verdicts)
        if (wanted(verdict) && (best == nullptr || verdict.confidence > best->confidence))
            best = &verdict;
    return best;
}

bool value_fits(const OpenQuestion& question, const Verdict& verdict) {
    const auto known = [&](const std::string& id) {
        return std::ranges::any_of(question.options, [&](const auto& o) { return o.id == id; });
    };
    switch (question.type) {
    case QuestionType::yes_no:
    case QuestionType::text: return true;
    case QuestionType::single: return verdict.chosen.size() == 1 && known(verdict.chosen.front());
    case QuestionType::multi:
        return !verdict.chosen.empty() && std::ranges::all_of(verdict.chosen, known);
    case QuestionType::numeric: return verdict.number.has_value();
    }
    return false;
}

/// Why a pass or fail may not stand; empty when it may.
std::string doubt_about(const OpenQuestion& question, const Verdict& verdict, bool suspicious) {
    if (verdict.evidence.empty()) return "no quote was found in the call";
    if (verdict.absence && question.has_rule && question.rule_matched)
        return "said not to be there, but a rule heard it";
    if (verdict.absence && !question.has_rule && verdict.confidence < absence_confidence)
        return "something not said needs more certainty";
    if (!value_fits(question, verdict)) return "no valid option was chosen";
    if (verdict.confidence < sure_confidence) return "not sure enough";
    if (suspicious && verdict.state == ClaimState::pass)
        return "somebody in the call speaks to the judge";
    return {};
}

} // namespace

EvidenceCheck::EvidenceCheck(const ModelBrief& brief) : brief_(brief), aligner_(brief.transcript) {}

std::optional<Evidence> EvidenceCheck::verify(const QuoteClaim& claim, Role role) const {
    const auto place = aligner_.find(claim.quote, claim.turn, role);
    if (!place) return std::nullopt;
    if (role != Role::unknown && role_of(brief_.transcript, place->turn) != role)
        return std::nullopt;
    if (reads_like_instruction(claim.quote)) return std::nullopt;
    Evidence out;
    out.kind = claim.kind == ClaimKind::absence_anchor ? EvidenceKind::absence : EvidenceKind::said;
    out.turn = place->turn;
    out.word_from = place->word_from;
    out.word_to = place->word_to;
    out.start_ms = place->start_ms;
    out.end_ms = place->end_ms;
    out.verified = place->exact ? "exact" : "repaired";
    return out;
}

Verdict EvidenceCheck::verify(const OpenQuestion& question, const AnswerClaim& claim) const {
    Verdict out;
    out.state = claim.state;
    out.chosen = claim.chosen;
    out.number = claim.number;
    out.confidence = claim.confidence;
    out.rationale = claim.rationale;
    std::vector<Evidence> absent;
    for (const auto& quote : claim.evidence) {
        // Where something is missing, and what speaks against, either side may have said.
        const bool said = quote.kind == ClaimKind::said;
        auto found = verify(quote, said ? question.evidence_role : Role::unknown);
        if (!found) continue;
        if (said)
            out.evidence.push_back(*std::move(found));
        else if (quote.kind == ClaimKind::absence_anchor)
            absent.push_back(*std::move(found));
        else
            out.counter_evidence.push_back(*std::move(found));
    }
    if (!out.evidence.empty()) return out;
    out.absence = !absent.empty();
    out.evidence = std::move(absent);
    return out;
}

bool is_proven(const Verdict& verdict) {
    return is_firm(verdict.state) && !verdict.evidence.empty();
}

bool same_answer(const Verdict& a, const Verdict& b) {
    return a.state == b.state && a.chosen == b.chosen && a.number == b.number;
}

Verdict merged(const OpenQuestion& question, std::vector<Verdict> windows) {
    if (windows.empty()) return {};
    if (windows.size() == 1) return std::move(windows.front());
    const auto said = [](const Verdict& v) { return is_proven(v) && !v.absence; };
    if (question.critical)
        if (const auto* fail = surest(
                windows, [&](const auto& v) { return said(v) && v.state == ClaimState::fail; }))
            return *fail;
    if (const auto* found = surest(windows, said)) return *found;
    const auto& first = windows.front();
    const bool everywhere = std::ranges::all_of(windows, [&](const auto& v) {
        return same_answer(v, first) && (v.absence || !is_firm(v.state));
    });
    if (everywhere && (is_proven(first) || first.state == ClaimState::na)) {
        auto out = first;
        for (const auto& window : windows)
            out.confidence = std::min(out.confidence, window.confidence);
        return out;
    }
    Verdict open;
    open.rationale = "the parts of the call do not settle it";
    return open;
}

SettledAnswer settled(const OpenQuestion& question, const Verdict& verdict, bool suspicious) {
    SettledAnswer out;
    out.question_id = question.id;
    out.confidence = verdict.confidence;
    out.evidence = verdict.evidence;
    out.counter_evidence = verdict.counter_evidence;
    out.rationale = verdict.rationale;
    out.chosen = verdict.chosen;
    out.number = verdict.number;
    if (verdict.state == ClaimState::na) {
        // Leaving a question out can raise a score as well as passing it.
        const bool may = question.na_allowed && !question.critical && !suspicious &&
                         verdict.confidence >= sure_confidence;
        out.state = may ? AnswerState::na : AnswerState::needs_review;
        return out;
    }
    if (!is_firm(verdict.state)) return out;
    const auto doubt = doubt_about(question, verdict, suspicious);
    if (!doubt.empty()) {
        out.rationale += (out.rationale.empty() ? "" : "; ") + doubt;
        return out;
    }
    if (question.rule_state == opposite_of(verdict.state)) {
        out.conflict = true;
        out.rationale +=
            (out.rationale.empty() ? "" : "; ") + std::string("the rules say the opposite");
        return out;
    }
    out.state = verdict.state == ClaimState::pass ? AnswerState::pass : AnswerState::fail;
    return out;
}

} // namespace hs::analysis
