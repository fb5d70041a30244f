-- name: lock_call
-- $1 tenant, $2 call.
SELECT c.id, c.legal_hold, c.updated_at, c.agent_id, m.object_path, m.playback_path
FROM calls c LEFT JOIN media m ON m.tenant_id = c.tenant_id AND m.call_id = c.id
WHERE c.tenant_id = $1 AND c.id = $2
FOR UPDATE OF c;

-- name: delete_call
-- All that hangs on the call goes with it; its facts subtract themselves at the commit. $1 tenant, $2 call.
WITH gone AS (DELETE FROM calls WHERE tenant_id = $1 AND id = $2 RETURNING tenant_id, id, agent_id, city_id)
INSERT INTO events (tenant_id, type, call_id, agent_id, city_id)
SELECT tenant_id, 'call.deleted', id, agent_id, city_id FROM gone;

-- name: delete_journal
-- Answers of providers about the call. $1 tenant, $2 call as text.
DELETE FROM provider_calls WHERE tenant_id = $1 AND subject = $2;

-- name: jobs_beside
-- Live jobs about the call, without the one that asks. $1 tenant, $2 call as text, $3 the job that asks.
SELECT id FROM jobs WHERE tenant_id = $1 AND subject = $2 AND id <> $3;

-- name: update_call
-- NULL leaves a member as it is. $1 tenant, $2 call, $3 agent, $4 city, $5 issue, $6 context, $7 note, $8 clear the note.
WITH changed AS (
    UPDATE calls
    SET agent_id = coalesce($3, agent_id), city_id = coalesce($4, city_id),
        primary_issue_category = coalesce($5, primary_issue_category), call_context = coalesce($6, call_context),
        agent_manual_note = CASE WHEN $8::boolean THEN NULL ELSE coalesce($7, agent_manual_note) END,
        updated_at = clock_timestamp()
    WHERE tenant_id = $1 AND id = $2
    RETURNING tenant_id, id, agent_id, city_id)
INSERT INTO events (tenant_id, type, call_id, agent_id, city_id)
SELECT tenant_id, 'call.updated', id, agent_id, city_id FROM changed;

-- name: insert_remark
-- The call's ETag is its updated_at. $1 tenant, $2 id, $3 call, $4 text, $5 who.
WITH newest AS (
    UPDATE call_insights SET human_remarks = $4 WHERE tenant_id = $1 AND call_id = $3),
touched AS (
    UPDATE calls SET updated_at = greatest(clock_timestamp(), updated_at + interval '1 microsecond')
    WHERE tenant_id = $1 AND id = $3)
INSERT INTO remarks (tenant_id, id, call_id, text, principal) VALUES ($1, $2, $3, $4, $5)
RETURNING created_at;

-- name: list_remarks
-- Newest first. $1 tenant, $2 call, $3 and $4 time and id of the last one of the page before or NULL, $5 page size.
SELECT id, text, principal, created_at
FROM remarks
WHERE tenant_id = $1 AND call_id = $2
  AND ($3::timestamptz IS NULL OR (created_at, id) < ($3::timestamptz, $4::uuid))
ORDER BY created_at DESC, id DESC
LIMIT $5;

-- name: insert_override
-- The call's ETag is its updated_at. $1 tenant, $2 id, $3 call, $4 field, $5 value, $6 reason, $7 who.
WITH touched AS (
    UPDATE calls SET updated_at = greatest(clock_timestamp(), updated_at + interval '1 microsecond')
    WHERE tenant_id = $1 AND id = $3)
INSERT INTO overrides (tenant_id, id, call_id, field, value, reason, principal)
VALUES ($1, $2, $3, $4, $5::float8::numeric(5, 4), $6, $7)
RETURNING created_at;

-- name: withdraw_override
-- $1 tenant, $2 call, $3 id, $4 who.
WITH withdrawn AS (
    UPDATE overrides SET withdrawn_at = clock_timestamp(), withdrawn_by = $4
    WHERE tenant_id = $1 AND call_id = $2 AND id = $3 AND withdrawn_at IS NULL
    RETURNING field),
touched AS (
    UPDATE calls SET updated_at = greatest(clock_timestamp(), updated_at + interval '1 microsecond')
    WHERE tenant_id = $1 AND id = $2 AND EXISTS (SELECT 1 FROM withdrawn))
SELECT field FROM withdrawn;

-- name: list_evaluations
-- Newest first. $1 tenant, $2 call, $3 and $4 time and id of the last one of the page before or NULL, $5 page size,
-- $6 one evaluation or NULL.
SELECT e.id, e.created_at, e.reason, e.transcript_id, e.scorecard_key, e.scorecard_version, e.scorecard_hash,
       e.prompt_id, e.prompt_hash, e.evaluator, e.model, e.scored, e.provisional, e.coverage, e.degraded, e.tokens_in,
       e.tokens_out, e.cost_usd::float8 AS cost_usd, e.latency_ms, e.supersedes, e.document,
       i.evaluation_id IS NOT NULL AS current
FROM evaluations e
LEFT JOIN call_insights i ON i.tenant_id = e.tenant_id AND i.call_id = e.call_id AND i.evaluation_id = e.id
WHERE e.tenant_id = $1 AND e.call_id = $2 AND ($6::uuid IS NULL OR e.id = $6)
  AND ($3::timestamptz IS NULL OR (e.created_at, e.id) < ($3::timestamptz, $4::uuid))
ORDER BY e.created_at DESC, e.id DESC
LIMIT $5;

-- name: call_steps
-- What happened to one call, from the tables that keep it. $1 tenant, $2 call, $3 most.
SELECT at, type, principal, payload
FROM (
    SELECT created_at AS at, 'call.ingested' AS type, NULL AS principal, '{}'::jsonb AS payload
    FROM calls WHERE tenant_id = $1 AND id = $2
    UNION ALL
    SELECT created_at, 'call.transcribed', NULL, jsonb_build_object('transcript_id', id, 'engine', engine, 'language', language)
    FROM transcripts WHERE tenant_id = $1 AND call_id = $2
    UNION ALL
    SELECT created_at, 'call.analyzed', NULL,
           jsonb_build_object('evaluation_id', id, 'reason', reason, 'scored', scored, 'provisional', provisional)
    FROM evaluations WHERE tenant_id = $1 AND call_id = $2
    UNION ALL
    SELECT updated_at, 'call.failed', NULL, jsonb_build_object('failure_code', failure_code)
    FROM calls WHERE tenant_id = $1 AND id = $2 AND processing_status = 'failed'
    UNION ALL
    SELECT s.at, 'escalation.' || s.action, s.principal, jsonb_build_object('escalation_id', e.id, 'note', s.note)
    FROM escalations e JOIN escalation_steps s ON s.tenant_id = e.tenant_id AND s.escalation_id = e.id
    WHERE e.tenant_id = $1 AND e.call_id = $2
    UNION ALL
    SELECT created_at, 'remark.added', principal, jsonb_build_object('remark_id', id)
    FROM remarks WHERE tenant_id = $1 AND call_id = $2
    UNION ALL
    SELECT created_at, 'override.made', principal, jsonb_build_object('override_id', id, 'field', field, 'value', value)
    FROM overrides WHERE tenant_id = $1 AND call_id = $2
    UNION ALL
    SELECT withdrawn_at, 'override.withdrawn', withdrawn_by, jsonb_build_object('override_id', id, 'field', field)
    FROM overrides WHERE tenant_id = $1 AND call_id = $2 AND withdrawn_at IS NOT NULL
) AS steps
ORDER BY at, type
LIMIT $3;
