-- name: journaled_reply
-- The newest answer that nobody has found unreadable. $1 tenant, $2 request hash.
SELECT run, reply_sealed FROM provider_calls
WHERE tenant_id = $1 AND request_hash = $2 AND state = 'answered'
ORDER BY run DESC LIMIT 1;

-- name: journal_reply
-- No row when another job has kept an answer to the same request in this instant, or when the call is gone: the lock makes a
-- deletion in this instant come before or after the whole statement. The reservation is answered either way.
-- $1 tenant, $2 request hash, $3 provider, $4 model, $5 subject, $6 sealed reply, $7 latency in milliseconds, $8 reservation.
WITH call AS (SELECT 1 FROM calls WHERE tenant_id = $1 AND id = $5::text::uuid FOR KEY SHARE),
kept AS (
INSERT INTO provider_calls (tenant_id, request_hash, run, provider, model, subject, state, reply_sealed, latency_ms)
SELECT $1, $2, coalesce(max(run), 0) + 1, $3, $4, $5::text, 'answered', $6, $7
FROM provider_calls WHERE tenant_id = $1 AND request_hash = $2
HAVING EXISTS (SELECT 1 FROM call)
ON CONFLICT (tenant_id, request_hash, run) DO NOTHING
RETURNING run
), paid AS (
    UPDATE paid_requests SET state = 'answered', journal_run = (SELECT run FROM kept)
    WHERE tenant_id = $1 AND id = $8 AND state = 'reserved'
)
SELECT run FROM kept;

-- name: settle_provider_call
-- What reading the answer came to. $1 tenant, $2 request hash, $3 run, $4 state, $5 usage, $6 cost in USD.
UPDATE provider_calls SET state = $4, usage = $5::jsonb, cost_usd = $6::float8::numeric(12,6)
WHERE tenant_id = $1 AND request_hash = $2 AND run = $3;

-- name: purge_provider_calls
-- $1 tenant.
DELETE FROM provider_calls WHERE tenant_id = $1 AND created_at < now() - interval '7 days';
