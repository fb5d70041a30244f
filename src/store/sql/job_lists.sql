-- name: queue_depths
-- $1 tenant.
SELECT q.queue, sum(q.available)::bigint AS available, sum(q.delayed)::bigint AS delayed, sum(q.running)::bigint AS running,
       coalesce(max(q.oldest), 0)::float8 AS oldest_seconds, sum(q.done)::bigint AS done_last_hour, sum(q.dead)::bigint AS dead,
       coalesce((SELECT c.paused FROM queue_control c WHERE c.queue = q.queue), false) AS paused
FROM (SELECT queue, count(*) FILTER (WHERE state = 'available' AND run_at <= now()) AS available,
             count(*) FILTER (WHERE state = 'waiting' OR (state = 'available' AND run_at > now())) AS delayed,
             count(*) FILTER (WHERE state = 'running') AS running,
             extract(epoch FROM now() - min(run_at) FILTER (WHERE state = 'available' AND run_at <= now())) AS oldest,
             0 AS done, 0 AS dead
      FROM jobs WHERE tenant_id = $1 GROUP BY queue
      UNION ALL
      SELECT queue, 0, 0, 0, NULL, count(*), 0 FROM jobs_history
      WHERE tenant_id = $1 AND outcome = 'done' AND finished_at > now() - interval '1 hour' GROUP BY queue
      UNION ALL
      SELECT queue, 0, 0, 0, NULL, 0, count(*) FROM jobs_history
      WHERE tenant_id = $1 AND outcome = 'dead' AND requeued_as IS NULL GROUP BY queue) AS q
GROUP BY q.queue ORDER BY q.queue;

-- name: live_jobs
-- Newest first. $1 tenant, $2 state, $3 kind, $4 subject, $5 id of the last job of the page before, or NULL, $6 page size.
SELECT id, queue, kind, CASE WHEN state = 'waiting' THEN 'available' ELSE state END AS state, subject, priority, runs, failures,
       crashes, run_at, created_at, NULL::timestamptz AS finished_at, last_error, NULL::bigint AS requeued_as
FROM jobs
WHERE tenant_id = $1 AND ($2::text IS NULL OR CASE WHEN state = 'waiting' THEN 'available' ELSE state END = $2)
  AND ($3::text IS NULL OR kind = $3) AND ($4::text IS NULL OR subject = $4) AND ($5::bigint IS NULL OR id < $5)
ORDER BY id DESC
LIMIT $6;

-- name: ended_jobs
-- The last that ended first. $1 tenant, $2 outcome, $3 kind, $4 subject, $5 and $6 end and id of the last job of the page
-- before, or NULL, $7 page size.
SELECT id, queue, kind, outcome AS state, subject, priority, runs, failures, crashes, NULL::timestamptz AS run_at, created_at,
       finished_at, last_error, requeued_as
FROM jobs_history
WHERE tenant_id = $1 AND outcome = $2 AND ($3::text IS NULL OR kind = $3) AND ($4::text IS NULL OR subject = $4)
  AND ($5::timestamptz IS NULL OR (finished_at, id) < ($5, $6::bigint))
ORDER BY finished_at DESC, id DESC
LIMIT $7;

-- name: lock_ended_job
-- How a job ended last. $1 tenant, $2 id.
SELECT queue, kind, subject, args, priority, unique_key, outcome, requeued_as
FROM jobs_history WHERE tenant_id = $1 AND id = $2
ORDER BY finished_at DESC LIMIT 1
FOR UPDATE;

-- name: job_is_live
-- $1 tenant, $2 id.
SELECT EXISTS (SELECT 1 FROM jobs WHERE tenant_id = $1 AND id = $2) AS live;

-- name: note_requeued
-- $1 tenant, $2 dead job, $3 the job that does its work again.
UPDATE jobs_history SET requeued_as = $3 WHERE tenant_id = $1 AND id = $2 AND outcome = 'dead';
