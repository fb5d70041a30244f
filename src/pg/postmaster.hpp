/// The running server process: started, watched, started again when it dies, stopped. Internal.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/log.hpp"
#include "pg/cluster.hpp"

namespace hs::pg {

class Postmaster {
public:
    Postmaster(Cluster cluster, Log log);
    ~Postmaster(); ///< fast shutdown
    Postmaster(const Postmaster&) = delete;
    Postmaster& operator=(const Postmaster&) = delete;

    [[nodiscard]] int pid() const { return pid_.load(); }

    /// Starts that ended at once, in a row.
    [[nodiscard]] int failed_starts() const { return failed_starts_.load(); }

private:
    void keep();

    Cluster cluster_;
    Log log_;
    std::atomic<int> pid_{0};
    std::atomic<int> failed_starts_{0};
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false; // guarded by mutex_
    std::jthread keeper_;   // owns the child: its death signal fires when this thread ends
};

/// Ends a server that a killed program left on this cluster, and removes what it left behind.
/// True when there was one.
bool stop_orphan(const Cluster& cluster, const Log& log);

} // namespace hs::pg
