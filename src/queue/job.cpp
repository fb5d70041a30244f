#include "queue/job.hpp"

#include <stdexcept>

#include "queue/queries.hpp"
#include "queue/transitions.hpp"

namespace hs::queue {

namespace {

/// A live job with our key may end between our two looks; more often than this is a bug.
constexpr int enqueue_tries = 20;

pg::Params values_of(TenantId tenant, const NewJob& job) {
    const std::optional<std::string> none;
    const double delay = job.delay ? std::chrono::duration<double>(*job.delay).count() : 0.0;
    return pg::params(tenant,
                      job.queue,
                      job.kind,
                      job.subject,
                      json::serialize(job.args),
                      int(job.priority),
                      delay,
                      job.unique_key.empty() ? none : std::optional(job.unique_key),
                      job.traceparent.empty() ? none : std::optional(job.traceparent));
}

} // namespace

Outcome Outcome::from(Error error) {
    const auto after = error.retry_after;
    if (error.kind == ErrorKind::rate_limited) return {Kind::snooze, std::move(error), after};
    if (may_retry(error.kind)) return {Kind::retry, std::move(error), after};
    return {Kind::dead, std::move(error), std::nullopt};
}

Task<JobId> enqueue(pg::Session& session, TenantId tenant, const NewJob& job) {
    for (int i = 0; i < enqueue_tries; ++i) {
        const auto added = co_await session.run(sql::enqueue, values_of(tenant, job));
        if (!added.empty()) co_return JobId{added.front().integer("id")};
        auto key = pg::params(tenant, job.kind, job.unique_key);
        const auto live = co_await session.run(sql::live_job_by_key, std::move(key));
        if (!live.empty()) co_return JobId{live.front().integer("id")};
    }
    throw std::logic_error("enqueue: neither a new job nor a live one");
}

Task<bool> finish(pg::Session& session, const Job& job) {
    co_return co_await end_job(session, job, Ending::done, nullptr);
}

Task<bool> withdraw(pg::Session& session, TenantId tenant, JobId id) {
    const auto ended = co_await session.run(sql::cancel_available, pg::params(tenant, id));
    co_return ended.affected() > 0;
}

Task<bool> cancel(pg::Session& session, TenantId tenant, JobId id) {
    const bool ended = co_await withdraw(session, tenant, id);
    if (ended) co_return true;
    const auto asked = co_await session.run(sql::ask_to_stop, pg::params(tenant, id));
    co_return !asked.empty();
}

Task<void> hurry_snoozed(pg::Session& session, TenantId tenant, std::vector<std::string> codes) {
    auto values = pg::params(tenant, std::move(codes));
    co_await session.run(sql::hurry_snoozed, std::move(values));
}

Task<bool> still_ours(pg::Session& session, const Job& job) {
    const auto rows =
        co_await session.run(sql::still_ours, pg::params(job.tenant, job.id, job.lease_token));
    co_return !rows.empty();
}

Task<bool> advance_schedule(
    pg::Session& session, TenantId tenant, const std::string& name, Time from, Time to) {
    const auto rows =
        co_await session.run(sql::advance_schedule, pg::params(tenant, name, from, to));
    co_return rows.affected() == 1;
}

} // namespace hs::queue
