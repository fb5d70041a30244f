-- name: model_answer
-- $1 tenant, $2 cache key.
SELECT reported, reply_sealed FROM model_answers WHERE tenant_id = $1 AND cache_key = $2;

-- name: keep_model_answer
-- Nothing is kept about a call that is gone; the lock makes its deletion come before or after the whole statement.
-- $1 tenant, $2 cache key, $3 call, $4 provider, $5 model, $6 model as reported, $7 sealed reply.
WITH call AS (SELECT id FROM calls WHERE tenant_id = $1 AND id = $3 FOR KEY SHARE)
INSERT INTO model_answers (tenant_id, cache_key, call_id, provider, model, reported, reply_sealed)
SELECT $1, $2, call.id, $4, $5, $6, $7 FROM call
ON CONFLICT (tenant_id, cache_key) DO NOTHING;

-- name: purge_model_answers
-- $1 tenant.
DELETE FROM model_answers WHERE tenant_id = $1 AND created_at < now() - interval '90 days';
