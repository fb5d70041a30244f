/// What becomes of a leased job: the statements that end it, offer it again or give it back.
/// Internal to src/queue; each is fenced by the lease token.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "pg/database.hpp"
#include "queue/job.hpp"

namespace hs::queue {

/// Reads a row of `claim`, `claim_suspect` or `expired_for_good`.
[[nodiscard]] Job job_of(const pg::Row& row);

/// The scope a job's own statements run under.
[[nodiscard]] pg::Scope scope_of(const Job& job);

/// {"code", "text"}: what the operations screen shows; at most 2 KiB, never customer data.
[[nodiscard]] std::string error_json(const Error& error);

enum class Ending { done, dead, cancelled };

/// Moves the job to history; false when the lease is gone.
Task<bool> end_job(pg::Session& session, const Job& job, Ending ending, const Error* error);

/// Offers the job again after `delay`, one failure more; false when the lease is gone or the job
/// was cancelled meanwhile.
Task<bool>
retry_job(pg::Session& session, const Job& job, double delay_seconds, const Error& error);

/// Offers the job again without counting; false also when it has waited for a day in one stretch.
Task<bool>
snooze_job(pg::Session& session, const Job& job, double delay_seconds, const Error& error);

/// Gives back what a stopping process still holds.
Task<void> hand_back(pg::Database& database, std::vector<Job> jobs);

/// Uniform in 0 .. min(max, base x 2^failures).
[[nodiscard]] double
backoff_seconds(int failures, std::chrono::milliseconds base, std::chrono::milliseconds max);

} // namespace hs::queue
