#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "analysis/scores/quality.hpp"
#include "base/json.hpp"

namespace hs::analysis {
namespace {

TEST(Communication, OneAtTheGoodEndsZeroAtTheBad) {
    CommunicationFacts good;
    good.agent_spoke = true;
    good.agent_wpm = 140;
    good.interruptions_per_minute = 0;
    good.longest_monologue_s = 20;
    good.unannounced_silence_share = 0.02;
    good.courtesy_per_five_turns = 3;
    good.acknowledged = true;
    EXPECT_DOUBLE_EQ(communication_score(good).score, 1.0);

    CommunicationFacts bad = good;
    bad.agent_wpm = 240;
    bad.interruptions_per_minute = 4;
    bad.longest_monologue_s = 100;
    bad.unannounced_silence_share = 0.5;
    bad.courtesy_per_five_turns = 0;
    bad.acknowledged = false;
    EXPECT_DOUBLE_EQ(communication_score(bad).score, 0.0);
}

TEST(Communication, MissingPartsLeaveAndAnInsultCaps) {
    CommunicationFacts facts;
    facts.agent_spoke = true;
    facts.agent_wpm = 85; // half way between 60 and 110
    EXPECT_DOUBLE_EQ(communication_score(facts).score, 0.5);
    facts.acknowledged = true;
    EXPECT_DOUBLE_EQ(communication_score(facts).score, (0.15 * 0.5 + 0.20) / 0.35);
    facts.insulted = true;
    EXPECT_DOUBLE_EQ(communication_score(facts).score, 0.30);
    EXPECT_FALSE(communication_score({}).scored);
}

TEST(OverallQuality, RescalesOverScoredPartsAndCaps) {
    QualityParts parts;
    parts.sop = 0.9;
    parts.sop_scored = true;
    parts.communication = {0.5, true};
    parts.stabilization_raw = 0.8;
    parts.stabilization_scored = true;
    parts.resolution_raw = 1.0;
    EXPECT_NEAR(overall_quality(parts).score, 0.36 + 0.1 + 0.16 + 0.2, 1e-12);
    parts.stabilization_scored = false;
    EXPECT_NEAR(overall_quality(parts).score, (0.36 + 0.1 + 0.2) / 0.8, 1e-12);
    parts.critical_form_failed = true;
    EXPECT_DOUBLE_EQ(overall_quality(parts).score, 0.40);
}

TEST(CoachingPriority, AddsReasonsAndProvisionalCallsPageNobody) {
    EXPECT_DOUBLE_EQ(coaching_priority({.overall = 0.75}), 0.25);
    CoachingFacts bad{.overall = 0.2, .critical_failed = true, .agent_insulted = true};
    EXPECT_DOUBLE_EQ(coaching_priority(bad), 1.0);
    bad.provisional = true;
    EXPECT_DOUBLE_EQ(coaching_priority(bad), 0.50);
}

EscalationCue cue(const char* name, double weight) {
    EscalationCue out;
    out.cue = name;
    out.weight = weight;
    return out;
}

TEST(EscalationRisk, NoisyOrCountsEachKindOnce) {
    EXPECT_DOUBLE_EQ(escalation_risk({}), 0.0);
    const std::vector cues{cue("scam", 0.45), cue("leaving", 0.40), cue("leaving", 0.40)};
    EXPECT_NEAR(escalation_risk(cues), 1 - 0.55 * 0.6, 1e-12);
}

TEST(Constraints, TenThousandRandomInputsObeyTheTable) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> any(-5, 5);
    std::bernoulli_distribution coin;
    for (int i = 0; i < 10000; ++i) {
        QualityParts parts{any(random),
                           coin(random),
                           {any(random), coin(random)},
                           any(random),
                           coin(random),
                           any(random),
                           coin(random),
                           coin(random)};
        const auto overall = overall_quality(parts);
        const std::vector cues{cue("a", any(random)), cue("b", any(random))};
        const double risk = escalation_risk(cues);
        const double priority = coaching_priority(
            {overall.score, coin(random), coin(random), coin(random), coin(random)});
        CommunicationFacts facts;
        facts.agent_spoke = coin(random);
        if (coin(random)) facts.agent_wpm = any(random) * 100;
        if (coin(random)) facts.courtesy_per_five_turns = any(random);
        const double spoken = communication_score(facts).score;
        for (const double value : {overall.score, risk, priority, spoken}) {
            ASSERT_GE(value, 0.0);
            ASSERT_LE(value, 1.0);
            ASSERT_EQ(round_half_away(value, 4), round_half_away(round_half_away(value, 4), 4));
        }
        const double sentiment = quantised_sentiment(any(random));
        ASSERT_TRUE(sentiment == 0 || sentiment == 0.5 || sentiment == 1);
        const double resolution = quantised_resolution(any(random));
        ASSERT_TRUE(resolution == 0 || resolution == 0.75 || resolution == 1);
    }
}

TEST(Quantised, CutPoints) {
    EXPECT_EQ(quantised_sentiment(0.2499), 0.0);
    EXPECT_EQ(quantised_sentiment(0.25), 0.5);
    EXPECT_EQ(quantised_sentiment(0.7499), 0.5);
    EXPECT_EQ(quantised_sentiment(0.75), 1.0);
    EXPECT_EQ(quantised_resolution(0.3749), 0.0);
    EXPECT_EQ(quantised_resolution(0.375), 0.75);
    EXPECT_EQ(quantised_resolution(0.875), 1.0);
}

} // namespace
} // namespace hs::analysis
