-- name: forget_month_deltas
-- Deltas of the month that the snapshot sees: the recount holds what they would add. $1 tenant, $2 first day of the month.
DELETE FROM rollup_outbox
WHERE tenant_id = $1 AND day >= $2::date AND day < ($2::date + interval '1 month')::date;

-- name: drop_month
-- The month's buckets and all that is summed over all time. $1 tenant, $2 first day of the month.
WITH of_agent AS (
    DELETE FROM rollup_agent
    WHERE tenant_id = $1 AND (grain = 'all' OR (grain = 'month' AND bucket = $2::date) OR
          (grain = 'day' AND bucket >= $2::date AND bucket < ($2::date + interval '1 month')::date)))
, of_city AS (
    DELETE FROM rollup_city
    WHERE tenant_id = $1 AND (grain = 'all' OR (grain = 'month' AND bucket = $2::date) OR
          (grain = 'day' AND bucket >= $2::date AND bucket < ($2::date + interval '1 month')::date)))
, of_issue AS (
    DELETE FROM rollup_issue
    WHERE tenant_id = $1 AND (grain = 'all' OR (grain = 'month' AND bucket = $2::date) OR
          (grain = 'day' AND bucket >= $2::date AND bucket < ($2::date + interval '1 month')::date)))
DELETE FROM rollup_city_issue
WHERE tenant_id = $1 AND (grain = 'all' OR (grain = 'month' AND bucket = $2::date) OR
      (grain = 'day' AND bucket >= $2::date AND bucket < ($2::date + interval '1 month')::date));

-- name: count_month
-- $1 tenant, $2 first day of the month.
WITH counted AS MATERIALIZED (
    SELECT n.day, n.agent_id, n.city_id, n.issue,
        sum(n.calls) AS calls, sum(n.analysed) AS analysed, sum(n.provisional) AS provisional, sum(n.escalated) AS
        escalated, sum(n.emergencies) AS emergencies, sum(n.seconds) AS seconds, sum(n.quality_count) AS
        quality_count, sum(n.quality_sum) AS quality_sum, sum(n.sop_count) AS sop_count, sum(n.sop_sum) AS sop_sum,
        sum(n.sentiment_count) AS sentiment_count, sum(n.sentiment_sum) AS sentiment_sum, sum(n.resolution_count) AS
        resolution_count, sum(n.resolution_sum) AS resolution_sum, sum(n.communication_count) AS communication_count,
        sum(n.communication_sum) AS communication_sum, sum(n.priority_count) AS priority_count, sum(n.priority_sum) AS
        priority_sum
    FROM call_facts f CROSS JOIN LATERAL figures_of(f) AS n
    WHERE f.tenant_id = $1 AND f.day >= $2::date AND f.day < ($2::date + interval '1 month')::date
    GROUP BY n.day, n.agent_id, n.city_id, n.issue
), spread AS MATERIALIZED (
    SELECT g.grain, g.bucket, agent_id, city_id, issue,
        calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count, sop_sum,
        sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count, communication_sum,
        priority_count, priority_sum
    FROM counted CROSS JOIN LATERAL (VALUES ('day', day), ('month', $2::date)) AS g (grain, bucket)
)
, to_agent AS (
    INSERT INTO rollup_agent (tenant_id, grain, bucket, agent_id,
        calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count, sop_sum,
        sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count, communication_sum,
        priority_count, priority_sum)
    SELECT $1, grain, bucket, agent_id,
        sum(calls), sum(analysed), sum(provisional), sum(escalated), sum(emergencies), sum(seconds),
        sum(quality_count), sum(quality_sum), sum(sop_count), sum(sop_sum), sum(sentiment_count), sum(sentiment_sum),
        sum(resolution_count), sum(resolution_sum), sum(communication_count), sum(communication_sum),
        sum(priority_count), sum(priority_sum)
    FROM spread GROUP BY grain, bucket, agent_id)
, to_city AS (
    INSERT INTO rollup_city (tenant_id, grain, bucket, city_id,
        calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count, sop_sum,
        sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count, communication_sum,
        priority_count, priority_sum)
    SELECT $1, grain, bucket, city_id,
        sum(calls), sum(analysed), sum(provisional), sum(escalated), sum(emergencies), sum(seconds),
        sum(quality_count), sum(quality_sum), sum(sop_count), sum(sop_sum), sum(sentiment_count), sum(sentiment_sum),
        sum(resolution_count), sum(resolution_sum), sum(communication_count), sum(communication_sum),
        sum(priority_count), sum(priority_sum)
    FROM spread GROUP BY grain, bucket, city_id)
, to_issue AS (
    INSERT INTO rollup_issue (tenant_id, grain, bucket, issue,
        calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count, sop_sum,
        sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count, communication_sum,
        priority_count, priority_sum)
    SELECT $1, grain, bucket, issue,
        sum(calls), sum(analysed), sum(provisional), sum(escalated), sum(emergencies), sum(seconds),
        sum(quality_count), sum(quality_sum), sum(sop_count), sum(sop_sum), sum(sentiment_count), sum(sentiment_sum),
        sum(resolution_count), sum(resolution_sum), sum(communication_count), sum(communication_sum),
        sum(priority_count), sum(priority_sum)
    FROM spread GROUP BY grain, bucket, issue)
INSERT INTO rollup_city_issue (tenant_id, grain, bucket, city_id, issue,
    calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count, sop_sum,
    sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count, communication_sum,
    priority_count, priority_sum)
SELECT $1, grain, bucket, city_id, issue,
    sum(calls), sum(analysed), sum(provisional), sum(escalated), sum(emergencies), sum(seconds), sum(quality_count),
    sum(quality_sum), sum(sop_count), sum(sop_sum), sum(sentiment_count), sum(sentiment_sum), sum(resolution_count),
    sum(resolution_sum), sum(communication_count), sum(communication_sum), sum(priority_count), sum(priority_sum)
FROM spread GROUP BY grain, bucket, city_id, issue;

-- name: sum_all_time
-- From the months, which are exact between two folds. $1 tenant.
WITH to_agent AS (
    INSERT INTO rollup_agent (tenant_id, grain, bucket, agent_id,
        calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count, sop_sum,
        sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count, communication_sum,
        priority_count, priority_sum)
    SELECT $1, 'all', date '1970-01-01', agent_id,
        sum(calls), sum(analysed), sum(provisional), sum(escalated), sum(emergencies), sum(seconds),
        sum(quality_count), sum(quality_sum), sum(sop_count), sum(sop_sum), sum(sentiment_count), sum(sentiment_sum),
        sum(resolution_count), sum(resolution_sum), sum(communication_count), sum(communication_sum),
        sum(priority_count), sum(priority_sum)
    FROM rollup_agent WHERE tenant_id = $1 AND grain = 'month'
    GROUP BY agent_id HAVING sum(calls) > 0)
, to_city AS (
    INSERT INTO rollup_city (tenant_id, grain, bucket, city_id,
        calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count, sop_sum,
        sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count, communication_sum,
        priority_count, priority_sum)
    SELECT $1, 'all', date '1970-01-01', city_id,
        sum(calls), sum(analysed), sum(provisional), sum(escalated), sum(emergencies), sum(seconds),
        sum(quality_count), sum(quality_sum), sum(sop_count), sum(sop_sum), sum(sentiment_count), sum(sentiment_sum),
        sum(resolution_count), sum(resolution_sum), sum(communication_count), sum(communication_sum),
        sum(priority_count), sum(priority_sum)
    FROM rollup_city WHERE tenant_id = $1 AND grain = 'month'
    GROUP BY city_id HAVING sum(calls) > 0)
, to_issue AS (
    INSERT INTO rollup_issue (tenant_id, grain, bucket, issue,
        calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count, sop_sum,
        sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count, communication_sum,
        priority_count, priority_sum)
    SELECT $1, 'all', date '1970-01-01', issue,
        sum(calls), sum(analysed), sum(provisional), sum(escalated), sum(emergencies), sum(seconds),
        sum(quality_count), sum(quality_sum), sum(sop_count), sum(sop_sum), sum(sentiment_count), sum(sentiment_sum),
        sum(resolution_count), sum(resolution_sum), sum(communication_count), sum(communication_sum),
        sum(priority_count), sum(priority_sum)
    FROM rollup_issue WHERE tenant_id = $1 AND grain = 'month'
    GROUP BY issue HAVING sum(calls) > 0)
INSERT INTO rollup_city_issue (tenant_id, grain, bucket, city_id, issue,
    calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count, sop_sum,
    sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count, communication_sum,
    priority_count, priority_sum)
SELECT $1, 'all', date '1970-01-01', city_id, issue,
    sum(calls), sum(analysed), sum(provisional), sum(escalated), sum(emergencies), sum(seconds), sum(quality_count),
    sum(quality_sum), sum(sop_count), sum(sop_sum), sum(sentiment_count), sum(sentiment_sum), sum(resolution_count),
    sum(resolution_sum), sum(communication_count), sum(communication_sum), sum(priority_count), sum(priority_sum)
FROM rollup_city_issue WHERE tenant_id = $1 AND grain = 'month'
GROUP BY city_id, issue HAVING sum(calls) > 0;

-- name: next_data_version
-- $1 tenant.
INSERT INTO data_versions AS v (tenant_id, version, folded_at) VALUES ($1, 1, clock_timestamp())
ON CONFLICT (tenant_id) DO UPDATE SET version = v.version + 1, folded_at = excluded.folded_at;

-- name: drop_empty_buckets
-- $1 tenant.
WITH of_agent AS (
    DELETE FROM rollup_agent WHERE tenant_id = $1 AND (calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count, sop_sum,
    sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count, communication_sum,
    priority_count, priority_sum) =
    (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
, of_city AS (
    DELETE FROM rollup_city WHERE tenant_id = $1 AND (calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count, sop_sum,
    sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count, communication_sum,
    priority_count, priority_sum) =
    (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
, of_issue AS (
    DELETE FROM rollup_issue WHERE tenant_id = $1 AND (calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count, sop_sum,
    sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count, communication_sum,
    priority_count, priority_sum) =
    (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
DELETE FROM rollup_city_issue WHERE tenant_id = $1 AND (calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count, sop_sum,
    sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count, communication_sum,
    priority_count, priority_sum) =
    (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

-- name: months_with_calls
-- Every month that has facts, calls or buckets. $1 tenant.
SELECT DISTINCT month::text AS month
FROM (SELECT date_trunc('month', day::timestamp)::date AS month FROM call_facts WHERE tenant_id = $1
      UNION
      SELECT bucket FROM rollup_city WHERE tenant_id = $1 AND grain = 'month'
      UNION
      SELECT date_trunc('month', c.call_timestamp AT TIME ZONE t.time_zone)::date
      FROM calls c JOIN tenants t ON t.id = c.tenant_id WHERE c.tenant_id = $1) AS found
ORDER BY month;

-- name: wrong_facts
-- Calls of a span of days whose facts do not say what they should, or are missing, or have no call. $1 tenant, $2 first day,
-- $3 last day, $4 how many at most.
WITH expected AS MATERIALIZED (
    SELECT e.call_id, row(e.*)::call_facts AS facts
    FROM call_facts_expected e
    WHERE e.tenant_id = $1
      AND e.call_timestamp >= (SELECT $2::date::timestamp AT TIME ZONE time_zone FROM tenants WHERE id = $1)
      AND e.call_timestamp < (SELECT ($3::date + 1)::timestamp AT TIME ZONE time_zone FROM tenants WHERE id = $1)
), stored AS MATERIALIZED (
    SELECT f.call_id, f AS facts FROM call_facts f
    WHERE f.tenant_id = $1 AND f.day BETWEEN $2::date AND $3::date)
SELECT call_id FROM expected e FULL JOIN stored s USING (call_id)
WHERE e.facts IS DISTINCT FROM s.facts
ORDER BY call_id
LIMIT $4;

-- name: refresh_facts
-- Rows that a writer holds are left for the next round: waiting for them could close a circle. $1 tenant, $2 calls.
WITH free AS MATERIALIZED (
    SELECT call_id FROM call_facts WHERE tenant_id = $1 AND call_id = ANY ($2::uuid[])
    ORDER BY call_id FOR UPDATE SKIP LOCKED),
absent AS MATERIALIZED (
    SELECT wanted.call_id FROM unnest($2::uuid[]) AS wanted (call_id)
    WHERE NOT EXISTS (SELECT 1 FROM call_facts f WHERE f.tenant_id = $1 AND f.call_id = wanted.call_id))
SELECT refresh_call_facts($1, call_id) FROM (SELECT call_id FROM free UNION ALL SELECT call_id FROM absent) AS chosen;
