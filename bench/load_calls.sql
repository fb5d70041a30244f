-- Fills a fresh database with :calls analysed calls of :agents agents in 200 cities for bench/reads.py, as a superuser and
-- without triggers (a load through them would take hours); the rollups are then summed up as the migration does.
\set tenant '''00000000-0000-7000-8000-000000000001'''
SET session_replication_role = replica;
SET synchronous_commit = off;
SET work_mem = '256MB';
SET maintenance_work_mem = '256MB';

CREATE TEMP TABLE bench_states AS SELECT n, 'State ' || lpad(n::text, 2, '0') AS name FROM generate_series(0, 27) n;
INSERT INTO cities (tenant_id, id, name, name_key, state, latitude, longitude)
SELECT :tenant, n, 'City ' || n, 'city ' || n, (SELECT name FROM bench_states s WHERE s.n = c.n % 28), 8 + n % 25, 69 + n % 25
FROM generate_series(1, 200) AS c (n);
INSERT INTO agents (tenant_id, id, name, name_key, employee_id, employee_key, languages)
SELECT :tenant, ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'Agent ' || n, 'agent ' || n, 'B-' || n,
       'b-' || n, '{Hindi,English}'
FROM generate_series(1, :agents) AS a (n);

-- One call every few seconds up to now: the newest minutes hold some, as in a running centre. Ids grow with time.
INSERT INTO calls (tenant_id, id, agent_id, city_id, audio_url, duration_seconds, call_timestamp, primary_issue_category,
                   processing_status, created_at)
SELECT :tenant, ('01900000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid,
       ('00000000-0000-4000-8000-' || lpad((1 + n % :agents)::text, 12, '0'))::uuid, 1 + n % 200, 'local:bench', 30 + n % 600,
       now() - (:calls - n) * interval '6 seconds', 'Issue ' || n % 12, 'analyzed', now() - (:calls - n) * interval '6 seconds'
FROM generate_series(1::bigint, :calls) AS c (n);
INSERT INTO call_insights (tenant_id, call_id, evaluation_id, language_spoken, sop_compliance_score,
                           sentiment_stabilization_score, resolution_validity_score, overall_quality_score,
                           communication_score, coaching_priority, escalation_risk, why_flagged, business_insight,
                           sop_deviations, sentiment_trajectory, scored, provisional, coverage, created_at)
SELECT tenant_id, id, id, 'hindi', (h % 10001) / 10000.0, 0.5, 0.75, ((h >> 3) % 10001) / 10000.0, 0.5,
       ((h >> 5) % 10001) / 10000.0, h % 50 = 0, CASE WHEN h % 50 = 0 THEN 'The customer threatened legal action.' END,
       'Wallet refunds take over five days.',
       '[{"turn_number":3,"start_time":12.0,"end_time":15.5,"deviated_phrase":"please wait","should_have_said":"May I put you on hold?","what_was_wrong":"hold_without_asking","severity":0.4}]',
       '[{"turn":1,"score":0.4,"sentiment":"negative"},{"turn":5,"score":0.7,"sentiment":"positive"}]', true, false, 1,
       created_at + interval '40 seconds'
FROM (SELECT *, abs(hashint8(duration_seconds + extract(epoch FROM created_at)::bigint)::bigint) AS h FROM calls) AS c
WHERE created_at + interval '40 seconds' <= now();
INSERT INTO call_facts (tenant_id, call_id, agent_id, city_id, issue, day, call_timestamp, seconds, language, analysed, scored,
                        provisional, quality, sop, sentiment, resolution, communication, priority, escalated, issue_emergency)
SELECT c.tenant_id, c.id, c.agent_id, c.city_id, c.primary_issue_category, (c.call_timestamp AT TIME ZONE 'Asia/Kolkata')::date,
       c.call_timestamp, c.duration_seconds, i.language_spoken, i.call_id IS NOT NULL, coalesce(i.scored, false), false,
       round(10000 * i.overall_quality_score), round(10000 * i.sop_compliance_score),
       round(10000 * i.sentiment_stabilization_score), round(10000 * i.resolution_validity_score),
       round(10000 * i.communication_score), round(10000 * i.coaching_priority), coalesce(i.escalation_risk, false), false
FROM calls c LEFT JOIN call_insights i ON i.tenant_id = c.tenant_id AND i.call_id = c.id;

-- Sums of the facts by every bucket.
INSERT INTO rollup_agent (tenant_id, grain, bucket, agent_id,
    calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count, sop_sum,
    sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count, communication_sum, priority_count,
    priority_sum)
SELECT tenant_id, g.grain, g.bucket, coalesce(agent_id, '00000000-0000-0000-0000-000000000000'),
    count(*), count(*) FILTER (WHERE analysed), count(*) FILTER (WHERE provisional), count(*) FILTER (WHERE escalated),
    count(*) FILTER (WHERE emergency), sum(seconds), count(quality), coalesce(sum(quality), 0), count(sop), coalesce(sum(sop),
    0), count(sentiment), coalesce(sum(sentiment), 0), count(resolution), coalesce(sum(resolution), 0), count(communication),
    coalesce(sum(communication), 0), count(priority), coalesce(sum(priority), 0)
FROM call_facts CROSS JOIN LATERAL (VALUES ('day', day), ('month', date_trunc('month', day::timestamp)::date),
    ('all', date '1970-01-01')) AS g (grain, bucket)
GROUP BY tenant_id, g.grain, g.bucket, coalesce(agent_id, '00000000-0000-0000-0000-000000000000');
INSERT INTO rollup_city (tenant_id, grain, bucket, city_id,
    calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count, sop_sum,
    sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count, communication_sum, priority_count,
    priority_sum)
SELECT tenant_id, g.grain, g.bucket, coalesce(city_id, 0),
    count(*), count(*) FILTER (WHERE analysed), count(*) FILTER (WHERE provisional), count(*) FILTER (WHERE escalated),
    count(*) FILTER (WHERE emergency), sum(seconds), count(quality), coalesce(sum(quality), 0), count(sop), coalesce(sum(sop),
    0), count(sentiment), coalesce(sum(sentiment), 0), count(resolution), coalesce(sum(resolution), 0), count(communication),
    coalesce(sum(communication), 0), count(priority), coalesce(sum(priority), 0)
FROM call_facts CROSS JOIN LATERAL (VALUES ('day', day), ('month', date_trunc('month', day::timestamp)::date),
    ('all', date '1970-01-01')) AS g (grain, bucket)
GROUP BY tenant_id, g.grain, g.bucket, coalesce(city_id, 0);
INSERT INTO rollup_issue (tenant_id, grain, bucket, issue,
    calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count, sop_sum,
    sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count, communication_sum, priority_count,
    priority_sum)
SELECT tenant_id, g.grain, g.bucket, coalesce(issue, ''),
    count(*), count(*) FILTER (WHERE analysed), count(*) FILTER (WHERE provisional), count(*) FILTER (WHERE escalated),
    count(*) FILTER (WHERE emergency), sum(seconds), count(quality), coalesce(sum(quality), 0), count(sop), coalesce(sum(sop),
    0), count(sentiment), coalesce(sum(sentiment), 0), count(resolution), coalesce(sum(resolution), 0), count(communication),
    coalesce(sum(communication), 0), count(priority), coalesce(sum(priority), 0)
FROM call_facts CROSS JOIN LATERAL (VALUES ('day', day), ('month', date_trunc('month', day::timestamp)::date),
    ('all', date '1970-01-01')) AS g (grain, bucket)
GROUP BY tenant_id, g.grain, g.bucket, coalesce(issue, '');
INSERT INTO rollup_city_issue (tenant_id, grain, bucket, city_id, issue,
    calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count, sop_sum,
    sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count, communication_sum, priority_count,
    priority_sum)
SELECT tenant_id, g.grain, g.bucket, coalesce(city_id, 0), coalesce(issue, ''),
    count(*), count(*) FILTER (WHERE analysed), count(*) FILTER (WHERE provisional), count(*) FILTER (WHERE escalated),
    count(*) FILTER (WHERE emergency), sum(seconds), count(quality), coalesce(sum(quality), 0), count(sop), coalesce(sum(sop),
    0), count(sentiment), coalesce(sum(sentiment), 0), count(resolution), coalesce(sum(resolution), 0), count(communication),
    coalesce(sum(communication), 0), count(priority), coalesce(sum(priority), 0)
FROM call_facts CROSS JOIN LATERAL (VALUES ('day', day), ('month', date_trunc('month', day::timestamp)::date),
    ('all', date '1970-01-01')) AS g (grain, bucket)
GROUP BY tenant_id, g.grain, g.bucket, coalesce(city_id, 0), coalesce(issue, '');
INSERT INTO data_versions (tenant_id, version, folded_at) VALUES (:tenant, 1, now())
ON CONFLICT (tenant_id) DO UPDATE SET version = data_versions.version + 1;
SET session_replication_role = origin;
VACUUM ANALYZE;
