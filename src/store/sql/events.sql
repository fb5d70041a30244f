-- name: events_after
-- $1 tenant, $2 and $3 place, $4 and $5 last place wanted or NULL, $6 page size.
SELECT xid::text AS xid, id, type, call_id, agent_id, city_id, escalation_id, payload, created_at
FROM events
WHERE tenant_id = $1 AND (xid, id) > ($2::xid8, $3::bigint) AND xid < pg_snapshot_xmin(pg_current_snapshot())
  AND ($4::xid8 IS NULL OR (xid, id) <= ($4::xid8, $5::bigint))
ORDER BY events.xid, id
LIMIT $6;

-- name: present_place
SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xid;

-- name: place_expired
-- $1 tenant, $2 and $3 place.
SELECT EXISTS (SELECT 1 FROM event_horizons WHERE tenant_id = $1 AND (xid, id) > ($2::xid8, $3::bigint)) AS expired;

-- name: purge_events
-- In the order of the key, so that no index by time is needed: it stops at the first young one. $1 tenant, $2 batch.
WITH oldest AS (
    SELECT xid, id, created_at FROM events WHERE tenant_id = $1 ORDER BY xid, id LIMIT $2
), gone AS (
    DELETE FROM events e USING oldest o
    WHERE e.tenant_id = $1 AND e.xid = o.xid AND e.id = o.id AND o.created_at < now() - interval '24 hours'
    RETURNING e.xid, e.id
), horizon AS (
    INSERT INTO event_horizons AS h (tenant_id, xid, id)
    SELECT $1, g.xid, g.id FROM gone g ORDER BY g.xid DESC, g.id DESC LIMIT 1
    ON CONFLICT (tenant_id) DO UPDATE SET xid = excluded.xid, id = excluded.id
    WHERE (h.xid, h.id) < (excluded.xid, excluded.id)
)
SELECT count(*) AS purged FROM gone;

-- name: insert_ticket
-- $1 tenant, $2 hash, $3 principal.
INSERT INTO event_tickets (tenant_id, hash, principal, expires_at)
VALUES ($1, $2, $3, now() + interval '1 minute')
RETURNING expires_at;

-- name: take_ticket
-- $1 tenant, $2 hash.
DELETE FROM event_tickets WHERE tenant_id = $1 AND hash = $2 RETURNING expires_at > now() AS valid;

-- name: ticket_good
-- $1 tenant, $2 hash.
SELECT 1 AS good FROM event_tickets WHERE tenant_id = $1 AND hash = $2 AND expires_at > now();

-- name: purge_tickets
-- $1 tenant.
DELETE FROM event_tickets WHERE tenant_id = $1 AND expires_at < now();
