/// Dead jobs, queued again by a person.
#pragma once

#include "base/error.hpp"
#include "pipeline/ingest.hpp"
#include "pipeline/services.hpp"

namespace hs::pipeline {

/// A new job with the work of the dead one; a call that failed with it goes back to its last good
/// step. Gives the new job, or the live one that does this work already.
/// Errors: not_found "job.not_found", conflict "job.not_dead", "job.requeued".
Task<Result<JobId>> requeue_job(const Services& services, Caller caller, JobId dead);

} // namespace hs::pipeline
