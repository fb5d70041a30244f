-- name: insert_transcript
-- $1 tenant, $2 id, $3 call, $4 engine, $5 model, $6 engine version, $7 language, $8 low confidence, $9 sealed turns,
-- $10 spotted phrases, $11 redacted turns, $12 redacted text, $13 redaction version, $14 hash.
INSERT INTO transcripts (tenant_id, id, call_id, engine, model, engine_version, language, low_confidence,
                         turns_sealed, spotted, redacted, redacted_text, redaction_version, sha256)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11::jsonb, $12, $13, $14);

-- name: current_transcript
-- $1 tenant, $2 call.
SELECT t.id, t.turns_sealed, t.spotted, t.redacted, t.sha256, t.language, t.created_at
FROM calls c JOIN transcripts t ON t.tenant_id = c.tenant_id AND t.id = c.current_transcript_id
WHERE c.tenant_id = $1 AND c.id = $2;

-- name: insert_evaluation
-- $1 tenant, $2 id, $3 call, $4 transcript, $5 scorecard key, $6 its version, $7 its hash, $8 evaluator,
-- $9 transcript hash, $10 versions key, $11 document, $12 scored, $13 provisional, $14 coverage, $15 degraded,
-- $16 latency in ms, $17 reason, $18 prompt, $19 its hash, $20 model (empty: none), $21 tokens in, $22 tokens out, $23 cost,
-- $24 whether it becomes the current one.
INSERT INTO evaluations (tenant_id, id, call_id, transcript_id, scorecard_key, scorecard_version, scorecard_hash,
                         evaluator, transcript_hash, versions_key, document, scored, provisional, coverage, degraded,
                         latency_ms, reason, prompt_id, prompt_hash, model, tokens_in, tokens_out, cost_usd, supersedes)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::json, $12, $13, $14, $15, $16, $17, nullif($18::text, ''),
        nullif($19::text, ''), nullif($20::text, ''), $21, $22, $23::float8::numeric(12,6),
        (SELECT evaluation_id FROM call_insights WHERE tenant_id = $1 AND call_id = $3 AND $24::boolean));

-- name: upsert_insight
-- $1 tenant, $2 call, $3 evaluation, $4 redacted transcript, $5 language, $6 sop, $7 stabilisation, $8 resolution,
-- $9 overall, $10 communication, $11 coaching priority, $12 sentiment 0..1, $13 escalation raw, $14 flagged,
-- $15 why, $16 business insight, $17 coaching insight, $18 issue, $19 resolution, $20 deviations, $21 trajectory,
-- $22 raw scores, $23 scored, $24 provisional, $25 coverage.
INSERT INTO call_insights (tenant_id, call_id, evaluation_id, transcript, language_spoken, sop_compliance_score,
                           sentiment_stabilization_score, resolution_validity_score, overall_quality_score,
                           communication_score, coaching_priority, sentiment_score, escalation_score,
                           escalation_risk, why_flagged, business_insight, coaching_insight, issue_analysis,
                           resolution_analysis, sop_deviations, sentiment_trajectory, raw_scores, scored,
                           provisional, coverage, human_remarks)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18::jsonb, $19::jsonb,
        $20::jsonb, $21::jsonb, $22::jsonb, $23, $24, $25,
        (SELECT r.text FROM remarks r WHERE r.tenant_id = $1 AND r.call_id = $2 ORDER BY r.created_at DESC, r.id DESC
         LIMIT 1))
ON CONFLICT (tenant_id, call_id) DO UPDATE SET
    evaluation_id = excluded.evaluation_id, transcript = excluded.transcript,
    language_spoken = excluded.language_spoken, sop_compliance_score = excluded.sop_compliance_score,
    sentiment_stabilization_score = excluded.sentiment_stabilization_score,
    resolution_validity_score = excluded.resolution_validity_score,
    overall_quality_score = excluded.overall_quality_score, communication_score = excluded.communication_score,
    coaching_priority = excluded.coaching_priority, sentiment_score = excluded.sentiment_score,
    escalation_score = excluded.escalation_score, escalation_risk = excluded.escalation_risk,
    why_flagged = excluded.why_flagged, business_insight = excluded.business_insight,
    coaching_insight = excluded.coaching_insight, issue_analysis = excluded.issue_analysis,
    resolution_analysis = excluded.resolution_analysis, sop_deviations = excluded.sop_deviations,
    sentiment_trajectory = excluded.sentiment_trajectory, raw_scores = excluded.raw_scores,
    scored = excluded.scored, provisional = excluded.provisional, coverage = excluded.coverage, alerts = true,
    created_at = now();

-- name: current_evaluation
-- $1 tenant, $2 call.
SELECT e.id, e.transcript_id, e.versions_key, e.document, e.created_at, i.issue_analysis, i.resolution_analysis,
       i.sop_deviations, i.sentiment_trajectory
FROM call_insights i JOIN evaluations e ON e.tenant_id = i.tenant_id AND e.id = i.evaluation_id
WHERE i.tenant_id = $1 AND i.call_id = $2;

-- name: agents_deviations
-- From the call backwards along the agent's calls by time (index calls_by_agent): nothing that happened after it is looked at, so
-- judging it again gives the same. A list that is none (imported) counts as empty. $1 tenant, $2 call.
SELECT d.item ->> 'what_was_wrong' AS code
FROM calls c CROSS JOIN LATERAL (
         SELECT b.id, i.sop_deviations
         FROM calls b JOIN call_insights i ON i.tenant_id = b.tenant_id AND i.call_id = b.id
         WHERE b.tenant_id = c.tenant_id AND b.agent_id = c.agent_id AND (b.call_timestamp, b.id) < (c.call_timestamp, c.id)
         ORDER BY b.call_timestamp DESC, b.id DESC
         LIMIT 9) AS before
     CROSS JOIN LATERAL jsonb_array_elements(
         CASE WHEN jsonb_typeof(before.sop_deviations) = 'array' THEN before.sop_deviations ELSE '[]' END) AS d (item)
WHERE c.tenant_id = $1 AND c.id = $2 AND d.item ->> 'what_was_wrong' <> ''
GROUP BY 1
HAVING count(DISTINCT before.id) >= 2
ORDER BY 1;
