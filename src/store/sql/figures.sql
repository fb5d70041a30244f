-- Periods arrive as four arrays of equal length: number of the period, grain, first bucket, bucket after the last.
-- OFFSET 0 keeps a subquery apart, so that each span is read through the index: joined freely, the planner reads the whole
-- rollup once instead.
-- Filters that the rollups cannot serve arrive as `wanted` (else NULL), with the grain 'calls' and the days themselves: no bucket has
-- that grain, and figures_of_calls gives nothing for NULL, so of the branches below exactly one has rows.

-- name: figures_edition
-- What replies about figures depend on: read before the figures. $1 tenant.
SELECT (now() AT TIME ZONE t.time_zone)::date AS today,
       coalesce((SELECT v.version FROM data_versions v WHERE v.tenant_id = $1), 0) AS version
FROM tenants t WHERE t.id = $1;

-- name: directory_edition
-- The same for lists of names, which show a change before it is folded. $1 tenant.
SELECT (now() AT TIME ZONE t.time_zone)::date AS today,
       coalesce((SELECT v.version FROM data_versions v WHERE v.tenant_id = $1), 0) AS version,
       coalesce((SELECT o.id FROM rollup_outbox o WHERE o.tenant_id = $1 ORDER BY o.id DESC LIMIT 1), 0) AS pending
FROM tenants t WHERE t.id = $1;

-- name: agent_figures
-- One row a period; the texts stand in that of period 0 only. $1 tenant, $2 agent, $3-$6 periods, $7 wanted.
SELECT a.name, a.employee_id, a.languages, p.period,
       CASE WHEN p.period = 0 THEN a.latest_month_insight END AS latest_month_insight,
       CASE WHEN p.period = 0 THEN a.overall_insight_text END AS overall_insight_text,
       CASE WHEN p.period = 0 THEN a.latest_change_summary END AS latest_change_summary,
       CASE WHEN p.period = 0 THEN a.insight_history END AS insight_history,
       CASE WHEN p.period = 0 THEN a.recent_trend_array END AS recent_trend_array,
       a.last_insight_generated_at, a.last_updated_at,
       coalesce(sum(r.calls), 0)::bigint AS calls, coalesce(sum(r.analysed), 0)::bigint AS analysed,
       coalesce(sum(r.escalated), 0)::bigint AS escalated, coalesce(sum(r.emergencies), 0)::bigint AS emergencies,
       coalesce(sum(r.quality_count), 0)::bigint AS quality_count, coalesce(sum(r.quality_sum), 0)::bigint AS quality_sum,
       coalesce(sum(r.sop_count), 0)::bigint AS sop_count, coalesce(sum(r.sop_sum), 0)::bigint AS sop_sum,
       coalesce(sum(r.sentiment_count), 0)::bigint AS sentiment_count,
       coalesce(sum(r.sentiment_sum), 0)::bigint AS sentiment_sum
FROM agents a
CROSS JOIN unnest($3::int[], $4::text[], $5::date[], $6::date[]) AS p (period, grain, low, high)
LEFT JOIN LATERAL (
    SELECT b.calls, b.analysed, b.escalated, b.emergencies, b.quality_count, b.quality_sum, b.sop_count,
           b.sop_sum, b.sentiment_count, b.sentiment_sum
    FROM rollup_agent b
    WHERE b.tenant_id = $1 AND b.agent_id = a.id AND b.grain = p.grain AND b.bucket >= p.low AND b.bucket < p.high
    UNION ALL
    SELECT f.calls, f.analysed, f.escalated, f.emergencies, f.quality_count, f.quality_sum, f.sop_count,
           f.sop_sum, f.sentiment_count, f.sentiment_sum
    FROM figures_of_calls($1, $7::jsonb, p.low, p.high, false, false, false) AS f OFFSET 0) AS r ON true
WHERE a.tenant_id = $1 AND a.id = $2
GROUP BY a.tenant_id, a.id, p.period;

-- name: city_figures
-- One row a period; the texts stand in that of period 0 only. $1 tenant, $2 city, $3-$6 periods, $7 issue or NULL, $8 wanted.
SELECT c.name, c.state, p.period, i.city_id IS NOT NULL AS has_insights,
       EXISTS (SELECT 1 FROM rollup_city e
               WHERE e.tenant_id = $1 AND e.grain = 'all' AND e.bucket = date '1970-01-01' AND e.city_id = c.id
                 AND e.calls > 0) AS has_calls,
       CASE WHEN p.period = 0 THEN i.daily_ops_insight END AS daily_ops_insight,
       CASE WHEN p.period = 0 THEN i.latest_month_insight END AS latest_month_insight,
       CASE WHEN p.period = 0 THEN i.overall_city_insight END AS overall_city_insight,
       CASE WHEN p.period = 0 THEN i.coaching_focus_for_city END AS coaching_focus_for_city,
       CASE WHEN p.period = 0 THEN i.key_operational_risks[1:10] END AS key_operational_risks,
       coalesce(sum(r.calls), 0)::bigint AS calls, coalesce(sum(r.analysed), 0)::bigint AS analysed,
       coalesce(sum(r.escalated), 0)::bigint AS escalated, coalesce(sum(r.emergencies), 0)::bigint AS emergencies,
       coalesce(sum(r.quality_count), 0)::bigint AS quality_count, coalesce(sum(r.quality_sum), 0)::bigint AS quality_sum,
       coalesce(sum(r.sop_count), 0)::bigint AS sop_count, coalesce(sum(r.sop_sum), 0)::bigint AS sop_sum,
       coalesce(sum(r.sentiment_count), 0)::bigint AS sentiment_count,
       coalesce(sum(r.sentiment_sum), 0)::bigint AS sentiment_sum
FROM cities c
LEFT JOIN city_insights i ON i.tenant_id = $1 AND i.city_id = c.id
CROSS JOIN unnest($3::int[], $4::text[], $5::date[], $6::date[]) AS p (period, grain, low, high)
LEFT JOIN LATERAL (
    SELECT b.calls, b.analysed, b.escalated, b.emergencies, b.quality_count, b.quality_sum, b.sop_count,
           b.sop_sum, b.sentiment_count, b.sentiment_sum
    FROM rollup_city b
    WHERE $7::text IS NULL AND b.tenant_id = $1 AND b.city_id = c.id AND b.grain = p.grain
      AND b.bucket >= p.low AND b.bucket < p.high
    UNION ALL
    SELECT n.calls, n.analysed, n.escalated, n.emergencies, n.quality_count, n.quality_sum, n.sop_count,
           n.sop_sum, n.sentiment_count, n.sentiment_sum
    FROM rollup_city_issue n
    WHERE n.tenant_id = $1 AND n.city_id = c.id AND n.issue = $7::text AND n.grain = p.grain
      AND n.bucket >= p.low AND n.bucket < p.high
    UNION ALL
    SELECT f.calls, f.analysed, f.escalated, f.emergencies, f.quality_count, f.quality_sum, f.sop_count,
           f.sop_sum, f.sentiment_count, f.sentiment_sum
    FROM figures_of_calls($1, $8::jsonb, p.low, p.high, false, false, false) AS f OFFSET 0) AS r ON true
WHERE c.tenant_id = $1 AND c.id = $2
GROUP BY c.tenant_id, c.id, i.tenant_id, i.city_id, p.period;

-- name: leaderboard
-- Ranked by the score as it is served: four decimals. $1 tenant, $2-$4 grains, first buckets, buckets after the last,
-- $5 fewest calls, $6-$9 score, calls, name and id of the last row of the page before, or NULL, $10 page size, $11 calls of this
-- agent only or NULL, $12 wanted.
WITH sums AS (
    SELECT r.agent_id, sum(r.calls)::bigint AS calls, sum(r.emergencies)::bigint AS emergencies,
           sum(r.analysed)::bigint AS analysed, sum(r.escalated)::bigint AS escalated,
           sum(r.quality_count)::bigint AS quality_count, sum(r.quality_sum)::bigint AS quality_sum,
           sum(r.sop_count)::bigint AS sop_count, sum(r.sop_sum)::bigint AS sop_sum,
           sum(r.sentiment_count)::bigint AS sentiment_count, sum(r.sentiment_sum)::bigint AS sentiment_sum
    FROM unnest($2::text[], $3::date[], $4::date[]) AS p (grain, low, high)
    CROSS JOIN LATERAL (
        SELECT b.agent_id, b.calls, b.analysed, b.escalated, b.emergencies, b.quality_count, b.quality_sum, b.sop_count,
               b.sop_sum, b.sentiment_count, b.sentiment_sum
        FROM rollup_agent b
        WHERE b.tenant_id = $1 AND b.grain = p.grain AND b.bucket >= p.low AND b.bucket < p.high
          AND ($11::uuid IS NULL OR b.agent_id = $11)
        UNION ALL
        SELECT f.agent_id, f.calls, f.analysed, f.escalated, f.emergencies, f.quality_count, f.quality_sum, f.sop_count,
               f.sop_sum, f.sentiment_count, f.sentiment_sum
        FROM figures_of_calls($1, $12::jsonb, p.low, p.high, true, false, false) AS f OFFSET 0) AS r
    GROUP BY r.agent_id
), figures AS (
    SELECT a.id AS agent_id, a.name, coalesce(s.calls, 0) AS calls, coalesce(s.emergencies, 0) AS emergencies,
           coalesce(s.analysed, 0) AS analysed, coalesce(s.escalated, 0) AS escalated,
           coalesce(s.quality_count, 0) AS quality_count, coalesce(s.quality_sum, 0) AS quality_sum,
           coalesce(s.sop_count, 0) AS sop_count, coalesce(s.sop_sum, 0) AS sop_sum,
           coalesce(s.sentiment_count, 0) AS sentiment_count, coalesce(s.sentiment_sum, 0) AS sentiment_sum,
           coalesce((2 * s.quality_sum + s.quality_count) / (2 * nullif(s.quality_count, 0)), 0) AS score
    FROM agents a LEFT JOIN sums s ON s.agent_id = a.id
    WHERE a.tenant_id = $1
), ranked AS (
    SELECT f.*, row_number() OVER (ORDER BY f.score DESC, f.calls DESC, f.name, f.agent_id) AS rank
    FROM figures f WHERE f.calls >= $5::bigint
)
SELECT * FROM ranked r
WHERE $6::bigint IS NULL
   OR (-r.score, -r.calls, r.name, r.agent_id) > (-$6::bigint, -$7::bigint, $8::text, $9::uuid)
ORDER BY r.rank
LIMIT $10;

-- name: agents_month
-- The scores of agents in one month. $1 tenant, $2 first day of the month, $3 first day of the next, $4 one agent or NULL,
-- $5 wanted.
SELECT b.agent_id, b.calls, b.analysed, b.escalated, b.emergencies, b.quality_count, b.quality_sum, b.sop_count,
       b.sop_sum, b.sentiment_count, b.sentiment_sum
FROM rollup_agent b
WHERE $5::jsonb IS NULL AND b.tenant_id = $1 AND b.grain = 'month' AND b.bucket = $2::date
  AND ($4::uuid IS NULL OR b.agent_id = $4)
UNION ALL
SELECT f.agent_id, f.calls, f.analysed, f.escalated, f.emergencies, f.quality_count, f.quality_sum, f.sop_count,
       f.sop_sum, f.sentiment_count, f.sentiment_sum
FROM figures_of_calls($1, $5::jsonb, $2::date, $3::date, true, false, false) AS f
WHERE f.agent_id IS NOT NULL;

-- name: search_agents
-- $1 tenant, $2 folded text, $3 most rows. Whole matches first, then prefixes.
SELECT m.id, m.name, m.employee_id, coalesce(r.quality_count, 0) AS quality_count,
       coalesce(r.quality_sum, 0) AS quality_sum
FROM (SELECT a.id, a.name, a.employee_id,
             CASE WHEN $2 IN (a.name_key, a.employee_key) THEN 0
                  WHEN starts_with(a.name_key, $2) OR starts_with(a.employee_key, $2) THEN 1
                  ELSE 2 END AS place
      FROM agents a
      WHERE a.tenant_id = $1 AND (strpos(a.name_key, $2) > 0 OR strpos(a.employee_key, $2) > 0)
      ORDER BY place, a.name, a.id
      LIMIT $3) m
LEFT JOIN LATERAL (
    SELECT a.quality_count, a.quality_sum FROM rollup_agent a
    WHERE a.tenant_id = $1 AND a.grain = 'all' AND a.bucket = date '1970-01-01' AND a.agent_id = m.id OFFSET 0) AS r
    ON true
ORDER BY m.place, m.name, m.id;

-- name: map_cities
-- Every city that has a state, states with most calls first. $1 tenant, $2-$4 grains, first buckets, buckets after the last,
-- $5 issue or NULL, $6 city or NULL, $7 state or NULL, $8 wanted.
WITH sums AS (
    SELECT r.city_id, sum(r.calls)::bigint AS calls, sum(r.analysed)::bigint AS analysed,
           sum(r.emergencies)::bigint AS emergencies, sum(r.sop_count)::bigint AS sop_count,
           sum(r.sop_sum)::bigint AS sop_sum
    FROM unnest($2::text[], $3::date[], $4::date[]) AS p (grain, low, high)
    CROSS JOIN LATERAL (
        SELECT b.city_id, b.calls, b.analysed, b.emergencies, b.sop_count, b.sop_sum
        FROM rollup_city b
        WHERE $5::text IS NULL AND b.tenant_id = $1 AND b.grain = p.grain AND b.bucket >= p.low AND b.bucket < p.high
        UNION ALL
        SELECT n.city_id, n.calls, n.analysed, n.emergencies, n.sop_count, n.sop_sum
        FROM rollup_city_issue n
        WHERE n.tenant_id = $1 AND n.issue = $5::text AND n.grain = p.grain AND n.bucket >= p.low AND n.bucket < p.high
        UNION ALL
        SELECT f.city_id, f.calls, f.analysed, f.emergencies, f.sop_count, f.sop_sum
        FROM figures_of_calls($1, $8::jsonb, p.low, p.high, false, true, false) AS f OFFSET 0) AS r
    WHERE ($6::int IS NULL OR r.city_id = $6)
      AND ($7::text IS NULL OR r.city_id IN (SELECT k.id FROM cities k WHERE k.tenant_id = $1 AND k.state = $7))
    GROUP BY r.city_id
)
SELECT c.id, c.name, c.state, c.latitude, c.longitude,
       coalesce(s.calls, 0) AS calls, coalesce(s.analysed, 0) AS analysed, coalesce(s.emergencies, 0) AS emergencies,
       coalesce(s.sop_count, 0) AS sop_count, coalesce(s.sop_sum, 0) AS sop_sum,
       (SELECT coalesce(sum(t.calls), 0)::bigint FROM sums t) AS tenant_calls
FROM cities c LEFT JOIN sums s ON s.city_id = c.id
WHERE c.tenant_id = $1 AND c.state <> ''
ORDER BY sum(coalesce(s.calls, 0)) OVER (PARTITION BY c.state) DESC, c.state, coalesce(s.calls, 0) DESC, c.name, c.id;

-- name: map_top_issues
-- The issue of most calls in each state; of equals the first by name. Parameters as in map_cities.
SELECT DISTINCT ON (i.state) i.state, i.issue
FROM (SELECT c.state, r.issue, sum(r.calls) AS calls
      FROM unnest($2::text[], $3::date[], $4::date[]) AS p (grain, low, high)
      CROSS JOIN LATERAL (
          SELECT n.city_id, n.issue, n.calls FROM rollup_city_issue n
          WHERE n.tenant_id = $1 AND n.grain = p.grain AND n.bucket >= p.low AND n.bucket < p.high
            AND ($5::text IS NULL OR n.issue = $5)
          UNION ALL
          SELECT f.city_id, f.issue, f.calls
          FROM figures_of_calls($1, $8::jsonb, p.low, p.high, false, true, true) AS f OFFSET 0) AS r
      JOIN cities c ON c.tenant_id = $1 AND c.id = r.city_id
      WHERE c.state <> '' AND r.issue <> '' AND ($6::int IS NULL OR c.id = $6) AND ($7::text IS NULL OR c.state = $7)
      GROUP BY c.state, r.issue
      HAVING sum(r.calls) > 0) i
ORDER BY i.state, i.calls DESC, i.issue;

-- name: agent_days
-- Days with scored calls. $1 tenant, $2 agent, $3 first day, $4 day after the last.
SELECT bucket::text AS day, quality_count, quality_sum
FROM rollup_agent
WHERE tenant_id = $1 AND agent_id = $2 AND grain = 'day' AND bucket >= $3::date AND bucket < $4::date
  AND quality_count > 0
ORDER BY bucket;

-- name: agent_days_of_calls
-- The same counted from the calls. $1-$4 as in agent_days, $5 state, $6 city, $7 issue, $8 language, or NULL.
SELECT f.day::text AS day, count(f.quality) AS quality_count, sum(f.quality)::bigint AS quality_sum
FROM call_facts f
WHERE f.tenant_id = $1 AND f.agent_id = $2 AND f.day >= $3::date AND f.day < $4::date AND f.quality IS NOT NULL
  AND ($5::text IS NULL OR f.city_id IN (SELECT c.id FROM cities c WHERE c.tenant_id = $1 AND c.state = $5))
  AND ($6::int IS NULL OR f.city_id = $6) AND ($7::text IS NULL OR f.issue = $7)
  AND ($8::text IS NULL OR f.language = $8)
GROUP BY f.day
ORDER BY f.day;

-- name: agent_outcomes
-- Every call of the agent once: flagged first, then not analysed, then by what the evaluation says. $1 tenant, $2 agent,
-- $3 state, $4 city, $5 issue, $6 language, or NULL.
SELECT count(*) FILTER (WHERE f.escalated) AS escalated,
       count(*) FILTER (WHERE NOT f.escalated AND NOT f.analysed) AS pending,
       count(*) FILTER (WHERE NOT f.escalated AND f.analysed
                          AND coalesce(i.resolution_analysis ->> 'resolved' = 'true', false)) AS resolved,
       count(*) FILTER (WHERE NOT f.escalated AND f.analysed
                          AND NOT coalesce(i.resolution_analysis ->> 'resolved' = 'true', false)) AS unresolved
FROM call_facts f
LEFT JOIN call_insights i ON i.tenant_id = $1 AND i.call_id = f.call_id
WHERE f.tenant_id = $1 AND f.agent_id = $2
  AND ($3::text IS NULL OR f.city_id IN (SELECT c.id FROM cities c WHERE c.tenant_id = $1 AND c.state = $3))
  AND ($4::int IS NULL OR f.city_id = $4) AND ($5::text IS NULL OR f.issue = $5)
  AND ($6::text IS NULL OR f.language = $6);

-- name: agent_coaching
-- The newest texts. $1 tenant, $2 agent, $3 how many.
SELECT i.coaching_insight
FROM calls c
JOIN call_insights i ON i.tenant_id = $1 AND i.call_id = c.id
WHERE c.tenant_id = $1 AND c.agent_id = $2 AND i.coaching_insight <> ''
ORDER BY c.call_timestamp DESC, c.id DESC
LIMIT $3;
