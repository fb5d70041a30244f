// Enqueueing, claiming, ending: the statements and their races.
#include <atomic>
#include <random>
#include <set>
#include <thread>

#include <gmock/gmock.h>

#include "queue/queries.hpp"
#include "queue/transitions.hpp"
#include "support/queue_fixture.hpp"

namespace hs::queue {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

class Jobs : public QueueTest {};

TEST_F(Jobs, EveryStatementPrepares) {
    int number = 0;
    for (const auto* query : sql::all) {
        EXPECT_NO_THROW(live.base.sql("PREPARE p" + std::to_string(++number) + " AS " + query->sql))
            << query->name;
    }
}

TEST_F(Jobs, OneLiveJobForAKeyAndAnotherForItsNextVersion) {
    constexpr int keys = 50;
    constexpr int racers = 64;
    std::vector<std::future<void>> ends;
    for (int r = 0; r < racers; ++r) {
        ends.push_back(live.loop.start([](Jobs& test, int racer) -> Task<void> {
            const auto unit = test.live.database->unit({test.tenant, pg::DbRole::app});
            for (int k = 0; k < keys; ++k) {
                auto wanted = job("good");
                wanted.unique_key = "call-" + std::to_string((k + racer) % keys) + ":v1";
                co_await enqueue(*unit, test.tenant, wanted);
            }
        }(*this, r)));
    }
    for (auto& end : ends)
        end.get();
    EXPECT_EQ(count("jobs"), keys);
    EXPECT_EQ(live.base.count("SELECT count(DISTINCT unique_key) FROM jobs"), keys);

    auto same = job("good");
    same.unique_key = "call-7:v1";
    const auto id = add(same);
    EXPECT_EQ(add(same), id);
    auto newer = job("good");
    newer.unique_key = "call-7:v2";
    EXPECT_NE(add(newer), id);
    EXPECT_EQ(count("jobs"), keys + 1);
}

TEST_F(Jobs, AKeyIsFreeAgainWhenItsJobHasEnded) {
    auto wanted = job("good");
    wanted.unique_key = "k";
    const auto first = add(wanted);
    const auto claimed = claim(1);
    const auto ended = live.wait([](Jobs& test, Job one) -> Task<bool> {
        const auto unit = test.live.database->unit(scope_of(one));
        co_return co_await finish(*unit, one);
    }(*this, claimed.at(0).job));
    EXPECT_TRUE(ended);
    EXPECT_NE(add(wanted), first);
    EXPECT_EQ(count("jobs_history WHERE outcome = 'done'"), 1);
}

TEST_F(Jobs, EnqueuedInsideATransactionThatRollsBackNeverWas) {
    live.wait([](Jobs& test) -> Task<void> {
        const pg::Scope scope{test.tenant, pg::DbRole::app};
        auto transaction = co_await test.live.database->begin(scope);
        co_await enqueue(*transaction, test.tenant, job("good"));
        co_await transaction->rollback();
    }(*this));
    EXPECT_EQ(count("jobs"), 0);
}

struct Tally {
    std::multiset<std::int64_t> ids;
    std::set<Uuid> tokens;
    double per_second = 0;
};

/// Claims everything with `claimers` at once, random batch sizes.
Tally claim_all(test::LiveDatabase& live, int claimers, unsigned seed) {
    std::vector<std::future<std::vector<Claimed>>> ends;
    const auto start = steady_clock::now();
    for (int c = 0; c < claimers; ++c) {
        const auto one = [](test::LiveDatabase& db, unsigned own) -> Task<std::vector<Claimed>> {
            Claimer claimer(*db.database, Uuid::random(), 1min, own);
            std::mt19937 random(own);
            std::vector<Claimed> all;
            for (;;) {
                co_await claimer.refresh();
                if (claimer.ring_empty()) co_return all;
                for (int i = 0; i < 50 && !claimer.ring_empty(); ++i) {
                    FreeSlots free;
                    free["judge"] = std::uniform_int_distribution(1, 16)(random);
                    auto got = co_await claimer.round(free);
                    std::move(got.begin(), got.end(), std::back_inserter(all));
                }
            }
        };
        ends.push_back(live.loop.start(one(live, seed + unsigned(c))));
    }
    Tally tally;
    for (auto& end : ends) {
        for (const auto& claimed : end.get()) {
            tally.ids.insert(claimed.job.id.value);
            tally.tokens.insert(claimed.job.lease_token);
        }
    }
    const std::chrono::duration<double> took = steady_clock::now() - start;
    tally.per_second = double(tally.ids.size()) / took.count();
    return tally;
}

TEST(Claims, SixteenClaimersTakeEachJobOnce) {
    pg::DatabaseOptions options;
    options.pipelined = 16;
    test::LiveDatabase live(options);
    const auto seed = std::random_device{}();
    std::printf("seed %u\n", seed);
    const auto fill = "INSERT INTO jobs (tenant_id, queue, kind) SELECT '" +
                      test::TestDatabase::tenant().str() +
                      "', 'judge', 'good' FROM generate_series(1, 5000)";
    live.base.sql(fill);
    const auto many = claim_all(live, 16, seed);
    EXPECT_EQ(many.ids.size(), 5000u);
    EXPECT_EQ(std::set(many.ids.begin(), many.ids.end()).size(), 5000u);
    EXPECT_EQ(many.tokens.size(), 5000u);
    EXPECT_EQ(live.base.count("SELECT max(runs) FROM jobs"), 1);
    live.base.sql("TRUNCATE jobs");
    live.base.sql(fill);
    const auto one = claim_all(live, 1, seed);
    EXPECT_EQ(one.tokens.size(), 5000u);
    std::printf("claims/s: 16 claimers %.0f, 1 claimer %.0f, ratio %.2f\n",
                many.per_second,
                one.per_second,
                many.per_second / one.per_second);
}

TEST_F(Jobs, AFrozenWorkerChangesNothing) {
    add(job("good"));
    const auto frozen = claim(1).at(0).job;
    expire_leases();
    const auto chief = leader(Uuid::random());
    live.wait(chief->try_to_lead());
    EXPECT_EQ(live.wait(chief->rescue()), 1);
    live.base.sql("UPDATE jobs SET run_at = now()");
    {
        auto other = runner();
        other->add(good_handler());
        RunningRunner running(live, std::move(other));
        ASSERT_TRUE(eventually("count(*) = 1 FROM jobs_history"));
    }
    const auto late = live.wait([](Jobs& test, Job one) -> Task<Outcome> {
        JobContext context = context_of(one, test.live.log);
        co_return co_await work_once(*test.live.database, std::move(context));
    }(*this, frozen));
    EXPECT_EQ(late.kind, Outcome::Kind::fenced);
    EXPECT_EQ(count("effects"), 1);
    EXPECT_EQ(count("jobs_history"), 1);
    EXPECT_EQ(live.base.count("SELECT crashes FROM jobs_history"), 0);
}

TEST_F(Jobs, TheFenceHoldsWhileAnotherWorkerRuns) { // R-05, the harder half
    add(job("good"));
    const auto frozen = claim(1).at(0).job;
    live.base.sql("UPDATE jobs SET lease_token = gen_random_uuid()"); // rescued, claimed again
    const auto late = live.wait([](Jobs& test, Job one) -> Task<Outcome> {
        JobContext context = context_of(one, test.live.log);
        co_return co_await work_once(*test.live.database, std::move(context));
    }(*this, frozen));
    EXPECT_EQ(late.kind, Outcome::Kind::fenced);
    EXPECT_EQ(count("jobs"), 1);
    EXPECT_EQ(count("effects"), 0);
    const auto ours = live.wait([](Jobs& test, Job one) -> Task<bool> {
        const auto unit = test.live.database->unit(scope_of(one));
        co_return co_await still_ours(*unit, one);
    }(*this, frozen));
    EXPECT_FALSE(ours);
}

TEST_F(Jobs, AnotherTenantsJobCannotBeCancelledOrEnded) {
    const auto id = add(job("good"));
    const auto stranger = live.base.another_tenant();
    const auto tried = live.wait([](Jobs& test, TenantId who, JobId which) -> Task<bool> {
        const auto unit = test.live.database->unit({who, pg::DbRole::app});
        const bool foreign = co_await cancel(*unit, test.tenant, which);
        co_return foreign || co_await cancel(*unit, who, which);
    }(*this, stranger, id));
    EXPECT_FALSE(tried);
    EXPECT_EQ(count("jobs"), 1);
}

TEST_F(Jobs, SmallTenantsAndLowBandsGetTheirTurn) {
    const auto big = tenant;
    const auto small = live.base.another_tenant();
    fill(2000, big);
    fill(10, small);
    Claimer claimer(*live.database, Uuid::random(), 1min);
    int of_small = 0;
    for (int round = 0; round < 8; ++round) {
        for (const auto& each : claim(4, claimer))
            of_small += each.job.tenant == small ? 1 : 0;
    }
    EXPECT_EQ(of_small, 10);

    live.base.sql("TRUNCATE jobs");
    fill(500, big, Priority::interactive);
    fill(10, small, Priority::background);
    int of_background = 0;
    for (int round = 0; round < 24; ++round) {
        for (const auto& each : claim(4, claimer))
            of_background += each.job.tenant == small ? 1 : 0;
    }
    EXPECT_EQ(of_background, 10);
}

TEST_F(Jobs, LateJobsBelowTheLowerBoundAreFound) {
    fill(20, tenant);
    Claimer claimer(*live.database, Uuid::random(), 1min);
    EXPECT_EQ(claim(4, claimer).size(), 4u);
    live.base.sql("UPDATE jobs SET run_at = now() - interval '1 hour' WHERE state = 'available'");
    EXPECT_EQ(claim(16, claimer).size(), 16u);
}

TEST_F(Jobs, WhoWaitsForWhatHasChangedRunsNow) {
    const auto snoozed = [this](const std::string& code, TenantId whose) {
        auto wanted = job("good");
        wanted.delay = 1h;
        const auto id = std::to_string(add(wanted, whose).value);
        live.base.sql("UPDATE jobs SET last_error = '{\"code\":\"" + code +
                      "\"}' WHERE id = " + id);
    };
    snoozed("budget.wait", tenant);
    snoozed("speech.paused", tenant);
    snoozed("budget.wait", live.base.another_tenant());
    live.wait([](Jobs& test) -> Task<void> {
        const auto unit = test.live.database->unit({test.tenant, pg::DbRole::app});
        const std::vector<std::string> codes{"budget.wait", "budget.stopped"};
        co_await hurry_snoozed(*unit, test.tenant, codes);
    }(*this));
    EXPECT_EQ(claim(3).size(), 1U);
    EXPECT_EQ(count("jobs WHERE run_at > now() + interval '50 minutes'"), 2);
}

TEST_F(Jobs, PausedQueuesRest) {
    fill(3, tenant);
    live.base.sql("INSERT INTO queue_control (queue, paused) VALUES ('judge', true)");
    EXPECT_TRUE(claim(4).empty());
    live.base.sql("UPDATE queue_control SET paused = false");
    EXPECT_EQ(claim(4).size(), 3u);
}

TEST_F(Jobs, TheRingIsFilledByProbesOfTheReadyIndex) {
    live.base.sql("INSERT INTO jobs (tenant_id, queue, kind) SELECT md5((n % 200)::text)::uuid, "
                  "'judge', 'good' FROM generate_series(1, 20000) AS n");
    live.base.sql("ANALYZE jobs");
    auto connection = pg::BlockingConnection::open(live.base.superuser_url(), 5);
    ASSERT_TRUE(connection);
    connection->run("BEGIN");
    connection->run("SET LOCAL ROLE hacksmart_worker");
    const auto rows =
        connection->run(std::string("EXPLAIN (ANALYZE, COSTS OFF) ") + sql::ready_bands.sql);
    std::string plan;
    for (int i = 0; i < rows.size(); ++i)
        plan += rows.first_text(i) + "\n";
    EXPECT_THAT(plan, testing::HasSubstr("using jobs_ready"));
    EXPECT_THAT(plan, testing::Not(testing::HasSubstr("Seq Scan")));
    EXPECT_THAT(plan, testing::Not(testing::HasSubstr("Sort")));
    std::printf("%s\n", rows.first_text(rows.size() - 1).c_str());
}

TEST_F(Jobs, RenewingLeasesStaysInPlace) {
    fill(200, tenant);
    const auto held = claim(200);
    ASSERT_EQ(held.size(), 200u);
    std::vector<Uuid> tenants, tokens;
    std::vector<std::int64_t> ids;
    for (const auto& each : held) {
        tenants.push_back(each.job.tenant.value);
        ids.push_back(each.job.id.value);
        tokens.push_back(each.job.lease_token);
    }
    const auto hot = "SELECT pg_stat_get_xact_tuples_hot_updated('jobs'::regclass)";
    auto connection = pg::BlockingConnection::open(live.base.superuser_url(), 5);
    ASSERT_TRUE(connection);
    std::int64_t in_place = 0;
    for (int beat = 0; beat < 20; ++beat) {
        connection->run("BEGIN");
        const auto before = std::stoll(connection->run(hot).first_text(0));
        const auto rows = connection->run(sql::renew.sql, pg::params(tenants, ids, tokens, 60.0));
        EXPECT_EQ(rows.size(), 200);
        in_place += std::stoll(connection->run(hot).first_text(0)) - before;
        connection->run("COMMIT");
    }
    std::printf("renewals in place: %.2f\n", double(in_place) / 4000.0);
    EXPECT_GE(double(in_place) / 4000.0, 0.7);
}

TEST_F(Jobs, HistoryHasItsPartitions) {
    EXPECT_EQ(count("pg_inherits WHERE inhparent = 'jobs_history'::regclass"), 4);
    live.run(sql::maintain_history, {}, pg::Scope{std::nullopt, pg::DbRole::worker});
    live.base.sql("INSERT INTO jobs_history SELECT '" + tenant.str() +
                  "', n, 'q', 'k', '', '{}', 1, 1, 0, 0, NULL, NULL, NULL, CASE WHEN n = 1 THEN "
                  "'done' ELSE 'dead' END, NULL, NULL, NULL, now(), now() - n * interval '40 days' "
                  "FROM generate_series(1, 2) AS n");
    live.run(sql::maintain_history, {}, pg::Scope{std::nullopt, pg::DbRole::worker});
    EXPECT_EQ(live.base.sql("SELECT outcome FROM jobs_history"), std::vector<std::string>{"dead"});
    // Before the partitions began lies in the default one; after 180 days even the dead go from
    // there.
    live.base.sql("UPDATE jobs_history SET finished_at = now() - interval '300 days'");
    EXPECT_EQ(count("jobs_history_default"), 1);
    live.run(sql::maintain_history, {}, pg::Scope{std::nullopt, pg::DbRole::worker});
    EXPECT_EQ(count("jobs_history"), 0);
}

/// Jobs that became due 10 ms after one another, as real ones do.
void spread(test::LiveDatabase& live, int jobs) {
    live.base.sql("INSERT INTO jobs (tenant_id, queue, kind, run_at) SELECT '" +
                  test::TestDatabase::tenant().str() +
                  "', 'judge', 'good', now() - interval '2 hours' + n * interval '10 ms' "
                  "FROM generate_series(1, " +
                  std::to_string(jobs) + ") AS n");
}

/// Claims and ends jobs on `workers` coroutines until `until`; gives jobs a second.
double churn(test::LiveDatabase& live, int workers, std::chrono::milliseconds time) {
    std::atomic<int> ended{0};
    std::vector<std::future<void>> ends;
    const auto until = steady_clock::now() + time;
    for (int w = 0; w < workers; ++w) {
        const auto one = [](test::LiveDatabase& db,
                            std::atomic<int>& sum,
                            steady_clock::time_point stop) -> Task<void> {
            Claimer claimer(*db.database, Uuid::random(), 1min);
            co_await claimer.refresh();
            while (steady_clock::now() < stop) {
                FreeSlots free;
                free["judge"] = 4;
                const auto got = co_await claimer.round(free);
                if (got.empty()) co_await claimer.refresh();
                for (const auto& each : got) {
                    auto scope = scope_of(each.job);
                    scope.relaxed = true; // measures claiming, not the disk
                    const auto unit = db.database->unit(scope);
                    co_await finish(*unit, each.job);
                    ++sum;
                }
            }
        };
        ends.push_back(live.loop.start(one(live, ended, until)));
    }
    for (auto& end : ends)
        end.get();
    return double(ended) / std::chrono::duration<double>(time).count();
}

TEST_F(Jobs, ClaimsDoNotWalkOverDeadEntries) { // R-13, the mechanism
    spread(live, 2000);
    auto analyst = pg::BlockingConnection::open(live.base.superuser_url(), 5);
    ASSERT_TRUE(analyst);
    analyst->run("BEGIN ISOLATION LEVEL REPEATABLE READ");
    analyst->run("SELECT count(*) FROM tenants");
    const int ended = live.wait([](test::LiveDatabase& db) -> Task<int> {
        Claimer claimer(*db.database, Uuid::random(), 1min);
        int sum = 0;
        for (int i = 0; i < 200; ++i) {
            if (claimer.ring_empty()) co_await claimer.refresh();
            FreeSlots free;
            free["judge"] = 4;
            const auto got = co_await claimer.round(free);
            for (const auto& each : got) {
                auto scope = scope_of(each.job);
                scope.relaxed = true;
                const auto unit = db.database->unit(scope);
                sum += co_await finish(*unit, each.job) ? 1 : 0;
            }
        }
        co_return sum;
    }(live));
    EXPECT_EQ(ended, 800);
    const std::string of_index = " FROM pg_stat_user_indexes WHERE indexrelname = 'jobs_ready'";
    ASSERT_TRUE(eventually("idx_scan >= 200" + of_index));
    const auto read = live.base.count("SELECT idx_tup_read" + of_index);
    std::printf("index entries read for 800 claims under a held snapshot: %ld\n", long(read));
    EXPECT_LT(read, 20000); // about 80,000 without the lower bound
}

TEST(Claims, AHeldSnapshotDoesNotSlowThemDown) { // R-13; figures printed
    pg::DatabaseOptions options;
    options.pipelined = 6;
    test::LiveDatabase live(options);
    spread(live, 40000);
    const double before = churn(live, 6, 1500ms);
    auto analyst = pg::BlockingConnection::open(live.base.superuser_url(), 5);
    ASSERT_TRUE(analyst);
    analyst->run("BEGIN ISOLATION LEVEL REPEATABLE READ");
    analyst->run("SELECT count(*) FROM tenants");
    churn(live, 6, 3000ms);
    const double during = churn(live, 6, 1500ms);
    std::printf("jobs/s before %.0f, under a held snapshot %.0f, ratio %.2f\n",
                before,
                during,
                during / before);
    EXPECT_GT(during, 0);
}

} // namespace
} // namespace hs::queue
