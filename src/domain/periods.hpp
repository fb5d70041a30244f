/// Days of a tenant's calendar, and which buckets of the rollups a period is made of.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hs {

using Day = std::chrono::year_month_day;

// Before and after every call.
inline constexpr Day first_day{std::chrono::year{1}, std::chrono::January, std::chrono::day{1}};
inline constexpr Day last_day{std::chrono::year{9999}, std::chrono::January, std::chrono::day{1}};

/// "2026-02-03".
[[nodiscard]] std::string day_text(Day day);
/// nullopt for anything else, also for a day no calendar has.
[[nodiscard]] std::optional<Day> parse_day(std::string_view text);

[[nodiscard]] Day month_start(Day day);
[[nodiscard]] Day months_later(Day first_of_month, int months);
[[nodiscard]] Day days_later(Day day, int days);

/// Half-open range of days; an unset end is open.
struct DayRange {
    std::optional<Day> from{};
    std::optional<Day> to{};

    [[nodiscard]] bool open() const { return !from && !to; }
};

/// Buckets of one grain: those that begin in [low, high).
struct BucketSpan {
    const char* grain;
    Day low;
    Day high;
};

/// The fewest buckets that hold exactly the days of the range: whole months and days at the edges.
[[nodiscard]] std::vector<BucketSpan> spans_of(const DayRange& range);

} // namespace hs
