#include "pipeline/reprocess.hpp"

#include <algorithm>
#include <chrono>

#include "pipeline/evaluate.hpp"
#include "pipeline/upload_steps.hpp"
#include "store/calls.hpp"
#include "store/judgements.hpp"

namespace hs::pipeline {

Task<ProcessState>
reprocess(const Services& services, Caller caller, CallId id, ProcessRequest request) {
    const auto tenant = caller.tenant;
    auto transaction = co_await services.database.begin({.tenant = tenant});
    const auto call = co_await store::find_call(*transaction, tenant, id);
    if (!call) co_return ProcessState::unknown_call;
    const auto transcript = co_await store::current_transcript(*transaction, tenant, id);
    const bool from_audio = request.retranscribe || !transcript;
    if (!from_audio && !request.force) {
        const auto current = co_await store::current_evaluation(*transaction, tenant, id);
        if (current && current->versions_key == versions_key(services, transcript->sha256)) {
            co_return ProcessState::already_current;
        }
    }
    // One live job a call: a run in progress is joined, never doubled.
    if (!co_await store::has_live_job(*transaction, tenant, id)) {
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
