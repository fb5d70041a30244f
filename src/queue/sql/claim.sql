-- name: ready_bands
-- What there is to claim: one index probe for each (tenant, queue, band). Ordered by all index columns, or the planner walks
-- another index.
WITH RECURSIVE ring AS (
    (SELECT tenant_id, queue, priority FROM jobs WHERE state = 'available' AND NOT suspect
     ORDER BY tenant_id, queue, priority, run_at, id LIMIT 1)
    UNION ALL
    SELECT next.tenant_id, next.queue, next.priority
    FROM ring CROSS JOIN LATERAL (
        SELECT j.tenant_id, j.queue, j.priority FROM jobs j
        WHERE j.state = 'available' AND NOT j.suspect
          AND (j.tenant_id, j.queue, j.priority) > (ring.tenant_id, ring.queue, ring.priority)
        ORDER BY j.tenant_id, j.queue, j.priority, j.run_at, j.id LIMIT 1) AS next)
SELECT tenant_id, queue, priority FROM ring;

-- name: claim
-- $1 tenant, $2 queue, $3 band, $4 least run_at, $5 how many, $6 worker, $7 lease in seconds.
-- $4 keeps the scan away from dead index entries while some long transaction holds back vacuum.
-- The token is random: claims commit asynchronously, and a sequence may hand out a number twice after a crash.
WITH picked AS MATERIALIZED (
    SELECT id FROM jobs
    WHERE tenant_id = $1 AND queue = $2 AND priority = $3 AND state = 'available' AND NOT suspect
      AND run_at >= $4 AND run_at <= now()
    ORDER BY run_at, id LIMIT $5 FOR UPDATE SKIP LOCKED)
UPDATE jobs j SET state = 'running', runs = j.runs + 1, lease_token = gen_random_uuid(), leased_by = $6,
    lease_until = now() + $7::float8 * interval '1 second'
FROM picked WHERE j.tenant_id = $1 AND j.id = picked.id
RETURNING j.tenant_id, j.id, j.queue, j.kind, j.subject, j.args, j.priority, j.runs, j.failures, j.crashes, j.lease_token,
          j.traceparent, j.run_at, extract(epoch FROM now() - j.run_at)::float8 AS waited;

-- name: suspects
-- Jobs that a worker once vanished with, oldest first. $1 queues served.
SELECT tenant_id, id, queue FROM jobs
WHERE state = 'available' AND suspect AND queue = ANY($1::text[]) AND run_at <= now()
ORDER BY run_at, id LIMIT 8;

-- name: claim_suspect
-- $1 tenant, $2 id, $3 worker, $4 lease in seconds.
WITH picked AS MATERIALIZED (
    SELECT id FROM jobs
    WHERE tenant_id = $1 AND id = $2 AND state = 'available' AND suspect AND run_at <= now()
    FOR UPDATE SKIP LOCKED)
UPDATE jobs j SET state = 'running', runs = j.runs + 1, lease_token = gen_random_uuid(), leased_by = $3,
    lease_until = now() + $4::float8 * interval '1 second'
FROM picked WHERE j.tenant_id = $1 AND j.id = picked.id
RETURNING j.tenant_id, j.id, j.queue, j.kind, j.subject, j.args, j.priority, j.runs, j.failures, j.crashes, j.lease_token,
          j.traceparent, j.run_at, extract(epoch FROM now() - j.run_at)::float8 AS waited;

-- name: renew
-- One statement for all jobs of the process; who does not come back is lost. $1 tenants, $2 ids, $3 tokens, $4 lease in seconds.
UPDATE jobs j SET lease_until = now() + $4::float8 * interval '1 second'
FROM unnest($1::uuid[], $2::bigint[], $3::uuid[]) AS held (tenant_id, id, token)
WHERE j.tenant_id = held.tenant_id AND j.id = held.id AND j.lease_token = held.token AND j.state = 'running'
RETURNING j.id, j.cancel_requested;

-- name: worker_beat
-- $1 worker, $2 host, $3 version, $4 draining.
INSERT INTO workers (id, host, version, draining) VALUES ($1, $2, $3, $4)
ON CONFLICT (id) DO UPDATE SET beat_at = now(), draining = excluded.draining;

-- name: worker_gone
-- $1 worker.
DELETE FROM workers WHERE id = $1;

-- name: paused_queues
SELECT queue FROM queue_control WHERE paused;
