/// Figures: sums of calls and the means, shares and levels that replies form from them.
///
/// All arithmetic is on integers, so that a rounded figure is the exact one rounded once: half away
/// from zero, on the decimal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hs {

/// `numerator / denominator` to the nearest integer, halves away from zero; 0 over 0 is 0.
[[nodiscard]] std::int64_t rounded_ratio(std::int64_t numerator, std::int64_t denominator);

/// `value` with `digits` decimals as a JSON `num`: the shortest decimal that always has a fraction
/// (7402 with 4 digits is "0.7402", 7500 is "0.75", 0 is "0.0").
[[nodiscard]] std::string decimal_text(std::int64_t value, int digits);

/// A score summed over the calls that have it; the sum is in basis points.
struct ScoreSum {
    std::int64_t count = 0;
    std::int64_t sum = 0;

    [[nodiscard]] std::int64_t points() const { return rounded_ratio(sum, count); }

    /// The mean with two decimals, as maps show it.
    [[nodiscard]] std::int64_t hundredths() const { return rounded_ratio(sum, count * 100); }

    ScoreSum& operator+=(const ScoreSum& other);
};

/// What a set of calls adds up to.
struct Figures {
    std::int64_t calls = 0; // analysed or not
    std::int64_t analysed = 0;
    std::int64_t escalated = 0;
    std::int64_t emergencies = 0;
    ScoreSum quality{};
    ScoreSum sop{};
    ScoreSum sentiment{};

    /// The flagged among the analysed calls, as a mean of zeros and ones.
    [[nodiscard]] ScoreSum escalation() const { return {analysed, escalated * 10000}; }

    Figures& operator+=(const Figures& other);
};

/// high below 0.6, low above 0.8, medium between, unknown without any score.
[[nodiscard]] std::string_view risk_level(const ScoreSum& score);

enum class Trend { up, down, stable };

/// Compares the two means with four decimals; stable as well when there was nothing before.
[[nodiscard]] Trend trend_between(const ScoreSum& now, const ScoreSum& before);

/// Difference of the exact means in basis points; 0 unless both have calls.
[[nodiscard]] std::int64_t change_in_points(const ScoreSum& now, const ScoreSum& before);

} // namespace hs
