/// Runs a call again, or joins the run in progress.
#pragma once

#include "pipeline/ingest.hpp"
#include "pipeline/request_keys.hpp"
#include "pipeline/services.hpp"

namespace hs::pipeline {

struct ProcessRequest {
    bool force = false;        // evaluate again although the versions are the same
    bool retranscribe = false; // start from the audio
};

/// `overtaken`: `also` has said no, and nothing is written.
enum class ProcessState { already_current, queued, unknown_call, overtaken };

/// Queues what is missing: transcription when there is no transcript (or it was asked for), else
/// the evaluation. Nothing is queued when the current evaluation has the present versions.
Task<ProcessState> reprocess(const Services& services,
                             Caller caller,
                             CallId call,
                             ProcessRequest request,
                             AlsoWritten also = {});

/// After a correction, in its transaction and under the call's lock: queues another judgement when
/// the judge is told something else now than `told_before` (see told_of). True: wake judge_queue
/// after the commit.
Task<bool>
judge_corrected(pg::Session& session, TenantId tenant, CallId call, std::string told_before);

/// Waits until the call has no live job any more or `limit` has passed.
Task<void> wait_until_settled(const Services& services,
                              TenantId tenant,
                              CallId call,
                              std::chrono::milliseconds limit);

} // namespace hs::pipeline
