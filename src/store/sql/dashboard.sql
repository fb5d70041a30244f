-- name: figures_over_time
-- Sums by one dimension and interval, from the rollup that knows filter and dimension ($2), else counted from the calls.
-- $1 tenant, $2 source: agent, city, issue, city_issue or calls, $3 dimension: agent, city, state, issue, language or '',
-- $4 interval: day, week, month, or whole for one bucket, $5 first day, $6 day after the last, $7 agent, $8 city, $9 state,
-- $10 issue, or NULL, $11 wanted, NULL unless the source is calls.
WITH parts AS (
    SELECT CASE WHEN $3 = 'agent' THEN b.agent_id::text ELSE '' END AS key, b.bucket AS day, b.calls, b.analysed, b.escalated,
           b.emergencies, b.quality_count, b.quality_sum, b.sop_count, b.sop_sum, b.sentiment_count, b.sentiment_sum
    FROM rollup_agent b
    WHERE $2::text = 'agent' AND b.tenant_id = $1 AND b.grain = 'day' AND b.bucket >= $5::date AND b.bucket < $6::date
      AND ($7::uuid IS NULL OR b.agent_id = $7)
    UNION ALL
    SELECT CASE $3::text WHEN 'city' THEN b.city_id::text WHEN 'state' THEN coalesce(y.state, '') ELSE '' END, b.bucket, b.calls,
           b.analysed, b.escalated, b.emergencies, b.quality_count, b.quality_sum, b.sop_count, b.sop_sum, b.sentiment_count,
           b.sentiment_sum
    FROM rollup_city b LEFT JOIN cities y ON y.tenant_id = $1 AND y.id = b.city_id
    WHERE $2 = 'city' AND b.tenant_id = $1 AND b.grain = 'day' AND b.bucket >= $5::date AND b.bucket < $6::date
      AND ($8::int IS NULL OR b.city_id = $8) AND ($9::text IS NULL OR y.state = $9)
    UNION ALL
    SELECT CASE WHEN $3 = 'issue' THEN b.issue ELSE '' END, b.bucket, b.calls, b.analysed, b.escalated, b.emergencies,
           b.quality_count, b.quality_sum, b.sop_count, b.sop_sum, b.sentiment_count, b.sentiment_sum
    FROM rollup_issue b
    WHERE $2 = 'issue' AND b.tenant_id = $1 AND b.grain = 'day' AND b.bucket >= $5::date AND b.bucket < $6::date
      AND ($10::text IS NULL OR b.issue = $10)
    UNION ALL
    SELECT CASE $3 WHEN 'city' THEN b.city_id::text WHEN 'state' THEN coalesce(y.state, '') WHEN 'issue' THEN b.issue ELSE '' END,
           b.bucket, b.calls, b.analysed, b.escalated, b.emergencies, b.quality_count, b.quality_sum, b.sop_count, b.sop_sum,
           b.sentiment_count, b.sentiment_sum
    FROM rollup_city_issue b LEFT JOIN cities y ON y.tenant_id = $1 AND y.id = b.city_id
    WHERE $2 = 'city_issue' AND b.tenant_id = $1 AND b.grain = 'day' AND b.bucket >= $5::date AND b.bucket < $6::date
      AND ($8::int IS NULL OR b.city_id = $8) AND ($9::text IS NULL OR y.state = $9) AND ($10::text IS NULL OR b.issue = $10)
    UNION ALL
    SELECT coalesce(f.key, ''), f.day, f.calls, f.analysed, f.escalated, f.emergencies, f.quality_count, f.quality_sum,
           f.sop_count, f.sop_sum, f.sentiment_count, f.sentiment_sum
    FROM trend_of_calls($1, $11::jsonb, $5::date, $6::date, $3::text) AS f
)
SELECT key, bucket::text AS bucket, sum(calls)::bigint AS calls, sum(analysed)::bigint AS analysed,
       sum(escalated)::bigint AS escalated, sum(emergencies)::bigint AS emergencies,
       sum(quality_count)::bigint AS quality_count, sum(quality_sum)::bigint AS quality_sum,
       sum(sop_count)::bigint AS sop_count, sum(sop_sum)::bigint AS sop_sum,
       sum(sentiment_count)::bigint AS sentiment_count, sum(sentiment_sum)::bigint AS sentiment_sum
FROM parts
CROSS JOIN LATERAL (SELECT CASE WHEN $4::text = 'whole' THEN $5::date ELSE date_trunc($4, day::timestamp)::date END AS bucket) AS b
GROUP BY key, bucket
HAVING sum(calls) <> 0
ORDER BY key, bucket;

-- name: answers_over_time
-- Answers by question and interval. $1 tenant, $2 whose sum, or NULL, $3 state whose cities' sums, or NULL, $4 interval as
-- above, $5 first day, $6 day after the last, $7 wanted, or NULL: then counted from the calls.
WITH parts AS (
    SELECT b.rule_id, b.bucket AS day, b.met, b.missed, b.unsure
    FROM rollup_rule b
    WHERE b.tenant_id = $1 AND $7::jsonb IS NULL AND b.grain = 'day' AND b.bucket >= $5::date AND b.bucket < $6::date
      AND b.whose = ANY (CASE WHEN $3::text IS NULL THEN ARRAY[$2::text]
                              ELSE ARRAY(SELECT 'city:' || y.id FROM cities y WHERE y.tenant_id = $1 AND y.state = $3) END)
    UNION ALL
    SELECT f.rule_id, f.day, f.met, f.missed, f.unsure
    FROM rules_of_calls($1, $7::jsonb, $5::date, $6::date, true) AS f
)
SELECT rule_id, bucket::text AS bucket, sum(met)::bigint AS met, sum(missed)::bigint AS missed, sum(unsure)::bigint AS unsure
FROM parts
CROSS JOIN LATERAL (SELECT CASE WHEN $4::text = 'whole' THEN $5::date ELSE date_trunc($4, day::timestamp)::date END AS bucket) AS b
GROUP BY rule_id, bucket
HAVING (sum(met), sum(missed), sum(unsure)) <> (0, 0, 0)
ORDER BY rule_id, bucket;

-- name: open_escalations
-- That nobody has taken up. $1 tenant, $2 agent, $3 city, $4 state, $5 issue, $6 language, or NULL.
SELECT count(*) AS escalations
FROM escalations e
JOIN call_facts f ON f.tenant_id = $1 AND f.call_id = e.call_id
WHERE e.tenant_id = $1 AND e.state = 'open' AND ($2::uuid IS NULL OR f.agent_id = $2)
  AND ($3::int IS NULL OR f.city_id = $3)
  AND ($4::text IS NULL OR f.city_id IN (SELECT y.id FROM cities y WHERE y.tenant_id = $1 AND y.state = $4))
  AND ($5::text IS NULL OR f.issue = $5) AND ($6::text IS NULL OR f.language = $6);

-- name: names_of_agents
-- $1 tenant, $2 agents.
SELECT id::text AS key, name FROM agents WHERE tenant_id = $1 AND id = ANY (ARRAY(SELECT unnest($2::uuid[])));

-- name: names_of_cities
-- $1 tenant.
SELECT id::text AS key, id, name, coalesce(state, '') AS state, latitude, longitude FROM cities WHERE tenant_id = $1 ORDER BY name, id;
