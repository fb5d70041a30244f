-- How providers are doing, counted by all workers together: a breaker and how much is asked of each at once.
-- Locks: provider_state for an instant; it has a row a provider, key, address and model.

ALTER TABLE provider_state
    ADD COLUMN breaker text NOT NULL DEFAULT 'closed' CHECK (breaker IN ('closed', 'open', 'half_open')),
    ADD COLUMN openings integer NOT NULL DEFAULT 0,           -- since it was last closed
    ADD COLUMN probe_until timestamptz,                       -- until then one request finds out whether it is over
    ADD COLUMN failures_in_a_row integer NOT NULL DEFAULT 0,
    ADD COLUMN newest_slot bigint NOT NULL DEFAULT 0,         -- five seconds each; the last of the six below
    ADD COLUMN recent_good integer[] NOT NULL DEFAULT '{0,0,0,0,0,0}',
    ADD COLUMN recent_bad integer[] NOT NULL DEFAULT '{0,0,0,0,0,0}',
    ADD COLUMN at_once real,                                  -- requests of one process in flight; NULL: as it begins
    ADD COLUMN clean integer NOT NULL DEFAULT 0,              -- successes since at_once was last changed
    ADD COLUMN slowed_at timestamptz;

-- Whether one more request may go: go, probe (the breaker is open and this one finds out whether it is over), paused, or
-- probed (somebody else is finding out). Writes nothing while all is well.
CREATE FUNCTION admit_provider_request(of_provider text, of_key text, of_model text, probe_seconds double precision)
RETURNS TABLE (verdict text, wait_seconds double precision, at_once real, as_of timestamptz)
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    state record;
BEGIN
    SELECT p.breaker, p.paused_until, p.at_once INTO state FROM provider_state p
    WHERE p.provider = of_provider AND p.key_id = of_key AND p.model = of_model;
    IF state.paused_until > clock_timestamp() THEN
        RETURN QUERY SELECT 'paused', extract(epoch FROM state.paused_until - clock_timestamp())::double precision, state.at_once, clock_timestamp();
    ELSIF coalesce(state.breaker, 'closed') = 'closed' THEN
        RETURN QUERY SELECT 'go', 0::double precision, state.at_once, clock_timestamp();
    ELSE
        UPDATE provider_state p
        SET breaker = 'half_open', probe_until = clock_timestamp() + probe_seconds * interval '1 second', updated_at = now()
        WHERE p.provider = of_provider AND p.key_id = of_key AND p.model = of_model AND p.breaker <> 'closed'
          AND coalesce(p.paused_until, '-infinity') <= clock_timestamp()
          AND coalesce(p.probe_until, '-infinity') <= clock_timestamp();
        RETURN QUERY SELECT CASE WHEN FOUND THEN 'probe' ELSE 'probed' END, 0::double precision, state.at_once, clock_timestamp();
    END IF;
END $$;

-- Counts what a request came to. facts: verdict good, slow (good, but later than usual), bad, overload (the provider wants less)
-- or neutral; probing; admitted_at, as it was told on admission; first_at_once, most_at_once; first_pause, longest_pause in seconds.
-- opened_seconds: how long everybody stays away, when this was the failure that opened the breaker.
CREATE FUNCTION note_provider_outcome(of_provider text, of_key text, of_model text, facts jsonb)
RETURNS TABLE (breaker text, opened_seconds double precision, at_once real)
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    verdict text := facts ->> 'verdict';
    probing boolean := (facts ->> 'probing')::boolean;
    slot bigint := floor(extract(epoch FROM clock_timestamp()) / 5);
    passed integer;
    s provider_state;
    total integer;
    pause double precision;
BEGIN
    -- Losing a count in a crash of the database is harmless.
    PERFORM set_config('synchronous_commit', 'off', true);
    INSERT INTO provider_state (provider, key_id, model) VALUES (of_provider, of_key, of_model) ON CONFLICT DO NOTHING;
    SELECT p.* INTO s FROM provider_state p
    WHERE p.provider = of_provider AND p.key_id = of_key AND p.model = of_model FOR UPDATE;

    passed := least(6, greatest(0, slot - s.newest_slot));
    s.newest_slot := greatest(slot, s.newest_slot);
    s.recent_good := s.recent_good[passed + 1:6] || array_fill(0, ARRAY[passed]);
    s.recent_bad := s.recent_bad[passed + 1:6] || array_fill(0, ARRAY[passed]);
    s.at_once := coalesce(s.at_once, (facts ->> 'first_at_once')::real);

    IF verdict IN ('good', 'slow') THEN
        s.recent_good[6] := s.recent_good[6] + 1;
        s.failures_in_a_row := 0;
    ELSIF verdict = 'bad' THEN
        s.recent_bad[6] := s.recent_bad[6] + 1;
        s.failures_in_a_row := s.failures_in_a_row + 1;
        s.clean := 0;
    END IF;

    -- What was under way when it was last slowed down says nothing about the slower pace.
    IF verdict IN ('slow', 'overload') AND coalesce(s.slowed_at, '-infinity') < (facts ->> 'admitted_at')::timestamptz THEN
        s.at_once := greatest(1, s.at_once * 0.7);
        s.slowed_at := clock_timestamp();
        s.clean := 0;
    ELSIF verdict = 'good' THEN
        s.clean := s.clean + 1;
        IF s.clean >= floor(s.at_once) THEN
            s.at_once := greatest(s.at_once, least((facts ->> 'most_at_once')::real, s.at_once + 1));
            s.clean := 0;
        END IF;
    END IF;

    IF probing THEN
        s.probe_until := NULL;
    END IF;
    IF probing AND verdict IN ('good', 'slow') THEN
        s.breaker := 'closed';
        s.openings := 0;
        s.recent_good := '{0,0,0,0,0,0}';
        s.recent_bad := '{0,0,0,0,0,0}';
    END IF;
    total := (SELECT sum(n) FROM unnest(s.recent_good || s.recent_bad) AS n);
    IF verdict = 'bad' AND (probing OR s.breaker = 'closed' AND (s.failures_in_a_row >= 5
       OR total >= 20 AND 2 * (SELECT sum(n) FROM unnest(s.recent_bad) AS n) >= total)) THEN
        pause := least((facts ->> 'longest_pause')::double precision,
                       (facts ->> 'first_pause')::double precision * 2 ^ least(s.openings, 10));
        s.breaker := 'open';
        s.openings := s.openings + 1;
        s.paused_until := greatest(s.paused_until, clock_timestamp() + pause * interval '1 second');
        s.failures_in_a_row := 0;
        s.recent_good := '{0,0,0,0,0,0}';
        s.recent_bad := '{0,0,0,0,0,0}';
        s.at_once := 1;
        s.clean := 0;
    END IF;

    UPDATE provider_state p
    SET breaker = s.breaker, openings = s.openings, paused_until = s.paused_until, probe_until = s.probe_until,
        failures_in_a_row = s.failures_in_a_row, newest_slot = s.newest_slot, recent_good = s.recent_good,
        recent_bad = s.recent_bad, at_once = s.at_once, clean = s.clean, slowed_at = s.slowed_at, updated_at = now()
    WHERE p.provider = of_provider AND p.key_id = of_key AND p.model = of_model;
    RETURN QUERY SELECT s.breaker, pause, s.at_once;
END $$;
