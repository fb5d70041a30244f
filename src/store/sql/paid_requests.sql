-- name: reserve_paid_request
-- $1 tenant, $2 the request, $3 defaults of the budget.
SELECT verdict, policy, wait_seconds FROM reserve_paid_request($1, $2::jsonb, $3::jsonb);

-- name: close_paid_request
-- $1 tenant, $2 request, $3 settled or released, $4 cost in USD or NULL, $5 usage, $6 defaults of the budget.
SELECT close_paid_request($1, $2, $3, $4::float8::numeric(16, 8), $5::jsonb, $6::jsonb) AS closed;

-- name: unsettled_request
-- The one that a kept reply was paid by and that nobody has settled. $1 tenant, $2 request hash, $3 run of the journal.
SELECT id FROM paid_requests
WHERE tenant_id = $1 AND request_hash = $2 AND journal_run = $3 AND state = 'answered'
ORDER BY id LIMIT 1;

-- name: abandoned_requests
-- Whose process is gone: no request takes this long. $1 tenant, $2 seconds, $3 most.
SELECT id, state FROM paid_requests
WHERE tenant_id = $1 AND state IN ('reserved', 'answered') AND created_at < now() - $2::float8 * interval '1 second'
ORDER BY id LIMIT $3;

-- name: purge_paid_requests
-- Sums of old days are of the months' windows. $1 tenant.
DELETE FROM paid_requests WHERE tenant_id = $1 AND day < current_date - 400 AND state IN ('settled', 'released');

-- name: budget_state
-- One row a window, day first. $1 tenant, $2 defaults of the budget.
SELECT g.grain, g.starts::text AS starts, g.ends AS ends, b.policy, b.stopped, b.stopped_providers,
       (CASE g.grain WHEN 'day' THEN b.day_usd ELSE b.month_usd END)::float8 AS limit_usd,
       coalesce(w.reserved_usd, 0)::float8 AS reserved_usd, coalesce(w.spent_usd, 0)::float8 AS spent_usd
FROM (SELECT grain, date_trunc(grain, local)::date AS starts,
             (date_trunc(grain, local) + ('1 ' || grain)::interval) AT TIME ZONE t.time_zone AS ends
      FROM tenants t, LATERAL (SELECT now() AT TIME ZONE t.time_zone AS local) AS clock,
           unnest(ARRAY['day', 'month']) AS grain
      WHERE t.id = $1) AS g
CROSS JOIN budget_in_force($1, $2::jsonb) AS b
LEFT JOIN budget_windows w ON w.tenant_id = $1 AND w.grain = g.grain AND w.starts = g.starts
ORDER BY g.grain;

-- name: hold_budget
-- Nobody else changes the tenant's budget until the transaction ends. $1 tenant.
INSERT INTO budgets AS b (tenant_id) VALUES ($1) ON CONFLICT (tenant_id) DO UPDATE SET updated_at = b.updated_at;

-- name: set_budget
-- Members that are absent stay. $1 tenant, $2 changes: an object, null clears a figure.
INSERT INTO budgets AS b (tenant_id, day_usd, month_usd, policy, stopped, stopped_providers)
VALUES ($1, ($2::jsonb ->> 'day_usd')::numeric, ($2::jsonb ->> 'month_usd')::numeric, $2::jsonb ->> 'policy',
        coalesce(($2::jsonb ->> 'stopped')::boolean, false),
        ARRAY(SELECT jsonb_array_elements_text(coalesce($2::jsonb -> 'stopped_providers', '[]'))))
ON CONFLICT (tenant_id) DO UPDATE
SET day_usd = CASE WHEN $2::jsonb ? 'day_usd' THEN excluded.day_usd ELSE b.day_usd END,
    month_usd = CASE WHEN $2::jsonb ? 'month_usd' THEN excluded.month_usd ELSE b.month_usd END,
    policy = CASE WHEN $2::jsonb ? 'policy' THEN excluded.policy ELSE b.policy END,
    stopped = CASE WHEN $2::jsonb ? 'stopped' THEN excluded.stopped ELSE b.stopped END,
    stopped_providers =
        CASE WHEN $2::jsonb ? 'stopped_providers' THEN excluded.stopped_providers ELSE b.stopped_providers END,
    updated_at = now();

-- name: usage_sums
-- Answered requests of [from, to), each once; by question, a request's cost is shared evenly by those it asked, what asked none
-- is under ''. $1 tenant, $2 first day or NULL, $3 day after the last or NULL, $4 day, model, question, run, call or NULL for one
-- row of all, $5 most rows.
SELECT CASE $4::text WHEN 'day' THEN p.day::text WHEN 'model' THEN p.provider || ':' || p.model
                     WHEN 'question' THEN coalesce(q.id, '') WHEN 'run' THEN coalesce(p.run_id::text, '')
                     WHEN 'call' THEN p.subject ELSE '' END AS key,
       count(*) AS requests,
       coalesce(sum(p.tokens_in / q.shares), 0)::float8 AS tokens_in,
       coalesce(sum(p.tokens_out / q.shares), 0)::float8 AS tokens_out,
       coalesce(sum(p.tokens_cached / q.shares), 0)::float8 AS tokens_cached,
       coalesce(sum(p.audio_seconds / q.shares), 0)::float8 AS audio_seconds,
       coalesce(sum(p.cost_usd / q.shares), 0)::float8 AS cost_usd,
       count(*) FILTER (WHERE NOT p.priced) AS unpriced_requests,
       count(*) FILTER (WHERE p.estimated) AS estimated_requests
FROM paid_requests p
CROSS JOIN LATERAL (
    SELECT u.id, greatest(1, cardinality(p.questions))::numeric AS shares
    FROM unnest(CASE WHEN cardinality(p.questions) = 0 THEN ARRAY[''] ELSE p.questions END) AS u (id)
    WHERE $4::text = 'question'
    UNION ALL SELECT NULL, 1 WHERE $4::text IS DISTINCT FROM 'question') AS q
WHERE p.tenant_id = $1 AND p.state IN ('answered', 'settled')
  AND ($2::date IS NULL OR p.day >= $2) AND ($3::date IS NULL OR p.day < $3)
GROUP BY 1
ORDER BY CASE WHEN $4::text = 'day' THEN NULL ELSE -coalesce(sum(p.cost_usd / q.shares), 0) END, 1
LIMIT $5;
