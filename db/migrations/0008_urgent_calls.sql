-- The monitor by score read its window with a plan made anew for every request, lest a plan for all lengths read the whole of
-- call_facts. Each branch now has only one sensible index for any length, so one plan serves all.

CREATE OR REPLACE FUNCTION urgent_calls(of_tenant uuid, minutes integer, above integer)
RETURNS TABLE (call_id uuid, call_timestamp timestamptz)
LANGUAGE plpgsql STABLE ROWS 20 SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    since timestamptz := now() - minutes * interval '1 minute';
BEGIN
    -- OFFSET 0 keeps the look-up of one call apart: joined freely, a window of unknown length may be read
    -- by a scan of all facts.
    RETURN QUERY
    SELECT f.call_id, f.call_timestamp
    FROM call_facts f
    WHERE f.tenant_id = of_tenant AND f.priority > above AND f.call_timestamp > since AND f.call_timestamp <= now()
    UNION
    SELECT f.call_id, f.call_timestamp
    FROM call_insights i
    CROSS JOIN LATERAL (SELECT c.call_id, c.call_timestamp, c.priority FROM call_facts c
                        WHERE c.tenant_id = of_tenant AND c.call_id = i.call_id OFFSET 0) AS f
    WHERE i.tenant_id = of_tenant AND i.alerts AND f.priority > above AND i.created_at > since AND i.created_at <= now();
END $$;
