-- name: insert_demonstration_call
-- A call as it stands when it has been judged, and its mark. No event: nothing has happened. There is no recording, which the
-- locator says. $1 tenant, $2 id, $3 agent, $4 city, $5 sealed name, $6 seconds, $7 call time, $8 issue category,
-- $9 external id, $10 language, $11 transcript.
WITH added AS (
    INSERT INTO calls (tenant_id, id, agent_id, city_id, customer_name_sealed, audio_url, duration_seconds, call_timestamp,
                       primary_issue_category, processing_status, external_id, language, filename, flags,
                       current_transcript_id)
    VALUES ($1, $2, $3, $4, $5, 'none:', $6, $7, $8, 'analyzed', $9, $10, '', '{demonstration}', $11)
    RETURNING tenant_id, id)
INSERT INTO demonstration_calls (tenant_id, call_id) SELECT tenant_id, id FROM added;

-- name: silence_judgement
-- A judgement that enters no window by its own time. $1 tenant, $2 call.
UPDATE call_insights SET alerts = false WHERE tenant_id = $1 AND call_id = $2;

-- name: insert_demonstration_escalation
-- As raised when the call had ended, without an event; resolved at once when $7 says with what result. $1 tenant, $2 id,
-- $3 call, $4 evaluation, $5 reason, $6 score in basis points, $7 note or NULL, $8 when.
WITH raised AS (
    INSERT INTO escalations (tenant_id, id, call_id, evaluation_id, reason, score, state, note, changed_by, created_at,
                             updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, CASE WHEN $7::text IS NULL THEN 'open' ELSE 'resolved' END, $7, 'demonstration', $8,
            $8::timestamptz + CASE WHEN $7 IS NULL THEN interval '0' ELSE interval '40 minutes' END)
    RETURNING tenant_id, id, reason, note, created_at, updated_at)
INSERT INTO escalation_steps (tenant_id, escalation_id, action, principal, note, at)
SELECT tenant_id, id, 'raise', 'demonstration', reason, created_at FROM raised
UNION ALL
SELECT tenant_id, id, 'resolve', 'demonstration', note, updated_at FROM raised WHERE note IS NOT NULL;

-- name: mark_demonstration_agent
-- $1 tenant, $2 agent.
INSERT INTO demonstration_agents (tenant_id, agent_id) VALUES ($1, $2) ON CONFLICT DO NOTHING;

-- name: mark_demonstration_city
-- $1 tenant, $2 city.
INSERT INTO demonstration_cities (tenant_id, city_id) VALUES ($1, $2) ON CONFLICT DO NOTHING;

-- name: demonstration_calls
-- $1 tenant.
SELECT count(*) AS calls FROM demonstration_calls WHERE tenant_id = $1;

-- name: remove_demonstration_calls
-- $1 tenant, $2 how many at most.
DELETE FROM calls
WHERE tenant_id = $1 AND id = ANY (ARRAY(SELECT call_id FROM demonstration_calls WHERE tenant_id = $1 LIMIT $2));

-- name: remove_demonstration_directory
-- Agents and cities that no other call names; the others stay, and are no longer the demonstration's. $1 tenant.
WITH agents_gone AS (
    DELETE FROM agents a USING demonstration_agents d
    WHERE a.tenant_id = $1 AND d.tenant_id = $1 AND d.agent_id = a.id
      AND NOT EXISTS (SELECT 1 FROM calls c WHERE c.tenant_id = $1 AND c.agent_id = a.id)
    RETURNING a.id
), cities_gone AS (
    DELETE FROM cities y USING demonstration_cities d
    WHERE y.tenant_id = $1 AND d.tenant_id = $1 AND d.city_id = y.id
      AND NOT EXISTS (SELECT 1 FROM calls c WHERE c.tenant_id = $1 AND c.city_id = y.id)
    RETURNING y.id
)
SELECT (SELECT count(*) FROM agents_gone) AS agents, (SELECT count(*) FROM cities_gone) AS cities;

-- name: unmark_demonstration_directory
-- What has stayed. $1 tenant.
WITH of_agents AS (DELETE FROM demonstration_agents WHERE tenant_id = $1)
DELETE FROM demonstration_cities WHERE tenant_id = $1;
