-- name: lead
-- Takes or renews leadership. No row while another holds it. $1 name, $2 holder, $3 lease in seconds.
INSERT INTO leader AS l (name, holder, term, expires_at)
VALUES ($1, $2, 1, now() + $3::float8 * interval '1 second')
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at,
    term = CASE WHEN l.holder = excluded.holder THEN l.term ELSE l.term + 1 END
WHERE l.holder = excluded.holder OR l.expires_at < now()
RETURNING term;

-- name: resign
-- $1 name, $2 holder, $3 term.
UPDATE leader SET expires_at = now() - interval '1 second' WHERE name = $1 AND holder = $2 AND term = $3;

-- name: take_duty
-- A duty's slot, taken at most once. $1 name, $2 holder, $3 term, $4 duty, $5 seconds to the next slot.
UPDATE leader SET duties = jsonb_set(duties, ARRAY[$4::text], to_jsonb(extract(epoch FROM now()) + $5::float8))
WHERE name = $1 AND holder = $2 AND term = $3 AND expires_at > now()
  AND coalesce((duties ->> $4)::float8, 0) <= extract(epoch FROM now());

-- name: rescue
-- Offers expired jobs again. $1 name, $2 holder, $3 term, $4 and $5 where the page starts, $6 page size, $7 crashes that
-- end a job, $8 longest back-off in seconds. The first crash makes a job suspect; only crashes while alone count.
WITH page AS MATERIALIZED (
    SELECT tenant_id, id FROM jobs
    WHERE state = 'running' AND (tenant_id, id) > ($4::uuid, $5::bigint) AND lease_until < now()
      AND NOT cancel_requested AND (NOT suspect OR crashes + 1 < $7::int)
      AND EXISTS (SELECT 1 FROM leader WHERE name = $1 AND holder = $2 AND term = $3 AND expires_at > now())
    ORDER BY tenant_id, id LIMIT $6 FOR UPDATE SKIP LOCKED)
UPDATE jobs j SET state = 'available', suspect = true, crashes = j.crashes + j.suspect::int,
    run_at = now() + random() * $8::float8 * interval '1 second',
    lease_token = NULL, leased_by = NULL, lease_until = NULL
FROM page WHERE j.tenant_id = page.tenant_id AND j.id = page.id
RETURNING j.tenant_id, j.id, j.queue;

-- name: expired_for_good
-- Expired jobs that must not run again: cancelled, or crashed too often. $1 and $2 where the page starts, $3 page size,
-- $4 crashes that end a job.
SELECT tenant_id, id, queue, kind, subject, args, priority, runs, failures, crashes, lease_token, traceparent,
       cancel_requested
FROM jobs
WHERE state = 'running' AND (tenant_id, id) > ($1::uuid, $2::bigint) AND lease_until < now()
  AND (cancel_requested OR (suspect AND crashes + 1 >= $4::int))
ORDER BY tenant_id, id LIMIT $3;

-- name: end_expired
-- $1 name, $2 holder, $3 term, $4 tenant, $5 id, $6 token, $7 outcome, $8 error class or NULL, $9 error or NULL.
WITH ended AS (
    DELETE FROM jobs
    WHERE tenant_id = $4 AND id = $5 AND lease_token = $6 AND state = 'running' AND lease_until < now()
      AND EXISTS (SELECT 1 FROM leader WHERE name = $1 AND holder = $2 AND term = $3 AND expires_at > now())
    RETURNING tenant_id, id, queue, kind, subject, args, priority, runs, failures, crashes, leased_by, lease_token,
              unique_key, last_error, traceparent, created_at)
INSERT INTO jobs_history (tenant_id, id, queue, kind, subject, args, priority, runs, failures, crashes, leased_by,
                          lease_token, unique_key, outcome, error_class, last_error, traceparent, created_at, finished_at)
SELECT tenant_id, id, queue, kind, subject, args, priority, runs, failures, crashes + ($7 = 'dead')::int, leased_by,
       lease_token, unique_key, $7, $8, coalesce($9::jsonb, last_error), traceparent, created_at, now()
FROM ended;

-- name: forget_workers
-- Workers silent for ten minutes. $1 name, $2 holder, $3 term.
DELETE FROM workers WHERE beat_at < now() - interval '10 minutes'
  AND EXISTS (SELECT 1 FROM leader WHERE name = $1 AND holder = $2 AND term = $3 AND expires_at > now());

-- name: maintain_history
SELECT maintain_jobs_history();

-- name: queue_figures
-- For the gauges.
SELECT queue, state, count(*) AS jobs,
       coalesce(extract(epoch FROM now() - min(run_at) FILTER (WHERE state = 'available' AND run_at <= now())), 0)::float8
           AS oldest_seconds
FROM jobs GROUP BY queue, state ORDER BY queue, state;

-- name: live_workers
SELECT count(*) AS live FROM workers WHERE beat_at > now() - interval '60 seconds';
