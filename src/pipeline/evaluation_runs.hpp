/// Evaluation runs: calls judged again by a version of choice, beside what is current.
///
/// A job a call, a few at a time and behind fresh calls; whoever ends one queues the next in the
/// same transaction. Every job judges by the version that the run names, whatever is in force.
/// Nothing a reader sees changes before a run is promoted.
#pragma once

#include <optional>
#include <string>

#include "pipeline/ingest.hpp"
#include "pipeline/judging.hpp"
#include "store/evaluation_runs.hpp"

namespace hs::pipeline {

inline constexpr const char* run_kind = "run";
inline constexpr const char* promote_kind = "promote";
inline constexpr int most_run_calls = 100'000;

[[nodiscard]] queue::Handler run_handler(Services services);
[[nodiscard]] queue::Handler promote_handler(Services services);

struct RunRequest {
    store::NewRun run; // `who` is taken from the caller
    store::RunChoice choice;
};

/// How many calls it judges. Errors: invalid "run.no_calls", "run.too_many"; nothing is kept then.
Task<Result<std::int64_t>> start_run(const Services& services, Caller caller, RunRequest request);

enum class RunChange { done, unknown_run, wrong_state };

/// Takes away what waits; calls that are being judged come to their end.
Task<RunChange> cancel_run(const Services& services, Caller caller, Uuid run);

/// Queues the job that makes the run's evaluations current, those of calls that got a newer one
/// meanwhile left out.
Task<RunChange> promote_run(const Services& services, Caller caller, Uuid run);

/// Duty of the leader: runs whose jobs were cancelled by others, or whose calls were deleted, go on
/// and come to their end.
Task<void> watch_runs(const Services& services);

/// Answers, score and flag of an evaluation beside those of what is current.
[[nodiscard]] store::RunCallResult
compared(CallId call, const std::optional<store::RunBaseline>& before, const Evaluation& after);

/// A call judged by rules alone, for nobody but the caller.
struct Trial {
    store::RunCallResult comparison;
    json::object document; // as the call detail shows it
};

/// Errors: those of load_input().
Task<Result<Trial>>
try_scorecard(const Services& services, TenantId tenant, CallId call, JudgePtr judge);

} // namespace hs::pipeline
