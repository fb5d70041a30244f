#include <random>

#include <gtest/gtest.h>

#include "domain/periods.hpp"

namespace hs {
namespace {

using std::chrono::sys_days;

Day at(const char* text) {
    return parse_day(text).value();
}

std::string told(const DayRange& range) {
    std::string text;
    for (const auto& span : spans_of(range)) {
        text += std::string(span.grain) + " " + day_text(span.low) + " " + day_text(span.high);
        text += "; ";
    }
    return text;
}

TEST(Days, ReadAndWritten) {
    EXPECT_EQ(day_text(at("2026-02-03")), "2026-02-03");
    EXPECT_EQ(day_text(at("2024-02-29")), "2024-02-29");
    for (const auto* wrong : {"",
                              "2026-2-3",
                              "2026-02-30",
                              "2025-02-29",
                              "2026-13-01",
                              "2026-00-01",
                              "0000-01-01",
                              "2026-02-03T00:00:00Z",
                              "2026/02/03",
                              "+026-02-03",
                              "2026-02--3"})
        EXPECT_FALSE(parse_day(wrong)) << wrong;
}

TEST(Days, Counted) {
    EXPECT_EQ(day_text(months_later(at("2026-01-01"), -1)), "2025-12-01");
    EXPECT_EQ(day_text(days_later(at("2026-03-01"), -1)), "2026-02-28");
    EXPECT_EQ(day_text(month_start(at("2026-03-31"))), "2026-03-01");
}

TEST(Spans, WholeMonthsAndEdgeDays) {
    EXPECT_EQ(told({}), "all 1970-01-01 1970-01-02; ");
    EXPECT_EQ(
        told({at("2026-01-10"), at("2026-04-05")}),
        "day 2026-01-10 2026-02-01; month 2026-02-01 2026-04-01; day 2026-04-01 2026-04-05; ");
    EXPECT_EQ(told({at("2026-01-01"), at("2026-02-01")}), "month 2026-01-01 2026-02-01; ");
    EXPECT_EQ(told({at("2026-01-20"), at("2026-02-10")}), "day 2026-01-20 2026-02-10; ");
    EXPECT_EQ(told({at("2026-01-20"), at("2026-01-20")}), "");
    EXPECT_EQ(told({at("2025-12-31"), std::nullopt}),
              "day 2025-12-31 2026-01-01; month 2026-01-01 9999-01-01; ");
    EXPECT_EQ(told({std::nullopt, at("2026-01-03")}),
              "month 0001-01-01 2026-01-01; day 2026-01-01 2026-01-03; ");
}

TEST(Spans, HoldEveryDayOnce) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    std::uniform_int_distribution days(0, 1200);
    const auto base = at("2023-11-15");
    for (int round = 0; round < 200; ++round) {
        const auto from = days_later(base, days(random));
        const auto to = days_later(from, days(random) / 4);
        for (auto day = days_later(from, -40); sys_days(day) < sys_days(days_later(to, 40));
             day = days_later(day, 1)) {
            int held = 0;
            for (const auto& span : spans_of({from, to})) {
                const bool monthly = std::string_view(span.grain) == "month";
                const auto bucket = sys_days(monthly ? month_start(day) : day);
                if (bucket >= sys_days(span.low) && bucket < sys_days(span.high)) ++held;
            }
            const bool inside = sys_days(day) >= sys_days(from) && sys_days(day) < sys_days(to);
            ASSERT_EQ(held, inside ? 1 : 0) << day_text(from) << " " << day_text(to);
        }
    }
}

} // namespace
} // namespace hs
