#include "analysis/judging/measures.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "analysis/scores/quality.hpp"

namespace hs::analysis {

namespace {

constexpr int monologue_limit_ms = 60000;
constexpr int shortest_call_ms = 60000;

int turn_of_role_at(const Transcript& transcript, Role role, int ms) {
    int best = 0;
    for (const auto& turn : transcript.turns) {
        if (turn.role != role || turn.words.empty()) continue;
        if (best == 0 || turn.start_ms <= ms) best = turn.index;
    }
    return best;
}

int longest_turn(const Transcript& transcript, Role role) {
    int best = 0;
    int longest = -1;
    for (const auto& turn : transcript.turns) {
        const int length = turn.end_ms - turn.start_ms;
        if (turn.role != role || turn.words.empty() || length <= longest) continue;
        best = turn.index;
        longest = length;
    }
    return best;
}

std::vector<Event> agent_interruptions(const ConversationMetrics& metrics) {
    std::vector<Event> events;
    for (const auto& event : metrics.interruptions) {
        if (event.by == Role::agent) events.push_back(event);
    }
    return events;
}

double talk_minutes(const ConversationMetrics& metrics) {
    return (metrics.agent.talk_ms + metrics.customer.talk_ms) / 60000.0;
}

Measured listening(const CallCase& call) {
    const auto& metrics = call.evaluation.metrics;
    if (metrics.duration_ms < shortest_call_ms || metrics.agent.talk_ms == 0 ||
        metrics.customer.talk_ms == 0)
        return {AnswerState::na, 0, "shorter than a minute or one side only"};
    if (metrics.agent.longest_monologue_ms > monologue_limit_ms)
        return {AnswerState::fail,
                longest_turn(call.transcript, Role::agent),
                fmt::format("monologue of {} s", metrics.agent.longest_monologue_ms / 1000)};
    const auto events = agent_interruptions(metrics);
    const double allowed = std::max(2.0, 2 * talk_minutes(metrics) / 10);
    if (static_cast<double>(events.size()) > allowed)
        return {AnswerState::fail,
                turn_of_role_at(call.transcript, Role::agent, events.front().start_ms),
                fmt::format("{} interruptions", events.size())};
    return {AnswerState::pass,
            longest_turn(call.transcript, Role::agent),
            fmt::format("{} interruptions, longest turn {} s",
                        events.size(),
                        metrics.agent.longest_monologue_ms / 1000)};
}

/// Silence that no announced hold explains, as a share of the call.
std::optional<double> unannounced_silence(const ConversationMetrics& metrics) {
    if (metrics.duration_ms <= 0) return std::nullopt;
    int announced = 0;
    for (const auto& silence : metrics.silences) {
        const bool held =
            std::any_of(metrics.holds.begin(), metrics.holds.end(), [&](const Hold& hold) {
                return hold.announced && hold.start_ms < silence.end_ms &&
                       silence.start_ms < hold.end_ms;
            });
        if (held) announced += silence.end_ms - silence.start_ms;
    }
    return std::max(0, metrics.silence_ms - announced) / static_cast<double>(metrics.duration_ms);
}

std::optional<bool> acknowledged(const CallCase& call) {
    for (const auto& answer : call.evaluation.answers) {
        if (answer.question_id != "empathy") continue;
        if (answer.state == AnswerState::pass) return true;
        if (answer.state == AnswerState::fail) return false;
    }
    const auto rule = signal_rule(call.card, "paraphrase");
    if (rule.empty() || call.transcript.low_confidence) return std::nullopt;
    return !signal_spans(call, "paraphrase").empty() ||
           !signal_spans(call, "acknowledgement").empty();
}

} // namespace

Measured measure(const CallCase& call, const std::string& name) {
    if (name == "listening") return listening(call);
    return {};
}

CommunicationFacts communication_facts(const CallCase& call) {
    const auto& metrics = call.evaluation.metrics;
    CommunicationFacts facts;
    facts.agent_spoke = metrics.agent.words > 0;
    if (!facts.agent_spoke) return facts;
    facts.agent_wpm = metrics.agent.wpm;
    const double minutes = talk_minutes(metrics);
    if (metrics.overlap_ms && minutes > 0)
        facts.interruptions_per_minute =
            static_cast<double>(agent_interruptions(metrics).size()) / minutes;
    facts.longest_monologue_s = metrics.agent.longest_monologue_ms / 1000.0;
    facts.unannounced_silence_share = unannounced_silence(metrics);
    if (metrics.agent.turns > 0 && !call.transcript.low_confidence) {
        const auto hits = signal_spans(call, "courtesy").size();
        facts.courtesy_per_five_turns =
            5.0 * static_cast<double>(hits) / static_cast<double>(metrics.agent.turns);
    }
    facts.acknowledged = acknowledged(call);
    facts.insulted = !signal_spans(call, "insult").empty();
    return facts;
}

} // namespace hs::analysis
