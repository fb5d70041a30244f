#include <gtest/gtest.h>

#include "store/directory.hpp"
#include "store/idempotency.hpp"
#include "support/postgres.hpp"

namespace hs::store {
namespace {

class Directory : public testing::Test {
protected:
    Directory() : session(db.database->unit({.tenant = tenant})) {}

    AgentId agent(const std::string& name, std::optional<std::string> employee_id = std::nullopt) {
        Agent row;
        row.id = AgentId::make(SystemClock().now());
        row.name = name;
        row.employee_id = std::move(employee_id);
        return db.wait(insert_agent(*session, tenant, row)).value();
    }

    test::LiveDatabase db;
    TenantId tenant = test::TestDatabase::tenant();
    std::unique_ptr<pg::Session> session;
};

TEST_F(Directory, AnAgentIsFoundByIdEmployeeIdOrName) {
    const auto id = agent("Meera Joshi", "EMP-1042");
    for (const auto& identifier :
         std::vector<std::string>{id.str(), "emp-1042", " MEERA  joshi "}) {
        const auto found = db.wait(agents_named(*session, tenant, identifier));
        ASSERT_EQ(found.size(), 1U) << identifier;
        EXPECT_EQ(found.front().agent.id, id);
    }
    EXPECT_TRUE(db.wait(agents_named(*session, tenant, "Meera")).empty());
}

TEST_F(Directory, AnEmployeeIdBeatsANameOfAnother) {
    agent("EMP-7");
    const auto id = agent("Somebody Else", "EMP-7");
    const auto found = db.wait(agents_named(*session, tenant, "EMP-7"));
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found.front().agent.id, id);
    EXPECT_EQ(found.front().by, MatchedBy::key);
}

TEST_F(Directory, TheSameEmployeeIdIsAddedOnce) {
    agent("First", "EMP-1");
    Agent again;
    again.id = AgentId::make(SystemClock().now());
    again.name = "Second";
    again.employee_id = "emp-1";
    EXPECT_FALSE(db.wait(insert_agent(*session, tenant, again)));
}

TEST_F(Directory, ACityIsFoundByAliasInAnyScript) {
    City city;
    city.name = "Gurugram";
    city.aliases = {"Gurgaon", "गुरुग्राम"};
    const auto id = db.wait(insert_city(*session, tenant, city)).value();
    for (const auto& name :
         std::vector<std::string>{"GURGAON", "गुरुग्राम", std::to_string(id.value)}) {
        const auto found = db.wait(cities_named(*session, tenant, name));
        ASSERT_EQ(found.size(), 1U) << name;
        EXPECT_EQ(found.front().city.id, id);
    }
}

TEST_F(Directory, PagesFollowEachOtherWithoutGapOrRepeat) {
    for (const auto* name : {"D", "A", "C", "B", "E"})
        agent(name);
    std::string seen;
    std::optional<Agent> after;
    for (;;) {
        const auto page = db.wait(list_agents(*session, tenant, after, 2));
        if (page.empty()) break;
        for (const auto& one : page)
            seen += one.name;
        after = page.back();
    }
    EXPECT_EQ(seen, "ABCDE");
}

class Reservations : public Directory {
protected:
    Reservation reservation(std::uint8_t fingerprint) {
        Reservation out;
        out.scope = "POST /ingest/call";
        out.key = "k1";
        out.fingerprint.fill(fingerprint);
        out.call_id = CallId::make(SystemClock().now());
        out.created_at = SystemClock().now();
        out.holder = Uuid::random();
        return out;
    }

    ReservationState state_of(const Reservation& wanted) {
        return db.wait(reserve(*session, tenant, wanted)).state;
    }
};

TEST_F(Reservations, TheFirstTakesTheKeyOthersWaitOrReplay) {
    const auto first = reservation(1);
    EXPECT_EQ(state_of(first), ReservationState::ours);
    EXPECT_EQ(state_of(reservation(1)), ReservationState::in_progress);
    EXPECT_EQ(state_of(reservation(2)), ReservationState::other_request);
    EXPECT_TRUE(db.wait(finish_reservation(*session, tenant, first)));
    const auto replay = db.wait(reserve(*session, tenant, reservation(1)));
    EXPECT_EQ(replay.state, ReservationState::replay);
    EXPECT_EQ(replay.call_id, first.call_id);
}

TEST_F(Reservations, ASilentHolderIsTakenOverWithTheSameCall) {
    const auto first = reservation(1);
    EXPECT_EQ(state_of(first), ReservationState::ours);
    db.base.sql("UPDATE idempotency SET lease_until = now() - interval '1 s'");
    const auto second = reservation(1);
    const auto taken = db.wait(reserve(*session, tenant, second));
    EXPECT_EQ(taken.state, ReservationState::ours);
    EXPECT_EQ(taken.call_id, first.call_id);
    EXPECT_FALSE(db.wait(finish_reservation(*session, tenant, first)))
        << "the old holder is too late";
    EXPECT_TRUE(db.wait(finish_reservation(*session, tenant, second)));
}

TEST_F(Reservations, AReleasedKeyMayBeUsedWithAnotherRequest) {
    const auto first = reservation(1);
    EXPECT_EQ(state_of(first), ReservationState::ours);
    db.wait(release_reservation(*session, tenant, first));
    EXPECT_EQ(state_of(reservation(2)), ReservationState::ours);
}

} // namespace
} // namespace hs::store
