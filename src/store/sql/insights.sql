-- Texts about agents and cities, and what they are made of. Figures come from call_facts, not from the rollups: a text tells of
-- the 30 days up to this second, and is made once an hour at most.

-- name: lock_agent_texts
-- $1 tenant, $2 agent. Who waits here must read the texts afterwards, in a statement of its own. Uploads of calls go on.
SELECT now() AS asked FROM agents WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE;

-- name: agent_texts
-- $1 tenant, $2 agent.
SELECT a.name, a.latest_month_insight, a.overall_insight_text, a.latest_change_summary, a.insight_history,
       a.last_insight_generated_at AS made, clock_timestamp() AS at,
       to_char(clock_timestamp() AT TIME ZONE t.time_zone, 'YYYY-MM') AS month
FROM agents a JOIN tenants t ON t.id = a.tenant_id
WHERE a.tenant_id = $1 AND a.id = $2;

-- name: update_agent_texts
-- $1 tenant, $2 agent, $3 month, $4 overall, $5 change, $6 history.
UPDATE agents
SET latest_month_insight = $3, overall_insight_text = $4, latest_change_summary = $5, insight_history = $6::jsonb,
    last_insight_generated_at = clock_timestamp(), last_updated_at = clock_timestamp()
WHERE tenant_id = $1 AND id = $2;

-- name: lock_city_texts
-- $1 tenant, $2 city. The city stands for its texts, which may not be there yet.
SELECT now() AS asked FROM cities WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE;

-- name: city_texts
-- $1 tenant, $2 city.
SELECT c.name, i.daily_ops_insight, i.latest_month_insight, i.overall_city_insight, i.coaching_focus_for_city,
       i.coaching_focus_month, coalesce(i.key_operational_risks, '{}') AS key_operational_risks,
       coalesce(i.insight_history, '[]') AS insight_history, i.last_insight_generated_at AS made, n.at,
       to_char(n.at AT TIME ZONE t.time_zone, 'YYYY-MM') AS month,
       date_trunc('day', n.at AT TIME ZONE t.time_zone) AT TIME ZONE t.time_zone AS midnight
FROM cities c
JOIN tenants t ON t.id = c.tenant_id
CROSS JOIN (SELECT clock_timestamp() AS at OFFSET 0) AS n
LEFT JOIN city_insights i ON i.tenant_id = c.tenant_id AND i.city_id = c.id
WHERE c.tenant_id = $1 AND c.id = $2;

-- name: update_city_texts
-- $1 tenant, $2 city, $3 daily, $4 month, $5 overall, $6 focus, $7 its month, $8 risks, $9 history.
INSERT INTO city_insights AS i (tenant_id, city_id, daily_ops_insight, latest_month_insight, overall_city_insight,
                                coaching_focus_for_city, coaching_focus_month, key_operational_risks, insight_history,
                                last_insight_generated_at, last_updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, clock_timestamp(), clock_timestamp())
ON CONFLICT (tenant_id, city_id) DO UPDATE
SET daily_ops_insight = excluded.daily_ops_insight, latest_month_insight = excluded.latest_month_insight,
    overall_city_insight = excluded.overall_city_insight, coaching_focus_for_city = excluded.coaching_focus_for_city,
    coaching_focus_month = excluded.coaching_focus_month, key_operational_risks = excluded.key_operational_risks,
    insight_history = excluded.insight_history, last_insight_generated_at = excluded.last_insight_generated_at,
    last_updated_at = excluded.last_updated_at;

-- name: city_call_arrived
-- Whether a call of the city was recorded after $5. $1 tenant, $2 city, $3 and $4 ids of the stretch of time to look at: ids of
-- uploads are ordered by time, and no index is by city and arrival.
SELECT EXISTS (SELECT 1 FROM calls
               WHERE tenant_id = $1 AND id BETWEEN $3 AND $4 AND city_id = $2 AND created_at > $5) AS arrived;

-- name: agent_span_figures
-- $1 tenant, $2 agent, $3 after, $4 until. A day of any zone begins at most 14 hours off.
SELECT count(*) AS calls, count(*) FILTER (WHERE f.analysed) AS analysed, count(*) FILTER (WHERE f.escalated) AS escalated,
       count(*) FILTER (WHERE f.emergency) AS emergencies, round(avg(f.quality))::int AS quality,
       round(avg(f.sop))::int AS sop, round(avg(f.sentiment))::int AS sentiment
FROM call_facts f
WHERE f.tenant_id = $1 AND f.agent_id = $2
  AND f.day BETWEEN ($3::timestamptz AT TIME ZONE 'UTC')::date - 1 AND ($4::timestamptz AT TIME ZONE 'UTC')::date + 1
  AND f.call_timestamp > $3 AND f.call_timestamp <= $4;

-- name: city_span_figures
-- $1 tenant, $2 city, $3 after, $4 until.
SELECT count(*) AS calls, count(*) FILTER (WHERE f.analysed) AS analysed, count(*) FILTER (WHERE f.escalated) AS escalated,
       count(*) FILTER (WHERE f.emergency) AS emergencies, round(avg(f.quality))::int AS quality,
       round(avg(f.sop))::int AS sop, round(avg(f.sentiment))::int AS sentiment
FROM call_facts f
WHERE f.tenant_id = $1 AND f.city_id = $2
  AND f.day BETWEEN ($3::timestamptz AT TIME ZONE 'UTC')::date - 1 AND ($4::timestamptz AT TIME ZONE 'UTC')::date + 1
  AND f.call_timestamp > $3 AND f.call_timestamp <= $4;

-- name: city_issues
-- $1 tenant, $2 city, $3 after, $4 until.
SELECT f.issue, count(*) AS calls
FROM call_facts f
WHERE f.tenant_id = $1 AND f.city_id = $2
  AND f.day BETWEEN ($3::timestamptz AT TIME ZONE 'UTC')::date - 1 AND ($4::timestamptz AT TIME ZONE 'UTC')::date + 1
  AND f.call_timestamp > $3 AND f.call_timestamp <= $4 AND f.issue IS NOT NULL
GROUP BY f.issue
ORDER BY calls DESC, f.issue COLLATE "C"
LIMIT 3;

-- name: agent_judged_calls
-- The newest 50 analysed calls. $1 tenant, $2 agent, $3 after, $4 until.
WITH newest AS (
    SELECT f.call_id, f.call_timestamp, f.agent_id
    FROM call_facts f
    WHERE f.tenant_id = $1 AND f.agent_id = $2 AND f.analysed
      AND f.day BETWEEN ($3::timestamptz AT TIME ZONE 'UTC')::date - 1 AND ($4::timestamptz AT TIME ZONE 'UTC')::date + 1
      AND f.call_timestamp > $3 AND f.call_timestamp <= $4
    ORDER BY f.call_timestamp DESC, f.call_id DESC
    LIMIT 50)
SELECT n.agent_id, i.human_remarks, i.sop_deviations,
       (SELECT json_agg(json_build_array(a ->> 'title', a ->> 'state'))
        FROM json_array_elements(CASE json_typeof(e.document -> 'answers')
                                 WHEN 'array' THEN e.document -> 'answers' ELSE '[]' END) AS a
        WHERE a ->> 'state' IN ('pass', 'fail')) AS answers
FROM newest n
JOIN call_insights i ON i.tenant_id = $1 AND i.call_id = n.call_id
JOIN evaluations e ON e.tenant_id = $1 AND e.id = i.evaluation_id
ORDER BY n.call_timestamp DESC, n.call_id DESC;

-- name: city_judged_calls
-- The newest 50 analysed calls. $1 tenant, $2 city, $3 after, $4 until.
WITH newest AS (
    SELECT f.call_id, f.call_timestamp, f.agent_id
    FROM call_facts f
    WHERE f.tenant_id = $1 AND f.city_id = $2 AND f.analysed
      AND f.day BETWEEN ($3::timestamptz AT TIME ZONE 'UTC')::date - 1 AND ($4::timestamptz AT TIME ZONE 'UTC')::date + 1
      AND f.call_timestamp > $3 AND f.call_timestamp <= $4
    ORDER BY f.call_timestamp DESC, f.call_id DESC
    LIMIT 50)
SELECT n.agent_id, NULL::text AS human_remarks, i.sop_deviations, NULL::text AS answers
FROM newest n
JOIN call_insights i ON i.tenant_id = $1 AND i.call_id = n.call_id
ORDER BY n.call_timestamp DESC, n.call_id DESC;

-- name: fill_agent_trends
-- recent_trend_array: one point a day that has a score, oldest first, the newest 90, without today. Made anew from the rollups,
-- so that judging again and deleting show. Each entry has the three members of the reference's array, then the other means.
-- $1 tenant.
WITH points AS (
    SELECT r.agent_id, r.bucket,
           jsonb_build_object(
               'metric', 'quality_score', 'value', round(r.quality_sum::numeric / r.quality_count / 10000, 4),
               'date', to_char(r.bucket, 'YYYY-MM-DD'), 'calls', r.calls,
               'quality', round(r.quality_sum::numeric / r.quality_count / 10000, 4),
               'sop', round(r.sop_sum::numeric / nullif(r.sop_count, 0) / 10000, 4),
               'sentiment', round(r.sentiment_sum::numeric / nullif(r.sentiment_count, 0) / 10000, 4),
               'escalation_rate', round(r.escalated::numeric / nullif(r.analysed, 0), 4)) AS point,
           row_number() OVER (PARTITION BY r.agent_id ORDER BY r.bucket DESC) AS place
    FROM rollup_agent r JOIN tenants t ON t.id = r.tenant_id
    WHERE r.tenant_id = $1 AND r.grain = 'day' AND r.quality_count > 0
      AND r.bucket < (now() AT TIME ZONE t.time_zone)::date
), trends AS (
    SELECT agent_id, jsonb_agg(point ORDER BY bucket) AS trend FROM points WHERE place <= 90 GROUP BY agent_id
)
UPDATE agents a SET recent_trend_array = t.trend, last_updated_at = now()
FROM trends t
WHERE a.tenant_id = $1 AND a.id = t.agent_id AND a.recent_trend_array IS DISTINCT FROM t.trend;
