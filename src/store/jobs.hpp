/// The job queue as people look at it: depth, lists, dead jobs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "pg/session.hpp"

namespace hs::store {

struct QueueDepth {
    std::string queue;
    std::int64_t available = 0; // wait for a worker
    std::int64_t delayed = 0;   // wait for their time
    std::int64_t running = 0;
    double oldest_seconds = 0; // the longest wait for a worker
    std::int64_t done_last_hour = 0;
    std::int64_t dead = 0; // not queued again
    bool paused = false;
};

Task<std::vector<QueueDepth>> queue_depths(pg::Session& session, TenantId tenant);

struct JobView {
    JobId id;
    std::string queue;
    std::string kind;
    std::string state; // available | running | done | dead | cancelled
    std::string subject;
    std::int64_t priority = 1;
    std::int64_t runs = 0;
    std::int64_t failures = 0;
    std::int64_t crashes = 0;
    std::optional<Time> run_at{};
    Time created_at;
    std::optional<Time> finished_at{};
    std::string last_error_json; // {"code", "text"}; empty: none
    std::optional<std::int64_t> requeued_as{};
};

struct JobList {
    std::optional<std::string> state{}; // unset: all live ones
    std::optional<std::string> kind{};
    std::optional<std::string> subject{};
    std::optional<Time> after_time{}; // of ended jobs
    std::optional<std::int64_t> after_id{};
    int limit = 50;
};

/// Live jobs by id, ended ones by their end, newest first.
Task<std::vector<JobView>> list_jobs(pg::Session& session, TenantId tenant, JobList list);

struct EndedJob {
    std::string queue;
    std::string kind;
    std::string subject;
    std::string args_json;
    std::int64_t priority = 1;
    std::optional<std::string> unique_key{};
    std::string outcome;
    std::optional<std::int64_t> requeued_as{};
};

/// Locks it to the end of the transaction.
Task<std::optional<EndedJob>> lock_ended_job(pg::Session& session, TenantId tenant, JobId id);
Task<bool> job_is_live(pg::Session& session, TenantId tenant, JobId id);
Task<void> note_requeued(pg::Session& session, TenantId tenant, JobId dead, JobId again);

} // namespace hs::store
