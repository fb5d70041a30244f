#include "store/jobs.hpp"

#include "store/queries.hpp"

namespace hs::store {

namespace {

bool has_ended(const std::optional<std::string>& state) {
    return state && (*state == "done" || *state == "dead" || *state == "cancelled");
}

JobView read_job(const pg::Row& row) {
    JobView job;
    job.id = JobId{row.integer("id")};
    job.queue = row.text("queue");
    job.kind = row.text("kind");
    job.state = row.text("state");
    job.subject = row.text("subject");
    job.priority = row.integer("priority");
    job.runs = row.integer("runs");
    job.failures = row.integer("failures");
    job.crashes = row.integer("crashes");
    job.run_at = row.optional_time("run_at");
    job.created_at = row.time("created_at");
    job.finished_at = row.optional_time("finished_at");
    job.last_error_json = row.text("last_error");
    job.requeued_as = row.optional_integer("requeued_as");
    return job;
}

} // namespace

Task<std::vector<QueueDepth>> queue_depths(pg::Session& session, TenantId tenant) {
    const auto rows = co_await session.run(sql::queue_depths, pg::params(tenant));
    std::vector<QueueDepth> queues;
    for (const auto row : rows) {
        queues.push_back({.queue = row.text("queue"),
                          .available = row.integer("available"),
                          .delayed = row.integer("delayed"),
                          .running = row.integer("running"),
                          .oldest_seconds = row.real("oldest_seconds"),
                          .done_last_hour = row.integer("done_last_hour"),
                          .dead = row.integer("dead"),
                          .paused = row.boolean("paused")});
    }
    co_return queues;
}

Task<std::vector<JobView>> list_jobs(pg::Session& session, TenantId tenant, JobList list) {
    const bool ended = has_ended(list.state);
    auto values = pg::params(tenant, list.state, list.kind, list.subject);
    if (ended) values.add(list.after_time);
    values.add(list.after_id).add(list.limit);
    const auto& query = ended ? sql::ended_jobs : sql::live_jobs;
    const auto rows = co_await session.run(query, std::move(values));
    std::vector<JobView> jobs;
    for (const auto row : rows)
        jobs.push_back(read_job(row));
    co_return jobs;
}

Task<std::optional<EndedJob>> lock_ended_job(pg::Session& session, TenantId tenant, JobId id) {
    const auto rows = co_await session.run(sql::lock_ended_job, pg::params(tenant, id));
    if (rows.empty()) co_return std::nullopt;
    const auto row = rows.front();
    EndedJob job;
    job.queue = row.text("queue");
    job.kind = row.text("kind");
    job.subject = row.text("subject");
    job.args_json = row.text("args");
    job.priority = row.integer("priority");
    job.unique_key = row.optional_text("unique_key");
    job.outcome = row.text("outcome");
    job.requeued_as = row.optional_integer("requeued_as");
    co_return job;
}

Task<bool> job_is_live(pg::Session& session, TenantId tenant, JobId id) {
    const auto rows = co_await session.run(sql::job_is_live, pg::params(tenant, id));
    co_return rows.front().boolean("live");
}

Task<void> note_requeued(pg::Session& session, TenantId tenant, JobId dead, JobId again) {
    co_await session.run(sql::note_requeued, pg::params(tenant, dead, again));
}

} // namespace hs::store
