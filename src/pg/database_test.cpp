#include <csignal>
#include <future>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pg/blocking.hpp"
#include "pg/database.hpp"
#include "support/postgres.hpp"

namespace hs::pg {
namespace {

using namespace std::chrono_literals;
using test::LiveDatabase;

constexpr Query one{"one", "SELECT $1::int AS n"};
constexpr Query who{
    "who",
    "SELECT current_user::text AS role, current_setting('hs.tenant', true) AS "
    "tenant, current_setting('synchronous_commit') AS sync, pg_backend_pid() AS pid"};
constexpr Query fails{"fails", "SELECT 1 / $1::int"};
constexpr Query slow{"slow", "SELECT pg_sleep($1)"};
constexpr Query count_schedules{"count_schedules", "SELECT count(*) AS n FROM schedules"};
constexpr Query add_schedule{"add_schedule",
                             "INSERT INTO schedules (tenant_id, name, spec, next_at) "
                             "VALUES ($1, $2, 'daily', now())"};

DatabaseError error_of(LiveDatabase& live, Task<Rows> task) {
    try {
        live.wait(std::move(task));
    } catch (const DatabaseError& error) {
        return error;
    }
    return {"", "", "no error"};
}

TEST(Database, CarriesValuesThereAndBack) {
    LiveDatabase live;
    constexpr Query all{
        "all",
        "SELECT $1::text AS t, $2::bigint AS i, $3::float8 AS d, $4::bool AS b, "
        "$5::uuid AS u, $6::timestamptz AS at, $7::bytea AS raw, $8::text[] AS list, "
        "$9::text AS nothing, $10::bigint[] AS numbers"};
    const auto id = Uuid::random();
    const Time at{std::chrono::microseconds(1'789'012'345'678'901)};
    const Bytes raw = {0, 255, 39, 92};
    const std::vector<std::string> list = {"a", "b \"c\"", "", "d,e\\"};
    const std::vector<std::int64_t> numbers = {1, -2};
    const auto rows = live.run(all,
                               params("it's",
                                      std::int64_t{-7},
                                      0.1,
                                      true,
                                      id,
                                      at,
                                      raw,
                                      list,
                                      std::optional<std::string>(),
                                      numbers));
    const auto row = rows.front();
    EXPECT_EQ(row.text("t"), "it's");
    EXPECT_EQ(row.integer("i"), -7);
    EXPECT_EQ(row.real("d"), 0.1);
    EXPECT_TRUE(row.boolean("b"));
    EXPECT_EQ(row.uuid("u"), id);
    EXPECT_EQ(row.time("at"), at);
    EXPECT_EQ(row.bytes("raw"), raw);
    EXPECT_EQ(row.text_array("list"), list);
    EXPECT_TRUE(row.null("nothing"));
    EXPECT_EQ(row.optional_text("nothing"), std::nullopt);
    EXPECT_EQ(row.text("numbers"), "{1,-2}");
    EXPECT_THROW((void)row.integer("nothing"), std::logic_error);
    EXPECT_THROW((void)row.text("no_such_column"), std::logic_error);
}

TEST(Database, RoleAndTenantHoldForOneUnitOnly) {
    LiveDatabase live({.pipelined = 1});
    const auto tenant = test::TestDatabase::tenant();
    const auto first = live.run(who, {}, Scope{tenant, DbRole::worker});
    EXPECT_EQ(first.front().text("role"), "hacksmart_worker");
    EXPECT_EQ(first.front().text("tenant"), tenant.str());
    const auto second = live.run(who, {}, Scope{std::nullopt, DbRole::app, true});
    EXPECT_EQ(second.front().text("role"), "hacksmart_app");
    EXPECT_EQ(second.front().text("tenant"), "");
    EXPECT_EQ(second.front().text("sync"), "off");
    EXPECT_EQ(second.front().integer("pid"), first.front().integer("pid"));
    EXPECT_EQ(live.run(who).front().text("sync"), "on");
}

TEST(Database, RowsOfOtherTenantsAreInvisible) {
    LiveDatabase live;
    const auto a = test::TestDatabase::tenant();
    const auto b = live.base.another_tenant();
    live.run(add_schedule, params(a, "x"), Scope{a, DbRole::app});
    EXPECT_EQ(live.run(count_schedules, {}, Scope{a, DbRole::app}).front().integer("n"), 1);
    EXPECT_EQ(live.run(count_schedules, {}, Scope{b, DbRole::app}).front().integer("n"), 0);
    EXPECT_EQ(live.run(count_schedules, {}, Scope{}).front().integer("n"), 0);
    const auto foreign =
        error_of(live, live.database->run(Scope{b, DbRole::app}, add_schedule, params(a, "y")));
    EXPECT_EQ(foreign.sqlstate(), "42501");
}

TEST(Database, AnErrorSpoilsItsOwnUnitOnly) {
    LiveDatabase live({.pipelined = 1});
    std::vector<std::future<Rows>> answers;
    for (int i = 0; i < 100; ++i) {
        const auto& query = i % 3 == 0 ? fails : one;
        answers.push_back(live.loop.start(
            live.database->run(Scope{}, query, params(query.name == fails.name ? 0 : i))));
    }
    for (int i = 0; i < 100; ++i) {
        if (i % 3 == 0) {
            EXPECT_THROW(answers[std::size_t(i)].get(), DatabaseError);
        } else {
            EXPECT_EQ(answers[std::size_t(i)].get().front().integer("n"), i);
        }
    }
    const auto error = error_of(live, live.database->run(Scope{}, fails, params(0)));
    EXPECT_EQ(error.sqlstate(), "22012");
}

TEST(Database, NamesTheConstraintButNotTheValues) {
    LiveDatabase live;
    const auto tenant = test::TestDatabase::tenant();
    const Scope scope{tenant, DbRole::app};
    live.run(add_schedule, params(tenant, "x"), scope);
    const auto twice = error_of(live, live.database->run(scope, add_schedule, params(tenant, "x")));
    EXPECT_TRUE(twice.unique_violation());
    EXPECT_EQ(twice.constraint(), "schedules_pkey");
    constexpr Query cast{"cast", "SELECT $1::text::int"};
    const auto value = error_of(live, live.database->run(scope, cast, params("98 765 43210")));
    EXPECT_EQ(value.sqlstate(), "22P02");
    EXPECT_THAT(value.what(), testing::Not(testing::HasSubstr("98 765")));
}

TEST(Database, StatementsHaveALimit) {
    LiveDatabase live({.app_statement_limit = 100ms});
    const auto error = error_of(live, live.database->run(Scope{}, slow, params(30.0)));
    EXPECT_EQ(error.sqlstate(), "57014");
    EXPECT_EQ(live.run(one, params(1), Scope{}).size(), 1);
}

TEST(Database, TransactionsCommitRollBackAndAreNeverLeftOpen) {
    LiveDatabase live({.exclusive = 1});
    const auto tenant = test::TestDatabase::tenant();
    const Scope scope{tenant, DbRole::app};
    const auto add = [&](const char* name, const char* ending) -> Task<void> {
        auto transaction = co_await live.database->begin(scope);
        co_await transaction->run(add_schedule, params(tenant, name));
        if (std::string(ending) == "commit") co_await transaction->commit();
        if (std::string(ending) == "rollback") co_await transaction->rollback();
    };
    live.wait(add("kept", "commit"));
    live.wait(add("undone", "rollback"));
    live.wait(add("forgotten", ""));
    EXPECT_EQ(live.base.sql("SELECT name FROM schedules"), std::vector<std::string>{"kept"});
    live.wait([&]() -> Task<void> {
        auto untouched = co_await live.database->begin(scope);
        co_await untouched->commit();
    }());
    EXPECT_EQ(live.run(count_schedules, {}, scope).front().integer("n"), 1);
}

TEST(Database, CommitOfAFailedTransactionIsAnError) {
    LiveDatabase live;
    const auto attempt = [&]() -> Task<Rows> {
        auto transaction = co_await live.database->begin(Scope{});
        try {
            co_await transaction->run(fails, params(0));
        } catch (const DatabaseError&) {
        }
        co_await transaction->commit();
        co_return Rows();
    };
    EXPECT_EQ(error_of(live, attempt()).sqlstate(), "25P02");
}

TEST(Database, AFaultAtTheCommitSpoilsItsOwnUnitOnly) {
    LiveDatabase live;
    live.base.sql("CREATE TABLE late (n int PRIMARY KEY)");
    live.base.sql("CREATE TABLE later (n int REFERENCES late DEFERRABLE INITIALLY DEFERRED)");
    live.base.sql("GRANT ALL ON later TO hacksmart_worker");
    constexpr Query add{"add_later", "INSERT INTO later VALUES ($1)"};
    constexpr Query count{"count_later", "SELECT count(*) AS n FROM later"};
    const Scope scope{std::nullopt, DbRole::worker};
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(error_of(live, live.database->run(scope, add, params(i))).sqlstate(), "23503");
        EXPECT_EQ(live.run(count, {}, scope).front().integer("n"), 0);
    }
    live.wait([](LiveDatabase& db, Scope as, Query query) -> Task<void> {
        auto transaction = co_await db.database->begin(as);
        auto values = params(1);
        co_await transaction->run(query, std::move(values));
        EXPECT_THROW(co_await transaction->commit(), DatabaseError);
    }(live, scope, add));
    EXPECT_EQ(live.run(count, {}, scope).front().integer("n"), 0);
}

TEST(Database, ASnapshotTransactionSeesOneStateOnly) {
    LiveDatabase live;
    live.base.sql("CREATE TABLE seen (n int)");
    live.base.sql("GRANT ALL ON seen TO hacksmart_worker");
    constexpr Query count{"count_seen", "SELECT count(*) AS n FROM seen"};
    const Scope scope{.role = DbRole::worker, .snapshot = true};
    const auto counted =
        live.wait([](LiveDatabase& db, Scope as, Query query) -> Task<std::int64_t> {
            auto transaction = co_await db.database->begin(as);
            co_await transaction->run(query, Params());
            db.base.sql("INSERT INTO seen VALUES (1)");
            const auto rows = co_await transaction->run(query, Params());
            co_await transaction->commit();
            co_return rows.front().integer("n");
        }(live, scope, count));
    EXPECT_EQ(counted, 0);
    EXPECT_EQ(live.run(count, {}, scope).front().integer("n"), 1);
}

TEST(Database, WaitingForAConnectionHasALimit) {
    LiveDatabase live({.exclusive = 1, .acquire_limit = 150ms});
    const auto attempt = [&]() -> Task<Rows> {
        auto first = co_await live.database->begin(Scope{});
        auto second = co_await live.database->begin(Scope{});
        co_return Rows();
    };
    EXPECT_EQ(error_of(live, attempt()).sqlstate(), "53300");
    EXPECT_EQ(live.wait([&]() -> Task<int> {
        auto again = co_await live.database->begin(Scope{});
        const auto rows = co_await again->run(one, params(1));
        co_await again->commit();
        co_return rows.size();
    }()),
              1);
}

TEST(Database, AnUnreachableServerIsAnErrorWithinTheLimit) {
    test::Loop loop;
    Metrics metrics;
    Database database(loop.context().get_executor(),
                      {.url = "host=/nonexistent dbname=x", .acquire_limit = 150ms},
                      Log(),
                      metrics);
    try {
        loop.wait(database.run(Scope{}, one, params(1)));
        FAIL() << "an answer from nowhere";
    } catch (const DatabaseError& error) {
        EXPECT_EQ(error.sqlstate(), "08001");
        EXPECT_TRUE(error.connection_lost());
    }
    database.close();
    loop.stop();
}

TEST(Database, ABrokenConnectionIsReplaced) {
    LiveDatabase live({.pipelined = 1, .exclusive = 1});
    live.run(one, params(1));
    auto broken = live.loop.start(live.database->run(Scope{}, slow, params(20.0)));
    const auto asleep = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND "
                        "datname = current_database()";
    while (live.base.count(asleep) == 0) {
    }
    live.base.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                  "WHERE datname = current_database() AND pid <> pg_backend_pid()");
    try {
        broken.get();
        FAIL() << "no error";
    } catch (const DatabaseError& error) {
        EXPECT_TRUE(error.connection_lost()) << error.what();
    }
    EXPECT_EQ(live.run(one, params(2)).front().integer("n"), 2);
}

// A process frozen in a transaction (SIGSTOP, a suspended machine) finds its session ended when it
// goes on.
TEST(Database, ATransactionLeftIdleTooLongIsALostConnection) {
    LiveDatabase live({.exclusive = 1});
    constexpr Query impatient{
        "impatient", "SELECT set_config('idle_in_transaction_session_timeout', '1', true) AS n"};
    const auto attempt = [](LiveDatabase& db, Query first, Query second) -> Task<Rows> {
        auto transaction = co_await db.database->begin(Scope{});
        co_await transaction->run(first, Params());
        while (
            db.base.count("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%' AND "
                          "datname = current_database()") != 0) {
        }
        co_return co_await transaction->run(second, params(1));
    };
    const auto error = error_of(live, attempt(live, impatient, one));
    EXPECT_TRUE(error.connection_lost()) << error.sqlstate() << ' ' << error.what();
    EXPECT_EQ(live.wait([](LiveDatabase& db) -> Task<std::int64_t> {
        auto again = co_await db.database->begin(Scope{});
        const auto rows = co_await again->run(one, params(2));
        co_await again->commit();
        co_return rows.front().integer("n");
    }(live)),
              2);
}

TEST(Database, SchemaChangesDoNotBreakPreparedStatements) {
    LiveDatabase live({.pipelined = 1});
    live.base.sql("CREATE TABLE changing AS SELECT 1 AS a");
    live.base.sql("GRANT SELECT ON changing TO hacksmart_app");
    constexpr Query all_of_it{"all_of_it", "SELECT * FROM changing"};
    EXPECT_EQ(live.run(all_of_it, {}, Scope{}).front().integer("a"), 1);
    live.base.sql("ALTER TABLE changing ADD COLUMN b int DEFAULT 2");
    EXPECT_TRUE(error_of(live, live.database->run(Scope{}, all_of_it, {})).connection_lost());
    EXPECT_EQ(live.run(all_of_it, {}, Scope{}).front().integer("b"), 2);
}

TEST(Database, ListensThroughReconnects) {
    LiveDatabase live;
    std::promise<void> ready, told, ready_again, told_again;
    std::atomic<int> connects{0};
    auto listening = live.loop.start(live.database->listen("news", [&](const std::string& payload) {
        if (payload.empty()) (++connects == 1 ? ready : ready_again).set_value();
        if (payload == "first") told.set_value();
        if (payload == "second") told_again.set_value();
    }));
    const auto limit = 10s;
    ASSERT_EQ(ready.get_future().wait_for(limit), std::future_status::ready);
    live.wait(live.database->notify("news", "first"));
    ASSERT_EQ(told.get_future().wait_for(limit), std::future_status::ready);
    live.base.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                  "WHERE datname = current_database() AND query LIKE 'LISTEN%'");
    ASSERT_EQ(ready_again.get_future().wait_for(limit), std::future_status::ready);
    live.wait(live.database->notify("news", "second"));
    ASSERT_EQ(told_again.get_future().wait_for(limit), std::future_status::ready);
    live.database->close();
    EXPECT_EQ(listening.wait_for(limit), std::future_status::ready);
}

TEST(Database, ServesSeveralLoopsAtOnce) {
    LiveDatabase live;
    test::Loop other;
    const auto ask = [&](int from) -> Task<int> {
        int sum = 0;
        for (int i = from; i < from + 200; ++i) {
            const auto before = std::this_thread::get_id();
            const auto rows = co_await live.database->run(Scope{}, one, params(i));
            if (std::this_thread::get_id() != before) co_return -1;
            sum += int(rows.front().integer("n")) - i + 1;
        }
        co_return sum;
    };
    auto a = live.loop.start(ask(0));
    auto b = other.start(ask(1000));
    auto c = other.start(ask(2000));
    EXPECT_EQ(a.get(), 200);
    EXPECT_EQ(b.get(), 200);
    EXPECT_EQ(c.get(), 200);
}

} // namespace
} // namespace hs::pg
