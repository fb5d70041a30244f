/// Jobs: at least once, effects exactly once. Knows nothing about calls.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "base/task.hpp"
#include "pg/session.hpp"

namespace hs::queue {

enum class Priority { interactive = 0, normal = 1, bulk = 2, background = 3 };

struct NewJob {
    std::string queue;   // "speech", "judge", …
    std::string kind;    // "transcribe", "evaluate", …
    std::string subject; // e.g. the call id
    json::object args;   // ids only, at most 8 KiB
    Priority priority = Priority::normal;
    std::optional<std::chrono::milliseconds> delay;
    std::string unique_key; // names the work and its versions; empty: not unique
    std::string traceparent;
};

struct Job {
    TenantId tenant;
    JobId id;
    std::string queue;
    std::string kind;
    std::string subject;
    json::object args;
    Priority priority = Priority::normal;
    int runs = 0;
    int failures = 0;
    int crashes = 0;
    Uuid lease_token;
    std::string traceparent;
};

/// In the caller's transaction. Gives the id of the new job, or of the live one with the same
/// (kind, unique_key). Call Runner::wake after the commit.
Task<JobId> enqueue(pg::Session& session, TenantId tenant, const NewJob& job);

/// First statement of a job's last transaction: ends the job, or false when this worker's lease is
/// gone (then roll back everything).
Task<bool> finish(pg::Session& session, const Job& job);

/// Cancels a waiting job at once, asks a running one to stop. False when there is no such live job.
Task<bool> cancel(pg::Session& session, TenantId tenant, JobId id);

/// Jobs that wait because of one of these errors may run now: what they waited for has changed. In
/// the caller's transaction. Call Runner::wake after the commit.
Task<void> hurry_snoozed(pg::Session& session, TenantId tenant, std::vector<std::string> codes);

/// Ends a job that nobody runs at the moment; one that runs comes to its end. False then, and when
/// there is no such live job.
Task<bool> withdraw(pg::Session& session, TenantId tenant, JobId id);

/// After a commit whose answer was lost: true when the job is still leased to us, so the
/// transaction did not happen and has to be repeated; false when it committed (or the lease went
/// elsewhere).
Task<bool> still_ours(pg::Session& session, const Job& job);

/// Compare and set for a tenant's schedule: true for exactly one of those that saw slot `from`.
/// In the transaction that also enqueues the slot's job.
Task<bool> advance_schedule(
    pg::Session& session, TenantId tenant, const std::string& name, Time from, Time to);

struct JobContext {
    Job job;
    std::stop_token stop; // lease lost, cancelled, shutting down, hard limit
    Log log;              // with job_id, and call_id when the subject is one
};

/// What became of one run. `done`: the handler committed its last transaction with finish().
/// `fenced`: finish() said no and everything was rolled back; somebody else has the job.
struct Outcome {
    enum class Kind { done, retry, snooze, dead, handed_back, fenced } kind = Kind::done;
    Error error{};                               // retry, dead
    std::optional<std::chrono::seconds> after{}; // snooze, retry: not before

    [[nodiscard]] static Outcome done() { return {}; }

    [[nodiscard]] static Outcome fenced() { return {Kind::fenced, {}, {}}; }

    /// By the table of base/error: rate_limited snoozes, unavailable retries, all else is final.
    [[nodiscard]] static Outcome from(Error error);
};

/// A kind of job. `run` returns when the work is committed or has failed.
struct Handler {
    std::string kind;
    std::string queue;
    int max_failures = 8;
    std::chrono::seconds hard_limit{1800};
    std::function<Task<Outcome>(JobContext)> run;
    /// Runs in the transaction that moves the job to history as dead: the call becomes failed.
    std::function<Task<void>(pg::Session&, const Job&, const Error&)> on_dead;
};

} // namespace hs::queue
