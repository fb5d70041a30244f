-- name: audit_head
-- $1 tenant.
SELECT sequence, hash FROM audit_log WHERE tenant_id = $1 ORDER BY sequence DESC LIMIT 1;

-- name: pending_audit
-- Rows in order of their id, as canonical text. $1 tenant, $2 limit.
SELECT id,
       jsonb_build_array(id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), principal, address, action,
                         object, before_hash, after_hash, reason, request_id, result)::text AS canonical
FROM audit_outbox
WHERE tenant_id = $1
ORDER BY id
LIMIT $2;

-- name: append_audit
-- $1 tenant, $2 outbox id, $3 sequence, $4 previous hash, $5 hash.
WITH moved AS (DELETE FROM audit_outbox WHERE tenant_id = $1 AND id = $2 RETURNING *)
INSERT INTO audit_log (tenant_id, sequence, outbox_id, at, principal, address, action, object, before_hash,
                       after_hash, reason, request_id, result, previous_hash, hash)
SELECT tenant_id, $3, id, at, principal, address, action, object, before_hash, after_hash, reason, request_id,
       result, $4, $5
FROM moved;
