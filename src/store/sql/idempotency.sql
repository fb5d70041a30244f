-- name: reserve
-- Takes a free key or one whose holder went silent; otherwise no row. The assigned call survives a take-over.
-- $1 tenant, $2 scope, $3 key, $4 fingerprint, $5 call, $6 its created_at, $7 holder.
INSERT INTO idempotency (tenant_id, scope, key, fingerprint, call_id, call_created_at, holder, lease_until)
VALUES ($1, $2, $3, $4, $5, $6, $7, now() + interval '2 minutes')
ON CONFLICT (tenant_id, scope, key) DO UPDATE
SET holder = excluded.holder, lease_until = excluded.lease_until
WHERE NOT idempotency.finished AND idempotency.fingerprint = excluded.fingerprint
  AND idempotency.lease_until < now()
RETURNING call_id, call_created_at;

-- name: find_reservation
-- $1 tenant, $2 scope, $3 key.
SELECT fingerprint, call_id, call_created_at, finished, reply_status, reply_headers, reply_body
FROM idempotency
WHERE tenant_id = $1 AND scope = $2 AND key = $3;

-- name: finish_reservation
-- $1 tenant, $2 scope, $3 key, $4 holder.
UPDATE idempotency SET finished = true
WHERE tenant_id = $1 AND scope = $2 AND key = $3 AND holder = $4 AND NOT finished;

-- name: finish_with_reply
-- $1 tenant, $2 scope, $3 key, $4 holder, $5 status, $6 headers, $7 body, $8 the call the reply tells of or NULL.
UPDATE idempotency SET finished = true, reply_status = $5, reply_headers = $6, reply_body = $7, call_id = coalesce($8, call_id)
WHERE tenant_id = $1 AND scope = $2 AND key = $3 AND holder = $4 AND NOT finished;

-- name: forget_replies
-- What was answered about a call. $1 tenant, $2 call.
DELETE FROM idempotency WHERE tenant_id = $1 AND call_id = $2 AND reply_status IS NOT NULL;

-- name: release_reservation
-- $1 tenant, $2 scope, $3 key, $4 holder.
DELETE FROM idempotency
WHERE tenant_id = $1 AND scope = $2 AND key = $3 AND holder = $4 AND NOT finished;

-- name: purge_reservations
-- $1 tenant.
DELETE FROM idempotency WHERE tenant_id = $1 AND created_at < now() - interval '72 hours';

-- name: insert_audit
-- $1 tenant, $2 principal, $3 address, $4 action, $5 object, $6 hash after, $7 request id, $8 result.
INSERT INTO audit_outbox (tenant_id, principal, address, action, object, after_hash, request_id, result)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);
