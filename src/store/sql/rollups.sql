-- name: tenants_to_fold
-- Tenants with deltas and the age of each one's oldest: one index probe a tenant, under the worker's view over all tenants.
WITH RECURSIVE waiting AS (
    (SELECT tenant_id, at FROM rollup_outbox ORDER BY tenant_id, id, sign LIMIT 1)
    UNION ALL
    SELECT next.tenant_id, next.at
    FROM waiting CROSS JOIN LATERAL (
        SELECT o.tenant_id, o.at FROM rollup_outbox o WHERE o.tenant_id > waiting.tenant_id
        ORDER BY o.tenant_id, o.id, o.sign LIMIT 1) AS next
), answered AS (
    (SELECT tenant_id, at FROM rule_outbox ORDER BY tenant_id, id, sign LIMIT 1)
    UNION ALL
    SELECT next.tenant_id, next.at
    FROM answered CROSS JOIN LATERAL (
        SELECT o.tenant_id, o.at FROM rule_outbox o WHERE o.tenant_id > answered.tenant_id
        ORDER BY o.tenant_id, o.id, o.sign LIMIT 1) AS next
)
SELECT tenant_id, extract(epoch FROM clock_timestamp() - min(at))::float8 AS age
FROM (SELECT tenant_id, at FROM waiting UNION ALL SELECT tenant_id, at FROM answered) AS oldest
GROUP BY tenant_id ORDER BY tenant_id;

-- name: rollup_turn
-- The one who folds, rebuilds or cleans a tenant's rollups holds this lock to the end of the transaction; nobody waits for it.
-- $1 tenant, $2 name, $3 holder and $4 term of the leader that asks, or NULL for an operator.
SELECT pg_try_advisory_xact_lock(hashtextextended('rollups ' || $1::uuid::text, 0)) AS locked,
       $2::text IS NULL OR EXISTS (SELECT 1 FROM leader WHERE name = $2 AND holder = $3::uuid AND term = $4::bigint
                                   AND expires_at > now()) AS allowed;

-- name: fold_batch
-- Takes the oldest deltas that can be seen and adds them up, all in one statement. Never "id greater than the last one seen":
-- ids commit out of order. The rows of one change share an id, so the bound does not part them. Key order, though nobody else
-- writes here: should a lock ever fail, two folders still cannot wait for each other in a circle. $1 tenant, $2 about how many.
WITH taken AS MATERIALIZED (
    DELETE FROM rollup_outbox
    WHERE tenant_id = $1
      AND id <= (SELECT max(id) FROM (SELECT id FROM rollup_outbox WHERE tenant_id = $1 ORDER BY id, sign LIMIT $2) AS first)
    RETURNING day, agent_id, city_id, issue,
        calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count, sop_sum,
        sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count, communication_sum,
        priority_count, priority_sum
), deltas AS MATERIALIZED (
    SELECT day, agent_id, city_id, issue,
        sum(calls) AS calls, sum(analysed) AS analysed, sum(provisional) AS provisional, sum(escalated) AS escalated,
        sum(emergencies) AS emergencies, sum(seconds) AS seconds, sum(quality_count) AS quality_count,
        sum(quality_sum) AS quality_sum, sum(sop_count) AS sop_count, sum(sop_sum) AS sop_sum, sum(sentiment_count) AS
        sentiment_count, sum(sentiment_sum) AS sentiment_sum, sum(resolution_count) AS resolution_count,
        sum(resolution_sum) AS resolution_sum, sum(communication_count) AS communication_count, sum(communication_sum)
        AS communication_sum, sum(priority_count) AS priority_count, sum(priority_sum) AS priority_sum
    FROM taken WHERE day IS NOT NULL
    GROUP BY day, agent_id, city_id, issue
    HAVING (sum(calls), sum(analysed), sum(provisional), sum(escalated), sum(emergencies), sum(seconds),
        sum(quality_count), sum(quality_sum), sum(sop_count), sum(sop_sum), sum(sentiment_count), sum(sentiment_sum),
        sum(resolution_count), sum(resolution_sum), sum(communication_count), sum(communication_sum),
        sum(priority_count), sum(priority_sum))
        <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
), spread AS MATERIALIZED (
    SELECT g.grain, g.bucket, agent_id, city_id, issue,
        calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count, sop_sum,
        sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count, communication_sum,
        priority_count, priority_sum
    FROM deltas CROSS JOIN LATERAL (VALUES ('day', day), ('month', date_trunc('month', day::timestamp)::date),
                                           ('all', date '1970-01-01')) AS g (grain, bucket)
)
, to_agent AS (
    INSERT INTO rollup_agent AS r (tenant_id, grain, bucket, agent_id,
        calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count, sop_sum,
        sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count, communication_sum,
        priority_count, priority_sum)
    SELECT $1, grain, bucket, agent_id,
        sum(calls), sum(analysed), sum(provisional), sum(escalated), sum(emergencies), sum(seconds),
        sum(quality_count), sum(quality_sum), sum(sop_count), sum(sop_sum), sum(sentiment_count), sum(sentiment_sum),
        sum(resolution_count), sum(resolution_sum), sum(communication_count), sum(communication_sum),
        sum(priority_count), sum(priority_sum)
    FROM spread GROUP BY grain, bucket, agent_id ORDER BY grain, bucket, agent_id
    ON CONFLICT (tenant_id, grain, bucket, agent_id) DO UPDATE SET
        calls = r.calls + excluded.calls, analysed = r.analysed + excluded.analysed, provisional = r.provisional +
        excluded.provisional, escalated = r.escalated + excluded.escalated, emergencies = r.emergencies +
        excluded.emergencies, seconds = r.seconds + excluded.seconds, quality_count = r.quality_count +
        excluded.quality_count, quality_sum = r.quality_sum + excluded.quality_sum, sop_count = r.sop_count +
        excluded.sop_count, sop_sum = r.sop_sum + excluded.sop_sum, sentiment_count = r.sentiment_count +
        excluded.sentiment_count, sentiment_sum = r.sentiment_sum + excluded.sentiment_sum, resolution_count =
        r.resolution_count + excluded.resolution_count, resolution_sum = r.resolution_sum + excluded.resolution_sum,
        communication_count = r.communication_count + excluded.communication_count, communication_sum =
        r.communication_sum + excluded.communication_sum, priority_count = r.priority_count + excluded.priority_count,
        priority_sum = r.priority_sum + excluded.priority_sum
)
, to_city AS (
    INSERT INTO rollup_city AS r (tenant_id, grain, bucket, city_id,
        calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count, sop_sum,
        sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count, communication_sum,
        priority_count, priority_sum)
    SELECT $1, grain, bucket, city_id,
        sum(calls), sum(analysed), sum(provisional), sum(escalated), sum(emergencies), sum(seconds),
        sum(quality_count), sum(quality_sum), sum(sop_count), sum(sop_sum), sum(sentiment_count), sum(sentiment_sum),
        sum(resolution_count), sum(resolution_sum), sum(communication_count), sum(communication_sum),
        sum(priority_count), sum(priority_sum)
    FROM spread GROUP BY grain, bucket, city_id ORDER BY grain, bucket, city_id
    ON CONFLICT (tenant_id, grain, bucket, city_id) DO UPDATE SET
        calls = r.calls + excluded.calls, analysed = r.analysed + excluded.analysed, provisional = r.provisional +
        excluded.provisional, escalated = r.escalated + excluded.escalated, emergencies = r.emergencies +
        excluded.emergencies, seconds = r.seconds + excluded.seconds, quality_count = r.quality_count +
        excluded.quality_count, quality_sum = r.quality_sum + excluded.quality_sum, sop_count = r.sop_count +
        excluded.sop_count, sop_sum = r.sop_sum + excluded.sop_sum, sentiment_count = r.sentiment_count +
        excluded.sentiment_count, sentiment_sum = r.sentiment_sum + excluded.sentiment_sum, resolution_count =
        r.resolution_count + excluded.resolution_count, resolution_sum = r.resolution_sum + excluded.resolution_sum,
        communication_count = r.communication_count + excluded.communication_count, communication_sum =
        r.communication_sum + excluded.communication_sum, priority_count = r.priority_count + excluded.priority_count,
        priority_sum = r.priority_sum + excluded.priority_sum
)
, to_issue AS (
    INSERT INTO rollup_issue AS r (tenant_id, grain, bucket, issue,
        calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count, sop_sum,
        sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count, communication_sum,
        priority_count, priority_sum)
    SELECT $1, grain, bucket, issue,
        sum(calls), sum(analysed), sum(provisional), sum(escalated), sum(emergencies), sum(seconds),
        sum(quality_count), sum(quality_sum), sum(sop_count), sum(sop_sum), sum(sentiment_count), sum(sentiment_sum),
        sum(resolution_count), sum(resolution_sum), sum(communication_count), sum(communication_sum),
        sum(priority_count), sum(priority_sum)
    FROM spread GROUP BY grain, bucket, issue ORDER BY grain, bucket, issue
    ON CONFLICT (tenant_id, grain, bucket, issue) DO UPDATE SET
        calls = r.calls + excluded.calls, analysed = r.analysed + excluded.analysed, provisional = r.provisional +
        excluded.provisional, escalated = r.escalated + excluded.escalated, emergencies = r.emergencies +
        excluded.emergencies, seconds = r.seconds + excluded.seconds, quality_count = r.quality_count +
        excluded.quality_count, quality_sum = r.quality_sum + excluded.quality_sum, sop_count = r.sop_count +
        excluded.sop_count, sop_sum = r.sop_sum + excluded.sop_sum, sentiment_count = r.sentiment_count +
        excluded.sentiment_count, sentiment_sum = r.sentiment_sum + excluded.sentiment_sum, resolution_count =
        r.resolution_count + excluded.resolution_count, resolution_sum = r.resolution_sum + excluded.resolution_sum,
        communication_count = r.communication_count + excluded.communication_count, communication_sum =
        r.communication_sum + excluded.communication_sum, priority_count = r.priority_count + excluded.priority_count,
        priority_sum = r.priority_sum + excluded.priority_sum
)
, to_city_issue AS (
    INSERT INTO rollup_city_issue AS r (tenant_id, grain, bucket, city_id, issue,
        calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count, sop_sum,
        sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count, communication_sum,
        priority_count, priority_sum)
    SELECT $1, grain, bucket, city_id, issue,
        sum(calls), sum(analysed), sum(provisional), sum(escalated), sum(emergencies), sum(seconds),
        sum(quality_count), sum(quality_sum), sum(sop_count), sum(sop_sum), sum(sentiment_count), sum(sentiment_sum),
        sum(resolution_count), sum(resolution_sum), sum(communication_count), sum(communication_sum),
        sum(priority_count), sum(priority_sum)
    FROM spread GROUP BY grain, bucket, city_id, issue ORDER BY grain, bucket, city_id, issue
    ON CONFLICT (tenant_id, grain, bucket, city_id, issue) DO UPDATE SET
        calls = r.calls + excluded.calls, analysed = r.analysed + excluded.analysed, provisional = r.provisional +
        excluded.provisional, escalated = r.escalated + excluded.escalated, emergencies = r.emergencies +
        excluded.emergencies, seconds = r.seconds + excluded.seconds, quality_count = r.quality_count +
        excluded.quality_count, quality_sum = r.quality_sum + excluded.quality_sum, sop_count = r.sop_count +
        excluded.sop_count, sop_sum = r.sop_sum + excluded.sop_sum, sentiment_count = r.sentiment_count +
        excluded.sentiment_count, sentiment_sum = r.sentiment_sum + excluded.sentiment_sum, resolution_count =
        r.resolution_count + excluded.resolution_count, resolution_sum = r.resolution_sum + excluded.resolution_sum,
        communication_count = r.communication_count + excluded.communication_count, communication_sum =
        r.communication_sum + excluded.communication_sum, priority_count = r.priority_count + excluded.priority_count,
        priority_sum = r.priority_sum + excluded.priority_sum
)
, to_touched AS (
    INSERT INTO rollup_touched (tenant_id, day, touched_at)
    SELECT $1::uuid, day, clock_timestamp() FROM deltas GROUP BY day ORDER BY day
    ON CONFLICT (tenant_id, day) DO UPDATE SET touched_at = excluded.touched_at
), to_version AS (
    INSERT INTO data_versions AS v (tenant_id, version, folded_at)
    SELECT $1, 1, clock_timestamp() WHERE EXISTS (SELECT 1 FROM taken)
    ON CONFLICT (tenant_id) DO UPDATE SET version = v.version + 1, folded_at = excluded.folded_at
)
SELECT count(*) AS taken FROM taken;

-- name: figures_as_of
-- The time up to which the rollups are complete. $1 tenant.
SELECT coalesce(least((SELECT at FROM rollup_outbox WHERE tenant_id = $1 ORDER BY id, sign LIMIT 1),
                      (SELECT at FROM rule_outbox WHERE tenant_id = $1 ORDER BY id, sign LIMIT 1)),
                clock_timestamp()) AS as_of;

-- name: data_version
-- $1 tenant.
SELECT coalesce((SELECT version FROM data_versions WHERE tenant_id = $1), 0) AS version;

-- name: rollup_status
-- $1 tenant.
SELECT coalesce((SELECT version FROM data_versions WHERE tenant_id = $1), 0) AS version,
       (SELECT folded_at FROM data_versions WHERE tenant_id = $1) AS folded_at,
       (SELECT count(*) FROM rollup_outbox WHERE tenant_id = $1) AS deltas,
       coalesce((SELECT extract(epoch FROM clock_timestamp() - min(at)) FROM rollup_outbox WHERE tenant_id = $1), 0)::float8
           AS lag_seconds,
       (SELECT count(*) FROM call_facts_rewrites WHERE tenant_id = $1) AS rewrites,
       (SELECT count(*) FROM rollup_touched WHERE tenant_id = $1) AS days_to_audit,
       coalesce((SELECT sum(calls) FROM rollup_city WHERE tenant_id = $1 AND grain = 'all'), 0)::bigint AS calls;
