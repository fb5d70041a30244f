-- name: tenants_to_rewrite
SELECT DISTINCT tenant_id FROM call_facts_rewrites ORDER BY tenant_id;

-- name: begin_rewrite
-- Transactions that are under way may have read the old category or zone: their numbers are below the one noted here.
-- $1 tenant.
UPDATE call_facts_rewrites SET wait_for = pg_snapshot_xmax(pg_current_snapshot())
WHERE tenant_id = $1 AND wait_for IS NULL;

-- name: ready_rewrites
-- The newest request of which everybody who could have missed the change has ended. $1 tenant.
SELECT coalesce(max(id), 0) AS newest FROM call_facts_rewrites
WHERE tenant_id = $1 AND wait_for <= pg_snapshot_xmin(pg_current_snapshot());

-- name: facts_to_rewrite
-- One page of facts: who of it is wrong, and (in every row) where the page ends. $1 tenant, $2 last call of the page before,
-- $3 page size.
WITH page AS MATERIALIZED (
    SELECT f.call_id, f.issue, f.day, f.issue_emergency FROM call_facts f
    WHERE f.tenant_id = $1 AND f.call_id > $2 ORDER BY f.call_id LIMIT $3)
SELECT last.call_id AS page_end, wrong.call_id
FROM (SELECT call_id FROM page ORDER BY call_id DESC LIMIT 1) AS last
LEFT JOIN (
    SELECT p.call_id FROM page p JOIN call_facts_expected e ON e.tenant_id = $1 AND e.call_id = p.call_id
    WHERE (p.issue, p.day, p.issue_emergency) IS DISTINCT FROM (e.issue, e.day, e.issue_emergency)) AS wrong ON true
ORDER BY wrong.call_id;

-- name: end_rewrite
-- $1 tenant, $2 newest request that was worked off.
DELETE FROM call_facts_rewrites
WHERE tenant_id = $1 AND id <= $2 AND wait_for <= pg_snapshot_xmin(pg_current_snapshot());
