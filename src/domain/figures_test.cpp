#include <gtest/gtest.h>

#include "domain/figures.hpp"

namespace hs {
namespace {

TEST(RoundedRatio, HalvesGoAwayFromZero) {
    EXPECT_EQ(rounded_ratio(1, 2), 1);
    EXPECT_EQ(rounded_ratio(-1, 2), -1);
    EXPECT_EQ(rounded_ratio(3, 2), 2);
    EXPECT_EQ(rounded_ratio(5, 2), 3); // to even would be 2
    EXPECT_EQ(rounded_ratio(499, 1000), 0);
    EXPECT_EQ(rounded_ratio(-501, 1000), -1);
    EXPECT_EQ(rounded_ratio(7, 0), 0);
}

TEST(RoundedRatio, HoldsAtTheEndOfTheRange) {
    constexpr auto most = std::int64_t{9'000'000'000'000'000'001};
    EXPECT_EQ(rounded_ratio(most, 2), 4'500'000'000'000'000'001);
    EXPECT_EQ(rounded_ratio(-most, most), -1);
}

TEST(DecimalText, ShortestButAlwaysWithAFraction) {
    EXPECT_EQ(decimal_text(7402, 4), "0.7402");
    EXPECT_EQ(decimal_text(7500, 4), "0.75");
    EXPECT_EQ(decimal_text(1, 4), "0.0001");
    EXPECT_EQ(decimal_text(0, 4), "0.0");
    EXPECT_EQ(decimal_text(10000, 4), "1.0");
    EXPECT_EQ(decimal_text(143, 1), "14.3");
    EXPECT_EQ(decimal_text(1000, 1), "100.0");
    EXPECT_EQ(decimal_text(-5, 1), "-0.5");
    EXPECT_EQ(decimal_text(-122, 4), "-0.0122");
}

TEST(ScoreSum, RoundsTheExactMeanOnce) {
    EXPECT_EQ((ScoreSum{2, 1}).points(), 1); // 0.00005
    EXPECT_EQ((ScoreSum{3, 10000}).points(), 3333);
    EXPECT_EQ((ScoreSum{1, 7449}).hundredths(), 74);
    EXPECT_EQ((ScoreSum{1, 7450}).hundredths(), 75);
    // 0.74496 is 0.745 with four decimals and 0.74 with two: never rounded twice.
    EXPECT_EQ((ScoreSum{5, 37248}).points(), 7450);
    EXPECT_EQ((ScoreSum{5, 37248}).hundredths(), 74);
    EXPECT_EQ(ScoreSum{}.points(), 0);
}

TEST(RiskLevel, IsOfTheScoreAsServed) {
    EXPECT_EQ(risk_level({}), "unknown");
    EXPECT_EQ(risk_level({1, 0}), "high");
    EXPECT_EQ(risk_level({1, 5949}), "high");
    EXPECT_EQ(risk_level({1, 5950}), "medium"); // served as 0.6
    EXPECT_EQ(risk_level({1, 8049}), "medium"); // served as 0.8
    EXPECT_EQ(risk_level({1, 8050}), "low");
}

TEST(Trend, ComparesWhatIsServed) {
    EXPECT_EQ(trend_between({1, 8000}, {1, 7999}), Trend::up);
    EXPECT_EQ(trend_between({1, 7999}, {1, 8000}), Trend::down);
    EXPECT_EQ(trend_between({3, 24001}, {1, 8000}), Trend::stable);
    EXPECT_EQ(trend_between({1, 8000}, {}), Trend::stable);
    EXPECT_EQ(trend_between({}, {1, 8000}), Trend::down);
}

TEST(ChangeInPoints, IsTheDifferenceOfExactMeans) {
    EXPECT_EQ(change_in_points({1, 8914}, {1, 8792}), 122);
    // 0.66666… - 0.33333… is a third, though the rounded means differ by 0.3334.
    EXPECT_EQ(change_in_points({3, 20000}, {3, 10000}), 3333);
    EXPECT_EQ(change_in_points({1, 8000}, {}), 0);
    EXPECT_EQ(change_in_points({}, {1, 8000}), 0);
}

TEST(Figures, AddUp) {
    Figures sum{.calls = 2, .analysed = 1, .escalated = 1, .emergencies = 1, .quality = {1, 5000}};
    sum += {.calls = 3, .analysed = 3, .quality = {2, 9000}, .sop = {1, 1}};
    EXPECT_EQ(sum.calls, 5);
    EXPECT_EQ(sum.escalation().points(), 2500);
    EXPECT_EQ(sum.quality.sum, 14000);
    EXPECT_EQ(sum.sop.count, 1);
}

} // namespace
} // namespace hs
