// The runner as a whole: outcomes, cancellation, drain, vanished workers, leaders.
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <random>
#include <set>
#include <thread>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pg/conninfo.hpp"
#include "pg/migrations.hpp"
#include "pg/private_server.hpp"
#include "queue/queries.hpp"
#include "queue/transitions.hpp"
#include "support/queue_fixture.hpp"

namespace hs::queue {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

class Running : public QueueTest {
public:
    /// A handler that gives `outcome` for every run.
    static Handler fixed(const std::string& kind, Outcome outcome) {
        Handler handler;
        handler.kind = kind;
        handler.queue = "judge";
        handler.max_failures = 3;
        handler.run = [outcome](JobContext) -> Task<Outcome> { co_return outcome; };
        return handler;
    }

    static Error error(ErrorKind kind) {
        return {kind, "test.error", "for the test", std::nullopt};
    }

    /// Runs until somebody asks it to stop.
    static Handler patient(const std::string& kind, std::promise<void>& started) {
        Handler handler;
        handler.kind = kind;
        handler.queue = "judge";
        handler.run = [&started](JobContext context) -> Task<Outcome> {
            const auto executor = co_await boost::asio::this_coro::executor;
            const auto timer = std::make_shared<boost::asio::steady_timer>(executor, 60s);
            const std::stop_callback stop(context.stop, [timer, executor] {
                boost::asio::post(executor, [timer] { timer->cancel(); });
            });
            started.set_value();
            boost::system::error_code ignored;
            co_await timer->async_wait(
                boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
            co_return Outcome::from(Running::error(ErrorKind::unavailable));
        };
        return handler;
    }

    bool cancel_job(JobId id) {
        return live.wait([](QueueTest& test, JobId which) -> Task<bool> {
            auto& self = static_cast<Running&>(test);
            const auto unit = self.live.database->unit({self.tenant, pg::DbRole::app});
            co_return co_await cancel(*unit, self.tenant, which);
        }(*this, id));
    }
};

TEST_F(Running, JobsRunAndEndOnce) {
    auto one = runner();
    one->add(good_handler());
    RunningRunner running(live, std::move(one));
    fill(50, tenant);
    running->wake("judge", tenant);
    EXPECT_TRUE(eventually("count(*) = 50 FROM jobs_history WHERE outcome = 'done'"));
    EXPECT_EQ(count("effects"), 50);
    EXPECT_EQ(live.base.count("SELECT count(DISTINCT job_id) FROM effects"), 50);
    EXPECT_EQ(count("jobs"), 0);
}

TEST_F(Running, AWakeUpIsFasterThanThePoll) {
    auto options = quick_options();
    options.poll = 60s;
    auto one = runner(options);
    one->add(good_handler());
    RunningRunner running(live, std::move(one));
    ASSERT_TRUE(eventually("count(*) = 1 FROM workers"));
    for (int i = 1; i <= 3; ++i) {
        add(job("good"));
        running->wake("judge", tenant);
        EXPECT_TRUE(eventually("count(*) = " + std::to_string(i) + " FROM jobs_history"));
    }
    // Another process: only the NOTIFY reaches this one.
    add(job("good"));
    live.wait(live.database->notify("hacksmart_jobs", "judge " + tenant.str()));
    EXPECT_TRUE(eventually("count(*) = 4 FROM jobs_history"));
}

TEST_F(Running, OutcomesLeadWhereTheTableSays) {
    const auto retry = Outcome::from(error(ErrorKind::unavailable));
    const auto final_error = Outcome::from(error(ErrorKind::invalid));
    auto limited = error(ErrorKind::rate_limited);
    limited.retry_after = 3600s;
    std::atomic<int> hooked{0};
    auto one = runner();
    auto dying = fixed("unavailable", retry);
    dying.on_dead = [&hooked](pg::Session&, const Job&, const Error&) -> Task<void> {
        ++hooked;
        co_return;
    };
    one->add(dying);
    one->add(fixed("invalid", final_error));
    one->add(fixed("limited", Outcome::from(limited)));
    auto thrower = fixed("thrower", {});
    thrower.run = [](JobContext) -> Task<Outcome> {
        throw std::runtime_error("boom");
        co_return Outcome::done();
    };
    one->add(thrower);
    RunningRunner running(live, std::move(one));
    for (const char* kind : {"unavailable", "invalid", "limited", "thrower", "unheard_of"}) {
        add(job(kind));
    }
    running->wake("judge", tenant);
    ASSERT_TRUE(eventually("count(*) = 3 FROM jobs_history WHERE outcome = 'dead'"));
    ASSERT_TRUE(eventually("count(*) = 2 FROM jobs WHERE snoozed_since IS NOT NULL"));
    const auto facts = [&](const char* kind) {
        return live.base.sql("SELECT runs || ' ' || failures || ' ' || error_class FROM "
                             "jobs_history WHERE kind = '" +
                             std::string(kind) + "'");
    };
    EXPECT_EQ(facts("unavailable"), std::vector<std::string>{"3 2 test.error"});
    EXPECT_EQ(facts("invalid"), std::vector<std::string>{"1 0 test.error"});
    EXPECT_EQ(facts("thrower").size(), 1u);
    EXPECT_EQ(hooked, 1);
    EXPECT_EQ(count("jobs WHERE kind = 'limited' AND failures = 0 AND crashes = 0 AND "
                    "run_at > now() + interval '59 minutes'"),
              1);
}

TEST_F(Running, WaitingForADayInOneStretchCountsAsAFailure) {
    auto one = runner();
    one->add(fixed("limited", Outcome::from(error(ErrorKind::rate_limited))));
    add(job("limited"));
    live.base.sql("UPDATE jobs SET snoozed_since = now() - interval '25 hours'");
    RunningRunner running(live, std::move(one));
    EXPECT_TRUE(eventually("count(*) = 1 FROM jobs WHERE failures = 1 AND state = 'available'"));
}

TEST_F(Running, CancelWorksInEveryState) {
    auto options = quick_options();
    options.heartbeat = 10s; // the announcement must be enough
    options.lease = 60s;
    options.abandon = 45s;
    std::promise<void> started;
    auto one = runner(options);
    one->add(patient("patient", started));
    auto later = job("patient");
    later.delay = 1h;
    const auto waiting = add(later);
    EXPECT_TRUE(cancel_job(waiting));
    EXPECT_FALSE(cancel_job(waiting));
    RunningRunner running(live, std::move(one));
    ASSERT_TRUE(eventually("count(*) = 1 FROM workers"));
    const auto id = add(job("patient"));
    running->wake("judge", tenant);
    ASSERT_EQ(started.get_future().wait_for(10s), std::future_status::ready);
    EXPECT_TRUE(cancel_job(id));
    EXPECT_TRUE(eventually("count(*) = 2 FROM jobs_history WHERE outcome = 'cancelled'", 2s));
    EXPECT_EQ(count("jobs"), 0);
}

TEST_F(Running, RescueNeverRevivesACancelledJob) {
    add(job("good"));
    ASSERT_EQ(claim(1).size(), 1u);
    EXPECT_TRUE(cancel_job(JobId{live.base.count("SELECT id FROM jobs")}));
    expire_leases();
    const auto chief = leader(Uuid::random());
    live.wait(chief->try_to_lead());
    EXPECT_EQ(live.wait(chief->rescue()), 1);
    EXPECT_EQ(count("jobs_history WHERE outcome = 'cancelled'"), 1);
    EXPECT_EQ(count("jobs"), 0);
}

TEST_F(Running, AShutdownHandsBackAndCountsNothing) { // R-10 at queue level
    std::promise<void> started;
    auto options = quick_options();
    options.drain = 0s;
    auto one = runner(options);
    one->add(patient("patient", started));
    add(job("patient"));
    {
        RunningRunner running(live, std::move(one));
        ASSERT_EQ(started.get_future().wait_for(10s), std::future_status::ready);
    }
    EXPECT_EQ(count("jobs WHERE state = 'available' AND failures = 0 AND crashes = 0 AND "
                    "NOT suspect AND run_at <= now()"),
              1);
    EXPECT_EQ(count("workers"), 0);
    EXPECT_EQ(count("leader WHERE expires_at > now()"), 0);
}

TEST_F(Running, AHardLimitEndsARun) {
    std::promise<void> started;
    auto one = runner();
    auto handler = patient("patient", started);
    handler.hard_limit = 0s;
    handler.max_failures = 1;
    one->add(handler);
    add(job("patient"));
    RunningRunner running(live, std::move(one));
    EXPECT_TRUE(eventually("count(*) = 1 FROM jobs_history WHERE error_class = 'job.time_limit'"));
}

TEST_F(Running, ALostLeaseStopsTheHandler) {
    std::promise<void> started;
    auto one = runner();
    one->add(patient("patient", started));
    add(job("patient"));
    RunningRunner running(live, std::move(one));
    ASSERT_EQ(started.get_future().wait_for(10s), std::future_status::ready);
    live.base.sql("UPDATE jobs SET lease_token = gen_random_uuid(), "
                  "lease_until = now() + interval '1 hour'");
    const auto end = steady_clock::now() + 5s;
    while (fenced() == 0 && steady_clock::now() < end) {
    }
    EXPECT_EQ(fenced(), 1u);
    EXPECT_EQ(count("jobs WHERE state = 'running' AND failures = 0"), 1);
}

TEST_F(Running, OfTwoLeadersTheOldOneChangesNothing) {
    const auto old_one = leader(Uuid::random());
    const auto new_one = leader(Uuid::random());
    live.wait(old_one->try_to_lead());
    live.wait(new_one->try_to_lead());
    EXPECT_TRUE(old_one->leading());
    EXPECT_FALSE(new_one->leading());
    live.base.sql("UPDATE leader SET expires_at = now() - interval '1 second'");
    live.wait(new_one->try_to_lead());
    EXPECT_TRUE(new_one->leading());

    add(job("good"));
    claim(1);
    expire_leases();
    EXPECT_EQ(live.wait(old_one->rescue()), 0);
    EXPECT_FALSE(live.wait(old_one->take_duty("d", 1s)));
    EXPECT_EQ(count("jobs WHERE state = 'running'"), 1);
    EXPECT_TRUE(live.wait(new_one->take_duty("d", 1h)));
    EXPECT_FALSE(live.wait(new_one->take_duty("d", 1h)));
    EXPECT_EQ(live.wait(new_one->rescue()), 1);
    live.wait(old_one->try_to_lead());
    EXPECT_FALSE(old_one->leading());
    EXPECT_EQ(live.base.count("SELECT term FROM leader"), 2);
}

TEST_F(Running, AScheduleSlotFiresOnce) { // compare and set
    live.base.sql("INSERT INTO schedules (tenant_id, name, spec, next_at) VALUES ('" +
                  tenant.str() + "', 's', 'every second', '2026-01-01')");
    const auto fire = [](TenantId whose, test::LiveDatabase& db) -> Task<int> {
        int fired = 0;
        Time slot = std::chrono::sys_days(std::chrono::year{2026} / 1 / 1);
        for (int i = 0; i < 100; ++i) {
            const pg::Scope scope{whose, pg::DbRole::worker};
            auto transaction = co_await db.database->begin(scope);
            const Time next = slot + 1s;
            if (co_await advance_schedule(*transaction, whose, "s", slot, next)) {
                co_await enqueue(*transaction, whose, job("good"));
                ++fired;
            }
            co_await transaction->commit();
            slot = next;
        }
        co_return fired;
    };
    auto a = live.loop.start(fire(tenant, live));
    auto b = live.loop.start(fire(tenant, live));
    EXPECT_EQ(a.get() + b.get(), 100);
    EXPECT_EQ(count("jobs"), 100);
}

TEST_F(Running, BeatsGoOnWhileItLeadsWhateverOneOfThemThrows) {
    std::atomic<int> beats{0};
    std::atomic<std::int64_t> term{0};
    std::atomic<bool> held{false};
    auto one = runner();
    one->add(Beat{"count", 5ms, [&](Lead lead) -> Task<void> {
                      term = lead.term;
                      held = lead.holds();
                      ++beats;
                      co_return;
                  }});
    one->add(Beat{"broken", 5ms, [](Lead) -> Task<void> {
                      throw std::runtime_error("broken");
                      co_return;
                  }});
    {
        RunningRunner running(live, std::move(one));
        ASSERT_TRUE(eventually("count(*) = 1 FROM leader"));
        const auto end = std::chrono::steady_clock::now() + 20s;
        while (beats < 5 && std::chrono::steady_clock::now() < end)
            std::this_thread::yield();
        EXPECT_TRUE(held);
        EXPECT_EQ(term, live.base.count("SELECT term FROM leader"));
    }
    const int when_stopped = beats;
    EXPECT_GE(when_stopped, 5);
    live.base.sql("SELECT pg_sleep(0.05)"); // ten beats long
    EXPECT_EQ(beats, when_stopped);
    // Slots of beats are not written down.
    EXPECT_EQ(live.base.count("SELECT count(*) FROM leader WHERE duties ? 'count'"), 0);
}

TEST_F(Running, DutiesComeRound) {
    std::atomic<int> done{0};
    auto one = runner();
    one->add(Schedule{"sweep", 3600s, [&done]() -> Task<void> {
                          ++done;
                          co_return;
                      }});
    {
        RunningRunner running(live, std::move(one));
        ASSERT_TRUE(eventually("count(*) = 1 FROM leader WHERE duties ? 'sweep'"));
        ASSERT_TRUE(eventually("count(*) = 1 FROM leader WHERE duties ? 'queue.workers'"));
    }
    EXPECT_EQ(done, 1);
}

// --- real processes -----------------------------------------------------------------------------

/// A worker process for the tests below: this same program, started again for this one "test".
TEST(WorkerProcess, DISABLED_Runs) {
    const char* url = std::getenv("HS_WORKER_URL");
    if (url == nullptr) GTEST_SKIP();
    test::Loop loop;
    Metrics metrics;
    pg::Database database(loop.context().get_executor(), {.url = url}, Log(), metrics);
    Runner runner(database, quick_options(), Log(), metrics);
    Handler good;
    good.kind = "good";
    good.queue = "judge";
    good.run = [&database](JobContext context) -> Task<Outcome> {
        static constexpr pg::Query effect{"effect", "INSERT INTO effects (job_id) VALUES ($1)"};
        const pg::Scope scope{context.job.tenant, pg::DbRole::worker};
        auto transaction = co_await database.begin(scope);
        if (!co_await finish(*transaction, context.job)) co_return Outcome::fenced();
        co_await transaction->run(effect, pg::params(context.job.id));
        co_await transaction->commit();
        co_return Outcome::done();
    };
    runner.add(good);
    Handler fatal = good;
    fatal.kind = "fatal";
    fatal.run = [](JobContext) -> Task<Outcome> {
        std::_Exit(7);
        co_return Outcome::done();
    };
    runner.add(fatal);
    Handler endless = good;
    endless.kind = "endless";
    endless.run = [](JobContext) -> Task<Outcome> {
        boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, 1h);
        co_await timer.async_wait(boost::asio::use_awaitable);
        co_return Outcome::done();
    };
    runner.add(endless);
    loop.wait(runner.run(), 3600s);
}

pid_t start_worker(const std::string& url) {
    const std::string setting = "HS_WORKER_URL=" + url;
    std::vector<std::string> environment = {setting, "PATH=/usr/bin:/bin"};
    if (const char* broken = std::getenv("HS_BREAK")) {
        environment.push_back(std::string("HS_BREAK=") + broken);
    }
    std::vector<char*> envp;
    for (auto& each : environment)
        envp.push_back(each.data());
    envp.push_back(nullptr);
    char self[] = "/proc/self/exe";
    char filter[] = "--gtest_filter=WorkerProcess.*";
    char disabled[] = "--gtest_also_run_disabled_tests";
    char* const argv[] = {self, filter, disabled, nullptr};
    const pid_t pid = ::fork();
    if (pid == 0) {
        const int null = ::open("/dev/null", O_RDWR);
        ::dup2(null, 1);
        ::dup2(null, 2);
        ::execve(self, argv, envp.data());
        ::_exit(127);
    }
    return pid;
}

TEST_F(Running, AJobThatKillsItsWorkerIsSetAside) {
    fill(200, tenant);
    add(job("fatal", Priority::interactive));
    const auto begun = steady_clock::now();
    int crashes = 0;
    pid_t worker = start_worker(live.base.url());
    bool settled = false;
    while (!settled && steady_clock::now() - begun < 40s) {
        int status = 0;
        if (::waitpid(worker, &status, WNOHANG) == worker) {
            ++crashes;
            worker = start_worker(live.base.url());
        }
        settled = eventually("count(*) = 201 FROM jobs_history", 100ms);
    }
    ::kill(worker, SIGKILL);
    ::waitpid(worker, nullptr, 0);
    EXPECT_TRUE(settled);
    EXPECT_EQ(crashes, 4); // one that made it suspect, three alone
    EXPECT_EQ(count("jobs_history WHERE outcome = 'done'"), 200);
    EXPECT_EQ(count("jobs_history WHERE kind = 'fatal' AND outcome = 'dead' AND crashes = 3 AND "
                    "failures = 0 AND error_class = 'poison'"),
              1);
    EXPECT_EQ(count("effects"), 200);
    EXPECT_EQ(live.base.count("SELECT count(DISTINCT job_id) FROM effects"), 200);
}

TEST_F(Running, AKilledWorkersJobStartsAgainInTime) { // R-06 at queue level
    const auto options = quick_options();
    const auto id = add(job("endless"));
    const pid_t worker = start_worker(live.base.url());
    ASSERT_TRUE(eventually("count(*) = 1 FROM jobs WHERE state = 'running'"));
    ::kill(worker, SIGKILL);
    ::waitpid(worker, nullptr, 0);
    const auto killed = steady_clock::now();
    auto next = runner();
    next->add(good_handler("endless"));
    RunningRunner running(live, std::move(next));
    ASSERT_TRUE(eventually("count(*) = 1 FROM jobs_history WHERE outcome = 'done'"));
    const std::chrono::duration<double> took = steady_clock::now() - killed;
    const auto limit = options.lease + options.leader_lease + options.rescue_every +
                       3 * options.backoff_base + options.poll + 1s;
    std::printf("killed worker's job done after %.2f s\n", took.count());
    EXPECT_LT(took, limit);
    EXPECT_EQ(live.base.count("SELECT job_id FROM effects"), id.value);
}

TEST(Tokens, AreNeverSeenTwiceAfterADatabaseCrash) {
    std::string folder = "/tmp/hs-queue-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    auto server = pg::PrivateServer::start(folder, Log());
    ASSERT_TRUE(server) << server.error().message;
    const auto url = (*server)->url();
    ASSERT_TRUE(pg::migrate(url, HS_SOURCE_DIR "/db/migrations", Log()));
    const auto tenant = test::TestDatabase::tenant().str();
    auto admin = [&] {
        const auto as_admin = pg::conninfo_with(url, {{"user", "postgres"}});
        auto connection = pg::BlockingConnection::open(as_admin, 30);
        if (!connection) throw std::runtime_error(connection.error().message);
        return std::move(*connection);
    };
    admin().run("INSERT INTO jobs (tenant_id, queue, kind) SELECT '" + tenant +
                "', 'judge', 'good' FROM generate_series(1, 2000)");
    test::Loop loop;
    Metrics metrics;
    pg::Database database(
        loop.context().get_executor(), {.url = url, .acquire_limit = 20s}, Log(), metrics);
    const auto claim_some = [](pg::Database& db, int rounds) -> Task<std::vector<Claimed>> {
        Claimer claimer(db, Uuid::random(), 1min);
        std::vector<Claimed> all;
        co_await claimer.refresh();
        for (int i = 0; i < rounds; ++i) {
            FreeSlots free;
            free["judge"] = 10;
            auto got = co_await claimer.round(free);
            std::move(got.begin(), got.end(), std::back_inserter(all));
        }
        co_return all;
    };
    const auto before = loop.wait(claim_some(database, 60));
    const auto crashed = steady_clock::now();
    ::kill((*server)->pid(), SIGKILL);
    std::vector<Claimed> after;
    for (int tries = 0; after.empty() && tries < 200; ++tries) {
        try {
            after = loop.wait(claim_some(database, 100));
        } catch (const pg::DatabaseError&) {
        }
    }
    const std::chrono::duration<double> took = steady_clock::now() - crashed;
    std::set<Uuid> tokens;
    for (const auto& each : before)
        tokens.insert(each.job.lease_token);
    for (const auto& each : after)
        tokens.insert(each.job.lease_token);
    EXPECT_EQ(tokens.size(), before.size() + after.size());
    std::set<std::int64_t> offered_again;
    for (const auto& each : after)
        offered_again.insert(each.job.id.value);
    int lost = 0;
    int fenced = 0;
    for (const auto& each : before) {
        if (!offered_again.contains(each.job.id.value)) continue;
        ++lost;
        const auto ended = [](pg::Database& db, Job one) -> Task<bool> {
            const auto unit = db.unit(scope_of(one));
            co_return co_await finish(*unit, one);
        };
        if (!loop.wait(ended(database, each.job))) ++fenced;
    }
    std::printf("claims lost in the crash: %d of %zu, back after %.2f s\n",
                lost,
                before.size(),
                took.count());
    EXPECT_EQ(fenced, lost);
    database.close();
    loop.stop();
    server->reset();
    std::filesystem::remove_all(folder);
}

} // namespace
} // namespace hs::queue
