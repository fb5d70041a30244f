-- name: ping
SELECT coalesce(max(version), 0) AS schema_version FROM schema_migrations;

-- name: queue_length
-- Jobs that wait or run. $1 tenant, $2 stop counting here.
SELECT count(*) AS jobs FROM (SELECT 1 FROM jobs WHERE tenant_id = $1 LIMIT $2) counted;

-- name: queue_findings
-- The state of the queue in one page, with the worker's view over all tenants.
SELECT 'jobs ' || queue || ' ' || state AS what, count(*)::text AS value
FROM jobs GROUP BY queue, state
UNION ALL
SELECT 'oldest available job, seconds',
       coalesce(round(extract(epoch FROM now() - min(run_at)))::text, '-')
FROM jobs WHERE state = 'available' AND run_at <= now()
UNION ALL
SELECT 'leases expired', count(*)::text FROM jobs WHERE state = 'running' AND lease_until < now()
UNION ALL
SELECT 'workers heard in the last minute', count(*)::text FROM workers WHERE beat_at > now() - interval '1 minute'
UNION ALL
SELECT 'oldest transaction, seconds', coalesce(round(extract(epoch FROM now() - min(xact_start)))::text, '-')
FROM pg_stat_activity WHERE xact_start IS NOT NULL AND pid <> pg_backend_pid()
UNION ALL
SELECT 'dead rows of jobs', coalesce(sum(n_dead_tup), 0)::text FROM pg_stat_user_tables WHERE relname = 'jobs'
UNION ALL
SELECT 'size of jobs with indexes', pg_size_pretty(pg_total_relation_size('jobs'));
