#include "pipeline/requeue.hpp"

#include "store/calls.hpp"
#include "store/idempotency.hpp"
#include "store/jobs.hpp"

namespace hs::pipeline {

namespace {

Result<queue::NewJob> work_of(const store::EndedJob& dead) {
    queue::NewJob job;
    job.queue = dead.queue;
    job.kind = dead.kind;
    job.subject = dead.subject;
    TRY(auto args, parse_json(dead.args_json));
    if (args.is_object()) job.args = std::move(args.as_object());
    job.priority = static_cast<queue::Priority>(dead.priority);
    job.unique_key = dead.unique_key.value_or("");
    return job;
}

Task<Error> why_not(pg::Session& session, TenantId tenant, JobId id) {
    const bool live = co_await store::job_is_live(session, tenant, id);
    if (live) co_return Error{ErrorKind::conflict, "job.not_dead", "This job lives.", std::nullopt};
    co_return Error{ErrorKind::not_found, "job.not_found", "No such job.", std::nullopt};
}

} // namespace

Task<Result<JobId>> requeue_job(const Services& services, Caller caller, JobId dead) {
    const auto tenant = caller.tenant;
    auto transaction = co_await services.database.begin({.tenant = tenant});
    const auto ended = co_await store::lock_ended_job(*transaction, tenant, dead);
    if (!ended) {
        auto reason = co_await why_not(*transaction, tenant, dead);
        co_return std::unexpected(std::move(reason));
    }
    if (ended->outcome != "dead")
        co_return fail(ErrorKind::conflict, "job.not_dead", "This job is " + ended->outcome + ".");
    if (ended->requeued_as)
        co_return fail(ErrorKind::conflict, "job.requeued", "This job was queued again before.");
    CO_TRY(const auto work, work_of(*ended));
    const auto again = co_await queue::enqueue(*transaction, tenant, work);
    co_await store::note_requeued(*transaction, tenant, dead, again);
    const auto call = CallId::parse(ended->subject);
    if (call) co_await store::mark_requeued(*transaction, tenant, *call);
    store::AuditEntry entry;
    entry.principal = caller.name;
    entry.address = caller.address;
    entry.action = "job.requeue";
    entry.object = "job:" + std::to_string(dead.value);
    entry.request_id = caller.request_id;
    co_await store::insert_audit(*transaction, tenant, std::move(entry));
    co_await transaction->commit();
    services.wake(ended->queue, tenant);
    if (call) services.watch.changed(*call);
    co_return again;
}

} // namespace hs::pipeline
