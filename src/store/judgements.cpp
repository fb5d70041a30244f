#include "store/judgements.hpp"

#include "store/queries.hpp"

namespace hs::store {

namespace {

json::object raw_scores(const Scores& scores) {
    return {{"sop_compliance", scores.sop_compliance},
            {"communication", scores.communication},
            {"sentiment_stabilization", scores.sentiment_stabilization},
            {"resolution_validity", scores.resolution_validity},
            {"overall_quality", scores.overall_quality},
            {"escalation_risk", scores.escalation_risk},
            {"coaching_priority", scores.coaching_priority}};
}

/// Mean of the customer's last weighted mood on a 0..1 scale; empty when there was none.
std::optional<double> final_sentiment(const SentimentResult& sentiment) {
    if (!sentiment.scored) return std::nullopt;
    return (sentiment.end + 1.0) / 2.0;
}

/// All models together.
ModelShare spent_on(const ModelUse& use) {
    ModelShare sum;
    for (const auto& share : use.models) {
        sum.tokens_in += share.tokens_in;
        sum.tokens_out += share.tokens_out;
        sum.cost_usd += share.cost_usd;
    }
    return sum;
}

pg::Params insight_params(TenantId tenant, const EvaluationInsert& insert) {
    const auto& evaluation = insert.evaluation;
    const auto& scores = evaluation.scores;
    pg::Params params;
    params.add(tenant).add(insert.call_id).add(insert.id).add(insert.redacted_text);
    params.add(evaluation.language_spoken);
    params.add(round_half_away(scores.sop_compliance, 4));
    params.add(quantised_sentiment(scores.sentiment_stabilization));
    params.add(quantised_resolution(scores.resolution_validity));
    params.add(round_half_away(scores.overall_quality, 4));
    params.add(round_half_away(scores.communication, 4));
    params.add(round_half_away(scores.coaching_priority, 4));
    params.add(final_sentiment(evaluation.sentiment));
    params.add(scores.escalation_risk);
    params.add(escalation_flagged(scores));
    params.add(evaluation.why_flagged);
    params.add(evaluation.business_insight).add(evaluation.coaching_insight);
    params.add(json::serialize(insert.issue_analysis));
    params.add(json::serialize(insert.resolution_analysis));
    params.add(json::serialize(insert.sop_deviations));
    params.add(json::serialize(insert.sentiment_trajectory));
    params.add(json::serialize(raw_scores(scores)));
    params.add(scores.scored).add(scores.provisional).add(scores.coverage);
    return params;
}

Task<void> insert_history(pg::Session& session, TenantId tenant, const EvaluationInsert& insert) {
    const auto& provenance = insert.evaluation.provenance;
    const auto& scores = insert.evaluation.scores;
    pg::Params params = pg::params(tenant,
                                   insert.id,
                                   insert.call_id,
                                   insert.transcript_id,
                                   provenance.scorecard_key,
                                   provenance.scorecard_version,
                                   provenance.scorecard_hash,
                                   provenance.evaluator,
                                   provenance.transcript_hash,
                                   insert.versions_key,
                                   json::serialize(insert.document),
                                   scores.scored,
                                   scores.provisional,
                                   scores.coverage,
                                   insert.degraded,
                                   insert.latency_ms,
                                   insert.reason);
    const auto spent = spent_on(provenance.use);
    params.add(provenance.prompt_id).add(provenance.prompt_hash).add(provenance.model);
    params.add(spent.tokens_in).add(spent.tokens_out).add(spent.cost_usd);
    params.add(insert.current);
    co_await session.run(sql::insert_evaluation, std::move(params));
}

} // namespace

Task<void> insert_transcript(pg::Session& session, TenantId tenant, TranscriptInsert insert) {
    pg::Params params = pg::params(tenant,
                                   insert.id,
                                   insert.call_id,
                                   insert.engine,
                                   insert.model,
                                   insert.engine_version,
                                   insert.language,
                                   insert.low_confidence,
                                   insert.turns_sealed,
                                   insert.spotted_json,
                                   insert.redacted_json,
                                   insert.redacted_text,
                                   insert.redaction_version,
                                   insert.sha256);
    co_await session.run(sql::insert_transcript, std::move(params));
}

Task<std::optional<StoredTranscript>>
current_transcript(pg::Session& session, TenantId tenant, CallId call) {
    const auto rows = co_await session.run(sql::current_transcript, pg::params(tenant, call));
    if (rows.empty()) co_return std::nullopt;
    const auto row = rows.front();
    co_return StoredTranscript{.id = TranscriptId{row.uuid("id")},
                               .turns_sealed = row.bytes("turns_sealed"),
                               .spotted_json = row.text("spotted"),
                               .redacted_json = row.text("redacted"),
                               .sha256 = row.text("sha256"),
                               .language = row.text("language"),
                               .created_at = row.time("created_at")};
}

Task<void> insert_evaluation(pg::Session& session, TenantId tenant, EvaluationInsert insert) {
    co_await insert_history(session, tenant, insert);
    if (insert.current) co_await session.run(sql::upsert_insight, insight_params(tenant, insert));
}

Task<void> hold_evaluation(pg::Session& session, TenantId tenant, EvaluationInsert insert) {
    insert.current = false;
    co_await insert_history(session, tenant, insert);
    co_await session.run(sql::hold_insight, insight_params(tenant, insert));
}

Task<std::optional<StoredEvaluation>>
current_evaluation(pg::Session& session, TenantId tenant, CallId call) {
    const auto rows = co_await session.run(sql::current_evaluation, pg::params(tenant, call));
    if (rows.empty()) co_return std::nullopt;
    const auto row = rows.front();
    co_return StoredEvaluation{.id = EvaluationId{row.uuid("id")},
                               .transcript_id = TranscriptId{row.uuid("transcript_id")},
                               .versions_key = row.text("versions_key"),
                               .document_json = row.text("document"),
                               .created_at = row.time("created_at"),
                               .issue_analysis_json = row.text("issue_analysis"),
                               .resolution_analysis_json = row.text("resolution_analysis"),
                               .sop_deviations_json = row.text("sop_deviations"),
                               .sentiment_trajectory_json = row.text("sentiment_trajectory")};
}

Task<std::vector<std::string>>
agents_deviations(pg::Session& session, TenantId tenant, CallId call) {
    const auto rows = co_await session.run(sql::agents_deviations, pg::params(tenant, call));
    std::vector<std::string> codes;
    for (const auto row : rows)
        codes.push_back(row.text("code"));
    co_return codes;
}

} // namespace hs::store
