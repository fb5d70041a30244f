#include "pipeline/erase.hpp"

#include <set>

#include "pipeline/objects.hpp"
#include "store/call_changes.hpp"
#include "store/idempotency.hpp"

namespace hs::pipeline {

namespace {

constexpr std::size_t objects_listed = 100; // at once
constexpr int max_failures = 20; // a store that is away for an hour does not keep the objects

queue::NewJob erase_job(CallId id, const store::LockedCall& call) {
    queue::NewJob job;
    job.queue = judge_queue;
    job.kind = erase_kind;
    job.subject = id.str();
    job.args["call_id"] = id.str();
    json::array paths;
    if (call.object_path) {
        const auto& recording = *call.object_path;
        paths.emplace_back(recording);
        paths.emplace_back(recording.substr(0, recording.rfind('.')) + ".form");
    }
    if (call.playback_path) paths.emplace_back(*call.playback_path);
    job.args["paths"] = std::move(paths);
    job.unique_key = "erase:" + id.str();
    return job;
}

/// Asks the call's other jobs to stop; whether none is left. Until then they may still write.
Task<bool> others_stopped(const Services& services, const queue::Job& job, CallId id) {
    const auto unit = services.database.unit({.tenant = job.tenant, .role = pg::DbRole::worker});
    const auto others = co_await store::jobs_beside(*unit, job.tenant, id, job.id);
    for (const auto other : others)
        co_await queue::cancel(*unit, job.tenant, other);
    co_return others.empty();
}

/// What the paths name, and all that stands beside them in the call's folder: a job that was
/// stopped may have stored what no row has told of yet.
Result<void>
remove_objects(providers::BlobStore& blobs, TenantId tenant, CallId id, const json::array& paths) {
    const auto remove = [&](const std::string& path) {
        return blobs.remove(stored_key(tenant, id, path, variant_of_path(path)));
    };
    std::set<std::string> folders;
    for (const auto& item : paths) {
        const std::string path(item.as_string());
        TRY_VOID(remove(path));
        if (call_of_path(path) == id) folders.insert(path.substr(0, path.rfind('/') + 1));
    }
    for (const auto& folder : folders) {
        std::string after;
        for (;;) {
            TRY(const auto found, blobs.list(folder, after, objects_listed));
            if (found.empty()) break;
            for (const auto& path : found)
                TRY_VOID(remove(path));
            after = found.back();
        }
    }
    return {};
}

Task<queue::Outcome> erase(const Services& services, queue::JobContext context) {
    const auto tenant = context.job.tenant;
    const auto id = CallId::parse(context.job.subject);
    const auto* paths = context.job.args.if_contains("paths");
    if (!id || paths == nullptr || !paths->is_array()) {
        co_return queue::Outcome::from(
            {ErrorKind::internal, "job.invalid", "The job names no objects.", std::nullopt});
    }
    const bool alone = co_await others_stopped(services, context.job, *id);
    if (!alone) {
        Error busy{ErrorKind::conflict, "job.others_run", "Jobs of the call still run.", {}};
        queue::Outcome later{
            queue::Outcome::Kind::snooze, std::move(busy), std::chrono::seconds(1)};
        co_return later;
    }
    const auto& listed = paths->as_array();
    auto remove = [&services, tenant, call = *id, &listed] {
        return remove_objects(services.blobs, tenant, call, listed);
    };
    const auto removed = co_await services.disk.run(remove);
    if (!removed) co_return queue::Outcome::from(removed.error());
    auto transaction =
        co_await services.database.begin({.tenant = tenant, .role = pg::DbRole::worker});
    const bool ours = co_await queue::finish(*transaction, context.job);
    if (!ours) {
        co_await transaction->rollback();
        co_return queue::Outcome::fenced();
    }
    co_await store::delete_journal(*transaction, tenant, *id);
    co_await transaction->commit();
    co_return queue::Outcome::done();
}

} // namespace

Task<EraseState>
erase_call(const Services& services, Caller caller, CallId id, StillWanted wanted) {
    const auto tenant = caller.tenant;
    auto transaction = co_await services.database.begin({.tenant = tenant});
    const auto call = co_await store::lock_call(*transaction, tenant, id);
    if (!call) co_return EraseState::unknown_call;
    if (call->legal_hold) co_return EraseState::held;
    if (!wanted(call->updated_at)) co_return EraseState::changed;
    const auto job = erase_job(id, *call);
    co_await store::delete_call(*transaction, tenant, id);
    co_await queue::enqueue(*transaction, tenant, job);
    store::AuditEntry entry;
    entry.principal = caller.name;
    entry.address = caller.address;
    entry.action = "call.delete";
    entry.object = "call:" + id.str();
    entry.request_id = caller.request_id;
    co_await store::insert_audit(*transaction, tenant, std::move(entry));
    co_await transaction->commit();
    services.wake(judge_queue, tenant);
    services.watch.changed(id);
    co_return EraseState::erased;
}

queue::Handler erase_handler(Services services) {
    const auto shared = std::make_shared<const Services>(std::move(services));
    queue::Handler handler;
    handler.kind = erase_kind;
    handler.queue = judge_queue;
    handler.max_failures = max_failures;
    handler.hard_limit = std::chrono::minutes(5);
    handler.run = [shared](queue::JobContext context) {
        return erase(*shared, std::move(context));
    };
    return handler;
}

} // namespace hs::pipeline
