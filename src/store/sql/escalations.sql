-- name: effectively_flagged
-- $1 tenant, $2 call.
SELECT coalesce((SELECT o.value = 1 FROM overrides o
                 WHERE o.tenant_id = $1 AND o.call_id = $2 AND o.field = 'escalation_risk' AND o.withdrawn_at IS NULL
                 ORDER BY o.created_at DESC, o.id DESC LIMIT 1), i.escalation_risk) AS flagged
FROM call_insights i
WHERE i.tenant_id = $1 AND i.call_id = $2;

-- name: raise_escalation
-- One live escalation a call: judged again while somebody has it on the desk, it only gets the newer reason.
-- $1 tenant, $2 id, $3 call, $4 evaluation, $5 reason, $6 score in basis points, $7 who.
WITH raised AS (
    INSERT INTO escalations AS e (tenant_id, id, call_id, evaluation_id, reason, score, changed_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (tenant_id, call_id) WHERE state <> 'resolved'
    DO UPDATE SET evaluation_id = excluded.evaluation_id, reason = excluded.reason, score = excluded.score,
                  updated_at = now()
    RETURNING e.tenant_id, e.id, e.call_id, e.evaluation_id, e.score, e.state, e.id = $2 AS fresh
), step AS (
    INSERT INTO escalation_steps (tenant_id, escalation_id, action, principal, note)
    SELECT tenant_id, id, CASE WHEN fresh THEN 'raise' ELSE 'repeat' END, $7, $5 FROM raised
)
INSERT INTO events (tenant_id, type, call_id, agent_id, city_id, escalation_id, payload)
SELECT r.tenant_id, CASE WHEN r.fresh THEN 'escalation.raised' ELSE 'escalation.repeated' END, r.call_id, c.agent_id,
       c.city_id, r.id, jsonb_build_object('state', r.state, 'score', round(r.score / 10000.0, 4),
                                           'evaluation_id', r.evaluation_id)
FROM raised r JOIN calls c ON c.tenant_id = r.tenant_id AND c.id = r.call_id;

-- name: clear_escalation
-- Nobody has taken it up yet and its ground is gone. $1 tenant, $2 call, $3 note, $4 who.
WITH cleared AS (
    UPDATE escalations
    SET state = 'resolved', snoozed_until = NULL, note = $3, changed_by = $4, updated_at = now()
    WHERE tenant_id = $1 AND call_id = $2 AND state IN ('open', 'snoozed')
    RETURNING tenant_id, id, call_id, score, evaluation_id
), step AS (
    INSERT INTO escalation_steps (tenant_id, escalation_id, action, principal, note)
    SELECT tenant_id, id, 'resolve', $4, $3 FROM cleared
)
INSERT INTO events (tenant_id, type, call_id, agent_id, city_id, escalation_id, payload)
SELECT r.tenant_id, 'escalation.resolved', r.call_id, c.agent_id, c.city_id, r.id,
       jsonb_build_object('state', 'resolved', 'score', round(r.score / 10000.0, 4), 'evaluation_id', r.evaluation_id)
FROM cleared r JOIN calls c ON c.tenant_id = r.tenant_id AND c.id = r.call_id;

-- name: handle_escalation
-- No row: unknown, or in a state the action does not start from; a snooze that has run out counts as open.
-- $1 tenant, $2 id, $3 action, $4 new state, $5 states it may start from, $6 assignee or NULL, $7 end of the snooze or NULL,
-- $8 note or NULL, $9 who, $10 event.
WITH handled AS (
    UPDATE escalations
    SET state = $4, assigned_to = coalesce($6, assigned_to), snoozed_until = $7, note = coalesce($8, note),
        changed_by = $9, updated_at = now()
    WHERE tenant_id = $1 AND id = $2
      AND CASE WHEN state = 'snoozed' AND snoozed_until <= now() THEN 'open' ELSE state END = ANY ($5::text[])
    RETURNING tenant_id, id, call_id, score, state, assigned_to, evaluation_id
), step AS (
    INSERT INTO escalation_steps (tenant_id, escalation_id, action, principal, note)
    SELECT tenant_id, id, $3, $9, $8 FROM handled
), event AS (
    INSERT INTO events (tenant_id, type, call_id, agent_id, city_id, escalation_id, payload)
    SELECT h.tenant_id, $10, h.call_id, c.agent_id, c.city_id, h.id,
           jsonb_build_object('state', h.state, 'score', round(h.score / 10000.0, 4), 'assigned_to', h.assigned_to,
                              'evaluation_id', h.evaluation_id)
    FROM handled h JOIN calls c ON c.tenant_id = h.tenant_id AND c.id = h.call_id
)
SELECT id FROM handled;

-- name: find_escalation
-- $1 tenant, $2 id.
SELECT e.id, e.call_id, e.evaluation_id, e.reason, e.score,
       CASE WHEN e.state = 'snoozed' AND e.snoozed_until <= now() THEN 'open' ELSE e.state END AS shown_state,
       e.assigned_to, e.snoozed_until, e.note, e.changed_by, e.created_at, e.updated_at, c.call_timestamp, c.agent_id,
       a.name AS agent_name, c.city_id, y.name AS city_name
FROM escalations e
JOIN calls c ON c.tenant_id = e.tenant_id AND c.id = e.call_id
LEFT JOIN agents a ON a.tenant_id = c.tenant_id AND a.id = c.agent_id
LEFT JOIN cities y ON y.tenant_id = c.tenant_id AND y.id = c.city_id
WHERE e.tenant_id = $1 AND e.id = $2;

-- name: list_escalations
-- Newest first, all states or the resolved ones. $1 tenant, $2 state or NULL, $3 agent or NULL, $4 city or NULL,
-- $5 and $6 place and id of the last one of the page before or NULL, $7 page size.
SELECT e.id, e.call_id, e.evaluation_id, e.reason, e.score,
       CASE WHEN e.state = 'snoozed' AND e.snoozed_until <= now() THEN 'open' ELSE e.state END AS shown_state,
       e.assigned_to, e.snoozed_until, e.note, e.changed_by, e.created_at, e.updated_at, c.call_timestamp, c.agent_id,
       a.name AS agent_name, c.city_id, y.name AS city_name, e.created_at::text AS place
FROM escalations e
JOIN calls c ON c.tenant_id = e.tenant_id AND c.id = e.call_id
LEFT JOIN agents a ON a.tenant_id = c.tenant_id AND a.id = c.agent_id
LEFT JOIN cities y ON y.tenant_id = c.tenant_id AND y.id = c.city_id
WHERE e.tenant_id = $1 AND ($2::text IS NULL OR e.state = $2) AND ($3::uuid IS NULL OR c.agent_id = $3)
  AND ($4::int IS NULL OR c.city_id = $4)
  AND ($5::timestamptz IS NULL OR (e.created_at, e.id) < ($5::timestamptz, $6::uuid))
ORDER BY e.created_at DESC, e.id DESC
LIMIT $7;

-- name: list_live_escalations
-- Newest first, those of one state that somebody still has to look at. Parameters as above; $2 is not NULL.
SELECT e.id, e.call_id, e.evaluation_id, e.reason, e.score,
       CASE WHEN e.state = 'snoozed' AND e.snoozed_until <= now() THEN 'open' ELSE e.state END AS shown_state,
       e.assigned_to, e.snoozed_until, e.note, e.changed_by, e.created_at, e.updated_at, c.call_timestamp, c.agent_id,
       a.name AS agent_name, c.city_id, y.name AS city_name, e.created_at::text AS place
FROM escalations e
JOIN calls c ON c.tenant_id = e.tenant_id AND c.id = e.call_id
LEFT JOIN agents a ON a.tenant_id = c.tenant_id AND a.id = c.agent_id
LEFT JOIN cities y ON y.tenant_id = c.tenant_id AND y.id = c.city_id
WHERE e.tenant_id = $1 AND e.state <> 'resolved'
  AND CASE WHEN e.state = 'snoozed' AND e.snoozed_until <= now() THEN 'open' ELSE e.state END = $2::text
  AND ($3::uuid IS NULL OR c.agent_id = $3) AND ($4::int IS NULL OR c.city_id = $4)
  AND ($5::timestamptz IS NULL OR (e.created_at, e.id) < ($5::timestamptz, $6::uuid))
ORDER BY e.created_at DESC, e.id DESC
LIMIT $7;

-- name: escalations_in_order
-- In the order $8: created_at, updated_at or score, with - for falling; all escalations asked for are sorted. Parameters as above.
SELECT l.*, l.key::text AS place
FROM (SELECT e.id, e.call_id, e.evaluation_id, e.reason, e.score,
             CASE WHEN e.state = 'snoozed' AND e.snoozed_until <= now() THEN 'open' ELSE e.state END AS shown_state,
             e.assigned_to, e.snoozed_until, e.note, e.changed_by, e.created_at, e.updated_at, c.call_timestamp, c.agent_id,
             a.name AS agent_name, c.city_id, y.name AS city_name,
             CASE ltrim($8, '-') WHEN 'score' THEN e.score::numeric
                                 WHEN 'updated_at' THEN extract(epoch FROM e.updated_at)
                                 ELSE extract(epoch FROM e.created_at) END AS key
      FROM escalations e
      JOIN calls c ON c.tenant_id = e.tenant_id AND c.id = e.call_id
      LEFT JOIN agents a ON a.tenant_id = c.tenant_id AND a.id = c.agent_id
      LEFT JOIN cities y ON y.tenant_id = c.tenant_id AND y.id = c.city_id
      WHERE e.tenant_id = $1 AND ($3::uuid IS NULL OR c.agent_id = $3) AND ($4::int IS NULL OR c.city_id = $4)) AS l
WHERE ($2::text IS NULL OR l.shown_state = $2)
  AND ($6::uuid IS NULL
       OR CASE WHEN left($8, 1) = '-' THEN (l.key, l.id) < ($5::numeric, $6::uuid) ELSE (l.key, l.id) > ($5::numeric, $6::uuid) END)
ORDER BY CASE WHEN left($8, 1) = '-' THEN l.key END DESC, CASE WHEN left($8, 1) = '-' THEN l.id END DESC,
         CASE WHEN left($8, 1) <> '-' THEN l.key END, CASE WHEN left($8, 1) <> '-' THEN l.id END
LIMIT $7;
