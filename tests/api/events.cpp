// The stream of events: at once, to everybody, nothing lost and nothing twice.
#include <memory>
#include <set>
#include <thread>

#include <fmt/format.h>

#include "api/api_test.hpp"
#include "support/event_stream.hpp"

namespace hs::test {

namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class Events : public ApiTest {
protected:
    static void emit(const std::string& type, int number) {
        (void)server().database().sql(
            fmt::format("INSERT INTO events (tenant_id, type, payload) VALUES ('{}', '{}', "
                        "jsonb_build_object('n', {}))",
                        TestDatabase::tenant().str(),
                        type,
                        number));
    }
};

TEST_F(Events, CallIsFollowedFromIngestToAnalysis) {
    EventStream stream(server(), "/api/events?types=call.*");
    ASSERT_TRUE(stream.open());
    EXPECT_THAT(stream.head(), HasSubstr("text/event-stream"));
    EXPECT_THAT(stream.head(), HasSubstr("no-store"));
    const auto call = call_id_of(server().upload(form()));
    for (const auto* type : {"call.ingested", "call.transcribed", "call.analyzed"}) {
        const auto event = stream.next_of(type, call, 20s);
        ASSERT_TRUE(event) << type;
        EXPECT_EQ(event->data.at("type"), type);
        EXPECT_EQ(std::string(event->data.at("id").as_string()), event->id);
        EXPECT_TRUE(event->data.at("agent_id").is_string());
    }
}

TEST_F(Events, TwoHundredListenersHearOfAnEscalationWithinTwoSeconds) {
    const auto call = call_id_of(server().upload(form()));
    ASSERT_EQ(server().settled(call), "analyzed");
    std::vector<std::unique_ptr<EventStream>> streams;
    for (int i = 0; i < 200; ++i)
        streams.push_back(
            std::make_unique<EventStream>(server(), "/api/events?types=escalation.*"));
    for (const auto& stream : streams)
        ASSERT_TRUE(stream->open());
    const auto backends =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()";
    EXPECT_LT(server().database().count(backends), 20) << "no connection a listener";
    const auto started = std::chrono::steady_clock::now();
    ASSERT_EQ(server()
                  .post_json("/api/calls/" + call + "/overrides",
                             R"({"field":"escalation_risk","value":1,"reason":"sued"})")
                  .status,
              201);
    for (const auto& stream : streams) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            started + 2s - std::chrono::steady_clock::now());
        ASSERT_TRUE(stream->next_of("escalation.raised", call, left));
    }
}

TEST_F(Events, FiltersKeepOthersOut) {
    EventStream one(server(), "/api/events?types=insight.one");
    EventStream all(server(), "/api/events?types=insight.*,job.done");
    ASSERT_TRUE(one.open());
    ASSERT_TRUE(all.open());
    emit("insight.two", 1);
    emit("insight.one", 2);
    emit("job.done", 3);
    EXPECT_EQ(one.next(5s)->type, "insight.one");
    EXPECT_EQ(all.next(5s)->type, "insight.two");
    EXPECT_EQ(all.next(5s)->type, "insight.one");
    EXPECT_EQ(all.next(5s)->type, "job.done");
    for (const auto* bad : {"types=calls",
                            "types=call",
                            "types=call.%2A%2A",
                            "agent_id=x",
                            "city_id=0",
                            "last_event_id=x"})
        EXPECT_EQ(get("/api/events?" + std::string(bad)).status, 400) << bad;
    EXPECT_EQ(get("/api/events", "Last-Event-ID: 5\r\n").status, 400);
}

TEST_F(Events, TransactionThatCommitsLateIsNotLost) {
    EventStream stream(server(), "/api/events?types=review.*");
    ASSERT_TRUE(stream.open());
    const auto tenant = TestDatabase::tenant().str();
    // The first writer takes its number first and commits last.
    std::jthread late([&] {
        (void)server().database().sql(
            "WITH late AS (INSERT INTO events (tenant_id, type, payload) VALUES ('" + tenant +
            "', 'review.late', '{}') RETURNING 1) SELECT pg_sleep(1.5)::text FROM late");
    });
    ASSERT_TRUE(eventually([&] {
        return server().database().count("SELECT count(*) FROM pg_stat_activity WHERE "
                                         "query LIKE '%review.late%pg_sleep%' AND pid <> "
                                         "pg_backend_pid() AND backend_xid IS NOT NULL") == 1;
    }));
    emit("review.early", 1);
    late.join();
    const auto first = stream.next(5s);
    const auto second = stream.next(5s);
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->type, "review.late") << "in the order of the transactions";
    EXPECT_EQ(second->type, "review.early");
}

TEST_F(Events, ComingBackLosesAndDoublesNothing) {
    constexpr int writers = 4;
    constexpr int each = 60;
    constexpr std::size_t all = writers * each;
    const std::string target = "/api/events?types=job.crossed";
    auto stream = std::make_unique<EventStream>(server(), target);
    ASSERT_TRUE(stream->open());
    std::vector<std::jthread> threads;
    for (int writer = 0; writer < writers; ++writer) {
        threads.emplace_back([writer] {
            // Transactions of different length overlap: numbers and commits cross.
            for (int i = 0; i < each; ++i)
                (void)server().database().sql(fmt::format(
                    "WITH one AS (INSERT INTO events (tenant_id, type, payload) VALUES ('{}', "
                    "'job.crossed', jsonb_build_object('n', {})) RETURNING 1) "
                    "SELECT pg_sleep({})::text FROM one",
                    TestDatabase::tenant().str(),
                    writer * each + i,
                    0.001 * ((i * 7 + writer * 3) % 11)));
        });
    }
    std::multiset<std::int64_t> got;
    int lives = 1;
    while (got.size() < all && lives < 60) {
        for (int i = 0; i < 15 && got.size() < all; ++i) {
            const auto event = stream->next(2s);
            if (!event) break;
            got.insert(event->data.at("payload").at("n").as_int64());
        }
        const auto back = "Last-Event-ID: " + stream->last_id() + "\r\n";
        stream = std::make_unique<EventStream>(server(), target, back);
        ASSERT_TRUE(stream->open());
        ++lives;
    }
    threads.clear();
    EXPECT_FALSE(stream->next(1s)) << "nothing behind the last one";
    const std::set<std::int64_t> distinct(got.begin(), got.end());
    EXPECT_EQ(got.size(), all) << "lives " << lives;
    EXPECT_EQ(distinct.size(), all) << "nothing lost, nothing twice";
    EXPECT_GT(lives, 10);
}

TEST_F(Events, PlaceThatWasThrownAwayIsTold) {
    EventStream before(server(), "/api/events?types=insight.*");
    ASSERT_TRUE(before.open());
    emit("insight.kept", 1);
    const auto kept = before.next(5s);
    ASSERT_TRUE(kept);
    const auto back = "Last-Event-ID: " + kept->id + "\r\n";
    emit("insight.later", 2);
    EventStream whole(server(), "/api/events?types=insight.*", back);
    ASSERT_TRUE(whole.open());
    EXPECT_EQ(whole.next(5s)->type, "insight.later");
    (void)server().database().sql(
        "INSERT INTO event_horizons SELECT tenant_id, xid, id FROM events WHERE type = "
        "'insight.later' ON CONFLICT (tenant_id) DO UPDATE SET xid = excluded.xid, id "
        "= excluded.id");
    EventStream gap(server(), "/api/events?types=insight.*", back);
    ASSERT_TRUE(gap.open());
    EXPECT_EQ(gap.next(5s)->type, "stream.gap");
    (void)server().database().sql("DELETE FROM event_horizons");
}

TEST_F(Events, PlaceBehindTheEndDeafensNobody) {
    EventStream mad(server(), "/api/events?types=insight.*&last_event_id=9000000000000-0");
    ASSERT_TRUE(mad.open());
    EXPECT_NE(mad.last_id(), "9000000000000-0");
    const auto gap = mad.next(5s);
    ASSERT_TRUE(gap);
    EXPECT_EQ(gap->type, "stream.gap");
    EventStream sane(server(), "/api/events?types=insight.*");
    ASSERT_TRUE(sane.open());
    emit("insight.heard", 1);
    for (auto* stream : {&mad, &sane}) {
        const auto heard = stream->next(5s);
        ASSERT_TRUE(heard);
        EXPECT_EQ(heard->type, "insight.heard");
    }
}

TEST_F(Events, EventThatCannotBeReadIsLeftOut) {
    const auto count = [](const std::string& text) {
        int found = 0;
        for (auto at = text.find("event.unreadable"); at != std::string::npos;
             at = text.find("event.unreadable", at + 1))
            ++found;
        return found;
    };
    const auto logged = count(server().log());
    EventStream stream(server(), "/api/events?types=insight.*");
    ASSERT_TRUE(stream.open());
    emit("insight.first", 1);
    const auto first = stream.next(5s);
    ASSERT_TRUE(first) << "the reader runs";
    for (const auto* time : {"0044-03-15 12:00+00 BC", "infinity"})
        (void)server().database().sql(
            fmt::format("INSERT INTO events (tenant_id, type, payload, created_at) VALUES "
                        "('{}', 'insight.timeless', '{{}}', '{}')",
                        TestDatabase::tenant().str(),
                        time));
    emit("insight.second", 2);
    const auto second = stream.next(5s);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->type, "insight.second");
    // Who comes back passes the bad ones again: left out, and not told again.
    EventStream back(
        server(), "/api/events?types=insight.*", "Last-Event-ID: " + first->id + "\r\n");
    ASSERT_TRUE(back.open());
    const auto again = back.next(5s);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->type, "insight.second");
    EXPECT_EQ(count(server().log()), logged + 2);
    EXPECT_THAT(get("/metrics").body, HasSubstr("\nhacksmart_events_unreadable_total 2\n"));
    (void)server().database().sql("DELETE FROM events WHERE type = 'insight.timeless'");
}

TEST_F(Events, TicketIsGoodOnce) {
    const auto made = server().post_json("/api/events/ticket", "");
    ASSERT_EQ(made.status, 201) << made.body;
    const std::string ticket(json_of(made).at("ticket").as_string());
    EXPECT_EQ(server().ask("HEAD /api/events?ticket=" + ticket).status, 200) << "and not taken";
    EXPECT_EQ(server().ask("HEAD /api/events?ticket=made-up").status, 401);
    {
        EventStream stream(server(), "/api/events?ticket=" + ticket);
        EXPECT_TRUE(stream.open());
    }
    EXPECT_EQ(refusal(get("/api/events?ticket=" + ticket)), "401 auth.invalid");
    EXPECT_EQ(server().ask("HEAD /api/events?ticket=" + ticket).status, 401) << "used up";
    EXPECT_EQ(refusal(get("/api/events?ticket=made-up")), "401 auth.invalid");
    const std::string stale(
        json_of(server().post_json("/api/events/ticket", "")).at("ticket").as_string());
    (void)server().database().sql("UPDATE event_tickets SET expires_at = now() - interval '1 s'");
    EXPECT_EQ(server().ask("HEAD /api/events?ticket=" + stale).status, 401);
    EXPECT_EQ(refusal(get("/api/events?ticket=" + stale)), "401 auth.invalid");
}

TEST_F(Events, ListenersThatLeaveAreForgotten) {
    const auto listeners = [] {
        const auto metrics = get("/metrics").body;
        const auto at = metrics.find("\nhacksmart_event_listeners ");
        return at == std::string::npos ? -1.0 : std::stod(metrics.substr(metrics.find(' ', at)));
    };
    const auto before = listeners();
    {
        EventStream stream(server(), "/api/events");
        ASSERT_TRUE(stream.open());
        ASSERT_TRUE(eventually([&] { return listeners() >= 1; }));
    }
    EXPECT_TRUE(eventually([&] { return listeners() <= std::max(0.0, before); }));
}

} // namespace

} // namespace hs::test
