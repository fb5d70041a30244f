-- Money: what every paid request was for and came to, and budgets that are asked before it is sent.
-- Locks: none that anybody waits for; three new tables.

-- What a tenant may spend; no row: as the configuration says.
CREATE TABLE budgets (
    tenant_id uuid PRIMARY KEY REFERENCES tenants (id),
    day_usd numeric(12, 4) CHECK (day_usd >= 0),     -- NULL: as the configuration says
    month_usd numeric(12, 4) CHECK (month_usd >= 0),
    policy text CHECK (policy IN ('wait', 'cheaper')),
    stopped boolean NOT NULL DEFAULT false,          -- nothing is paid for
    stopped_providers text[] NOT NULL DEFAULT '{}',
    updated_at timestamptz NOT NULL DEFAULT now()
);
CALL protect_tenant_table('budgets', 'SELECT, INSERT, UPDATE');

-- Days and months of the tenant's calendar. One row is locked a request: that is what keeps the sum true.
CREATE TABLE budget_windows (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    grain text NOT NULL CHECK (grain IN ('day', 'month')),
    starts date NOT NULL,
    reserved_usd numeric(16, 8) NOT NULL DEFAULT 0, -- of requests under way, at most
    spent_usd numeric(16, 8) NOT NULL DEFAULT 0,
    alerted_usd numeric(12, 4), -- the limit of which four fifths were told to be spent: once a limit
    refused_usd numeric(12, 4), -- the limit that was told to be used up
    PRIMARY KEY (tenant_id, grain, starts)
);
CALL protect_tenant_table('budget_windows', 'SELECT, INSERT, UPDATE, DELETE');

-- The ledger. reserved: about to be sent. answered: the reply is kept, nobody has read its usage. settled: counted, once.
-- released: it came to nothing.
CREATE TABLE paid_requests (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    day date NOT NULL,              -- of the tenant's calendar: the windows it counts in
    provider text NOT NULL,
    model text NOT NULL,
    area text NOT NULL,             -- speech, model
    subject text NOT NULL,          -- the call; may be gone
    run_id uuid,                    -- evaluation run it was asked for
    questions text[] NOT NULL DEFAULT '{}',
    request_hash text NOT NULL,
    journal_run integer,
    state text NOT NULL CHECK (state IN ('reserved', 'answered', 'settled', 'released')),
    reserved_usd numeric(16, 8) NOT NULL,
    cost_usd numeric(16, 8) NOT NULL DEFAULT 0,
    priced boolean NOT NULL,        -- false: no price is known, the cost is none that we know
    estimated boolean NOT NULL DEFAULT false, -- settled at what was reserved: the provider told no usage
    price_version text NOT NULL,
    tokens_in bigint NOT NULL DEFAULT 0,
    tokens_out bigint NOT NULL DEFAULT 0,
    tokens_cached bigint NOT NULL DEFAULT 0,
    audio_seconds double precision NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    settled_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX paid_requests_by_day ON paid_requests (tenant_id, day);
CREATE INDEX paid_requests_by_run ON paid_requests (tenant_id, run_id) WHERE run_id IS NOT NULL;
CREATE INDEX paid_requests_open ON paid_requests (tenant_id, request_hash) WHERE state IN ('reserved', 'answered');
CALL protect_tenant_table('paid_requests', 'SELECT, INSERT, UPDATE, DELETE');

-- What is in force for the tenant: its own figures, else `defaults` {day_usd, month_usd, policy}.
CREATE FUNCTION budget_in_force(of_tenant uuid, defaults jsonb)
RETURNS TABLE (day_usd numeric, month_usd numeric, policy text, stopped boolean, stopped_providers text[])
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(b.day_usd, (defaults ->> 'day_usd')::numeric), coalesce(b.month_usd, (defaults ->> 'month_usd')::numeric),
           coalesce(b.policy, defaults ->> 'policy'), coalesce(b.stopped, false), coalesce(b.stopped_providers, '{}')
    FROM (SELECT) AS always LEFT JOIN budgets b ON b.tenant_id = of_tenant
$$;

-- Sets aside what the request costs at most, or says why not: stopped, unpriced, exhausted. The day's row is locked before the
-- month's, here and in close_paid_request.
CREATE FUNCTION reserve_paid_request(of_tenant uuid, request jsonb, defaults jsonb)
RETURNS TABLE (verdict text, policy text, wait_seconds bigint)
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    zone text := (SELECT t.time_zone FROM tenants t WHERE t.id = of_tenant);
    today date := (now() AT TIME ZONE zone)::date;
    asked numeric := (request ->> 'reserved_usd')::numeric(16, 8);
    budget record;
    grain_at text;
    starts_at date;
    next_at date;
    taken numeric;
    most numeric;
BEGIN
    SELECT * INTO budget FROM budget_in_force(of_tenant, defaults);
    IF budget.stopped OR request ->> 'provider' = ANY (budget.stopped_providers) THEN
        RETURN QUERY SELECT 'stopped', budget.policy, 300::bigint;
        RETURN;
    END IF;
    IF NOT (request ->> 'priced')::boolean AND coalesce(budget.day_usd, budget.month_usd) IS NOT NULL THEN
        RETURN QUERY SELECT 'unpriced', budget.policy, 300::bigint;
        RETURN;
    END IF;
    INSERT INTO budget_windows (tenant_id, grain, starts)
    VALUES (of_tenant, 'day', today), (of_tenant, 'month', date_trunc('month', today)::date)
    ON CONFLICT DO NOTHING;
    FOREACH grain_at IN ARRAY ARRAY['day', 'month'] LOOP
        starts_at := date_trunc(grain_at, today)::date;
        next_at := (starts_at + ('1 ' || grain_at)::interval)::date;
        most := CASE grain_at WHEN 'day' THEN budget.day_usd ELSE budget.month_usd END;
        SELECT w.reserved_usd + w.spent_usd INTO taken FROM budget_windows w
        WHERE w.tenant_id = of_tenant AND w.grain = grain_at AND w.starts = starts_at FOR UPDATE;
        IF asked > 0 AND taken + asked > most THEN
            UPDATE budget_windows w SET refused_usd = most
            WHERE w.tenant_id = of_tenant AND w.grain = grain_at AND w.starts = starts_at
              AND w.refused_usd IS DISTINCT FROM most;
            IF FOUND THEN
                INSERT INTO events (tenant_id, type, payload) VALUES (of_tenant, 'budget.exhausted', jsonb_build_object(
                    'window', grain_at, 'starts', starts_at, 'limit_usd', most, 'policy', budget.policy));
            END IF;
            RETURN QUERY SELECT 'exhausted', budget.policy, greatest(1,
                ceil(extract(epoch FROM (next_at::timestamp AT TIME ZONE zone) - now())))::bigint;
            RETURN;
        END IF;
    END LOOP;
    UPDATE budget_windows w SET reserved_usd = w.reserved_usd + asked
    WHERE w.tenant_id = of_tenant AND (w.grain, w.starts) IN (('day', today), ('month', date_trunc('month', today)::date));
    INSERT INTO paid_requests (tenant_id, id, day, provider, model, area, subject, run_id, questions, request_hash, state,
                               reserved_usd, priced, price_version, audio_seconds)
    VALUES (of_tenant, (request ->> 'id')::uuid, today, request ->> 'provider', request ->> 'model', request ->> 'area',
            request ->> 'subject', (request ->> 'run_id')::uuid,
            ARRAY(SELECT jsonb_array_elements_text(request -> 'questions')), request ->> 'request_hash', 'reserved', asked,
            (request ->> 'priced')::boolean, request ->> 'price_version', (request ->> 'audio_seconds')::double precision);
    RETURN QUERY SELECT 'granted', budget.policy, 0::bigint;
END $$;

-- Ends a reservation, once: false when it has ended. `cost` NULL: what was reserved.
CREATE FUNCTION close_paid_request(of_tenant uuid, which uuid, outcome text, cost numeric, usage jsonb, defaults jsonb)
RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    closed record;
    budget record;
    grain_at text;
    starts_at date;
    now_spent numeric;
    most numeric;
BEGIN
    UPDATE paid_requests p
    SET state = outcome, settled_at = now(), estimated = outcome = 'settled' AND cost IS NULL,
        cost_usd = CASE WHEN outcome = 'released' THEN 0 ELSE coalesce(cost, p.reserved_usd) END,
        tokens_in = coalesce((usage ->> 'tokens_in')::bigint, 0), tokens_out = coalesce((usage ->> 'tokens_out')::bigint, 0),
        tokens_cached = coalesce((usage ->> 'tokens_cached')::bigint, 0),
        audio_seconds = CASE WHEN outcome = 'released' THEN 0 ELSE p.audio_seconds END
    WHERE p.tenant_id = of_tenant AND p.id = which AND p.state IN ('reserved', 'answered')
    RETURNING p.day, p.reserved_usd, p.cost_usd INTO closed;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    SELECT * INTO budget FROM budget_in_force(of_tenant, defaults);
    FOREACH grain_at IN ARRAY ARRAY['day', 'month'] LOOP
        starts_at := date_trunc(grain_at, closed.day)::date;
        most := CASE grain_at WHEN 'day' THEN budget.day_usd ELSE budget.month_usd END;
        UPDATE budget_windows w
        SET reserved_usd = w.reserved_usd - closed.reserved_usd, spent_usd = w.spent_usd + closed.cost_usd
        WHERE w.tenant_id = of_tenant AND w.grain = grain_at AND w.starts = starts_at
        RETURNING w.spent_usd INTO now_spent;
        UPDATE budget_windows w SET alerted_usd = most
        WHERE w.tenant_id = of_tenant AND w.grain = grain_at AND w.starts = starts_at
          AND w.alerted_usd IS DISTINCT FROM most AND now_spent > 0 AND now_spent >= 0.8 * most;
        IF FOUND THEN
            INSERT INTO events (tenant_id, type, payload) VALUES (of_tenant, 'budget.alert', jsonb_build_object(
                'window', grain_at, 'starts', starts_at, 'limit_usd', most, 'spent_usd', now_spent));
        END IF;
    END LOOP;
    RETURN true;
END $$;
