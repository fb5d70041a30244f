#include "store/evaluation_runs.hpp"

#include <algorithm>
#include <cmath>

#include "store/queries.hpp"

namespace hs::store {

namespace {

StoredRun run_of(const pg::Row& row) {
    StoredRun run;
    run.id = row.uuid("id");
    run.name = row.text("name");
    run.state = row.text("state");
    run.scorecard = {row.text("scorecard_key"),
                     static_cast<int>(row.integer("scorecard_version")),
                     row.text("scorecard_hash")};
    run.filter_json = row.optional_text("filter");
    run.call_id = row.optional_uuid("call_id");
    run.calls = row.integer("calls");
    run.done = row.integer("done");
    run.failed = row.integer("failed");
    run.cancelled = row.integer("cancelled");
    run.pending = row.integer("pending");
    run.changed = row.integer("changed");
    run.promoted = row.integer("promoted");
    run.kept = row.integer("kept");
    run.tokens_in = row.integer("tokens_in");
    run.tokens_out = row.integer("tokens_out");
    run.cost_usd = row.real("cost_usd");
    run.created_by = row.text("created_by");
    run.created_at = row.time("created_at");
    run.finished_at = row.optional_time("finished_at");
    run.promoted_at = row.optional_time("promoted_at");
    return run;
}

RuleShift rule_of(const pg::Row& row) {
    RuleShift shift;
    shift.question_id = row.text("question_id");
    shift.compared = row.integer("compared");
    shift.flips = row.integer("flips");
    shift.to_pass = row.integer("to_pass");
    shift.to_fail = row.integer("to_fail");
    shift.to_na = row.integer("to_na");
    shift.to_needs_review = row.integer("to_needs_review");
    shift.added = row.integer("added");
    shift.removed = row.integer("removed");
    return shift;
}

std::vector<RuleShift> rules_of(const pg::Rows& rows) {
    std::vector<RuleShift> out;
    for (const auto row : rows)
        out.push_back(rule_of(row));
    return out;
}

ScoreShift shift_of(const pg::Row& row) {
    ScoreShift shift;
    shift.scored = row.integer("scored");
    shift.before = row.optional_real("before");
    shift.after = row.optional_real("after");
    shift.flagged_before = row.integer("flagged_before");
    shift.flagged_after = row.integer("flagged_after");
    return shift;
}

std::optional<bool> flag(const pg::Row& row, std::string_view column) {
    return row.null(column) ? std::nullopt : std::optional(row.boolean(column));
}

RunResultRow result_of(const pg::Row& row) {
    RunResultRow out;
    out.call = CallId{row.uuid("call_id")};
    out.state = row.text("state");
    out.before = row.optional_uuid("before_id");
    out.evaluation = row.optional_uuid("evaluation_id");
    out.quality_before = row.optional_integer("quality_before");
    out.quality_after = row.optional_integer("quality_after");
    out.flagged_before = flag(row, "flagged_before");
    out.flagged_after = flag(row, "flagged_after");
    out.flips = row.integer("flips");
    out.changed = row.boolean("changed");
    out.error_code = row.optional_text("error_code");
    out.outcome = row.optional_text("outcome");
    return out;
}

} // namespace

std::int64_t of_all_calls(const RunPreview& preview, std::int64_t counted) {
    if (preview.sampled == preview.calls || preview.sampled_seconds == 0) return counted;
    return std::llround(static_cast<double>(counted) * static_cast<double>(preview.seconds) /
                        static_cast<double>(preview.sampled_seconds));
}

Task<RunPreview> preview_run(pg::Session& session, TenantId tenant, RunChoice choice, int sample) {
    auto values =
        pg::params(tenant, json::serialize(choice.filters), choice.only, choice.most, sample);
    const auto rows = co_await session.run(sql::run_preview, std::move(values));
    const auto row = rows.front();
    RunPreview out;
    out.calls = row.integer("calls");
    out.seconds = row.integer("seconds");
    out.sampled = row.integer("sampled");
    out.words = row.integer("words");
    out.tokens = row.integer("tokens");
    out.sampled_seconds = row.integer("sampled_seconds");
    out.latency_ms = row.real("latency_ms");
    out.tokens_in = row.real("tokens_in");
    out.tokens_out = row.real("tokens_out");
    out.cost_usd = row.real("cost_usd");
    co_return out;
}

Task<std::int64_t> insert_run(pg::Session& session, TenantId tenant, NewRun run, RunChoice choice) {
    auto values = pg::params(tenant,
                             run.id,
                             run.name,
                             run.scorecard.key,
                             run.scorecard.version,
                             run.scorecard.hash,
                             run.filter_json,
                             choice.only,
                             run.who);
    co_await session.run(sql::insert_run, std::move(values));
    auto chosen =
        pg::params(tenant, run.id, json::serialize(choice.filters), choice.only, choice.most);
    const auto rows = co_await session.run(sql::choose_run_calls, std::move(chosen));
    co_return rows.front().integer("calls");
}

Task<std::vector<StoredRun>> list_runs(pg::Session& session,
                                       TenantId tenant,
                                       std::optional<Uuid> only,
                                       std::optional<HistoryPlace> after,
                                       int limit) {
    std::optional<Time> at;
    std::optional<Uuid> id;
    if (after) {
        at = after->created_at;
        id = after->id;
    }
    auto values = pg::params(tenant, only, at, id, limit);
    const auto rows = co_await session.run(sql::list_runs, std::move(values));
    std::vector<StoredRun> out;
    for (const auto row : rows)
        out.push_back(run_of(row));
    co_return out;
}

Task<std::optional<std::string>> lock_run(pg::Session& session, TenantId tenant, Uuid run) {
    const auto rows = co_await session.run(sql::lock_run, pg::params(tenant, run));
    if (rows.empty()) co_return std::nullopt;
    co_return rows.front().text("state");
}

Task<std::int64_t> queued_run_calls(pg::Session& session, TenantId tenant, Uuid run) {
    const auto rows = co_await session.run(sql::queued_run_calls, pg::params(tenant, run));
    co_return rows.front().integer("calls");
}

Task<std::vector<CallId>>
take_run_calls(pg::Session& session, TenantId tenant, Uuid run, int most) {
    const auto rows = co_await session.run(sql::take_run_calls, pg::params(tenant, run, most));
    std::vector<CallId> out;
    for (const auto row : rows)
        out.push_back(CallId{row.uuid("call_id")});
    co_return out;
}

Task<bool> run_waits_for(pg::Session& session, TenantId tenant, Uuid run, CallId call) {
    const auto rows = co_await session.run(sql::run_waits_for, pg::params(tenant, run, call));
    co_return !rows.empty();
}

Task<void> note_run_job(pg::Session& session, TenantId tenant, Uuid run, CallId call, JobId job) {
    co_await session.run(sql::note_run_job, pg::params(tenant, run, call, job));
}

Task<void> end_run(pg::Session& session, TenantId tenant, Uuid run) {
    co_await session.run(sql::end_run, pg::params(tenant, run));
}

Task<void> requeue_lost_run_calls(pg::Session& session, TenantId tenant, Uuid run) {
    co_await session.run(sql::requeue_lost_run_calls, pg::params(tenant, run));
}

Task<std::vector<Uuid>> open_runs(pg::Session& session, TenantId tenant) {
    const auto rows = co_await session.run(sql::open_runs, pg::params(tenant));
    std::vector<Uuid> out;
    for (const auto row : rows)
        out.push_back(row.uuid("id"));
    co_return out;
}

Task<std::optional<RunBaseline>> run_baseline(pg::Session& session, TenantId tenant, CallId call) {
    const auto rows = co_await session.run(sql::run_baseline, pg::params(tenant, call));
    if (rows.empty()) co_return std::nullopt;
    const auto row = rows.front();
    RunBaseline out;
    out.id = EvaluationId{row.uuid("id")};
    out.document_json = row.text("document");
    out.quality = row.optional_integer("quality");
    out.flagged = row.boolean("flagged");
    co_return out;
}

std::int64_t flips_of(const std::vector<AnswerChange>& answers) {
    return std::ranges::count_if(answers, [](const AnswerChange& answer) {
        return !answer.before.empty() && !answer.after.empty() && answer.before != answer.after;
    });
}

Task<bool> finish_run_call(pg::Session& session, TenantId tenant, Uuid run, RunCallResult result) {
    pg::Params values = pg::params(tenant, run, result.call, result.before, result.evaluation);
    values.add(result.quality_before).add(result.quality_after);
    values.add(result.flagged_before).add(result.flagged_after);
    values.add(flips_of(result.answers)).add(result.changed);
    values.add(result.tokens_in).add(result.tokens_out).add(result.cost_usd);
    const auto rows = co_await session.run(sql::finish_run_call, std::move(values));
    if (rows.empty()) co_return false;
    std::vector<std::string> questions;
    std::vector<std::string> before;
    std::vector<std::string> after;
    for (const auto& answer : result.answers) {
        questions.push_back(answer.question_id);
        before.push_back(answer.before);
        after.push_back(answer.after);
    }
    auto answers = pg::params(tenant, run, result.call, questions, before, after);
    co_await session.run(sql::insert_run_answers, std::move(answers));
    co_return true;
}

Task<void>
fail_run_call(pg::Session& session, TenantId tenant, Uuid run, CallId call, std::string code) {
    co_await session.run(sql::fail_run_call, pg::params(tenant, run, call, code));
}

Task<std::vector<RunJob>> run_jobs(pg::Session& session, TenantId tenant, Uuid run) {
    const auto rows = co_await session.run(sql::run_jobs, pg::params(tenant, run));
    std::vector<RunJob> out;
    for (const auto row : rows)
        out.push_back({CallId{row.uuid("call_id")}, JobId{row.integer("job_id")}});
    co_return out;
}

Task<void>
cancel_run(pg::Session& session, TenantId tenant, Uuid run, std::vector<Uuid> withdrawn) {
    co_await session.run(sql::cancel_run, pg::params(tenant, run, withdrawn));
}

Task<std::vector<RuleShift>> run_rules(pg::Session& session, TenantId tenant, Uuid run) {
    const auto rows = co_await session.run(sql::run_rules, pg::params(tenant, run));
    co_return rules_of(rows);
}

Task<ScoreShift> run_scores(pg::Session& session, TenantId tenant, Uuid run) {
    const auto rows = co_await session.run(sql::run_scores, pg::params(tenant, run));
    co_return shift_of(rows.front());
}

Task<std::vector<RuleShift>> compare_runs(pg::Session& session, TenantId tenant, Uuid a, Uuid b) {
    const auto rows = co_await session.run(sql::compare_runs, pg::params(tenant, a, b));
    co_return rules_of(rows);
}

Task<ScoreShift> compare_run_scores(pg::Session& session, TenantId tenant, Uuid a, Uuid b) {
    const auto rows = co_await session.run(sql::compare_run_scores, pg::params(tenant, a, b));
    auto shift = shift_of(rows.front());
    shift.calls = rows.front().integer("calls");
    co_return shift;
}

Task<std::vector<RunResultRow>>
run_results(pg::Session& session, TenantId tenant, Uuid run, ResultPage page) {
    auto values = pg::params(tenant, run, page.changed_only, page.after, page.limit);
    const auto rows = co_await session.run(sql::run_results, std::move(values));
    std::vector<RunResultRow> out;
    for (const auto row : rows)
        out.push_back(result_of(row));
    co_return out;
}

Task<std::vector<FlipRow>>
run_flips(pg::Session& session, TenantId tenant, Uuid run, FlipPage page) {
    auto values =
        pg::params(tenant, run, page.question, page.after_call, page.after_question, page.limit);
    const auto rows = co_await session.run(sql::run_flips, std::move(values));
    std::vector<FlipRow> out;
    for (const auto row : rows)
        out.push_back({CallId{row.uuid("call_id")},
                       {row.text("question_id"), row.text("before"), row.text("after")}});
    co_return out;
}

Task<bool> start_promotion(pg::Session& session, TenantId tenant, Uuid run) {
    const auto rows = co_await session.run(sql::start_promotion, pg::params(tenant, run));
    co_return !rows.empty();
}

Task<std::vector<Promotion>> calls_to_promote(
    pg::Session& session, TenantId tenant, Uuid run, std::optional<CallId> after, int limit) {
    auto values = pg::params(tenant, run, after, limit);
    const auto rows = co_await session.run(sql::calls_to_promote, std::move(values));
    std::vector<Promotion> out;
    for (const auto row : rows)
        out.push_back({CallId{row.uuid("call_id")},
                       row.optional_uuid("before_id"),
                       EvaluationId{row.uuid("evaluation_id")}});
    co_return out;
}

Task<std::optional<bool>>
promote_insight(pg::Session& session, TenantId tenant, Promotion promotion) {
    auto values = pg::params(tenant, promotion.call, promotion.before, promotion.evaluation);
    const auto rows = co_await session.run(sql::promote_insight, std::move(values));
    if (rows.empty()) co_return std::nullopt;
    co_return rows.front().boolean("scored");
}

Task<void>
note_promotion(pg::Session& session, TenantId tenant, Uuid run, CallId call, bool promoted) {
    const std::string outcome = promoted ? "promoted" : "kept";
    co_await session.run(sql::note_promotion, pg::params(tenant, run, call, outcome));
}

Task<void> end_promotion(pg::Session& session, TenantId tenant, Uuid run) {
    co_await session.run(sql::end_promotion, pg::params(tenant, run));
}

} // namespace hs::store
