#include <gtest/gtest.h>

#include "pipeline/queue_room.hpp"

using namespace hs;
using namespace hs::pipeline;
using namespace std::chrono_literals;

namespace {

const TenantId here{Uuid::parse("00000000-0000-4000-8000-000000000001").value()};
const TenantId there{Uuid::parse("00000000-0000-4000-8000-000000000002").value()};
constexpr QueueRoom::Time start{};

} // namespace

TEST(QueueRoom, NobodyIsLetInBeforeTheFirstCount) {
    QueueRoom room;
    EXPECT_FALSE(room.let_in(here, 100, start));
    room.counted(here, 0, start);
    EXPECT_TRUE(room.let_in(here, 100, start));
    EXPECT_FALSE(room.let_in(there, 100, start)) << "of another tenant";
}

TEST(QueueRoom, ACountIsGoodForASecond) {
    QueueRoom room;
    room.counted(here, 0, start);
    EXPECT_TRUE(room.let_in(here, 100, start + 1s));
    EXPECT_FALSE(room.let_in(here, 100, start + 1001ms));
}

TEST(QueueRoom, NearTheLimitEveryUploadIsCounted) {
    QueueRoom room;
    room.counted(here, 80, start); // and the one that was counted for
    int let_in = 0;
    while (room.let_in(here, 100, start))
        ++let_in;
    EXPECT_EQ(let_in, 9);
}

TEST(QueueRoom, ASmallQueueIsNeverOverrun) {
    for (const std::int64_t most : {1, 2, 9}) {
        QueueRoom room;
        room.counted(here, 0, start);
        std::int64_t jobs = 1;
        while (room.let_in(here, most, start))
            ++jobs;
        EXPECT_EQ(jobs, most);
    }
}
