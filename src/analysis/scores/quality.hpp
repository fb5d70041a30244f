/// Communication, overall quality, coaching priority and escalation risk (analysis section 4).
///
/// Every function is total: any finite input gives a value in 0..1.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "domain/evaluation.hpp"

namespace hs::analysis {

/// What the communication score is made of; nullopt components leave and the rest is rescaled.
struct CommunicationFacts {
    bool agent_spoke = false;
    std::optional<double> agent_wpm;
    std::optional<double> interruptions_per_minute; // by the agent, per minute of talk
    std::optional<double> longest_monologue_s;
    std::optional<double> unannounced_silence_share; // of the call
    std::optional<double> courtesy_per_five_turns;
    std::optional<bool> acknowledged;
    bool insulted = false; // insult or dismissal by the agent
};

struct PartialScore {
    double score = 0;
    bool scored = false;
};

[[nodiscard]] PartialScore communication_score(const CommunicationFacts& facts);

struct QualityParts {
    double sop = 0;
    bool sop_scored = false;
    PartialScore communication;
    double stabilization_raw = 0.5;
    bool stabilization_scored = false;
    double resolution_raw = 0;
    bool resolution_scored = true;
    bool critical_form_failed = false;
};

/// 0.40 sop + 0.20 communication + 0.20 stabilisation + 0.20 resolution, over the scored parts.
[[nodiscard]] PartialScore overall_quality(const QualityParts& parts);

struct CoachingFacts {
    double overall = 0;
    bool critical_failed = false;
    bool agent_insulted = false;
    bool repeated_deviation = false; // the same one in three of the agent's last ten calls
    bool provisional = false;
};

[[nodiscard]] double coaching_priority(const CoachingFacts& facts);

/// Noisy-or over the cues, each kind once.
[[nodiscard]] double escalation_risk(std::span<const EscalationCue> cues);

} // namespace hs::analysis
