// How much one process asks of one provider at once, and how often again.
#include <future>

#include <gtest/gtest.h>

#include "pipeline/provider_limits.hpp"
#include "support/postgres.hpp"

namespace hs::pipeline {
namespace {

using namespace std::chrono_literals;

class ProviderLimitsTest : public testing::Test {
protected:
    /// Until everything handed to the loop so far has had its turn.
    void settle() {
        for (int i = 0; i < 3; ++i)
            loop.wait([]() -> Task<void> { co_return; }());
    }

    static bool ended(const std::future<bool>& waiting) {
        return waiting.wait_for(0s) == std::future_status::ready;
    }

    test::Loop loop;
};

TEST_F(ProviderLimitsTest, NoMoreThanAllowedAreInsideAtOnce) {
    ProviderLimits limits(2);
    EXPECT_TRUE(loop.wait(limits.enter({})));
    EXPECT_TRUE(loop.wait(limits.enter({})));
    auto third = loop.start(limits.enter({}));
    auto fourth = loop.start(limits.enter({}));
    settle();
    EXPECT_FALSE(ended(third));
    limits.leave();
    EXPECT_TRUE(third.get());
    settle();
    EXPECT_FALSE(ended(fourth));
    limits.leave();
    EXPECT_TRUE(fourth.get());
}

TEST_F(ProviderLimitsTest, WhoIsToldToStopWaitsNoLonger) {
    ProviderLimits limits(1);
    EXPECT_TRUE(loop.wait(limits.enter({})));
    std::stop_source stop;
    auto second = loop.start(limits.enter(stop.get_token()));
    auto third = loop.start(limits.enter({}));
    settle();
    stop.request_stop();
    EXPECT_FALSE(second.get());
    limits.leave();
    EXPECT_TRUE(third.get()) << "the place went to one who had left the queue";
}

TEST_F(ProviderLimitsTest, AsManyAsAllHaveAgreedOn) {
    ProviderLimits limits(8);
    EXPECT_EQ(limits.at_once(), 4) << "to begin with";
    limits.allow(2.8);
    EXPECT_EQ(limits.at_once(), 2);
    limits.allow(0.3);
    EXPECT_EQ(limits.at_once(), 1);
    limits.allow(100);
    EXPECT_EQ(limits.at_once(), 8);
}

TEST_F(ProviderLimitsTest, RepliesThatTakeTwiceAsLongAsUsualAreSeen) {
    ProviderLimits limits(4);
    const auto slowed = [&](int replies, std::chrono::duration<double> took, double units) {
        int times = 0;
        for (int i = 0; i < replies; ++i)
            times += limits.has_slowed(took, units) ? 1 : 0;
        return times;
    };
    EXPECT_EQ(slowed(100, 2s, 0), 0);
    EXPECT_EQ(slowed(30, 5s, 0), 1) << "then it is the usual time";
    EXPECT_EQ(slowed(30, 2s, 0), 0) << "faster is fine";
    EXPECT_EQ(slowed(40, 60s, 120), 0) << "half a second a second of audio";
    ProviderLimits quick(4);
    for (int i = 0; i < 100; ++i)
        EXPECT_FALSE(quick.has_slowed(i < 50 ? 10ms : 500ms, 0)) << "nobody waits for that";
}

TEST_F(ProviderLimitsTest, RepeatsComeWithTimeAndSuccess) {
    ProviderLimits limits(1);
    ProviderLimits::Instant now{};
    const auto spend = [&] {
        int repeats = 0;
        while (limits.may_repeat(now))
            ++repeats;
        return repeats;
    };
    EXPECT_EQ(spend(), 5);
    now += 1min;
    EXPECT_EQ(spend(), 5);
    now += 1h;
    EXPECT_EQ(spend(), 5) << "idle hours are not saved up";
    for (int i = 0; i < 31; ++i)
        limits.succeeded(now);
    EXPECT_EQ(spend(), 3);
}

} // namespace
} // namespace hs::pipeline
