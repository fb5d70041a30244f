-- name: days_to_audit
-- All days touched since the last audit, and a share of the others that have calls or rollup rows. From one such day to the next
-- by index: one call of long ago must not bring every day since. UNION without ALL ends the walk even where a clock set back at
-- midnight gives a day twice. $1 tenant, $2 share of the others.
WITH RECURSIVE zone AS (
    SELECT time_zone FROM tenants WHERE id = $1
), called AS (
    (SELECT (c.call_timestamp AT TIME ZONE zone.time_zone)::date AS day
     FROM calls c, zone WHERE c.tenant_id = $1 ORDER BY c.call_timestamp LIMIT 1)
    UNION
    SELECT (SELECT (c.call_timestamp AT TIME ZONE zone.time_zone)::date FROM calls c
            WHERE c.tenant_id = $1 AND c.call_timestamp >= (called.day + 1)::timestamp AT TIME ZONE zone.time_zone
            ORDER BY c.call_timestamp LIMIT 1)
    FROM called, zone WHERE called.day IS NOT NULL
), stored AS (
    SELECT '-infinity'::date AS day
    UNION
    SELECT least(
        (SELECT bucket FROM rollup_agent WHERE tenant_id = $1 AND grain = 'day' AND bucket > stored.day ORDER BY bucket LIMIT 1),
        (SELECT bucket FROM rollup_city WHERE tenant_id = $1 AND grain = 'day' AND bucket > stored.day ORDER BY bucket LIMIT 1),
        (SELECT bucket FROM rollup_issue WHERE tenant_id = $1 AND grain = 'day' AND bucket > stored.day ORDER BY bucket LIMIT 1),
        (SELECT bucket FROM rollup_city_issue WHERE tenant_id = $1 AND grain = 'day' AND bucket > stored.day
         ORDER BY bucket LIMIT 1))
    FROM stored WHERE stored.day IS NOT NULL
), known AS (
    SELECT day FROM called UNION SELECT day FROM stored
)
SELECT day::text AS day, now() AS asked_at FROM rollup_touched WHERE tenant_id = $1
UNION ALL
SELECT day::text, now() FROM known
WHERE isfinite(day) AND random() < $2::float8 AND day NOT IN (SELECT day FROM rollup_touched WHERE tenant_id = $1)
ORDER BY day;

-- name: audit_day
-- Recount from the source tables, less what waits in the outbox, less what is stored: whatever is left is wrong. One statement,
-- one snapshot, so it may run at any time. $1 tenant, $2 day.
WITH parts AS (
    SELECT n.agent_id, n.city_id, n.issue,
        n.calls, n.analysed, n.provisional, n.escalated, n.emergencies, n.seconds, n.quality_count, n.quality_sum,
        n.sop_count, n.sop_sum, n.sentiment_count, n.sentiment_sum, n.resolution_count, n.resolution_sum,
        n.communication_count, n.communication_sum, n.priority_count, n.priority_sum
    FROM call_facts_expected e CROSS JOIN LATERAL figures_of(row(e.*)::call_facts) AS n
    WHERE e.tenant_id = $1
      AND e.call_timestamp >= (SELECT $2::date::timestamp AT TIME ZONE time_zone FROM tenants WHERE id = $1)
      AND e.call_timestamp < (SELECT ($2::date + 1)::timestamp AT TIME ZONE time_zone FROM tenants WHERE id = $1)
    UNION ALL
    SELECT agent_id, city_id, issue,
        -calls, -analysed, -provisional, -escalated, -emergencies, -seconds, -quality_count, -quality_sum, -sop_count,
        -sop_sum, -sentiment_count, -sentiment_sum, -resolution_count, -resolution_sum, -communication_count,
        -communication_sum, -priority_count, -priority_sum
    FROM rollup_outbox WHERE tenant_id = $1 AND day = $2::date
), due AS MATERIALIZED (
    SELECT agent_id, city_id, issue,
        sum(calls) AS calls, sum(analysed) AS analysed, sum(provisional) AS provisional, sum(escalated) AS escalated,
        sum(emergencies) AS emergencies, sum(seconds) AS seconds, sum(quality_count) AS quality_count,
        sum(quality_sum) AS quality_sum, sum(sop_count) AS sop_count, sum(sop_sum) AS sop_sum, sum(sentiment_count) AS
        sentiment_count, sum(sentiment_sum) AS sentiment_sum, sum(resolution_count) AS resolution_count,
        sum(resolution_sum) AS resolution_sum, sum(communication_count) AS communication_count, sum(communication_sum)
        AS communication_sum, sum(priority_count) AS priority_count, sum(priority_sum) AS priority_sum
    FROM parts GROUP BY agent_id, city_id, issue
)
SELECT 'rollup_agent' AS rollup, count(*) AS differences
FROM (SELECT agent_id FROM (
          SELECT agent_id, calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count,
              sop_sum, sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count,
              communication_sum, priority_count, priority_sum FROM due
          UNION ALL
          SELECT agent_id, -calls, -analysed, -provisional, -escalated, -emergencies, -seconds, -quality_count, -quality_sum,
              -sop_count, -sop_sum, -sentiment_count, -sentiment_sum, -resolution_count, -resolution_sum,
              -communication_count, -communication_sum, -priority_count, -priority_sum
          FROM rollup_agent WHERE tenant_id = $1 AND grain = 'day' AND bucket = $2::date) AS both_sides
      GROUP BY agent_id
      HAVING (sum(calls), sum(analysed), sum(provisional), sum(escalated), sum(emergencies), sum(seconds),
              sum(quality_count), sum(quality_sum), sum(sop_count), sum(sop_sum), sum(sentiment_count),
              sum(sentiment_sum), sum(resolution_count), sum(resolution_sum), sum(communication_count),
              sum(communication_sum), sum(priority_count), sum(priority_sum))
          <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)) AS wrong
UNION ALL
SELECT 'rollup_city' AS rollup, count(*) AS differences
FROM (SELECT city_id FROM (
          SELECT city_id, calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count,
              sop_sum, sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count,
              communication_sum, priority_count, priority_sum FROM due
          UNION ALL
          SELECT city_id, -calls, -analysed, -provisional, -escalated, -emergencies, -seconds, -quality_count, -quality_sum,
              -sop_count, -sop_sum, -sentiment_count, -sentiment_sum, -resolution_count, -resolution_sum,
              -communication_count, -communication_sum, -priority_count, -priority_sum
          FROM rollup_city WHERE tenant_id = $1 AND grain = 'day' AND bucket = $2::date) AS both_sides
      GROUP BY city_id
      HAVING (sum(calls), sum(analysed), sum(provisional), sum(escalated), sum(emergencies), sum(seconds),
              sum(quality_count), sum(quality_sum), sum(sop_count), sum(sop_sum), sum(sentiment_count),
              sum(sentiment_sum), sum(resolution_count), sum(resolution_sum), sum(communication_count),
              sum(communication_sum), sum(priority_count), sum(priority_sum))
          <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)) AS wrong
UNION ALL
SELECT 'rollup_issue' AS rollup, count(*) AS differences
FROM (SELECT issue FROM (
          SELECT issue, calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count,
              sop_sum, sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count,
              communication_sum, priority_count, priority_sum FROM due
          UNION ALL
          SELECT issue, -calls, -analysed, -provisional, -escalated, -emergencies, -seconds, -quality_count, -quality_sum,
              -sop_count, -sop_sum, -sentiment_count, -sentiment_sum, -resolution_count, -resolution_sum,
              -communication_count, -communication_sum, -priority_count, -priority_sum
          FROM rollup_issue WHERE tenant_id = $1 AND grain = 'day' AND bucket = $2::date) AS both_sides
      GROUP BY issue
      HAVING (sum(calls), sum(analysed), sum(provisional), sum(escalated), sum(emergencies), sum(seconds),
              sum(quality_count), sum(quality_sum), sum(sop_count), sum(sop_sum), sum(sentiment_count),
              sum(sentiment_sum), sum(resolution_count), sum(resolution_sum), sum(communication_count),
              sum(communication_sum), sum(priority_count), sum(priority_sum))
          <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)) AS wrong
UNION ALL
SELECT 'rollup_city_issue' AS rollup, count(*) AS differences
FROM (SELECT city_id, issue FROM (
          SELECT city_id, issue, calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count,
              sop_sum, sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count,
              communication_sum, priority_count, priority_sum FROM due
          UNION ALL
          SELECT city_id, issue, -calls, -analysed, -provisional, -escalated, -emergencies, -seconds, -quality_count, -quality_sum,
              -sop_count, -sop_sum, -sentiment_count, -sentiment_sum, -resolution_count, -resolution_sum,
              -communication_count, -communication_sum, -priority_count, -priority_sum
          FROM rollup_city_issue WHERE tenant_id = $1 AND grain = 'day' AND bucket = $2::date) AS both_sides
      GROUP BY city_id, issue
      HAVING (sum(calls), sum(analysed), sum(provisional), sum(escalated), sum(emergencies), sum(seconds),
              sum(quality_count), sum(quality_sum), sum(sop_count), sum(sop_sum), sum(sentiment_count),
              sum(sentiment_sum), sum(resolution_count), sum(resolution_sum), sum(communication_count),
              sum(communication_sum), sum(priority_count), sum(priority_sum))
          <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)) AS wrong
ORDER BY rollup;

-- name: audit_sums
-- Months must be the sums of their days, all time the sum of the months: folds keep them so. $1 tenant, $2 first day of the month.
SELECT 'rollup_agent' AS rollup, count(*) AS differences
FROM (SELECT grain, agent_id FROM (
          SELECT 'month' AS grain, agent_id, calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count,
              sop_sum, sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count,
              communication_sum, priority_count, priority_sum
          FROM rollup_agent WHERE tenant_id = $1 AND grain = 'month' AND bucket = $2::date
          UNION ALL
          SELECT 'month', agent_id, -calls, -analysed, -provisional, -escalated, -emergencies, -seconds, -quality_count, -quality_sum,
              -sop_count, -sop_sum, -sentiment_count, -sentiment_sum, -resolution_count, -resolution_sum,
              -communication_count, -communication_sum, -priority_count, -priority_sum
          FROM rollup_agent WHERE tenant_id = $1 AND grain = 'day'
            AND bucket >= $2::date AND bucket < ($2::date + interval '1 month')::date
          UNION ALL
          SELECT 'all', agent_id, calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count,
              sop_sum, sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count,
              communication_sum, priority_count, priority_sum
          FROM rollup_agent WHERE tenant_id = $1 AND grain = 'all'
          UNION ALL
          SELECT 'all', agent_id, -calls, -analysed, -provisional, -escalated, -emergencies, -seconds, -quality_count, -quality_sum,
              -sop_count, -sop_sum, -sentiment_count, -sentiment_sum, -resolution_count, -resolution_sum,
              -communication_count, -communication_sum, -priority_count, -priority_sum
          FROM rollup_agent WHERE tenant_id = $1 AND grain = 'month') AS both_sides
      GROUP BY grain, agent_id
      HAVING (sum(calls), sum(analysed), sum(provisional), sum(escalated), sum(emergencies), sum(seconds),
              sum(quality_count), sum(quality_sum), sum(sop_count), sum(sop_sum), sum(sentiment_count),
              sum(sentiment_sum), sum(resolution_count), sum(resolution_sum), sum(communication_count),
              sum(communication_sum), sum(priority_count), sum(priority_sum))
          <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)) AS wrong
UNION ALL
SELECT 'rollup_city' AS rollup, count(*) AS differences
FROM (SELECT grain, city_id FROM (
          SELECT 'month' AS grain, city_id, calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count,
              sop_sum, sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count,
              communication_sum, priority_count, priority_sum
          FROM rollup_city WHERE tenant_id = $1 AND grain = 'month' AND bucket = $2::date
          UNION ALL
          SELECT 'month', city_id, -calls, -analysed, -provisional, -escalated, -emergencies, -seconds, -quality_count, -quality_sum,
              -sop_count, -sop_sum, -sentiment_count, -sentiment_sum, -resolution_count, -resolution_sum,
              -communication_count, -communication_sum, -priority_count, -priority_sum
          FROM rollup_city WHERE tenant_id = $1 AND grain = 'day'
            AND bucket >= $2::date AND bucket < ($2::date + interval '1 month')::date
          UNION ALL
          SELECT 'all', city_id, calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count,
              sop_sum, sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count,
              communication_sum, priority_count, priority_sum
          FROM rollup_city WHERE tenant_id = $1 AND grain = 'all'
          UNION ALL
          SELECT 'all', city_id, -calls, -analysed, -provisional, -escalated, -emergencies, -seconds, -quality_count, -quality_sum,
              -sop_count, -sop_sum, -sentiment_count, -sentiment_sum, -resolution_count, -resolution_sum,
              -communication_count, -communication_sum, -priority_count, -priority_sum
          FROM rollup_city WHERE tenant_id = $1 AND grain = 'month') AS both_sides
      GROUP BY grain, city_id
      HAVING (sum(calls), sum(analysed), sum(provisional), sum(escalated), sum(emergencies), sum(seconds),
              sum(quality_count), sum(quality_sum), sum(sop_count), sum(sop_sum), sum(sentiment_count),
              sum(sentiment_sum), sum(resolution_count), sum(resolution_sum), sum(communication_count),
              sum(communication_sum), sum(priority_count), sum(priority_sum))
          <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)) AS wrong
UNION ALL
SELECT 'rollup_issue' AS rollup, count(*) AS differences
FROM (SELECT grain, issue FROM (
          SELECT 'month' AS grain, issue, calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count,
              sop_sum, sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count,
              communication_sum, priority_count, priority_sum
          FROM rollup_issue WHERE tenant_id = $1 AND grain = 'month' AND bucket = $2::date
          UNION ALL
          SELECT 'month', issue, -calls, -analysed, -provisional, -escalated, -emergencies, -seconds, -quality_count, -quality_sum,
              -sop_count, -sop_sum, -sentiment_count, -sentiment_sum, -resolution_count, -resolution_sum,
              -communication_count, -communication_sum, -priority_count, -priority_sum
          FROM rollup_issue WHERE tenant_id = $1 AND grain = 'day'
            AND bucket >= $2::date AND bucket < ($2::date + interval '1 month')::date
          UNION ALL
          SELECT 'all', issue, calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count,
              sop_sum, sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count,
              communication_sum, priority_count, priority_sum
          FROM rollup_issue WHERE tenant_id = $1 AND grain = 'all'
          UNION ALL
          SELECT 'all', issue, -calls, -analysed, -provisional, -escalated, -emergencies, -seconds, -quality_count, -quality_sum,
              -sop_count, -sop_sum, -sentiment_count, -sentiment_sum, -resolution_count, -resolution_sum,
              -communication_count, -communication_sum, -priority_count, -priority_sum
          FROM rollup_issue WHERE tenant_id = $1 AND grain = 'month') AS both_sides
      GROUP BY grain, issue
      HAVING (sum(calls), sum(analysed), sum(provisional), sum(escalated), sum(emergencies), sum(seconds),
              sum(quality_count), sum(quality_sum), sum(sop_count), sum(sop_sum), sum(sentiment_count),
              sum(sentiment_sum), sum(resolution_count), sum(resolution_sum), sum(communication_count),
              sum(communication_sum), sum(priority_count), sum(priority_sum))
          <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)) AS wrong
UNION ALL
SELECT 'rollup_city_issue' AS rollup, count(*) AS differences
FROM (SELECT grain, city_id, issue FROM (
          SELECT 'month' AS grain, city_id, issue, calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count,
              sop_sum, sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count,
              communication_sum, priority_count, priority_sum
          FROM rollup_city_issue WHERE tenant_id = $1 AND grain = 'month' AND bucket = $2::date
          UNION ALL
          SELECT 'month', city_id, issue, -calls, -analysed, -provisional, -escalated, -emergencies, -seconds, -quality_count, -quality_sum,
              -sop_count, -sop_sum, -sentiment_count, -sentiment_sum, -resolution_count, -resolution_sum,
              -communication_count, -communication_sum, -priority_count, -priority_sum
          FROM rollup_city_issue WHERE tenant_id = $1 AND grain = 'day'
            AND bucket >= $2::date AND bucket < ($2::date + interval '1 month')::date
          UNION ALL
          SELECT 'all', city_id, issue, calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count,
              sop_sum, sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count,
              communication_sum, priority_count, priority_sum
          FROM rollup_city_issue WHERE tenant_id = $1 AND grain = 'all'
          UNION ALL
          SELECT 'all', city_id, issue, -calls, -analysed, -provisional, -escalated, -emergencies, -seconds, -quality_count, -quality_sum,
              -sop_count, -sop_sum, -sentiment_count, -sentiment_sum, -resolution_count, -resolution_sum,
              -communication_count, -communication_sum, -priority_count, -priority_sum
          FROM rollup_city_issue WHERE tenant_id = $1 AND grain = 'month') AS both_sides
      GROUP BY grain, city_id, issue
      HAVING (sum(calls), sum(analysed), sum(provisional), sum(escalated), sum(emergencies), sum(seconds),
              sum(quality_count), sum(quality_sum), sum(sop_count), sum(sop_sum), sum(sentiment_count),
              sum(sentiment_sum), sum(resolution_count), sum(resolution_sum), sum(communication_count),
              sum(communication_sum), sum(priority_count), sum(priority_sum))
          <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)) AS wrong
ORDER BY rollup;

-- name: day_audited
-- Unless it was touched again since. $1 tenant, $2 day, $3 when the audit of it began.
DELETE FROM rollup_touched WHERE tenant_id = $1 AND day = $2::date AND touched_at < $3;
