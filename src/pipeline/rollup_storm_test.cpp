#include <atomic>
#include <cstdlib>
#include <mutex>
#include <random>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/rollups.hpp"
#include "support/judged_calls.hpp"
#include "support/postgres.hpp"
#include "support/recount.hpp"

namespace hs::pipeline {
namespace {

using testing::IsEmpty;

constexpr int writers = 8;

unsigned chosen(const char* variable, unsigned otherwise) {
    const char* text = std::getenv(variable);
    return text == nullptr ? otherwise : unsigned(std::strtoul(text, nullptr, 10));
}

pg::BlockingConnection connect(const std::string& url) {
    auto connection = pg::BlockingConnection::open(url, 10);
    if (!connection) throw std::runtime_error(connection.error().message);
    return std::move(*connection);
}

/// Calls that exist, shared by all writers: two of them often pick the same one.
class LiveCalls {
public:
    void add(CallId call) {
        const std::lock_guard lock(mutex_);
        calls_.push_back(call);
    }

    std::optional<CallId> pick(std::mt19937& random, bool take) {
        const std::lock_guard lock(mutex_);
        if (calls_.empty()) return std::nullopt;
        const auto recent = std::min<std::size_t>(calls_.size(), 40);
        const auto at = calls_.size() - 1 - random() % recent;
        const auto call = calls_[at];
        if (take) calls_.erase(calls_.begin() + std::ptrdiff_t(at));
        return call;
    }

private:
    std::mutex mutex_;
    std::vector<CallId> calls_;
};

struct Shared {
    std::vector<AgentId> agents;
    std::vector<std::int64_t> cities;
    LiveCalls calls;
    std::atomic<int> deadlocks{0};
    std::atomic<int> refused{0};
    std::atomic<int> done{0};
    std::mutex mutex;
    std::vector<std::string> surprises; // guarded by mutex
};

/// One writer: steps drawn by chance, each one transaction.
class StormWriter {
public:
    StormWriter(const std::string& url, TenantId tenant, Shared& shared, unsigned seed)
        : writer_(url, tenant), shared_(shared), random_(seed) {}

    void run(int steps) {
        for (int i = 0; i < steps; ++i) {
            try {
                step();
                ++shared_.done;
            } catch (const pg::DatabaseError& error) {
                writer_.rollback();
                note(error);
            }
        }
    }

private:
    void note(const pg::DatabaseError& error) {
        if (error.sqlstate() == "40P01") ++shared_.deadlocks;
        // 23503: somebody deleted the call meanwhile.
        else if (error.sqlstate() == "23503")
            ++shared_.refused;
        else {
            const std::lock_guard lock(shared_.mutex);
            shared_.surprises.push_back(error.sqlstate() + " " + error.what());
        }
    }

    std::string score() { return fmt::format("0.{:04}", random_() % 10000); }

    test::CallRow some_call() {
        static const std::array issues = {
            "Battery swap", "Fire", "emergency  service", "Refund", ""};
        test::CallRow call;
        if (random_() % 5 != 0) call.agent = shared_.agents[random_() % shared_.agents.size()];
        if (random_() % 5 != 0) call.city = shared_.cities[random_() % shared_.cities.size()];
        call.at = fmt::format(
            "2026-{:02}-{:02} {:02}:30+00", 1 + random_() % 3, 1 + random_() % 28, random_() % 24);
        call.issue = issues.at(random_() % issues.size());
        call.seconds = int(random_() % 900);
        return call;
    }

    test::JudgementRow some_judgement() {
        test::JudgementRow out;
        out.quality = score();
        out.sop = score();
        if (random_() % 3 == 0) out.communication.reset();
        out.flagged = random_() % 4 == 0;
        out.scored = random_() % 6 != 0;
        out.provisional = random_() % 2 == 0;
        return out;
    }

    void step() {
        const auto kind = random_() % 20;
        if (kind < 5) return shared_.calls.add(writer_.add_call(some_call()));
        const auto call = shared_.calls.pick(random_, kind == 19);
        if (!call) return;
        if (kind < 10)
            writer_.judge(*call, some_judgement());
        else if (kind < 12)
            override_or_withdraw(*call);
        else if (kind < 16)
            reassign(*call);
        else if (kind < 18)
            several(*call);
        else if (kind == 18)
            given_up(*call);
        else
            writer_.remove(*call);
    }

    void override_or_withdraw(CallId call) {
        static const std::array fields = {"overall_quality", "sop_compliance", "communication"};
        if (last_override_ && random_() % 3 == 0) {
            writer_.withdraw(*last_override_);
            last_override_.reset();
        } else if (random_() % 4 == 0) {
            writer_.override_score(call, "escalation_risk", random_() % 2 == 0 ? "0" : "1");
        } else {
            last_override_ =
                writer_.override_score(call, fields.at(random_() % fields.size()), score());
        }
    }

    void reassign(CallId call) {
        const auto to = some_call();
        writer_.run("UPDATE calls SET agent_id = $2, city_id = $3, call_timestamp = $4, "
                    "primary_issue_category = $5 WHERE id = $1",
                    pg::params(call, to.agent, to.city, to.at, to.issue));
    }

    /// Several changes of one call in one transaction, judgement first.
    void several(CallId call) {
        writer_.begin();
        writer_.judge(call, some_judgement());
        reassign(call);
        writer_.commit();
    }

    void given_up(CallId call) {
        writer_.begin();
        writer_.judge(call, some_judgement());
        writer_.run("SET CONSTRAINTS ALL IMMEDIATE");
        writer_.rollback();
    }

    test::Writer writer_;
    Shared& shared_;
    std::mt19937 random_;
    std::optional<Uuid> last_override_;
};

/// Folds without pause; its connection is torn away in the middle again and again.
class Folding {
public:
    Folding(test::LiveDatabase& db, TenantId tenant)
        : rollups_(*db.database, db.metrics, db.log),
          folder_([this, &db, tenant](std::stop_token stop) {
              while (!stop.stop_requested()) {
                  try {
                      db.wait(rollups_.fold_tenant(tenant, std::nullopt));
                      ++folds;
                  } catch (const pg::DatabaseError&) {
                      ++broken;
                  }
              }
          }),
          killer_([this, url = db.base.superuser_url()](std::stop_token stop) {
              auto connection = connect(url);
              while (!stop.stop_requested()) {
                  const auto rows = connection.run(
                      "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
                      "AND random() < 0.03");
                  killed += rows.size();
                  std::this_thread::yield();
              }
          }) {}

    std::atomic<int> folds{0};
    std::atomic<int> broken{0};
    std::atomic<int> killed{0};

private:
    Rollups rollups_;
    std::jthread folder_;
    std::jthread killer_;
};

TEST(RollupStorm, EightWritersAndAFolderThatIsKilledEndInExactFigures) {
    const auto seed = chosen("STORM_SEED", std::random_device{}());
    const auto steps = chosen("STORM_STEPS", 120);
    fmt::print("STORM_SEED={} STORM_STEPS={}\n", seed, steps);
    test::LiveDatabase db;
    const auto tenant = test::TestDatabase::tenant();
    Shared shared;
    {
        test::Writer writer(db.base.url(), tenant);
        for (int i = 0; i < 4; ++i)
            shared.agents.push_back(writer.add_agent("agent " + std::to_string(i)));
        for (int i = 0; i < 3; ++i)
            shared.cities.push_back(writer.add_city("city " + std::to_string(i)));
        writer.add_category("Emergency Service", {"Fire"}, true);
    }
    auto everything = connect(db.base.superuser_url());
    everything.run("DELETE FROM call_facts_rewrites");
    test::Recount recount(everything, tenant);
    int looks = 0;
    {
        Folding folding(db, tenant);
        {
            std::atomic<int> left = writers;
            std::vector<std::jthread> threads;
            for (unsigned i = 0; i < writers; ++i) {
                threads.emplace_back([&, i] {
                    StormWriter(db.base.url(), tenant, shared, seed + i).run(int(steps));
                    --left;
                });
            }
            // At any moment, in one snapshot: rollups plus outbox are the recount.
            for (; left > 0; ++looks)
                ASSERT_THAT(recount.differences(), IsEmpty()) << "look " << looks;
        }
        fmt::print("{} steps, {} refused, {} looks, {} folds, {} broken, {} killed\n",
                   shared.done.load(),
                   shared.refused.load(),
                   looks,
                   folding.folds.load(),
                   folding.broken.load(),
                   folding.killed.load());
        EXPECT_GT(folding.broken, 0);
        EXPECT_GT(folding.folds, 0);
    }
    EXPECT_THAT(shared.surprises, IsEmpty());
    EXPECT_EQ(shared.deadlocks, 0);
    EXPECT_EQ(
        everything.run("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
            .front()
            .integer("deadlocks"),
        0);
    Rollups rollups(*db.database, db.metrics, db.log);
    db.wait(rollups.fold_tenant(tenant, std::nullopt));
    EXPECT_EQ(db.base.count("SELECT count(*) FROM rollup_outbox"), 0);
    EXPECT_THAT(recount.differences(), IsEmpty());
    EXPECT_THAT(db.wait(rollups.audit({tenant}, 1.0)).findings, IsEmpty());
    EXPECT_GT(shared.done, 0);
}

} // namespace
} // namespace hs::pipeline
