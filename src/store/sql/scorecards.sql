-- name: register_scorecard
-- Of no tenant; a text that is there already counts as the newest again. $1 key, $2 version, $3 hash, $4 title, $5 selector,
-- $6 to $8 key, version and hash of what it extends or NULL, $9 content.
INSERT INTO library_scorecards (key, version, content_hash, title, selector, extends_key, extends_version, extends_hash, content)
VALUES ($1, $2, $3, $4::jsonb, $5::jsonb, $6, $7, $8, $9)
ON CONFLICT (key, version, content_hash) DO UPDATE SET registered_at = now();

-- name: active_scorecards
-- What a tenant has put in force, the newest choice first. $1 tenant.
SELECT key, version, content_hash, selector
FROM active_scorecards WHERE tenant_id = $1
ORDER BY activated_at DESC, key;

-- name: scorecard_text
-- $1 tenant, $2 key, $3 version, $4 hash, or NULL for the text that is that version now.
SELECT content, content_hash, extends_key, extends_version, extends_hash
FROM (SELECT 0 AS place, content, content_hash, extends_key, extends_version, extends_hash, created_at AS at
      FROM scorecard_versions WHERE tenant_id = $1 AND key = $2 AND version = $3
      UNION ALL
      SELECT 1, content, content_hash, extends_key, extends_version, extends_hash, registered_at
      FROM library_scorecards WHERE key = $2 AND version = $3) AS found
WHERE $4::text IS NULL OR content_hash = $4
ORDER BY place, at DESC, content_hash
LIMIT 1;

-- name: list_scorecards
-- One row a key. $1 tenant, $2 and $3 key and version that the program is configured with, $4 key to start behind or NULL, $5 page size.
SELECT s.key, max(s.version) AS newest, count(*) AS versions, count(*) FILTER (WHERE s.state = 'draft') AS drafts,
       max(s.version) FILTER (WHERE s.state = 'active') AS active,
       max(s.content_hash) FILTER (WHERE s.state = 'active') AS active_hash,
       (array_agg(s.title ORDER BY (s.state = 'active') DESC, s.version DESC))[1] AS title
FROM scorecards_of($1, $2, $3) s
WHERE $4::text IS NULL OR s.key > $4
GROUP BY s.key ORDER BY s.key LIMIT $5;

-- name: scorecard_versions
-- Newest first. $1 tenant, $2 and $3 what the program is configured with, $4 key, $5 one version or NULL, $6 versions below this
-- one or NULL, $7 page size.
SELECT key, version, content_hash, state, origin, title, selector, extends_key, extends_version, note, created_by, created_at
FROM scorecards_of($1, $2, $3)
WHERE key = $4 AND ($5::int IS NULL OR version = $5) AND ($6::int IS NULL OR version < $6)
ORDER BY version DESC LIMIT $7;

-- name: lock_scorecards
-- One change of a tenant's scorecards at a time. $1 tenant.
SELECT pg_advisory_xact_lock(hashtextextended('scorecards:' || $1::uuid::text, 0));

-- name: insert_scorecard_version
-- $1 tenant, $2 key, $3 version, $4 hash, $5 title, $6 selector, $7 to $9 key, version and hash of what it extends or NULL,
-- $10 content, $11 note or NULL, $12 who.
INSERT INTO scorecard_versions (tenant_id, key, version, content_hash, title, selector, extends_key, extends_version, extends_hash,
                                content, note, created_by)
VALUES ($1, $2, $3, $4, $5::jsonb, $6::jsonb, $7, $8, $9, $10, $11, $12);

-- name: activate_scorecard
-- $1 tenant, $2 key, $3 version, $4 hash, $5 selector, $6 who.
WITH noted AS (
    INSERT INTO scorecard_activations (tenant_id, key, version, content_hash, principal) VALUES ($1, $2, $3, $4, $6))
INSERT INTO active_scorecards (tenant_id, key, version, content_hash, selector, activated_by)
VALUES ($1, $2, $3, $4, $5::jsonb, $6)
ON CONFLICT (tenant_id, key) DO UPDATE SET version = excluded.version, content_hash = excluded.content_hash,
    selector = excluded.selector, activated_by = excluded.activated_by, activated_at = now();

-- name: retire_scorecard
-- The key has no version in force any more; no row when it had none. $1 tenant, $2 key, $3 who.
WITH gone AS (
    DELETE FROM active_scorecards WHERE tenant_id = $1 AND key = $2 RETURNING version)
INSERT INTO scorecard_activations (tenant_id, key, principal) SELECT $1, $2, $3 FROM gone
RETURNING id;
