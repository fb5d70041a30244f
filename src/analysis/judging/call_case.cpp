#include "analysis/judging/call_case.hpp"

#include <algorithm>

namespace hs::analysis {

namespace {

std::string words_between(const Turn& turn, int from, int to) {
    std::string out;
    const int last = std::min(to, static_cast<int>(turn.words.size()) - 1);
    for (int i = std::max(from, 0); i <= last; ++i) {
        if (!out.empty()) out += ' ';
        out += turn.words[static_cast<std::size_t>(i)].text;
    }
    return out;
}

} // namespace

const Turn* turn_at(const Transcript& transcript, int number) {
    if (number < 1 || number > static_cast<int>(transcript.turns.size())) return nullptr;
    return &transcript.turns[static_cast<std::size_t>(number - 1)];
}

bool has_role(const Transcript& transcript, Role role) {
    return std::any_of(transcript.turns.begin(), transcript.turns.end(), [&](const Turn& turn) {
        return turn.role == role;
    });
}

Evidence quoted(const CallCase& call, Evidence evidence) {
    const auto* turn = turn_at(call.redacted, evidence.turn);
    if (turn != nullptr)
        evidence.quote = words_between(*turn, evidence.word_from, evidence.word_to);
    return evidence;
}

Evidence whole_turn(const CallCase& call, int number, EvidenceKind kind) {
    constexpr int most_words = 14; // a quote, not the turn
    Evidence evidence;
    evidence.kind = kind;
    evidence.turn = number;
    const auto* turn = turn_at(call.transcript, number);
    if (turn == nullptr || turn->words.empty()) return evidence;
    evidence.word_to = std::min(most_words, static_cast<int>(turn->words.size())) - 1;
    evidence.start_ms = turn->words.front().start_ms;
    evidence.end_ms = turn->words[static_cast<std::size_t>(evidence.word_to)].end_ms;
    return quoted(call, evidence);
}

std::string signal_rule(const Scorecard& card, const std::string& purpose) {
    const auto found = card.named_rules.find(purpose);
    return found == card.named_rules.end() ? std::string() : found->second;
}

std::vector<RuleSpan> signal_spans(const CallCase& call, const std::string& purpose) {
    const auto rule = signal_rule(call.card, purpose);
    if (rule.empty()) return {};
    return call.run.spans(rule);
}

int issue_turn(const CallCase& call) {
    int first_customer = 0;
    for (const auto& turn : call.transcript.turns) {
        if (turn.role != Role::customer) continue;
        if (first_customer == 0) first_customer = turn.index;
        if (turn.words.size() >= 3) return turn.index;
    }
    return first_customer;
}

} // namespace hs::analysis
