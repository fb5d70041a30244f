/// From a stored transcript to the call's current evaluation: the job "evaluate".
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "pipeline/services.hpp"

namespace hs::pipeline {

[[nodiscard]] queue::Handler evaluate_handler(Services services);

/// The same for evaluations that had to do without a model: gives up quietly, never fails a call.
[[nodiscard]] queue::Handler upgrade_handler(Services services);

/// Unique by call, transcript and reason, so that a newer request is never swallowed by an older
/// run.
[[nodiscard]] queue::NewJob
evaluate_job(CallId call, TranscriptId transcript, const std::string& reason);

/// Names every version that decides an evaluation of `transcript_hash`: equal key, equal answers.
[[nodiscard]] std::string versions_key(const Services& services,
                                       const std::string& transcript_hash);

/// The on_dead hook of both stages: the call becomes failed with the error's code.
[[nodiscard]] std::function<Task<void>(pg::Session&, const queue::Job&, const Error&)>
fail_call(std::shared_ptr<const Services> services);

} // namespace hs::pipeline
