/// Writes down what became of a run. Internal to src/queue.
#pragma once

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "pg/database.hpp"
#include "queue/job.hpp"
#include "queue/runner.hpp"

namespace hs::queue {

/// Why the runner asked a handler to stop.
enum class StopReason { none, lost, cancelled, hard_limit, shutdown };

class Settlement {
public:
    Settlement(pg::Database& database, const RunnerOptions& options, Log log, Metrics& metrics)
        : database_(database), options_(options), log_(std::move(log)), metrics_(metrics) {}

    /// Gives the outcome's name for logs and metrics: done, retried, snoozed, dead, cancelled,
    /// handed_back, fenced. Repeats through lost connections; throws DatabaseError when the
    /// database stays away (the lease then runs out and the job is rescued).
    Task<std::string> settle(Job job, const Handler* handler, Outcome outcome, StopReason reason);

private:
    Task<std::string> once(const Job& job, const Handler* handler, const Outcome& outcome);
    Task<std::string> retry(const Job& job, const Handler* handler, const Outcome& outcome);
    Task<std::string> snooze(const Job& job, const Handler* handler, const Outcome& outcome);
    Task<std::string> bury(const Job& job, const Handler* handler, const Error& error);
    Task<std::string> end_cancelled(const Job& job);

    pg::Database& database_;
    RunnerOptions options_;
    Log log_;
    Metrics& metrics_;
};

} // namespace hs::queue
