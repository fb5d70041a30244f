-- What happens, as it happens: events for listeners, escalations with their handling, remarks, full text, lists of calls.
-- Locks: transcripts is rewritten once for its search column (about a minute for a million), call_insights and call_facts wait for
-- their new indexes.

-- --- events ---------------------------------------------------------------------------------------------------------------

-- Read in the order (xid, id), and only below pg_snapshot_xmin(pg_current_snapshot()): whatever is read can have no older
-- neighbour that commits later. Kept 24 hours. Written in the transaction they tell of.
CREATE TABLE events (
    tenant_id uuid NOT NULL,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    id bigint GENERATED ALWAYS AS IDENTITY,
    type text NOT NULL CHECK (type ~ '^[a-z]+\.[a-z_]+$'),
    call_id uuid,
    agent_id uuid,
    city_id integer,
    escalation_id uuid,
    payload jsonb NOT NULL DEFAULT '{}', -- ids and small figures only, never words of a call
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, xid, id)
);
CALL protect_tenant_table('events', 'SELECT, INSERT');
GRANT DELETE ON events TO hacksmart_worker;

-- The last event thrown away: a listener whose place lies before it has missed something and is told so.
CREATE TABLE event_horizons (
    tenant_id uuid PRIMARY KEY,
    xid xid8 NOT NULL,
    id bigint NOT NULL
);
CALL protect_tenant_table('event_horizons', 'SELECT');
GRANT INSERT, UPDATE ON event_horizons TO hacksmart_worker;

-- For clients that cannot send headers: good once, for a minute. Only the hash is kept.
CREATE TABLE event_tickets (
    tenant_id uuid NOT NULL,
    hash bytea NOT NULL,
    principal text NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, hash)
);
CALL protect_tenant_table('event_tickets', 'SELECT, INSERT, DELETE');

-- --- escalations ----------------------------------------------------------------------------------------------------------

CREATE TABLE escalations (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    call_id uuid NOT NULL,
    evaluation_id uuid NOT NULL, -- the newest one that raised it
    reason text NOT NULL,
    score integer NOT NULL CHECK (score BETWEEN 0 AND 10000), -- escalation score, basis points
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'acknowledged', 'assigned', 'snoozed', 'resolved')),
    assigned_to text,
    snoozed_until timestamptz,
    note text,
    changed_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, call_id) REFERENCES calls (tenant_id, id) ON DELETE CASCADE,
    CHECK ((state = 'snoozed') = (snoozed_until IS NOT NULL)),
    CHECK (state <> 'assigned' OR assigned_to IS NOT NULL)
);
-- A call judged again does not raise the alarm twice while somebody still has it on the desk.
CREATE UNIQUE INDEX escalations_one_live ON escalations (tenant_id, call_id) WHERE state <> 'resolved';
CREATE INDEX escalations_live ON escalations (tenant_id, created_at, id) WHERE state <> 'resolved';
CREATE INDEX escalations_by_time ON escalations (tenant_id, created_at, id);
CREATE INDEX escalations_by_call ON escalations (tenant_id, call_id);
CALL protect_tenant_table('escalations', 'SELECT, INSERT, UPDATE');

CREATE TABLE escalation_steps (
    tenant_id uuid NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    escalation_id uuid NOT NULL,
    action text NOT NULL CHECK (action IN ('raise', 'repeat', 'acknowledge', 'assign', 'snooze', 'resolve')),
    principal text NOT NULL,
    note text,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, escalation_id) REFERENCES escalations (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX escalation_steps_of ON escalation_steps (tenant_id, escalation_id, id);
CALL protect_tenant_table('escalation_steps', 'SELECT, INSERT');

-- --- remarks --------------------------------------------------------------------------------------------------------------

-- All are kept; the newest is also call_insights.human_remarks.
CREATE TABLE remarks (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    call_id uuid NOT NULL,
    text text NOT NULL CHECK (text <> ''),
    principal text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, call_id) REFERENCES calls (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX remarks_by_call ON remarks (tenant_id, call_id, created_at, id);
CALL protect_tenant_table('remarks', 'SELECT, INSERT');

-- Deleting a call deletes what providers answered about it.
CREATE INDEX provider_calls_by_subject ON provider_calls (tenant_id, subject);

-- --- windows --------------------------------------------------------------------------------------------------------------

-- false: judged by an evaluation run or an import that raises no alarm; such a judgement enters no window by its own time.
ALTER TABLE call_insights ADD COLUMN alerts boolean NOT NULL DEFAULT true;
CREATE INDEX call_insights_by_time ON call_insights (tenant_id, created_at);
-- Calls that a person has flagged, whatever the evaluation says.
CREATE INDEX overrides_raised ON overrides (tenant_id, call_id)
    WHERE field = 'escalation_risk' AND value = 1 AND withdrawn_at IS NULL;

-- Calls whose call time, or whose current evaluation, lies within the last minutes; never after now.

-- Flagged calls: by call time, by the time of the evaluation that flagged them, or of one that a person overruled. One plan for
-- all lengths: planning anew takes longer than the answer, and each branch has only one sensible index.
CREATE FUNCTION flagged_calls(of_tenant uuid, minutes integer) RETURNS TABLE (call_id uuid, call_timestamp timestamptz)
LANGUAGE plpgsql STABLE ROWS 20 SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    since timestamptz := now() - minutes * interval '1 minute';
BEGIN
    RETURN QUERY
    SELECT f.call_id, f.call_timestamp
    FROM call_facts f
    WHERE f.tenant_id = of_tenant AND f.emergency AND f.escalated AND f.call_timestamp > since AND f.call_timestamp <= now()
    UNION
    SELECT f.call_id, f.call_timestamp
    FROM call_insights i JOIN call_facts f ON f.tenant_id = of_tenant AND f.call_id = i.call_id
    WHERE i.tenant_id = of_tenant AND i.escalation_risk AND i.alerts AND f.escalated
      AND i.created_at > since AND i.created_at <= now()
    UNION
    SELECT f.call_id, f.call_timestamp
    FROM overrides o
    JOIN call_insights i ON i.tenant_id = of_tenant AND i.call_id = o.call_id
    JOIN call_facts f ON f.tenant_id = of_tenant AND f.call_id = o.call_id
    WHERE o.tenant_id = of_tenant AND o.field = 'escalation_risk' AND o.value = 1 AND o.withdrawn_at IS NULL
      AND i.alerts AND f.escalated AND i.created_at > since AND i.created_at <= now();
END $$;

-- Calls above a coaching priority (basis points), flagged or not. Planned for the length at hand: a plan for all lengths reads
-- the whole of call_facts.
CREATE FUNCTION urgent_calls(of_tenant uuid, minutes integer, above integer)
RETURNS TABLE (call_id uuid, call_timestamp timestamptz)
LANGUAGE plpgsql STABLE ROWS 20 SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    since timestamptz := now() - minutes * interval '1 minute';
BEGIN
    RETURN QUERY
    SELECT f.call_id, f.call_timestamp
    FROM call_facts f
    WHERE f.tenant_id = of_tenant AND f.priority > above AND f.call_timestamp > since AND f.call_timestamp <= now()
    UNION
    SELECT f.call_id, f.call_timestamp
    FROM call_insights i JOIN call_facts f ON f.tenant_id = of_tenant AND f.call_id = i.call_id
    WHERE i.tenant_id = of_tenant AND i.alerts AND f.priority > above AND i.created_at > since AND i.created_at <= now();
END $$;

-- An issue that is an emergency counts by call time alone: it was one before any evaluation.
CREATE FUNCTION emergency_calls(of_tenant uuid, minutes integer) RETURNS TABLE (call_id uuid, call_timestamp timestamptz)
LANGUAGE sql STABLE ROWS 20 SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT f.call_id, f.call_timestamp
    FROM call_facts f
    WHERE f.tenant_id = of_tenant AND f.emergency
      AND f.call_timestamp > now() - minutes * interval '1 minute' AND f.call_timestamp <= now()
    UNION
    SELECT call_id, call_timestamp FROM flagged_calls(of_tenant, minutes)
$$;

-- --- lists of calls -------------------------------------------------------------------------------------------------------

CREATE INDEX call_facts_by_time ON call_facts (tenant_id, call_timestamp, call_id);
-- No score sorts below all scores. CASE, not coalesce: row security trusts only the former to leak nothing.
CREATE INDEX call_facts_by_quality ON call_facts (tenant_id, (CASE WHEN quality IS NULL THEN -1 ELSE quality END), call_id);
CREATE INDEX call_facts_by_priority ON call_facts (tenant_id, (CASE WHEN priority IS NULL THEN -1 ELSE priority END), call_id);
CREATE INDEX call_facts_by_seconds ON call_facts (tenant_id, seconds, call_id);

-- 'simple': Hindi, English and their mixture are not to be stemmed by the rules of one of them. A text of 400,000 characters is
-- a call of about seven hours; the limit keeps the vector below its largest size.
ALTER TABLE transcripts ADD COLUMN search tsvector
    GENERATED ALWAYS AS (to_tsvector('pg_catalog.simple', left(redacted_text, 400000))) STORED;
CREATE INDEX transcripts_by_words ON transcripts USING gin (search);

-- Calls whose current transcript has these words. Under row security the program's roles cannot use the index, so this runs as
-- the owner with its own filter; it is on the closed list of such functions (src/store/statements_test.cpp).
-- More than 50,000 matches are refused (HS001): sorting and counting them would take longer than a reader waits.
CREATE FUNCTION calls_saying(of_tenant uuid, words text) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 200 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wanted tsquery := websearch_to_tsquery('pg_catalog.simple', words);
    matches bigint;
BEGIN
    IF of_tenant IS DISTINCT FROM nullif(current_setting('hs.tenant', true), '')::uuid THEN
        RAISE EXCEPTION 'another tenant' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN QUERY
        SELECT t.call_id
        FROM public.transcripts t
        JOIN public.calls c ON c.tenant_id = t.tenant_id AND c.id = t.call_id AND c.current_transcript_id = t.id
        WHERE t.tenant_id = of_tenant AND t.search @@ wanted
        LIMIT 50001;
    GET DIAGNOSTICS matches = ROW_COUNT;
    IF matches > 50000 THEN
        RAISE EXCEPTION 'too many calls have these words' USING ERRCODE = 'HS001';
    END IF;
END $$;
REVOKE EXECUTE ON FUNCTION calls_saying(uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION calls_saying(uuid, text) TO hacksmart_app, hacksmart_worker;

-- The calls a filter leaves; members of `wanted` that are absent narrow nothing, nor does a NULL `saying` or `cities`. Inlined into its callers, and planned there
-- for the values at hand: an absent member then costs nothing, calls are joined only when a filter looks at them.
CREATE FUNCTION filtered_calls(of_tenant uuid, wanted jsonb, saying uuid[], cities integer[]) RETURNS SETOF call_facts
LANGUAGE sql STABLE AS $$
    SELECT f.*
    FROM public.call_facts f
    LEFT JOIN public.calls c ON c.tenant_id = f.tenant_id AND c.id = f.call_id
    WHERE f.tenant_id = of_tenant
      AND (wanted ->> 'agent_id' IS NULL OR f.agent_id = (wanted ->> 'agent_id')::uuid)
      AND (wanted ->> 'city_id' IS NULL OR f.city_id = (wanted ->> 'city_id')::integer)
      AND (cities IS NULL OR f.city_id = ANY (cities))
      AND (wanted ->> 'issue' IS NULL OR f.issue = wanted ->> 'issue')
      AND (wanted ->> 'language' IS NULL OR f.language = wanted ->> 'language')
      AND (wanted ->> 'from' IS NULL OR f.call_timestamp >= (wanted ->> 'from')::timestamptz)
      AND (wanted ->> 'to' IS NULL OR f.call_timestamp < (wanted ->> 'to')::timestamptz)
      AND (wanted ->> 'from_day' IS NULL OR f.day >= (wanted ->> 'from_day')::date)
      AND (wanted ->> 'to_day' IS NULL OR f.day < (wanted ->> 'to_day')::date)
      AND (wanted ->> 'min_score' IS NULL OR CASE WHEN f.quality IS NULL THEN -1 ELSE f.quality END >= (wanted ->> 'min_score')::integer)
      AND (wanted ->> 'max_score' IS NULL OR
           CASE WHEN f.quality IS NULL THEN -1 ELSE f.quality END BETWEEN 0 AND (wanted ->> 'max_score')::integer)
      AND (wanted ->> 'flagged' IS NULL OR f.escalated = (wanted ->> 'flagged')::boolean)
      AND (wanted ->> 'emergency' IS NULL OR f.emergency = (wanted ->> 'emergency')::boolean)
      AND (wanted ->> 'status' IS NULL OR c.processing_status = wanted ->> 'status')
      AND (wanted ->> 'context' IS NULL OR c.call_context = wanted ->> 'context')
      AND (wanted ->> 'external_id' IS NULL OR c.external_id = wanted ->> 'external_id')
      AND (saying IS NULL OR f.call_id = ANY (saying))
$$;

-- What filtered_calls takes beside `wanted`, looked up first: the planner then knows how many there are. NULL: not asked for.
CREATE FUNCTION wanted_sayings(of_tenant uuid, wanted jsonb) RETURNS uuid[]
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE WHEN wanted ->> 'q' IS NOT NULL THEN ARRAY(SELECT calls_saying(of_tenant, wanted ->> 'q')) END
$$;
CREATE FUNCTION wanted_cities(of_tenant uuid, wanted jsonb) RETURNS integer[]
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE WHEN wanted ->> 'state' IS NOT NULL
           THEN ARRAY(SELECT y.id FROM cities y WHERE y.tenant_id = of_tenant AND y.state = wanted ->> 'state') END
$$;

-- One page of calls after a place, in one of eight orders; `place` is what the last row of the page before was sorted by.
-- plan_cache_mode: with the values known, only one of the orders is left and its index serves it.
CREATE FUNCTION list_calls(of_tenant uuid, wanted jsonb, ordering text, place text, after_call uuid, most integer)
RETURNS TABLE (call_id uuid, sorted_by text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    key text := ltrim(ordering, '-');
    falling boolean := left(ordering, 1) = '-';
    after_time timestamptz := CASE WHEN ltrim(ordering, '-') = 'call_timestamp' THEN place::timestamptz END;
    after_number integer := CASE WHEN ltrim(ordering, '-') <> 'call_timestamp' THEN place::integer END;
    saying uuid[] := wanted_sayings(of_tenant, wanted);
    cities integer[] := wanted_cities(of_tenant, wanted);
BEGIN
    RETURN QUERY
    SELECT f.call_id,
           CASE key WHEN 'call_timestamp' THEN f.call_timestamp::text
                    WHEN 'overall_quality' THEN CASE WHEN f.quality IS NULL THEN -1 ELSE f.quality END::text
                    WHEN 'coaching_priority' THEN CASE WHEN f.priority IS NULL THEN -1 ELSE f.priority END::text
                    WHEN 'duration_seconds' THEN f.seconds::text END
    FROM filtered_calls(of_tenant, wanted, saying, cities) f
    WHERE after_call IS NULL OR
          CASE ordering
              WHEN '-call_timestamp' THEN (f.call_timestamp, f.call_id) < (after_time, after_call)
              WHEN 'call_timestamp' THEN (f.call_timestamp, f.call_id) > (after_time, after_call)
              WHEN '-overall_quality' THEN (CASE WHEN f.quality IS NULL THEN -1 ELSE f.quality END, f.call_id) < (after_number, after_call)
              WHEN 'overall_quality' THEN (CASE WHEN f.quality IS NULL THEN -1 ELSE f.quality END, f.call_id) > (after_number, after_call)
              WHEN '-coaching_priority' THEN (CASE WHEN f.priority IS NULL THEN -1 ELSE f.priority END, f.call_id) < (after_number, after_call)
              WHEN 'coaching_priority' THEN (CASE WHEN f.priority IS NULL THEN -1 ELSE f.priority END, f.call_id) > (after_number, after_call)
              WHEN '-duration_seconds' THEN (f.seconds, f.call_id) < (after_number, after_call)
              WHEN 'duration_seconds' THEN (f.seconds, f.call_id) > (after_number, after_call)
          END
    ORDER BY CASE WHEN key = 'call_timestamp' AND falling THEN f.call_timestamp END DESC,
             CASE WHEN key = 'call_timestamp' AND NOT falling THEN f.call_timestamp END,
             CASE WHEN key = 'overall_quality' AND falling THEN CASE WHEN f.quality IS NULL THEN -1 ELSE f.quality END END DESC,
             CASE WHEN key = 'overall_quality' AND NOT falling THEN CASE WHEN f.quality IS NULL THEN -1 ELSE f.quality END END,
             CASE WHEN key = 'coaching_priority' AND falling THEN CASE WHEN f.priority IS NULL THEN -1 ELSE f.priority END END DESC,
             CASE WHEN key = 'coaching_priority' AND NOT falling THEN CASE WHEN f.priority IS NULL THEN -1 ELSE f.priority END END,
             CASE WHEN key = 'duration_seconds' AND falling THEN f.seconds END DESC,
             CASE WHEN key = 'duration_seconds' AND NOT falling THEN f.seconds END,
             CASE WHEN falling THEN f.call_id END DESC,
             CASE WHEN NOT falling THEN f.call_id END
    LIMIT most;
END $$;

-- How many calls a filter leaves, counted no further than `most`.
CREATE FUNCTION count_calls(of_tenant uuid, wanted jsonb, most integer) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    saying uuid[] := wanted_sayings(of_tenant, wanted);
    cities integer[] := wanted_cities(of_tenant, wanted);
BEGIN
    RETURN (SELECT count(*) FROM (SELECT 1 FROM filtered_calls(of_tenant, wanted, saying, cities) LIMIT most) AS counted);
END $$;
