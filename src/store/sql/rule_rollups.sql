-- Rollups of the scorecard's questions: folded, audited and rebuilt as those of rollups.sql, in the same transactions.

-- name: fold_rule_batch
-- $1 tenant, $2 about how many.
WITH taken AS MATERIALIZED (
    DELETE FROM rule_outbox
    WHERE tenant_id = $1
      AND id <= (SELECT max(id) FROM (SELECT id FROM rule_outbox WHERE tenant_id = $1 ORDER BY id, sign LIMIT $2) AS first)
    RETURNING sign, agent_id, city_id, day, met, missed, unsure
), deltas AS MATERIALIZED (
    SELECT t.day, n.whose, n.rule_id, sum(t.sign * n.is_met) AS met, sum(t.sign * n.is_missed) AS missed,
           sum(t.sign * n.is_unsure) AS unsure
    FROM taken t CROSS JOIN LATERAL rule_figures(t.agent_id, t.city_id, t.met, t.missed, t.unsure) AS n
    GROUP BY t.day, n.whose, n.rule_id
    HAVING (sum(t.sign * n.is_met), sum(t.sign * n.is_missed), sum(t.sign * n.is_unsure)) <> (0, 0, 0)
), to_rule AS (
    INSERT INTO rollup_rule AS r (tenant_id, whose, grain, bucket, rule_id, met, missed, unsure)
    SELECT $1, d.whose, g.grain, g.bucket, d.rule_id, sum(d.met), sum(d.missed), sum(d.unsure)
    FROM deltas d CROSS JOIN LATERAL (VALUES ('day', d.day), ('month', date_trunc('month', d.day::timestamp)::date),
                                             ('all', date '1970-01-01')) AS g (grain, bucket)
    GROUP BY d.whose, g.grain, g.bucket, d.rule_id ORDER BY d.whose, g.grain, g.bucket, d.rule_id
    ON CONFLICT (tenant_id, whose, grain, bucket, rule_id) DO UPDATE SET
        met = r.met + excluded.met, missed = r.missed + excluded.missed, unsure = r.unsure + excluded.unsure
), to_touched AS (
    INSERT INTO rollup_touched (tenant_id, day, touched_at)
    SELECT $1::uuid, day, clock_timestamp() FROM deltas GROUP BY day ORDER BY day
    ON CONFLICT (tenant_id, day) DO UPDATE SET touched_at = excluded.touched_at
), to_version AS (
    INSERT INTO data_versions AS v (tenant_id, version, folded_at)
    SELECT $1, 1, clock_timestamp() WHERE EXISTS (SELECT 1 FROM taken)
    ON CONFLICT (tenant_id) DO UPDATE SET version = v.version + 1, folded_at = excluded.folded_at
)
SELECT count(*) AS taken FROM taken;

-- name: audit_rules_day
-- As audit_day. $1 tenant, $2 day.
WITH due AS (
    SELECT n.whose, n.rule_id, n.is_met AS met, n.is_missed AS missed, n.is_unsure AS unsure
    FROM rule_facts_expected e CROSS JOIN LATERAL rule_figures(e.agent_id, e.city_id, e.met, e.missed, e.unsure) AS n
    WHERE e.tenant_id = $1 AND e.day = $2::date
    UNION ALL
    SELECT n.whose, n.rule_id, -o.sign * n.is_met, -o.sign * n.is_missed, -o.sign * n.is_unsure
    FROM rule_outbox o CROSS JOIN LATERAL rule_figures(o.agent_id, o.city_id, o.met, o.missed, o.unsure) AS n
    WHERE o.tenant_id = $1 AND o.day = $2::date
    UNION ALL
    SELECT whose, rule_id, -met, -missed, -unsure FROM rollup_rule
    WHERE tenant_id = $1 AND grain = 'day' AND bucket = $2::date
)
SELECT 'rollup_rule' AS rollup, count(*) AS differences
FROM (SELECT whose, rule_id FROM due GROUP BY whose, rule_id
      HAVING (sum(met), sum(missed), sum(unsure)) <> (0, 0, 0)) AS wrong;

-- name: audit_rules_sums
-- As audit_sums. $1 tenant, $2 first day of the month.
WITH both_sides AS (
    SELECT 'month' AS grain, whose, rule_id, met, missed, unsure FROM rollup_rule
    WHERE tenant_id = $1 AND grain = 'month' AND bucket = $2::date
    UNION ALL
    SELECT 'month', whose, rule_id, -met, -missed, -unsure FROM rollup_rule
    WHERE tenant_id = $1 AND grain = 'day' AND bucket >= $2::date AND bucket < ($2::date + interval '1 month')::date
    UNION ALL
    SELECT 'all', whose, rule_id, met, missed, unsure FROM rollup_rule WHERE tenant_id = $1 AND grain = 'all'
    UNION ALL
    SELECT 'all', whose, rule_id, -met, -missed, -unsure FROM rollup_rule WHERE tenant_id = $1 AND grain = 'month'
)
SELECT 'rollup_rule' AS rollup, count(*) AS differences
FROM (SELECT grain, whose, rule_id FROM both_sides GROUP BY grain, whose, rule_id
      HAVING (sum(met), sum(missed), sum(unsure)) <> (0, 0, 0)) AS wrong;

-- name: correct_rule_facts
-- Answers that do not say what they should, behind the triggers' back, of the month's calls. Facts of calls come first.
-- $1 tenant, $2 first day of the month.
WITH expected AS MATERIALIZED (
    SELECT e.call_id, e.agent_id, e.city_id, e.day, e.met, e.missed, e.unsure FROM rule_facts_expected e
    WHERE e.tenant_id = $1 AND e.day >= $2::date AND e.day < ($2::date + interval '1 month')::date
), stored AS MATERIALIZED (
    SELECT r.call_id, r.agent_id, r.city_id, r.day, r.met, r.missed, r.unsure FROM rule_facts r
    WHERE r.tenant_id = $1 AND r.day >= $2::date AND r.day < ($2::date + interval '1 month')::date
), wrong AS MATERIALIZED (
    SELECT call_id FROM (SELECT * FROM expected EXCEPT SELECT * FROM stored) AS missing
    UNION
    SELECT call_id FROM (SELECT * FROM stored EXCEPT SELECT * FROM expected) AS surplus
)
SELECT refresh_rule_facts($1, call_id) FROM wrong ORDER BY call_id;

-- name: forget_month_rules
-- $1 tenant, $2 first day of the month.
WITH of_outbox AS (
    DELETE FROM rule_outbox
    WHERE tenant_id = $1 AND day >= $2::date AND day < ($2::date + interval '1 month')::date)
DELETE FROM rollup_rule
WHERE tenant_id = $1 AND (grain = 'all' OR (grain = 'month' AND bucket = $2::date) OR
      (grain = 'day' AND bucket >= $2::date AND bucket < ($2::date + interval '1 month')::date));

-- name: count_month_rules
-- $1 tenant, $2 first day of the month.
INSERT INTO rollup_rule (tenant_id, whose, grain, bucket, rule_id, met, missed, unsure)
SELECT $1, n.whose, g.grain, g.bucket, n.rule_id, sum(n.is_met), sum(n.is_missed), sum(n.is_unsure)
FROM rule_facts f
CROSS JOIN LATERAL rule_figures(f.agent_id, f.city_id, f.met, f.missed, f.unsure) AS n
CROSS JOIN LATERAL (VALUES ('day', f.day), ('month', $2::date)) AS g (grain, bucket)
WHERE f.tenant_id = $1 AND f.day >= $2::date AND f.day < ($2::date + interval '1 month')::date
GROUP BY n.whose, g.grain, g.bucket, n.rule_id;

-- name: sum_rules_of_all_time
-- $1 tenant.
INSERT INTO rollup_rule (tenant_id, whose, grain, bucket, rule_id, met, missed, unsure)
SELECT $1, whose, 'all', date '1970-01-01', rule_id, sum(met), sum(missed), sum(unsure)
FROM rollup_rule WHERE tenant_id = $1 AND grain = 'month'
GROUP BY whose, rule_id HAVING (sum(met), sum(missed), sum(unsure)) <> (0, 0, 0);

-- name: drop_empty_rules
-- $1 tenant.
DELETE FROM rollup_rule WHERE tenant_id = $1 AND (met, missed, unsure) = (0, 0, 0);
