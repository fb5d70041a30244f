/// Claims jobs and runs them: leases, heartbeats, back-off, drain. One runner a process.
///
/// Handlers run on the executor run() was spawned on. They must return soon after their stop token
/// fires; what they do afterwards changes nothing, because the lease is gone.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/cpu_pool.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "pg/database.hpp"
#include "queue/job.hpp"

namespace hs::queue {

struct RunnerOptions {
    std::map<std::string, int> slots; // queue -> jobs at once
    std::chrono::milliseconds lease{60000};
    std::chrono::milliseconds heartbeat{15000};
    std::chrono::milliseconds abandon{45000}; // heartbeats failing this long: abort all jobs
    std::chrono::milliseconds poll{1000};
    std::chrono::milliseconds rescue_every{5000};
    std::chrono::milliseconds leader_lease{15000};
    std::chrono::milliseconds backoff_base{2000};
    std::chrono::milliseconds backoff_max{1800000};
    std::chrono::seconds drain{25};
    int max_crashes = 3; // of one job while it ran alone
    /// How long a job that a worker vanished with waits for this process to be idle by chance;
    /// then claiming stops until it is.
    std::chrono::milliseconds suspect_patience{10000};
    std::string leader_name = "main";
};

/// A duty of the leader that comes round: sweeper, history partitions, …
struct Schedule {
    std::string name;
    std::chrono::seconds every;
    std::function<Task<void>()> run;
};

/// Leadership as a beat carries it: name, holder and term for its statements to check.
struct Lead {
    std::string name;
    Uuid holder;
    std::int64_t term = 0;
    std::function<bool()> holds; ///< false: stop soon, another may lead or the program ends
};

/// What the leader does again and again, too often to write each slot down. Unlike a Schedule's
/// duty it may run in two processes for a moment: its statements check the lead, or do no harm.
struct Beat {
    std::string name;
    std::chrono::milliseconds every;
    std::function<Task<void>(Lead)> run;
};

class Runner {
public:
    Runner(pg::Database& database, RunnerOptions options, Log log, Metrics& metrics);
    ~Runner();
    Runner(const Runner&) = delete;
    Runner& operator=(const Runner&) = delete;

    void add(Handler handler);
    void add(Schedule schedule);
    void add(Beat beat);
    /// Runs until stop() and the drain have ended.
    Task<void> run();
    /// First call: no new claims, jobs get `drain`, the rest is handed back. Second call: at once.
    void stop();
    /// A job was committed for `queue`: look now (this process), and tell the others (NOTIFY,
    /// coalesced).
    void wake(const std::string& queue, TenantId tenant);
    [[nodiscard]] std::string worker_id() const;
    [[nodiscard]] bool is_leader() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace hs::queue
