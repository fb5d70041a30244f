#include "analysis/scores/quality.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

namespace hs::analysis {

namespace {

/// 1 at `best` or beyond, 0 at `worst` or beyond, linear between.
double falling(double value, double best, double worst) {
    return std::clamp((worst - value) / (worst - best), 0.0, 1.0);
}

double pace(double wpm) {
    if (wpm < 110) return std::clamp((wpm - 60) / 50.0, 0.0, 1.0);
    return falling(wpm, 170, 230);
}

class WeightedMean {
public:
    void add(double weight, std::optional<double> value) {
        if (!value || !std::isfinite(*value)) return;
        sum_ += weight * std::clamp(*value, 0.0, 1.0);
        weight_ += weight;
    }

    [[nodiscard]] PartialScore result() const {
        if (weight_ <= 0) return {};
        return {sum_ / weight_, true};
    }

private:
    double sum_ = 0;
    double weight_ = 0;
};

std::optional<double> mapped(std::optional<double> value, double best, double worst) {
    if (!value) return std::nullopt;
    return falling(*value, best, worst);
}

} // namespace

PartialScore communication_score(const CommunicationFacts& facts) {
    if (!facts.agent_spoke) return {};
    WeightedMean mean;
    mean.add(0.15, facts.agent_wpm ? std::optional(pace(*facts.agent_wpm)) : std::nullopt);
    mean.add(0.20, mapped(facts.interruptions_per_minute, 0, 3));
    mean.add(0.15, mapped(facts.longest_monologue_s, 30, 90));
    mean.add(0.15, mapped(facts.unannounced_silence_share, 0.05, 0.30));
    mean.add(0.15, mapped(facts.courtesy_per_five_turns, 2, 0));
    if (facts.acknowledged) mean.add(0.20, *facts.acknowledged ? 1.0 : 0.0);
    auto result = mean.result();
    if (facts.insulted) result.score = std::min(result.score, 0.30);
    return result;
}

PartialScore overall_quality(const QualityParts& parts) {
    WeightedMean mean;
    if (parts.sop_scored) mean.add(0.40, parts.sop);
    if (parts.communication.scored) mean.add(0.20, parts.communication.score);
    if (parts.stabilization_scored) mean.add(0.20, parts.stabilization_raw);
    if (parts.resolution_scored) mean.add(0.20, parts.resolution_raw);
    auto result = mean.result();
    if (parts.critical_form_failed) result.score = std::min(result.score, 0.40);
    return result;
}

double coaching_priority(const CoachingFacts& facts) {
    double priority = 1 - facts.overall;
    if (facts.critical_failed) priority += 0.20;
    if (facts.agent_insulted) priority += 0.10;
    if (facts.repeated_deviation) priority += 0.05;
    priority = std::clamp(priority, 0.0, 1.0);
    return facts.provisional ? std::min(priority, 0.50) : priority;
}

double escalation_risk(std::span<const EscalationCue> cues) {
    std::map<std::string, double> strongest;
    for (const auto& cue : cues) {
        auto& weight = strongest[cue.cue];
        weight = std::max(weight, std::clamp(cue.weight, 0.0, 1.0));
    }
    double calm = 1;
    for (const auto& [name, weight] : strongest)
        calm *= 1 - weight;
    return std::clamp(1 - calm, 0.0, 1.0);
}

} // namespace hs::analysis
