#include "store/call_changes.hpp"

#include "store/queries.hpp"

namespace hs::store {

namespace {

PastEvaluation read_evaluation(const pg::Row& row) {
    PastEvaluation evaluation;
    evaluation.id = EvaluationId{row.uuid("id")};
    evaluation.created_at = row.time("created_at");
    evaluation.current = row.boolean("current");
    evaluation.reason = row.text("reason");
    evaluation.transcript_id = TranscriptId{row.uuid("transcript_id")};
    evaluation.scorecard_key = row.text("scorecard_key");
    evaluation.scorecard_version = row.integer("scorecard_version");
    evaluation.scorecard_hash = row.text("scorecard_hash");
    evaluation.prompt_id = row.optional_text("prompt_id");
    evaluation.prompt_hash = row.optional_text("prompt_hash");
    evaluation.evaluator = row.text("evaluator");
    evaluation.model = row.optional_text("model");
    evaluation.scored = row.boolean("scored");
    evaluation.provisional = row.boolean("provisional");
    evaluation.coverage = row.real("coverage");
    evaluation.degraded = row.boolean("degraded");
    evaluation.tokens_in = row.integer("tokens_in");
    evaluation.tokens_out = row.integer("tokens_out");
    evaluation.cost_usd = row.real("cost_usd");
    evaluation.latency_ms = row.integer("latency_ms");
    evaluation.supersedes = row.optional_uuid("supersedes");
    evaluation.document_json = row.text("document");
    return evaluation;
}

void add_place(pg::Params& params, const std::optional<HistoryPlace>& after) {
    if (after) {
        params.add(after->created_at).add(after->id);
    } else {
        params.add(std::nullopt).add(std::nullopt);
    }
}

} // namespace

Task<std::optional<LockedCall>> lock_call(pg::Session& session, TenantId tenant, CallId id) {
    const auto rows = co_await session.run(sql::lock_call, pg::params(tenant, id));
    if (rows.empty()) co_return std::nullopt;
    const auto row = rows.front();
    LockedCall call;
    call.legal_hold = row.boolean("legal_hold");
    call.updated_at = row.time("updated_at");
    if (const auto agent = row.optional_uuid("agent_id")) call.agent_id = AgentId{*agent};
    call.object_path = row.optional_text("object_path");
    call.playback_path = row.optional_text("playback_path");
    co_return call;
}

Task<void> delete_call(pg::Session& session, TenantId tenant, CallId id) {
    co_await session.run(sql::delete_call, pg::params(tenant, id));
    // Afterwards, in a statement of its own: it sees what those wrote that the deletion waited for.
    co_await session.run(sql::forget_replies, pg::params(tenant, id));
}

Task<void> delete_journal(pg::Session& session, TenantId tenant, CallId id) {
    co_await session.run(sql::delete_journal, pg::params(tenant, id.str()));
}

Task<std::vector<JobId>>
jobs_beside(pg::Session& session, TenantId tenant, CallId id, JobId asking) {
    const auto rows = co_await session.run(sql::jobs_beside, pg::params(tenant, id.str(), asking));
    std::vector<JobId> jobs;
    for (const auto row : rows)
        jobs.push_back(JobId{row.integer("id")});
    co_return jobs;
}

Task<void> update_call(pg::Session& session, TenantId tenant, CallId id, CallPatch patch) {
    pg::Params params = pg::params(tenant,
                                   id,
                                   patch.agent_id,
                                   patch.city_id,
                                   patch.issue_category,
                                   patch.call_context,
                                   patch.note,
                                   patch.clear_note);
    co_await session.run(sql::update_call, std::move(params));
}

Task<Time> insert_remark(pg::Session& session, TenantId tenant, CallId call, Remark remark) {
    pg::Params params = pg::params(tenant, remark.id, call, remark.text, remark.principal);
    const auto rows = co_await session.run(sql::insert_remark, std::move(params));
    co_return rows.front().time("created_at");
}

Task<std::vector<Remark>> list_remarks(pg::Session& session,
                                       TenantId tenant,
                                       CallId call,
                                       std::optional<HistoryPlace> after,
                                       int limit) {
    pg::Params params = pg::params(tenant, call);
    add_place(params, after);
    params.add(limit);
    const auto rows = co_await session.run(sql::list_remarks, std::move(params));
    std::vector<Remark> remarks;
    for (const auto row : rows)
        remarks.push_back(
            {row.uuid("id"), row.text("text"), row.text("principal"), row.time("created_at")});
    co_return remarks;
}

Task<Time> insert_override(pg::Session& session, TenantId tenant, Override made) {
    pg::Params params = pg::params(
        tenant, made.id, made.call_id, made.field, made.value, made.reason, made.principal);
    const auto rows = co_await session.run(sql::insert_override, std::move(params));
    co_return rows.front().time("created_at");
}

Task<std::optional<std::string>>
withdraw_override(pg::Session& session, TenantId tenant, CallId call, Uuid id, std::string who) {
    const auto rows =
        co_await session.run(sql::withdraw_override, pg::params(tenant, call, id, who));
    if (rows.empty()) co_return std::nullopt;
    co_return rows.front().text("field");
}

Task<std::vector<PastEvaluation>> list_evaluations(pg::Session& session,
                                                   TenantId tenant,
                                                   CallId call,
                                                   std::optional<HistoryPlace> after,
                                                   int limit,
                                                   std::optional<EvaluationId> only) {
    pg::Params params = pg::params(tenant, call);
    add_place(params, after);
    params.add(limit).add(only);
    const auto rows = co_await session.run(sql::list_evaluations, std::move(params));
    std::vector<PastEvaluation> evaluations;
    for (const auto row : rows)
        evaluations.push_back(read_evaluation(row));
    co_return evaluations;
}

Task<std::vector<CallStep>>
call_steps(pg::Session& session, TenantId tenant, CallId call, int most) {
    const auto rows = co_await session.run(sql::call_steps, pg::params(tenant, call, most));
    std::vector<CallStep> steps;
    for (const auto row : rows)
        steps.push_back({row.time("at"),
                         row.text("type"),
                         row.optional_text("principal"),
                         row.text("payload")});
    co_return steps;
}

} // namespace hs::store
