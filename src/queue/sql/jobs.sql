-- name: enqueue
-- $1 tenant, $2 queue, $3 kind, $4 subject, $5 args, $6 priority, $7 delay in seconds, $8 unique key or NULL, $9 traceparent or NULL.
-- No row when a live job has the key. clock_timestamp: a long transaction must not date its jobs back, where claims no longer look.
INSERT INTO jobs (tenant_id, queue, kind, subject, args, priority, run_at, unique_key, traceparent)
VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp() + $7::float8 * interval '1 second', $8, $9)
ON CONFLICT (tenant_id, kind, unique_key) WHERE unique_key IS NOT NULL DO NOTHING
RETURNING id;

-- name: live_job_by_key
-- $1 tenant, $2 kind, $3 unique key.
SELECT id FROM jobs WHERE tenant_id = $1 AND kind = $2 AND unique_key = $3;

-- name: end_job
-- Moves a running job to history, if the lease is still ours. $1 tenant, $2 id, $3 token, $4 outcome, $5 error class or NULL,
-- $6 error or NULL (the last one seen stays).
WITH ended AS (
    DELETE FROM jobs WHERE tenant_id = $1 AND id = $2 AND lease_token = $3 AND state = 'running'
    RETURNING tenant_id, id, queue, kind, subject, args, priority, runs, failures, crashes, leased_by, lease_token,
              unique_key, last_error, traceparent, created_at)
INSERT INTO jobs_history (tenant_id, id, queue, kind, subject, args, priority, runs, failures, crashes, leased_by,
                          lease_token, unique_key, outcome, error_class, last_error, traceparent, created_at, finished_at)
SELECT tenant_id, id, queue, kind, subject, args, priority, runs, failures, crashes, leased_by, lease_token,
       unique_key, $4, $5, coalesce($6::jsonb, last_error), traceparent, created_at, now()
FROM ended;

-- name: cancel_available
-- $1 tenant, $2 id.
WITH ended AS (
    DELETE FROM jobs WHERE tenant_id = $1 AND id = $2 AND state <> 'running'
    RETURNING tenant_id, id, queue, kind, subject, args, priority, runs, failures, crashes, unique_key, last_error,
              traceparent, created_at)
INSERT INTO jobs_history (tenant_id, id, queue, kind, subject, args, priority, runs, failures, crashes, unique_key,
                          outcome, last_error, traceparent, created_at, finished_at)
SELECT tenant_id, id, queue, kind, subject, args, priority, runs, failures, crashes, unique_key, 'cancelled',
       last_error, traceparent, created_at, now()
FROM ended;

-- name: ask_to_stop
-- Tells the worker at once; its next heartbeat would see the flag anyway. $1 tenant, $2 id.
WITH asked AS (
    UPDATE jobs SET cancel_requested = true WHERE tenant_id = $1 AND id = $2 AND state = 'running' RETURNING id)
SELECT pg_notify('hacksmart_jobs', 'cancel ' || id::text) FROM asked;

-- name: still_ours
-- $1 tenant, $2 id, $3 token.
SELECT 1 AS found FROM jobs WHERE tenant_id = $1 AND id = $2 AND lease_token = $3 AND state = 'running';

-- name: retry_job
-- $1 tenant, $2 id, $3 token, $4 delay in seconds, $5 error.
UPDATE jobs SET state = 'available', failures = failures + 1, run_at = now() + $4::float8 * interval '1 second',
    last_error = $5, snoozed_since = NULL, lease_token = NULL, leased_by = NULL, lease_until = NULL
WHERE tenant_id = $1 AND id = $2 AND lease_token = $3 AND state = 'running' AND NOT cancel_requested;

-- name: snooze_job
-- No row when one stretch of waiting has lasted too long: then it counts as a failure. $1 tenant, $2 id, $3 token,
-- $4 delay in seconds, $5 longest stretch in seconds, $6 error.
UPDATE jobs SET state = 'available', run_at = now() + $4::float8 * interval '1 second', last_error = $6,
    snoozed_since = coalesce(snoozed_since, now()), lease_token = NULL, leased_by = NULL, lease_until = NULL
WHERE tenant_id = $1 AND id = $2 AND lease_token = $3 AND state = 'running' AND NOT cancel_requested
  AND coalesce(snoozed_since, now()) > now() - $5::float8 * interval '1 second';

-- name: hurry_snoozed
-- What waits for something that has just changed need not wait for its time. $1 tenant, $2 codes of the errors it waits for.
UPDATE jobs SET run_at = clock_timestamp()
WHERE tenant_id = $1 AND state = 'available' AND run_at > clock_timestamp() AND last_error ->> 'code' = ANY ($2::text[]);

-- name: hand_back
-- Clean shutdown: nothing is counted. $1 tenants, $2 ids, $3 tokens.
UPDATE jobs j SET state = 'available', run_at = now(), lease_token = NULL, leased_by = NULL, lease_until = NULL
FROM unnest($1::uuid[], $2::bigint[], $3::uuid[]) AS held (tenant_id, id, token)
WHERE j.tenant_id = held.tenant_id AND j.id = held.id AND j.lease_token = held.token AND j.state = 'running'
  AND NOT j.cancel_requested;

-- name: advance_schedule
-- Compare and set: of two that saw the same slot one fires it. $1 tenant, $2 name, $3 the slot seen, $4 the next slot.
UPDATE schedules SET next_at = $4 WHERE tenant_id = $1 AND name = $2 AND next_at = $3;
