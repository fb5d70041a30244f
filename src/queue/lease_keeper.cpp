#include "queue/lease_keeper.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <unistd.h>

#include "queue/breaks.hpp"
#include "queue/queries.hpp"

namespace hs::queue {

namespace asio = boost::asio;
using std::chrono::steady_clock;

namespace {

const pg::Scope keeper_scope{std::nullopt, pg::DbRole::worker, true};

pg::DatabaseOptions own_connection(pg::DatabaseOptions options,
                                   const LeaseKeeper::Options& timing) {
    options.pipelined = 1;
    options.exclusive = 0;
    // A beat that hangs must fail early enough for a second and a third one.
    const auto limit = std::max(timing.abandon / 3, std::chrono::milliseconds(200));
    options.acquire_limit = std::min(options.acquire_limit, limit);
    options.connect_limit = std::min(options.connect_limit, limit);
    options.worker_statement_limit = std::min(options.worker_statement_limit, limit);
    return options;
}

std::string host_name() {
    char name[256] = {};
    return ::gethostname(name, sizeof name - 1) == 0 ? name : "unknown";
}

} // namespace

LeaseKeeper::LeaseKeeper(
    pg::DatabaseOptions options, Options timing, Events events, Log log, Metrics& metrics)
    : timing_(timing), events_(std::move(events)), log_(std::move(log)), timer_(loop_),
      database_(loop_.get_executor(), own_connection(std::move(options), timing), log_, metrics),
      thread_([this] {
          asio::co_spawn(loop_, keep(), asio::detached);
          loop_.run();
      }) {}

LeaseKeeper::~LeaseKeeper() {
    asio::post(loop_, [this] {
        stopping_ = true;
        timer_.cancel();
    });
    thread_.join();
}

void LeaseKeeper::hold(const Job& job) {
    const std::lock_guard lock(mutex_);
    held_[job.id.value] = {job.tenant, job.lease_token, steady_clock::now()};
}

void LeaseKeeper::release(JobId id) {
    const std::lock_guard lock(mutex_);
    held_.erase(id.value);
}

void LeaseKeeper::beat_now() {
    asio::post(loop_, [this] {
        again_ = true; // a beat in progress may have read the flag too early
        timer_.cancel();
    });
}

void LeaseKeeper::set_draining() {
    {
        const std::lock_guard lock(mutex_);
        draining_ = true;
    }
    beat_now();
}

Task<void> LeaseKeeper::keep() {
    while (!stopping_) {
        const bool well = co_await beat();
        if (stopping_) break;
        if (std::exchange(again_, false)) continue;
        timer_.expires_after(well ? timing_.heartbeat
                                  : std::min(timing_.heartbeat, timing_.abandon / 9));
        boost::system::error_code woken;
        co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
    try {
        co_await database_.run(keeper_scope, sql::worker_gone, pg::params(timing_.worker));
    } catch (const pg::DatabaseError&) {
        // The leader forgets silent workers anyway.
    }
    database_.close();
}

Task<bool> LeaseKeeper::beat() {
    bool well = false;
    try {
        co_await renew();
        bool draining = false;
        {
            const std::lock_guard lock(mutex_);
            draining = draining_;
        }
        auto values = pg::params(timing_.worker, host_name(), std::string(HS_VERSION), draining);
        co_await database_.run(keeper_scope, sql::worker_beat, std::move(values));
        well = true;
    } catch (const pg::DatabaseError& error) {
        log_.warn("queue.heartbeat_failed", {{"error", error.what()}});
    }
    abandon_old();
    co_return well;
}

Task<void> LeaseKeeper::renew() {
    std::map<std::int64_t, Held> sent;
    {
        const std::lock_guard lock(mutex_);
        sent = held_;
    }
    if (sent.empty() || broken("heartbeat")) co_return;
    std::vector<Uuid> tenants;
    std::vector<std::int64_t> ids;
    std::vector<Uuid> tokens;
    for (const auto& [id, held] : sent) {
        tenants.push_back(held.tenant.value);
        ids.push_back(id);
        tokens.push_back(held.token);
    }
    const double lease = std::chrono::duration<double>(timing_.lease).count();
    auto values = pg::params(tenants, ids, tokens, lease);
    const auto before = steady_clock::now();
    const auto answer = co_await database_.run(keeper_scope, sql::renew, std::move(values));
    for (auto& [id, held] : sent)
        held.renewed = before;
    compare(sent, answer);
}

/// Who does not come back is lost. Jobs that ended meanwhile are no longer held and not meant.
void LeaseKeeper::compare(const std::map<std::int64_t, Held>& sent, const pg::Rows& answer) {
    std::vector<JobId> lost;
    std::vector<JobId> cancelled;
    {
        const std::lock_guard lock(mutex_);
        std::map<std::int64_t, bool> renewed;
        for (const auto row : answer)
            renewed[row.integer("id")] = row.boolean("cancel_requested");
        for (const auto& [id, held] : sent) {
            const auto ours = held_.find(id);
            if (ours == held_.end() || ours->second.token != held.token) continue;
            const auto found = renewed.find(id);
            if (found == renewed.end()) {
                lost.push_back(JobId{id});
                held_.erase(ours);
                continue;
            }
            ours->second.renewed = held.renewed;
            if (found->second && !broken("cancel")) cancelled.push_back(JobId{id});
        }
    }
    for (const auto id : lost)
        events_.lost(id);
    for (const auto id : cancelled)
        events_.cancelled(id);
}

/// Before anybody else may start them.
void LeaseKeeper::abandon_old() {
    std::vector<JobId> lost;
    {
        const std::lock_guard lock(mutex_);
        const auto now = steady_clock::now();
        for (auto it = held_.begin(); it != held_.end();) {
            const bool old = now - it->second.renewed > timing_.abandon;
            if (old) lost.push_back(JobId{it->first});
            it = old ? held_.erase(it) : std::next(it);
        }
    }
    for (const auto id : lost)
        events_.lost(id);
}

} // namespace hs::queue
