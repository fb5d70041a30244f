#include <gtest/gtest.h>

#include "pipeline/housekeeping.hpp"

namespace hs::pipeline {

namespace {

constexpr int objects = 24000;

int chosen(Time now, double share) {
    int count = 0;
    for (int i = 0; i < objects; ++i)
        count += sampled("t/1/c/" + std::to_string(i), now, share) ? 1 : 0;
    return count;
}

} // namespace

TEST(HashSample, IsTheShareItSays) {
    const Time now{std::chrono::hours(490000)};
    EXPECT_EQ(chosen(now, 0), 0);
    EXPECT_EQ(chosen(now, 1), objects);
    EXPECT_NEAR(chosen(now, 0.01), objects / 100, 60); // 4 standard deviations
}

TEST(HashSample, OfADayCoversOtherObjectsEachHour) {
    int covered = 0;
    for (int i = 0; i < objects; ++i) {
        bool seen = false;
        for (int hour = 0; hour < 24; ++hour)
            seen = seen || sampled("t/1/c/" + std::to_string(i),
                                   Time{std::chrono::hours(490000 + hour)},
                                   0.01 / 24);
        covered += seen ? 1 : 0;
    }
    EXPECT_NEAR(covered, objects / 100, 60);
}

TEST(HashSample, IsTheSameWithinAnHour) {
    const Time hour{std::chrono::hours(490000)};
    const Time later{std::chrono::hours(490000) + std::chrono::minutes(59)};
    for (int i = 0; i < 1000; ++i)
        EXPECT_EQ(sampled(std::to_string(i), hour, 0.5), sampled(std::to_string(i), later, 0.5));
}

} // namespace hs::pipeline
