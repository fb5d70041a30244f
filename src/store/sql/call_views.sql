-- name: call_objects
-- What the reference routes show of calls, with the effective scores, in the order of the ids. $1 tenant, $2 calls.
-- The ids pass through a subquery here and below: else the planner counts them, finds that a plan for two calls is cheaper than
-- one for any number, and plans each time anew, which takes ten times as long as reading them.
SELECT c.id, c.call_timestamp, c.duration_seconds, c.processing_status, c.failure_code, c.call_context, c.external_id,
       c.primary_issue_category, c.customer_preferred_language, c.agent_id, a.name AS agent_name, a.employee_id, c.city_id,
       y.name AS city_name, y.state AS city_state, f.sop, f.communication, f.sentiment, f.resolution, f.quality, f.priority,
       f.analysed, f.provisional, f.escalated, f.emergency, 'demonstration' = ANY (c.flags) AS demonstration, i.business_insight, i.coaching_insight, i.why_flagged,
       i.language_spoken, i.sop_deviations, i.issue_analysis, i.resolution_analysis, i.sentiment_trajectory
FROM unnest(ARRAY(SELECT unnest($2::uuid[]))) WITH ORDINALITY AS wanted (id, place)
JOIN calls c ON c.tenant_id = $1 AND c.id = wanted.id
JOIN call_facts f ON f.tenant_id = $1 AND f.call_id = wanted.id
LEFT JOIN call_insights i ON i.tenant_id = $1 AND i.call_id = wanted.id
LEFT JOIN agents a ON a.tenant_id = $1 AND a.id = c.agent_id
LEFT JOIN cities y ON y.tenant_id = $1 AND y.id = c.city_id
ORDER BY wanted.place;

-- name: flagged_in_window
-- total: of the whole window. $1 tenant, $2 minutes, $3 and $4 time and id of the last call of the page before or NULL,
-- $5 page size.
WITH hits AS MATERIALIZED (SELECT call_id, call_timestamp FROM flagged_calls($1, $2))
SELECT call_id, call_timestamp, (SELECT count(*) FROM hits) AS total
FROM hits
WHERE $3::timestamptz IS NULL OR call_timestamp < $3 OR (call_timestamp = $3 AND call_id > $4::uuid)
ORDER BY call_timestamp DESC, call_id
LIMIT $5;

-- name: urgent_in_window
-- total: of the whole window. $1 tenant, $2 minutes, $3 and $4 time and id of the last call of the page before or NULL,
-- $5 page size, $6 priority in basis points.
WITH hits AS MATERIALIZED (SELECT call_id, call_timestamp FROM urgent_calls($1, $2, $6))
SELECT call_id, call_timestamp, (SELECT count(*) FROM hits) AS total
FROM hits
WHERE $3::timestamptz IS NULL OR call_timestamp < $3 OR (call_timestamp = $3 AND call_id > $4::uuid)
ORDER BY call_timestamp DESC, call_id
LIMIT $5;

-- name: emergencies_in_window
-- total: of the whole window. $1 tenant, $2 minutes, $3 and $4 time and id of the last call of the page before or NULL,
-- $5 page size.
WITH hits AS MATERIALIZED (SELECT call_id, call_timestamp FROM emergency_calls($1, $2))
SELECT call_id, call_timestamp, (SELECT count(*) FROM hits) AS total
FROM hits
WHERE $3::timestamptz IS NULL OR call_timestamp < $3 OR (call_timestamp = $3 AND call_id > $4::uuid)
ORDER BY call_timestamp DESC, call_id
LIMIT $5;

-- name: worst_call
-- The day narrows the index; one day more than asked for covers every time zone. $1 tenant, $2 agent, $3 days.
SELECT f.call_id, (f.call_timestamp AT TIME ZONE t.time_zone)::date::text AS local_date
FROM call_facts f JOIN tenants t ON t.id = f.tenant_id
WHERE f.tenant_id = $1 AND f.agent_id = $2 AND f.analysed
  AND f.day >= (now() - $3::int * interval '1 day')::date - 1
  AND f.call_timestamp > now() - $3::int * interval '1 day' AND f.call_timestamp <= now()
ORDER BY f.priority DESC NULLS LAST, f.quality NULLS LAST, f.call_timestamp DESC, f.call_id
LIMIT 1;

-- name: judged_words
-- Documents of current evaluations and sealed numbers, for replies that show what was said. $1 tenant, $2 calls.
SELECT i.call_id, e.document
FROM call_insights i JOIN evaluations e ON e.tenant_id = i.tenant_id AND e.id = i.evaluation_id
WHERE i.tenant_id = $1 AND i.call_id = ANY (ARRAY(SELECT unnest($2::uuid[])));

-- name: sealed_numbers
-- $1 tenant, $2 calls.
SELECT id, customer_phone_sealed FROM calls
WHERE tenant_id = $1 AND id = ANY (ARRAY(SELECT unnest($2::uuid[]))) AND customer_phone_sealed IS NOT NULL;

-- name: list_calls
-- $1 tenant, $2 filters, $3 order, $4 and $5 place and id of the last call of the page before or NULL, $6 page size.
SELECT call_id, sorted_by FROM list_calls($1, $2::jsonb, $3, $4, $5, $6);

-- name: count_calls
-- $1 tenant, $2 filters, $3 count no further.
SELECT count_calls($1, $2::jsonb, $3) AS calls;
