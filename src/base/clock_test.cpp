#include <gtest/gtest.h>

#include "base/clock.hpp"

using namespace hs;

TEST(Rfc3339, WritesMillisecondsInUtc) {
    const auto time = parse_rfc3339("2026-02-03T14:05:12.480999+05:30");
    ASSERT_TRUE(time);
    EXPECT_EQ(rfc3339(*time), "2026-02-03T08:35:12.480+00:00");
    EXPECT_EQ(time->time_since_epoch().count() % 1000000, 480999);
}

TEST(Rfc3339, RoundsDownBefore1970) {
    EXPECT_EQ(rfc3339(Time(std::chrono::microseconds(-1))), "1969-12-31T23:59:59.999+00:00");
}

TEST(Rfc3339, TakesEveryOffset) {
    const auto expected = parse_rfc3339("2026-02-03T08:35:12Z");
    ASSERT_TRUE(expected);
    for (const auto* text : {"2026-02-03t08:35:12z",
                             "2026-02-03 08:35:12.0000000001+00:00",
                             "2026-02-03T00:35:12-08:00",
                             "2026-02-04T08:34:12+23:59"})
        EXPECT_EQ(parse_rfc3339(text), expected) << text;
}

TEST(Rfc3339, RefusesWhatIsNoInstant) {
    for (const auto* text : {"",
                             "2026-02-30T00:00:00Z",
                             "2026-13-01T00:00:00Z",
                             "2026-02-03",
                             "2026-02-03T24:00:00Z",
                             "2026-02-03T08:35:12.Z",
                             "2026-02-03T08:35Z",
                             "2026-02-03T08:35:12+0530",
                             "2026-02-03T08:35:12Zx",
                             "+026-02-03T08:35:12Z"}) {
        bool offset_missing = true;
        EXPECT_FALSE(parse_rfc3339(text, &offset_missing)) << text;
        EXPECT_FALSE(offset_missing) << text;
    }
}

TEST(Rfc3339, SaysWhenOnlyTheOffsetIsMissing) {
    bool offset_missing = false;
    EXPECT_FALSE(parse_rfc3339("2026-02-03T08:35:12.5", &offset_missing));
    EXPECT_TRUE(offset_missing);
}
