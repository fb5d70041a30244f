#include "pipeline/reprocess.hpp"

#include <algorithm>
#include <chrono>

#include "pipeline/evaluate.hpp"
#include "pipeline/upload_steps.hpp"
#include "store/calls.hpp"
#include "store/judgements.hpp"

namespace hs::pipeline {

namespace {

constexpr const char* imported_versions = "reference-import"; // versions_key of what was taken over

} // namespace

Task<ProcessState>
reprocess(const Services& services, Caller caller, CallId id, ProcessRequest request) {
    const auto tenant = caller.tenant;
    // Asked before the transaction begins: a scorecard that is new in force is compiled for it.
    bool present = false;
    if (!request.retranscribe && !request.force)
        present = co_await judged_at_present(services, tenant, id);
    auto transaction = co_await services.database.begin({.tenant = tenant});
    const auto call = co_await store::find_call(*transaction, tenant, id);
    if (!call) co_return ProcessState::unknown_call;
    const auto transcript = co_await store::current_transcript(*transaction, tenant, id);
    const bool from_audio = request.retranscribe || !transcript;
    if (present) co_return ProcessState::already_current;
    // One live job a call: a run in progress is joined, never doubled. Only a hearing does what a
    // hearing is asked for: it is queued beside any other job, once by its unique key.
    const bool running = co_await store::has_live_job(*transaction, tenant, id);
    if (request.retranscribe || !running) {
        const auto job = from_audio ? hear_again_job(id, call->current_transcript_id)
                                    : evaluate_job(id, transcript->id, "reprocess");
        co_await queue::enqueue(*transaction, tenant, job);
        co_await store::mark_requeued(*transaction, tenant, id);
        store::AuditEntry entry;
        entry.principal = caller.name;
        entry.address = caller.address;
        entry.action = "call.process";
        entry.object = "call:" + id.str();
        entry.request_id = caller.request_id;
        co_await store::insert_audit(*transaction, tenant, std::move(entry));
    }
    co_await transaction->commit();
    services.wake(from_audio ? speech_queue : judge_queue, tenant);
    co_return ProcessState::queued;
}

Task<bool>
judge_corrected(pg::Session& session, TenantId tenant, CallId id, std::string told_before) {
    const auto call = co_await store::find_call(session, tenant, id);
    if (!call || !call->current_transcript_id || told_of(*call) == told_before) co_return false;
    const auto current = co_await store::current_evaluation(session, tenant, id);
    // Taken over with its scores: only who asks for it by name has it judged by us.
    if (current && current->versions_key == imported_versions) co_return false;
    auto job = evaluate_job(id, *call->current_transcript_id, "corrected");
    // Never joined: a run under way was told something else, and one that ends waits for our lock.
    job.unique_key.clear();
    co_await queue::enqueue(session, tenant, job);
    co_return true;
}

Task<void> wait_until_settled(const Services& services,
                              TenantId tenant,
                              CallId call,
                              std::chrono::milliseconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    const auto unit = services.database.unit({.tenant = tenant});
    for (;;) {
        const bool live = co_await store::has_live_job(*unit, tenant, call);
        if (!live) co_return;
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        if (left.count() <= 0) co_return;
        co_await services.watch.wait(call, left);
    }
}

} // namespace hs::pipeline
