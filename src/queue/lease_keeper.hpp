/// Renews the leases of this process on a thread, a loop and a connection of its own, so that no
/// busy pool or blocked loop can stop it. Internal to src/queue.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "pg/database.hpp"
#include "queue/job.hpp"

namespace hs::queue {

class LeaseKeeper {
public:
    struct Options {
        Uuid worker;
        std::chrono::milliseconds lease;
        std::chrono::milliseconds heartbeat;
        std::chrono::milliseconds abandon;
    };

    /// Called on the keeper's thread; must only post.
    struct Events {
        std::function<void(JobId)> lost;      // the lease is gone or can no longer be trusted
        std::function<void(JobId)> cancelled; // somebody asked the job to stop
    };

    LeaseKeeper(
        pg::DatabaseOptions options, Options timing, Events events, Log log, Metrics& metrics);
    ~LeaseKeeper();
    LeaseKeeper(const LeaseKeeper&) = delete;
    LeaseKeeper& operator=(const LeaseKeeper&) = delete;

    void hold(const Job& job);
    void release(JobId id);
    /// Renews now: a cancellation was announced.
    void beat_now();
    void set_draining();

private:
    struct Held {
        TenantId tenant;
        Uuid token;
        std::chrono::steady_clock::time_point renewed;
    };

    Task<void> keep();
    Task<bool> beat();
    Task<void> renew();
    void compare(const std::map<std::int64_t, Held>& sent, const pg::Rows& answer);
    void abandon_old();

    Options timing_;
    Events events_;
    Log log_;
    boost::asio::io_context loop_;
    boost::asio::steady_timer timer_;
    pg::Database database_;
    std::mutex mutex_;
    std::map<std::int64_t, Held> held_; // guarded by mutex_
    bool draining_ = false;             // guarded by mutex_
    bool stopping_ = false;             // loop thread only
    bool again_ = false;                // loop thread only
    std::jthread thread_;
};

} // namespace hs::queue
