/// From a stored transcript to the call's current evaluation: the job "evaluate".
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "domain/call.hpp"
#include "pipeline/services.hpp"

namespace hs::pipeline {

[[nodiscard]] queue::Handler evaluate_handler(Services services);

/// The same for evaluations that had to do without a model: gives up quietly, never fails a call.
[[nodiscard]] queue::Handler upgrade_handler(Services services);

/// Unique by call, transcript and reason, so that a newer request is never swallowed by an older
/// run.
[[nodiscard]] queue::NewJob
evaluate_job(CallId call, TranscriptId transcript, const std::string& reason);

/// What the judge is told of a call beside its words, as far as people correct it.
[[nodiscard]] std::string told_of(const Call& call);

/// Whether the call's current evaluation is what judging it now would give: same transcript,
/// scorecard, models and prompts, told the same. False for a call that has none.
Task<bool> judged_at_present(const Services& services, TenantId tenant, CallId id);

/// The on_dead hook of both stages: the call becomes failed with the error's code.
[[nodiscard]] std::function<Task<void>(pg::Session&, const queue::Job&, const Error&)>
fail_call(std::shared_ptr<const Services> services);

} // namespace hs::pipeline
