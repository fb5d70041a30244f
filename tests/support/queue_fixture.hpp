/// What the queue tests share: a live database, jobs to put in, a runner to take them out.
#pragma once

#include <future>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "pg/blocking.hpp"
#include "queue/claimer.hpp"
#include "queue/leadership.hpp"
#include "queue/runner.hpp"
#include "support/postgres.hpp"

namespace hs::queue {

/// Short times for tests; everything else as in production.
inline RunnerOptions quick_options() {
    RunnerOptions options;
    options.slots = {{"judge", 4}};
    options.lease = std::chrono::milliseconds(1500);
    options.heartbeat = std::chrono::milliseconds(300);
    options.abandon = std::chrono::milliseconds(1100);
    options.poll = std::chrono::milliseconds(50);
    options.rescue_every = std::chrono::milliseconds(150);
    options.leader_lease = std::chrono::milliseconds(1000);
    options.backoff_base = std::chrono::milliseconds(10);
    options.backoff_max = std::chrono::milliseconds(40);
    options.drain = std::chrono::seconds(2);
    options.suspect_patience = std::chrono::milliseconds(100);
    return options;
}

/// A runner on a loop of its own; stopped at the end.
class RunningRunner {
public:
    RunningRunner(test::LiveDatabase& live, std::unique_ptr<Runner> runner)
        : live_(live), runner_(std::move(runner)), ended_(live_.loop.start(runner_->run())) {}

    ~RunningRunner() { stop(); }

    RunningRunner(const RunningRunner&) = delete;
    RunningRunner& operator=(const RunningRunner&) = delete;

    void stop() {
        if (!ended_.valid()) return;
        runner_->stop();
        ended_.get();
    }

    Runner& operator*() { return *runner_; }

    Runner* operator->() { return runner_.get(); }

private:
    test::LiveDatabase& live_;
    std::unique_ptr<Runner> runner_;
    std::future<void> ended_;
};

class QueueTest : public testing::Test {
public:
    QueueTest() {
        live.base.sql("CREATE TABLE effects (job_id bigint NOT NULL)");
        live.base.sql("GRANT ALL ON effects TO hacksmart_worker");
    }

    JobId add(NewJob job, std::optional<TenantId> whose = std::nullopt) {
        const auto who = whose.value_or(tenant);
        return live.wait([](QueueTest& test, NewJob one, TenantId owner) -> Task<JobId> {
            const auto unit = test.live.database->unit({owner, pg::DbRole::app});
            co_return co_await enqueue(*unit, owner, one);
        }(*this, std::move(job), who));
    }

    static NewJob job(std::string kind, Priority priority = Priority::normal) {
        NewJob out;
        out.queue = "judge";
        out.kind = std::move(kind);
        out.priority = priority;
        return out;
    }

    /// Many trivial jobs at once, straight into the table.
    void fill(int count,
              TenantId whose,
              Priority priority = Priority::normal,
              const std::string& kind = "good") {
        live.base.sql("INSERT INTO jobs (tenant_id, queue, kind, priority) SELECT '" + whose.str() +
                      "', 'judge', '" + kind + "', " + std::to_string(int(priority)) +
                      " FROM generate_series(1, " + std::to_string(count) + ") AS g");
    }

    static JobContext context_of(Job job, Log log) {
        return JobContext{std::move(job), {}, std::move(log)};
    }

    /// Inserts an effect and ends the job in one transaction, as real handlers do.
    static Task<Outcome> work_once(pg::Database& database, JobContext context) {
        static constexpr pg::Query effect{"effect", "INSERT INTO effects (job_id) VALUES ($1)"};
        const pg::Scope scope{context.job.tenant, pg::DbRole::worker};
        auto transaction = co_await database.begin(scope);
        if (!co_await finish(*transaction, context.job)) co_return Outcome::fenced();
        co_await transaction->run(effect, pg::params(context.job.id));
        co_await transaction->commit();
        co_return Outcome::done();
    }

    Handler good_handler(const std::string& kind = "good") {
        Handler handler;
        handler.kind = kind;
        handler.queue = "judge";
        auto* database = live.database.get();
        handler.run = [database](JobContext context) -> Task<Outcome> {
            co_return co_await work_once(*database, std::move(context));
        };
        return handler;
    }

    std::unique_ptr<Runner> runner(RunnerOptions options = quick_options()) {
        return std::make_unique<Runner>(*live.database, std::move(options), live.log, live.metrics);
    }

    std::shared_ptr<Leadership> leader(const Uuid& holder, Leadership::OnDead on_dead = {}) {
        return std::make_shared<Leadership>(live.loop.context().get_executor(),
                                            Leadership::Parts{*live.database,
                                                              quick_options(),
                                                              holder,
                                                              live.log,
                                                              live.metrics,
                                                              std::move(on_dead),
                                                              {}});
    }

    /// Claims as a worker of its own that never sends a heartbeat.
    std::vector<Claimed> claim(int count, Claimer& claimer) {
        return live.wait([](Claimer& one, int most) -> Task<std::vector<Claimed>> {
            co_await one.refresh();
            FreeSlots free;
            free["judge"] = most;
            co_return co_await one.round(free);
        }(claimer, count));
    }

    std::vector<Claimed> claim(int count) {
        Claimer claimer(*live.database, Uuid::random(), std::chrono::minutes(1));
        return claim(count, claimer);
    }

    void expire_leases() {
        live.base.sql("UPDATE jobs SET lease_until = now() - interval '1 second' "
                      "WHERE state = 'running'");
    }

    /// Polls the database for a condition; false after the limit.
    bool eventually(const std::string& condition,
                    std::chrono::milliseconds limit = std::chrono::seconds(15)) {
        const auto end = std::chrono::steady_clock::now() + limit;
        while (std::chrono::steady_clock::now() < end) {
            if (live.base.sql("SELECT " + condition).front() == "t") return true;
        }
        return false;
    }

    std::int64_t count(const std::string& from) {
        return live.base.count("SELECT count(*) FROM " + from);
    }

    std::uint64_t fenced() {
        return live.metrics
            .counter("hacksmart_jobs_fenced_total", "Runs whose lease was gone when they ended")
            .value();
    }

    test::LiveDatabase live;
    TenantId tenant = test::TestDatabase::tenant();
};

} // namespace hs::queue
