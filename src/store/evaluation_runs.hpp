/// Evaluation runs: which calls are judged again by what, how far it is, what came of it.
///
/// Whoever changes a run or its calls holds lock_run() first, and a call's own row after it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/json.hpp"
#include "pg/session.hpp"
#include "store/call_changes.hpp"
#include "store/scorecards.hpp"

namespace hs::store {

/// Which calls: those of a filter as filtered_calls of the schema reads it, or one.
struct RunChoice {
    json::object filters;
    std::optional<CallId> only;
    int most = 0;
};

struct RunPreview {
    std::int64_t calls = 0;
    std::int64_t seconds = 0; // of audio
    std::int64_t sampled = 0; // calls whose words were counted
    std::int64_t words = 0;   // of the sample
    std::int64_t tokens = 0;  // of the sample's words, as a model about counts them
    std::int64_t sampled_seconds = 0;
    // Means of the sample's current evaluations.
    double latency_ms = 0;
    double tokens_in = 0;
    double tokens_out = 0;
    double cost_usd = 0;
};

/// What was counted in the sample, for all calls: by their length.
[[nodiscard]] std::int64_t of_all_calls(const RunPreview& preview, std::int64_t counted);

Task<RunPreview> preview_run(pg::Session& session, TenantId tenant, RunChoice choice, int sample);

struct NewRun {
    Uuid id;
    std::string name;
    ScorecardRef scorecard;
    std::optional<std::string> filter_json; // as asked
    std::string who;
};

/// The run with its calls; gives how many.
Task<std::int64_t> insert_run(pg::Session& session, TenantId tenant, NewRun run, RunChoice choice);

struct StoredRun {
    Uuid id;
    std::string name;
    std::string state; // running | done | cancelled | promoting | promoted
    ScorecardRef scorecard;
    std::optional<std::string> filter_json;
    std::optional<Uuid> call_id;
    std::int64_t calls = 0;
    std::int64_t done = 0;
    std::int64_t failed = 0;
    std::int64_t cancelled = 0;
    std::int64_t pending = 0;
    std::int64_t changed = 0;
    std::int64_t promoted = 0;
    std::int64_t kept = 0;
    std::int64_t tokens_in = 0;
    std::int64_t tokens_out = 0;
    double cost_usd = 0;
    std::string created_by;
    Time created_at;
    std::optional<Time> finished_at;
    std::optional<Time> promoted_at;
};

/// Newest first; with `only` that one.
Task<std::vector<StoredRun>> list_runs(pg::Session& session,
                                       TenantId tenant,
                                       std::optional<Uuid> only,
                                       std::optional<HistoryPlace> after,
                                       int limit);

/// The run's state; nothing when there is no such run.
Task<std::optional<std::string>> lock_run(pg::Session& session, TenantId tenant, Uuid run);

Task<std::int64_t> queued_run_calls(pg::Session& session, TenantId tenant, Uuid run);
Task<std::vector<CallId>> take_run_calls(pg::Session& session, TenantId tenant, Uuid run, int most);
/// Whether the run still wants this call judged.
Task<bool> run_waits_for(pg::Session& session, TenantId tenant, Uuid run, CallId call);
Task<void> note_run_job(pg::Session& session, TenantId tenant, Uuid run, CallId call, JobId job);
/// Ends the run if nothing of it waits.
Task<void> end_run(pg::Session& session, TenantId tenant, Uuid run);
Task<void> requeue_lost_run_calls(pg::Session& session, TenantId tenant, Uuid run);
Task<std::vector<Uuid>> open_runs(pg::Session& session, TenantId tenant);

/// What is current for a call, to compare with.
struct RunBaseline {
    EvaluationId id;
    std::string document_json;
    std::optional<std::int64_t> quality; // basis points
    bool flagged = false;
};

Task<std::optional<RunBaseline>> run_baseline(pg::Session& session, TenantId tenant, CallId call);

/// How one question was answered; empty: the scorecard had no such question.
struct AnswerChange {
    std::string question_id;
    std::string before;
    std::string after;
};

struct RunCallResult {
    CallId call;
    std::optional<EvaluationId> before;
    EvaluationId evaluation;
    std::optional<std::int64_t> quality_before;
    std::optional<std::int64_t> quality_after;
    std::optional<bool> flagged_before;
    bool flagged_after = false;
    bool changed = false;
    std::vector<AnswerChange> answers; // all, not only those that changed
    std::int64_t tokens_in = 0;
    std::int64_t tokens_out = 0;
    double cost_usd = 0;
};

[[nodiscard]] std::int64_t flips_of(const std::vector<AnswerChange>& answers);

/// False: the run no longer waits for this call.
Task<bool> finish_run_call(pg::Session& session, TenantId tenant, Uuid run, RunCallResult result);
Task<void>
fail_run_call(pg::Session& session, TenantId tenant, Uuid run, CallId call, std::string code);

struct RunJob {
    CallId call;
    JobId job;
};

Task<std::vector<RunJob>> run_jobs(pg::Session& session, TenantId tenant, Uuid run);
/// `withdrawn`: calls whose jobs were taken away.
Task<void> cancel_run(pg::Session& session, TenantId tenant, Uuid run, std::vector<Uuid> withdrawn);

struct RuleShift {
    std::string question_id;
    std::int64_t compared = 0; // asked before and after
    std::int64_t flips = 0;
    std::int64_t to_pass = 0;
    std::int64_t to_fail = 0;
    std::int64_t to_na = 0;
    std::int64_t to_needs_review = 0;
    std::int64_t added = 0;
    std::int64_t removed = 0;
};

struct ScoreShift {
    std::int64_t calls = 0;       // of both sides; compare_run_scores() only
    std::int64_t scored = 0;      // on both sides
    std::optional<double> before; // mean quality, basis points
    std::optional<double> after;
    std::int64_t flagged_before = 0;
    std::int64_t flagged_after = 0;
};

Task<std::vector<RuleShift>> run_rules(pg::Session& session, TenantId tenant, Uuid run);
Task<ScoreShift> run_scores(pg::Session& session, TenantId tenant, Uuid run);
Task<std::vector<RuleShift>> compare_runs(pg::Session& session, TenantId tenant, Uuid a, Uuid b);
Task<ScoreShift> compare_run_scores(pg::Session& session, TenantId tenant, Uuid a, Uuid b);

struct RunResultRow {
    CallId call;
    std::string state;
    std::optional<Uuid> before;
    std::optional<Uuid> evaluation;
    std::optional<std::int64_t> quality_before;
    std::optional<std::int64_t> quality_after;
    std::optional<bool> flagged_before;
    std::optional<bool> flagged_after;
    std::int64_t flips = 0;
    bool changed = false;
    std::optional<std::string> error_code;
    std::optional<std::string> outcome;
};

struct ResultPage {
    bool changed_only = false;
    std::optional<CallId> after;
    int limit = 50;
};

/// By call.
Task<std::vector<RunResultRow>>
run_results(pg::Session& session, TenantId tenant, Uuid run, ResultPage page);

struct FlipRow {
    CallId call;
    AnswerChange change;
};

struct FlipPage {
    std::optional<std::string> question;
    std::optional<CallId> after_call;
    std::optional<std::string> after_question;
    int limit = 50;
};

/// By call and question.
Task<std::vector<FlipRow>>
run_flips(pg::Session& session, TenantId tenant, Uuid run, FlipPage page);

/// False: there is nothing to promote, or somebody does.
Task<bool> start_promotion(pg::Session& session, TenantId tenant, Uuid run);

struct Promotion {
    CallId call;
    std::optional<Uuid> before;
    EvaluationId evaluation;
};

Task<std::vector<Promotion>> calls_to_promote(
    pg::Session& session, TenantId tenant, Uuid run, std::optional<CallId> after, int limit);
/// Whether it is scored, now that it is current. Nothing: something newer was, and stays.
Task<std::optional<bool>>
promote_insight(pg::Session& session, TenantId tenant, Promotion promotion);
Task<void>
note_promotion(pg::Session& session, TenantId tenant, Uuid run, CallId call, bool promoted);
Task<void> end_promotion(pg::Session& session, TenantId tenant, Uuid run);

} // namespace hs::store
