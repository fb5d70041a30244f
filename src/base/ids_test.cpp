#include <unordered_set>

#include <gtest/gtest.h>

#include "base/ids.hpp"

using namespace hs;

TEST(Uuid, ReadsEveryFormAndWritesOne) {
    const std::string canonical = "0f3c7e52-5a1d-4a0b-9c64-2d1f8b7e6a90";
    for (const auto* text : {"0f3c7e52-5a1d-4a0b-9c64-2d1f8b7e6a90",
                             "0F3C7E52-5A1D-4A0B-9C64-2D1F8B7E6A90",
                             "0f3c7e525a1d4a0b9c642d1f8b7e6a90"}) {
        const auto uuid = Uuid::parse(text);
        ASSERT_TRUE(uuid) << text;
        EXPECT_EQ(uuid->str(), canonical);
    }
}

TEST(Uuid, RefusesEverythingElse) {
    for (const auto* text : {"",
                             "0f3c7e52",
                             "0f3c7e52-5a1d-4a0b-9c64-2d1f8b7e6a9",
                             "0f3c7e52-5a1d-4a0b-9c64-2d1f8b7e6a9g",
                             "0f3c7e525-a1d-4a0b-9c64-2d1f8b7e6a90",
                             "{f3c7e52-5a1d-4a0b-9c64-2d1f8b7e6a90",
                             "0f3c7e525a1d4a0b9c642d1f8b7e6a9 ",
                             "-f3c7e525a1d4a0b9c642d1f8b7e6a90"})
        EXPECT_FALSE(Uuid::parse(text)) << text;
}

TEST(Uuid, CarriesVersionAndVariant) {
    const auto random = Uuid::random();
    EXPECT_EQ(random.bytes[6] >> 4, 4);
    EXPECT_EQ(random.bytes[8] >> 6, 2);
    const auto timed = Uuid::v7(SystemClock().now());
    EXPECT_EQ(timed.bytes[6] >> 4, 7);
    EXPECT_EQ(timed.bytes[8] >> 6, 2);
}

TEST(Uuid, VersionSevenSortsByTimeWithinOneMillisecond) {
    const Time start{std::chrono::microseconds(1770107712480000)};
    auto before = Uuid::v7(start);
    EXPECT_EQ(before.str().substr(0, 13), "019c22a4-33e0");
    for (int i = 1; i < 3000; ++i) {
        const auto next = Uuid::v7(start + std::chrono::microseconds(i));
        ASSERT_LT(before, next) << i;
        before = next;
    }
}

TEST(Uuid, HashesTellThemApart) {
    std::unordered_set<Uuid> seen;
    for (int i = 0; i < 1000; ++i)
        seen.insert(Uuid::random());
    EXPECT_EQ(seen.size(), 1000u);
}
