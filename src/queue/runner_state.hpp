/// What a runner knows and does. Internal to src/queue: the public side and the way from start to
/// drain lie in runner.cpp, claiming in runner_claims.cpp, jobs under way in runner_runs.cpp, and
/// wake-ups between processes in runner_notes.cpp.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include "queue/claimer.hpp"
#include "queue/leadership.hpp"
#include "queue/lease_keeper.hpp"
#include "queue/runner.hpp"
#include "queue/settlement.hpp"

namespace hs::queue {

namespace asio = boost::asio;
using std::chrono::steady_clock;

/// One job under way.
struct Run {
    Run(Claimed given, const asio::any_io_executor& executor)
        : claimed(std::move(given)), limit(executor) {}

    Claimed claimed;
    std::stop_source stop;
    StopReason reason = StopReason::none; // strand only
    asio::steady_timer limit;
    steady_clock::time_point started = steady_clock::now();
};

struct Runner::State : std::enable_shared_from_this<State> {
    State(pg::Database& db, RunnerOptions given, Log base, Metrics& registry)
        : database(db), options(std::move(given)), log(std::move(base)), metrics(registry),
          claimer(db, worker, options.lease), settlement(db, options, log, registry) {}

    // --- claiming (strand) ---
    Task<void> main();
    Task<bool> fill_slots();
    Task<void> look();
    Task<bool> fill_with_suspect();
    Task<void> start_or_return(std::vector<Claimed> claimed);
    [[nodiscard]] FreeSlots free_slots() const;
    Task<void> idle();
    void kick();

    // --- running ---
    void start(Claimed claimed);
    void watch_limit(const std::shared_ptr<Run>& run, const Handler* handler);
    Task<void> execute(std::shared_ptr<Run> run, const Handler* handler);
    static Task<StopReason> reason_of(std::shared_ptr<Run> run);
    Task<Outcome> call_handler(const Run& run, const Handler* handler);
    void ended(const std::shared_ptr<Run>& run, const std::string& outcome);
    void stop_run(JobId id, StopReason reason);
    [[nodiscard]] const Handler* handler_of(const std::string& kind) const;

    // --- wake-ups and the end ---
    Task<void> listen();
    void on_note(const std::string& payload);
    Task<void> send_notes();
    Task<void> drain();
    Task<void> await_runs(steady_clock::time_point until, bool second_stop_ends);
    std::unique_ptr<LeaseKeeper> make_keeper();
    std::shared_ptr<Leadership> make_leadership();

    /// Runs `action` on the strand; before run() it is kept until then.
    template <typename Action>
    void enter(Action action) {
        const std::lock_guard lock(mutex);
        if (strand) {
            asio::post(*strand, [self = shared_from_this(), action] { action(*self); });
        } else {
            early.push_back(action);
        }
    }

    pg::Database& database;
    RunnerOptions options;
    Log log;
    Metrics& metrics;
    const Uuid worker = Uuid::random(); // made anew at every start, never a host's name
    Claimer claimer;
    Settlement settlement;
    std::map<std::string, Handler> handlers;
    std::vector<Schedule> schedules;
    std::vector<Beat> beats;

    std::mutex mutex;
    std::optional<asio::strand<asio::any_io_executor>> strand; // guarded by mutex
    std::vector<std::function<void(State&)>> early;            // guarded by mutex
    std::atomic<int> stops{0};
    std::atomic<const Leadership*> leader{nullptr};

    // strand only
    asio::any_io_executor work; // where handlers run
    std::optional<asio::steady_timer> timer;
    std::map<std::int64_t, std::shared_ptr<Run>> running;
    std::map<std::string, int> busy; // queue -> running jobs
    bool alone = false;
    bool kicked = false;
    bool ring_stale = true;
    steady_clock::time_point looked_at{};
    std::optional<steady_clock::time_point> suspects_since;
    std::map<std::string, TenantId> notes;
    bool sending_notes = false;
    std::unique_ptr<LeaseKeeper> keeper;
    std::shared_ptr<Leadership> leadership;
};

} // namespace hs::queue
