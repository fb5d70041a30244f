-- What the files of db/migrations make together. Written by `make schema`; never edited, never run.
--
-- PostgreSQL database dump
--

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: reference; Type: SCHEMA; Schema: -; Owner: hacksmart_owner
--

CREATE SCHEMA reference;

ALTER SCHEMA reference OWNER TO hacksmart_owner;

--
-- Name: admit_provider_request(text, text, text, double precision); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.admit_provider_request(of_provider text, of_key text, of_model text, probe_seconds double precision) RETURNS TABLE(verdict text, wait_seconds double precision, at_once real, as_of timestamp with time zone)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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

ALTER FUNCTION public.admit_provider_request(of_provider text, of_key text, of_model text, probe_seconds double precision) OWNER TO hacksmart_owner;

--
-- Name: answered_questions(json, text); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.answered_questions(document json, with_state text) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT coalesce(array_agg(DISTINCT answer ->> 'question_id' ORDER BY answer ->> 'question_id'), '{}')
    FROM json_array_elements(CASE WHEN json_typeof(document -> 'answers') = 'array' THEN document -> 'answers' ELSE '[]' END)
        AS answer
    WHERE answer ->> 'state' = with_state AND answer ->> 'question_id' <> ''
$$;

ALTER FUNCTION public.answered_questions(document json, with_state text) OWNER TO hacksmart_owner;

--
-- Name: budget_in_force(uuid, jsonb); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.budget_in_force(of_tenant uuid, defaults jsonb) RETURNS TABLE(day_usd numeric, month_usd numeric, policy text, stopped boolean, stopped_providers text[])
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT coalesce(b.day_usd, (defaults ->> 'day_usd')::numeric), coalesce(b.month_usd, (defaults ->> 'month_usd')::numeric),
           coalesce(b.policy, defaults ->> 'policy'), coalesce(b.stopped, false), coalesce(b.stopped_providers, '{}')
    FROM (SELECT) AS always LEFT JOIN budgets b ON b.tenant_id = of_tenant
$$;

ALTER FUNCTION public.budget_in_force(of_tenant uuid, defaults jsonb) OWNER TO hacksmart_owner;

--
-- Name: calls_for_run(uuid, jsonb, uuid, integer); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.calls_for_run(of_tenant uuid, wanted jsonb, only_call uuid, most integer) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
DECLARE
    saying uuid[] := wanted_sayings(of_tenant, wanted);
    cities integer[] := wanted_cities(of_tenant, wanted);
BEGIN
    RETURN QUERY
    SELECT f.call_id
    FROM filtered_calls(of_tenant, wanted, saying, cities) f
    JOIN calls k ON k.tenant_id = of_tenant AND k.id = f.call_id
    WHERE f.analysed AND k.current_transcript_id IS NOT NULL AND (only_call IS NULL OR f.call_id = only_call)
    LIMIT most;
END $$;

ALTER FUNCTION public.calls_for_run(of_tenant uuid, wanted jsonb, only_call uuid, most integer) OWNER TO hacksmart_owner;

--
-- Name: calls_saying(uuid, text); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.calls_saying(of_tenant uuid, words text) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 200
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION public.calls_saying(of_tenant uuid, words text) OWNER TO hacksmart_owner;

--
-- Name: calls_to_facts(); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.calls_to_facts() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN PERFORM public.refresh_call_facts(OLD.tenant_id, OLD.id); END IF;
    IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND (OLD.tenant_id, OLD.id) <> (NEW.tenant_id, NEW.id)) THEN
        PERFORM public.refresh_call_facts(NEW.tenant_id, NEW.id);
    END IF;
    RETURN NULL;
END $$;

ALTER FUNCTION public.calls_to_facts() OWNER TO hacksmart_owner;

--
-- Name: close_paid_request(uuid, uuid, text, numeric, jsonb, jsonb); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.close_paid_request(of_tenant uuid, which uuid, outcome text, cost numeric, usage jsonb, defaults jsonb) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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

ALTER FUNCTION public.close_paid_request(of_tenant uuid, which uuid, outcome text, cost numeric, usage jsonb, defaults jsonb) OWNER TO hacksmart_owner;

--
-- Name: count_calls(uuid, jsonb, integer); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.count_calls(of_tenant uuid, wanted jsonb, most integer) RETURNS bigint
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
DECLARE
    saying uuid[] := wanted_sayings(of_tenant, wanted);
    cities integer[] := wanted_cities(of_tenant, wanted);
BEGIN
    RETURN (SELECT count(*) FROM (SELECT 1 FROM filtered_calls(of_tenant, wanted, saying, cities) LIMIT most) AS counted);
END $$;

ALTER FUNCTION public.count_calls(of_tenant uuid, wanted jsonb, most integer) OWNER TO hacksmart_owner;

--
-- Name: emergency_calls(uuid, integer); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.emergency_calls(of_tenant uuid, minutes integer) RETURNS TABLE(call_id uuid, call_timestamp timestamp with time zone)
    LANGUAGE sql STABLE ROWS 20
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT f.call_id, f.call_timestamp
    FROM call_facts f
    WHERE f.tenant_id = of_tenant AND f.emergency
      AND f.call_timestamp > now() - minutes * interval '1 minute' AND f.call_timestamp <= now()
    UNION
    SELECT call_id, call_timestamp FROM flagged_calls(of_tenant, minutes)
$$;

ALTER FUNCTION public.emergency_calls(of_tenant uuid, minutes integer) OWNER TO hacksmart_owner;

--
-- Name: facts_to_outbox(); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.facts_to_outbox() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    delta bigint := nextval('public.rollup_outbox_ids');
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO public.rollup_outbox (tenant_id, id, sign, agent_id, city_id, issue, day,
            calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count,
            sop_sum, sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count,
            communication_sum, priority_count, priority_sum)
        SELECT OLD.tenant_id, delta, -1, n.agent_id, n.city_id, n.issue, n.day,
            -n.calls, -n.analysed, -n.provisional, -n.escalated, -n.emergencies, -n.seconds, -n.quality_count,
            -n.quality_sum, -n.sop_count, -n.sop_sum, -n.sentiment_count, -n.sentiment_sum, -n.resolution_count,
            -n.resolution_sum, -n.communication_count, -n.communication_sum, -n.priority_count, -n.priority_sum
        FROM public.figures_of(OLD) AS n;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO public.rollup_outbox (tenant_id, id, sign, agent_id, city_id, issue, day,
            calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count,
            sop_sum, sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count,
            communication_sum, priority_count, priority_sum)
        SELECT NEW.tenant_id, delta, 1, n.agent_id, n.city_id, n.issue, n.day,
            n.calls, n.analysed, n.provisional, n.escalated, n.emergencies, n.seconds, n.quality_count,
            n.quality_sum, n.sop_count, n.sop_sum, n.sentiment_count, n.sentiment_sum, n.resolution_count,
            n.resolution_sum, n.communication_count, n.communication_sum, n.priority_count, n.priority_sum
        FROM public.figures_of(NEW) AS n;
    END IF;
    RETURN NULL;
END $$;

ALTER FUNCTION public.facts_to_outbox() OWNER TO hacksmart_owner;

--
-- Name: facts_to_rules(); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.facts_to_rules() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM public.rule_facts r WHERE r.tenant_id = OLD.tenant_id AND r.call_id = OLD.call_id;
    ELSE
        UPDATE public.rule_facts r SET agent_id = NEW.agent_id, city_id = NEW.city_id, day = NEW.day
        WHERE r.tenant_id = NEW.tenant_id AND r.call_id = NEW.call_id;
    END IF;
    RETURN NULL;
END $$;

ALTER FUNCTION public.facts_to_rules() OWNER TO hacksmart_owner;

--
-- Name: failed_questions(json); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.failed_questions(document json) RETURNS SETOF text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT DISTINCT answer ->> 'question_id'
    FROM json_array_elements(CASE WHEN json_typeof(document -> 'answers') = 'array' THEN document -> 'answers' ELSE '[]' END)
        AS answer
    WHERE answer ->> 'state' = 'fail' AND answer ->> 'question_id' <> ''
$$;

ALTER FUNCTION public.failed_questions(document json) OWNER TO hacksmart_owner;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: call_facts; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.call_facts (
    tenant_id uuid NOT NULL,
    call_id uuid NOT NULL,
    agent_id uuid,
    city_id integer,
    issue text,
    day date NOT NULL,
    call_timestamp timestamp with time zone NOT NULL,
    seconds integer NOT NULL,
    language text,
    analysed boolean NOT NULL,
    scored boolean NOT NULL,
    provisional boolean NOT NULL,
    quality integer,
    sop integer,
    sentiment integer,
    resolution integer,
    communication integer,
    priority integer,
    escalated boolean NOT NULL,
    issue_emergency boolean NOT NULL,
    emergency boolean GENERATED ALWAYS AS ((escalated OR issue_emergency)) STORED NOT NULL
)
WITH (fillfactor='80');

ALTER TABLE ONLY public.call_facts FORCE ROW LEVEL SECURITY;

ALTER TABLE public.call_facts OWNER TO hacksmart_owner;

--
-- Name: figures_of(public.call_facts); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.figures_of(f public.call_facts) RETURNS TABLE(agent_id uuid, city_id integer, issue text, day date, calls integer, analysed integer, provisional integer, escalated integer, emergencies integer, seconds integer, quality_count integer, quality_sum integer, sop_count integer, sop_sum integer, sentiment_count integer, sentiment_sum integer, resolution_count integer, resolution_sum integer, communication_count integer, communication_sum integer, priority_count integer, priority_sum integer)
    LANGUAGE sql IMMUTABLE ROWS 1 PARALLEL SAFE
    AS $$
    SELECT coalesce(f.agent_id, '00000000-0000-0000-0000-000000000000'), coalesce(f.city_id, 0), coalesce(f.issue, ''),
           f.day, 1, f.analysed::int, f.provisional::int, f.escalated::int, f.emergency::int, f.seconds,
           (f.quality IS NOT NULL)::int, coalesce(f.quality, 0), (f.sop IS NOT NULL)::int, coalesce(f.sop, 0),
           (f.sentiment IS NOT NULL)::int, coalesce(f.sentiment, 0),
           (f.resolution IS NOT NULL)::int, coalesce(f.resolution, 0),
           (f.communication IS NOT NULL)::int, coalesce(f.communication, 0),
           (f.priority IS NOT NULL)::int, coalesce(f.priority, 0)
$$;

ALTER FUNCTION public.figures_of(f public.call_facts) OWNER TO hacksmart_owner;

--
-- Name: figures_of_calls(uuid, jsonb, date, date, boolean, boolean, boolean); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.figures_of_calls(of_tenant uuid, wanted jsonb, low date, high date, by_agent boolean, by_city boolean, by_issue boolean) RETURNS TABLE(agent_id uuid, city_id integer, issue text, calls bigint, analysed bigint, escalated bigint, emergencies bigint, quality_count bigint, quality_sum bigint, sop_count bigint, sop_sum bigint, sentiment_count bigint, sentiment_sum bigint)
    LANGUAGE plpgsql STABLE STRICT
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
DECLARE
    asked jsonb := wanted || jsonb_build_object('from_day', low, 'to_day', high);
    cities integer[] := wanted_cities(of_tenant, wanted);
    firm boolean := coalesce(wanted ->> 'ranked' = 'firm', false);
BEGIN
    RETURN QUERY
    SELECT CASE WHEN by_agent THEN f.agent_id END, CASE WHEN by_city THEN f.city_id END, CASE WHEN by_issue THEN f.issue END,
           count(*), count(*) FILTER (WHERE f.analysed), count(*) FILTER (WHERE f.escalated),
           count(*) FILTER (WHERE f.emergency),
           count(f.quality) FILTER (WHERE NOT (firm AND f.provisional)),
           coalesce(sum(f.quality) FILTER (WHERE NOT (firm AND f.provisional)), 0)::bigint,
           count(f.sop), coalesce(sum(f.sop), 0)::bigint,
           count(f.sentiment), coalesce(sum(f.sentiment), 0)::bigint
    FROM filtered_calls(of_tenant, asked, NULL, cities) f
    GROUP BY 1, 2, 3;
END $$;

ALTER FUNCTION public.figures_of_calls(of_tenant uuid, wanted jsonb, low date, high date, by_agent boolean, by_city boolean, by_issue boolean) OWNER TO hacksmart_owner;

--
-- Name: filtered_calls(uuid, jsonb, uuid[], integer[]); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.filtered_calls(of_tenant uuid, wanted jsonb, saying uuid[], cities integer[]) RETURNS SETOF public.call_facts
    LANGUAGE sql STABLE
    AS $$
    SELECT f.*
    FROM public.call_facts f
    LEFT JOIN public.calls c ON c.tenant_id = f.tenant_id AND c.id = f.call_id
    LEFT JOIN public.missed_rules m
        ON m.tenant_id = f.tenant_id AND m.call_id = f.call_id AND m.rule_id = coalesce(wanted ->> 'rule', '')
    LEFT JOIN (SELECT o.call_id FROM public.overrides o WHERE o.tenant_id = of_tenant AND o.withdrawn_at IS NULL
               UNION
               SELECT r.call_id FROM public.remarks r WHERE r.tenant_id = of_tenant) AS looked_at
        ON looked_at.call_id = f.call_id
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
      AND (wanted ->> 'min_score' IS NULL OR
           CASE WHEN f.quality IS NULL THEN -1 ELSE f.quality END >= (wanted ->> 'min_score')::integer)
      AND (wanted ->> 'max_score' IS NULL OR
           CASE WHEN f.quality IS NULL THEN -1 ELSE f.quality END BETWEEN 0 AND (wanted ->> 'max_score')::integer)
      AND (wanted ->> 'flagged' IS NULL OR f.escalated = (wanted ->> 'flagged')::boolean)
      AND (wanted ->> 'emergency' IS NULL OR f.emergency = (wanted ->> 'emergency')::boolean)
      AND (wanted ->> 'status' IS NULL OR c.processing_status = wanted ->> 'status')
      AND (wanted ->> 'context' IS NULL OR c.call_context = wanted ->> 'context')
      AND (wanted ->> 'external_id' IS NULL OR c.external_id = wanted ->> 'external_id')
      AND (wanted ->> 'rule' IS NULL OR m.call_id IS NOT NULL)
      AND (wanted ->> 'reviewed' IS NULL OR (looked_at.call_id IS NOT NULL) = (wanted ->> 'reviewed')::boolean)
      AND (saying IS NULL OR f.call_id = ANY (saying))
$$;

ALTER FUNCTION public.filtered_calls(of_tenant uuid, wanted jsonb, saying uuid[], cities integer[]) OWNER TO hacksmart_owner;

--
-- Name: flagged_calls(uuid, integer); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.flagged_calls(of_tenant uuid, minutes integer) RETURNS TABLE(call_id uuid, call_timestamp timestamp with time zone)
    LANGUAGE plpgsql STABLE ROWS 20
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
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

ALTER FUNCTION public.flagged_calls(of_tenant uuid, minutes integer) OWNER TO hacksmart_owner;

--
-- Name: folded_name(text); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.folded_name(name text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
    SELECT btrim(regexp_replace(lower(normalize(name, NFC)), '\s+', ' ', 'g'))
$$;

ALTER FUNCTION public.folded_name(name text) OWNER TO hacksmart_owner;

--
-- Name: judgement_to_facts(); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.judgement_to_facts() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN PERFORM public.refresh_call_facts(OLD.tenant_id, OLD.call_id); END IF;
    IF TG_OP = 'INSERT' OR
       (TG_OP = 'UPDATE' AND (OLD.tenant_id, OLD.call_id) <> (NEW.tenant_id, NEW.call_id)) THEN
        PERFORM public.refresh_call_facts(NEW.tenant_id, NEW.call_id);
    END IF;
    RETURN NULL;
END $$;

ALTER FUNCTION public.judgement_to_facts() OWNER TO hacksmart_owner;

--
-- Name: judgement_to_rules(); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.judgement_to_rules() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM public.refresh_rule_facts(OLD.tenant_id, OLD.call_id);
    ELSE
        PERFORM public.refresh_rule_facts(NEW.tenant_id, NEW.call_id);
    END IF;
    RETURN NULL;
END $$;

ALTER FUNCTION public.judgement_to_rules() OWNER TO hacksmart_owner;

--
-- Name: list_calls(uuid, jsonb, text, text, uuid, integer); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.list_calls(of_tenant uuid, wanted jsonb, ordering text, place text, after_call uuid, most integer) RETURNS TABLE(call_id uuid, sorted_by text)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
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

ALTER FUNCTION public.list_calls(of_tenant uuid, wanted jsonb, ordering text, place text, after_call uuid, most integer) OWNER TO hacksmart_owner;

--
-- Name: maintain_jobs_history(); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.maintain_jobs_history() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $_$
DECLARE
    month date;
    part record;
    name text;
BEGIN
    FOR month IN SELECT (date_trunc('month', now() AT TIME ZONE 'UTC') + n * interval '1 month')::date
                 FROM generate_series(0, 2) AS n LOOP
        name := 'jobs_history_' || to_char(month, 'YYYY_MM');
        CONTINUE WHEN to_regclass('public.' || name) IS NOT NULL;
        BEGIN
            EXECUTE format('CREATE TABLE public.%I PARTITION OF public.jobs_history FOR VALUES FROM (%L) TO (%L)',
                           name, month::text || ' 00:00+00', (month + interval '1 month')::date::text || ' 00:00+00');
            EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
            EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
        EXCEPTION WHEN check_violation THEN
            NULL; -- the default partition already holds rows of that month: they stay there
        END;
    END LOOP;
    DELETE FROM public.jobs_history WHERE outcome <> 'dead' AND finished_at < now() - interval '30 days';
    DELETE FROM public.jobs_history WHERE finished_at < now() - interval '180 days';
    FOR part IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                WHERE i.inhparent = 'public.jobs_history'::regclass AND c.relname ~ '^jobs_history_\d{4}_\d{2}$'
                  AND to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' < now() - interval '180 days' LOOP
        EXECUTE format('DROP TABLE public.%I', part.relname);
    END LOOP;
END $_$;

ALTER FUNCTION public.maintain_jobs_history() OWNER TO hacksmart_owner;

--
-- Name: note_category_change(); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.note_category_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO public.call_facts_rewrites (tenant_id) SELECT DISTINCT tenant_id FROM changed;
    RETURN NULL;
END $$;

ALTER FUNCTION public.note_category_change() OWNER TO hacksmart_owner;

--
-- Name: note_change(); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.note_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO public.rollup_outbox (tenant_id) SELECT DISTINCT tenant_id FROM changed;
    RETURN NULL;
END $$;

ALTER FUNCTION public.note_change() OWNER TO hacksmart_owner;

--
-- Name: note_missed_rules(); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.note_missed_rules() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    DELETE FROM public.missed_rules m WHERE m.tenant_id = NEW.tenant_id AND m.call_id = NEW.call_id;
    INSERT INTO public.missed_rules (tenant_id, rule_id, call_id)
    SELECT NEW.tenant_id, rule_id, NEW.call_id
    FROM public.evaluations e CROSS JOIN LATERAL public.failed_questions(e.document) AS rule_id
    WHERE e.tenant_id = NEW.tenant_id AND e.id = NEW.evaluation_id;
    RETURN NULL;
END $$;

ALTER FUNCTION public.note_missed_rules() OWNER TO hacksmart_owner;

--
-- Name: note_provider_outcome(text, text, text, jsonb); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.note_provider_outcome(of_provider text, of_key text, of_model text, facts jsonb) RETURNS TABLE(breaker text, opened_seconds double precision, at_once real)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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

ALTER FUNCTION public.note_provider_outcome(of_provider text, of_key text, of_model text, facts jsonb) OWNER TO hacksmart_owner;

--
-- Name: note_zone_change(); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.note_zone_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO public.call_facts_rewrites (tenant_id) VALUES (NEW.id);
    RETURN NULL;
END $$;

ALTER FUNCTION public.note_zone_change() OWNER TO hacksmart_owner;

--
-- Name: protect_tenant_table(text, text); Type: PROCEDURE; Schema: public; Owner: hacksmart_owner
--

CREATE PROCEDURE public.protect_tenant_table(IN table_name text, IN rights text)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', table_name);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', table_name);
    EXECUTE format(
        'CREATE POLICY tenant ON public.%I TO hacksmart_app, hacksmart_worker '
        'USING (tenant_id = nullif(current_setting(''hs.tenant'', true), '''')::uuid) '
        'WITH CHECK (tenant_id = nullif(current_setting(''hs.tenant'', true), '''')::uuid)', table_name);
    EXECUTE format('CREATE POLICY migrations ON public.%I TO hacksmart_owner USING (true) WITH CHECK (true)',
                   table_name);
    EXECUTE format('GRANT %s ON public.%I TO hacksmart_app, hacksmart_worker', rights, table_name);
END $$;

ALTER PROCEDURE public.protect_tenant_table(IN table_name text, IN rights text) OWNER TO hacksmart_owner;

--
-- Name: refresh_call_facts(uuid, uuid); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.refresh_call_facts(of_tenant uuid, of_call uuid) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    PERFORM 1 FROM public.call_facts f WHERE f.tenant_id = of_tenant AND f.call_id = of_call FOR UPDATE;
    INSERT INTO public.call_facts AS f (
        tenant_id, call_id, agent_id, city_id, issue, day, call_timestamp, seconds, language, analysed, scored,
        provisional, quality, sop, sentiment, resolution, communication, priority, escalated, issue_emergency)
    SELECT e.tenant_id, e.call_id, e.agent_id, e.city_id, e.issue, e.day, e.call_timestamp, e.seconds, e.language,
           e.analysed, e.scored, e.provisional, e.quality, e.sop, e.sentiment, e.resolution, e.communication,
           e.priority, e.escalated, e.issue_emergency
    FROM public.call_facts_expected e WHERE e.tenant_id = of_tenant AND e.call_id = of_call
    ON CONFLICT (tenant_id, call_id) DO UPDATE SET
        agent_id = excluded.agent_id, city_id = excluded.city_id, issue = excluded.issue, day = excluded.day,
        call_timestamp = excluded.call_timestamp, seconds = excluded.seconds, language = excluded.language,
        analysed = excluded.analysed, scored = excluded.scored, provisional = excluded.provisional,
        quality = excluded.quality, sop = excluded.sop, sentiment = excluded.sentiment,
        resolution = excluded.resolution, communication = excluded.communication, priority = excluded.priority,
        escalated = excluded.escalated, issue_emergency = excluded.issue_emergency
    WHERE (f.agent_id, f.city_id, f.issue, f.day, f.call_timestamp, f.seconds, f.language, f.analysed, f.scored,
           f.provisional, f.quality, f.sop, f.sentiment, f.resolution, f.communication, f.priority, f.escalated,
           f.issue_emergency)
        IS DISTINCT FROM
          (excluded.agent_id, excluded.city_id, excluded.issue, excluded.day, excluded.call_timestamp,
           excluded.seconds, excluded.language, excluded.analysed, excluded.scored, excluded.provisional,
           excluded.quality, excluded.sop, excluded.sentiment, excluded.resolution, excluded.communication,
           excluded.priority, excluded.escalated, excluded.issue_emergency);
    IF NOT FOUND THEN
        DELETE FROM public.call_facts f
        WHERE f.tenant_id = of_tenant AND f.call_id = of_call
          AND NOT EXISTS (SELECT 1 FROM public.calls c WHERE c.tenant_id = of_tenant AND c.id = of_call);
    END IF;
END $$;

ALTER FUNCTION public.refresh_call_facts(of_tenant uuid, of_call uuid) OWNER TO hacksmart_owner;

--
-- Name: refresh_rule_facts(uuid, uuid); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.refresh_rule_facts(of_tenant uuid, of_call uuid) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    PERFORM 1 FROM public.call_facts f WHERE f.tenant_id = of_tenant AND f.call_id = of_call FOR UPDATE;
    INSERT INTO public.rule_facts AS r (tenant_id, call_id, agent_id, city_id, day, met, missed, unsure)
    SELECT e.tenant_id, e.call_id, e.agent_id, e.city_id, e.day, e.met, e.missed, e.unsure
    FROM public.rule_facts_expected e WHERE e.tenant_id = of_tenant AND e.call_id = of_call
    ON CONFLICT (tenant_id, call_id) DO UPDATE SET agent_id = excluded.agent_id, city_id = excluded.city_id,
        day = excluded.day, met = excluded.met, missed = excluded.missed, unsure = excluded.unsure
    WHERE (r.agent_id, r.city_id, r.day, r.met, r.missed, r.unsure) IS DISTINCT FROM
          (excluded.agent_id, excluded.city_id, excluded.day, excluded.met, excluded.missed, excluded.unsure);
    IF NOT FOUND THEN
        DELETE FROM public.rule_facts r
        WHERE r.tenant_id = of_tenant AND r.call_id = of_call
          AND NOT EXISTS (SELECT 1 FROM public.rule_facts_expected e
                          WHERE e.tenant_id = of_tenant AND e.call_id = of_call);
    END IF;
END $$;

ALTER FUNCTION public.refresh_rule_facts(of_tenant uuid, of_call uuid) OWNER TO hacksmart_owner;

--
-- Name: refuse_change(); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

ALTER FUNCTION public.refuse_change() OWNER TO hacksmart_owner;

--
-- Name: reserve_paid_request(uuid, jsonb, jsonb); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.reserve_paid_request(of_tenant uuid, request jsonb, defaults jsonb) RETURNS TABLE(verdict text, policy text, wait_seconds bigint)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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

ALTER FUNCTION public.reserve_paid_request(of_tenant uuid, request jsonb, defaults jsonb) OWNER TO hacksmart_owner;

--
-- Name: rule_figures(uuid, integer, text[], text[], text[]); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.rule_figures(agent_id uuid, city_id integer, met text[], missed text[], unsure text[]) RETURNS TABLE(whose text, rule_id text, is_met integer, is_missed integer, is_unsure integer)
    LANGUAGE sql IMMUTABLE ROWS 36 PARALLEL SAFE
    AS $$
    SELECT o.whose, a.rule_id, a.is_met, a.is_missed, a.is_unsure
    FROM (SELECT unnest(met) AS rule_id, 1 AS is_met, 0 AS is_missed, 0 AS is_unsure
          UNION ALL SELECT unnest(missed), 0, 1, 0
          UNION ALL SELECT unnest(unsure), 0, 0, 1) AS a
    CROSS JOIN (VALUES ('all'), ('agent:' || coalesce(agent_id, '00000000-0000-0000-0000-000000000000')::text),
                       ('city:' || coalesce(city_id, 0)::text)) AS o (whose)
$$;

ALTER FUNCTION public.rule_figures(agent_id uuid, city_id integer, met text[], missed text[], unsure text[]) OWNER TO hacksmart_owner;

--
-- Name: rules_of_calls(uuid, jsonb, date, date, boolean); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.rules_of_calls(of_tenant uuid, wanted jsonb, low date, high date, by_day boolean) RETURNS TABLE(rule_id text, day date, met bigint, missed bigint, unsure bigint)
    LANGUAGE plpgsql STABLE STRICT
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
DECLARE
    asked jsonb := wanted || jsonb_build_object('from_day', low, 'to_day', high);
    cities integer[] := wanted_cities(of_tenant, wanted);
BEGIN
    RETURN QUERY
    SELECT n.rule_id, CASE WHEN by_day THEN f.day END, sum(n.is_met), sum(n.is_missed), sum(n.is_unsure)
    FROM filtered_calls(of_tenant, asked, NULL, cities) f
    JOIN rule_facts r ON r.tenant_id = of_tenant AND r.call_id = f.call_id
    CROSS JOIN LATERAL rule_figures(r.agent_id, r.city_id, r.met, r.missed, r.unsure) AS n
    WHERE n.whose = 'all'
    GROUP BY 1, 2;
END $$;

ALTER FUNCTION public.rules_of_calls(of_tenant uuid, wanted jsonb, low date, high date, by_day boolean) OWNER TO hacksmart_owner;

--
-- Name: rules_to_outbox(); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.rules_to_outbox() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    delta bigint := nextval('public.rule_outbox_ids');
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO public.rule_outbox (tenant_id, id, sign, agent_id, city_id, day, met, missed, unsure)
        VALUES (OLD.tenant_id, delta, -1, OLD.agent_id, OLD.city_id, OLD.day, OLD.met, OLD.missed, OLD.unsure);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO public.rule_outbox (tenant_id, id, sign, agent_id, city_id, day, met, missed, unsure)
        VALUES (NEW.tenant_id, delta, 1, NEW.agent_id, NEW.city_id, NEW.day, NEW.met, NEW.missed, NEW.unsure);
    END IF;
    RETURN NULL;
END $$;

ALTER FUNCTION public.rules_to_outbox() OWNER TO hacksmart_owner;

--
-- Name: scorecards_of(uuid, text, integer); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.scorecards_of(of_tenant uuid, configured_key text, configured_version integer) RETURNS TABLE(key text, version integer, content_hash text, state text, origin text, title jsonb, selector jsonb, extends_key text, extends_version integer, note text, created_by text, created_at timestamp with time zone)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    WITH own AS (
        SELECT v.key, v.version, v.content_hash, 'tenant' AS origin, v.title, v.selector, v.extends_key, v.extends_version,
               v.note, v.created_by, v.created_at
        FROM scorecard_versions v WHERE v.tenant_id = of_tenant
    ), library AS (
        SELECT DISTINCT ON (l.key, l.version) l.key, l.version, l.content_hash, 'library', l.title, l.selector, l.extends_key,
               l.extends_version, NULL::text, 'library', l.registered_at
        FROM library_scorecards l
        WHERE NOT EXISTS (SELECT 1 FROM own o WHERE o.key = l.key AND o.version = l.version)
        ORDER BY l.key, l.version,
                 EXISTS (SELECT 1 FROM active_scorecards c WHERE c.tenant_id = of_tenant AND c.key = l.key
                         AND c.version = l.version AND c.content_hash = l.content_hash) DESC,
                 l.registered_at DESC, l.content_hash
    ), visible AS (
        SELECT * FROM own UNION ALL SELECT * FROM library
    )
    SELECT s.key, s.version, s.content_hash,
           CASE WHEN a.content_hash = s.content_hash AND a.version = s.version THEN 'active'
                WHEN a.key IS NULL AND s.key = configured_key AND s.version = configured_version THEN 'active'
                WHEN EXISTS (SELECT 1 FROM scorecard_activations h
                             WHERE h.tenant_id = of_tenant AND h.key = s.key AND h.version = s.version
                               AND h.content_hash = s.content_hash) THEN 'retired'
                ELSE 'draft' END,
           s.origin, s.title, s.selector, s.extends_key, s.extends_version, s.note, s.created_by, s.created_at
    FROM visible s LEFT JOIN active_scorecards a ON a.tenant_id = of_tenant AND a.key = s.key
$$;

ALTER FUNCTION public.scorecards_of(of_tenant uuid, configured_key text, configured_version integer) OWNER TO hacksmart_owner;

--
-- Name: trend_of_calls(uuid, jsonb, date, date, text); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.trend_of_calls(of_tenant uuid, wanted jsonb, low date, high date, dimension text) RETURNS TABLE(key text, day date, calls bigint, analysed bigint, escalated bigint, emergencies bigint, quality_count bigint, quality_sum bigint, sop_count bigint, sop_sum bigint, sentiment_count bigint, sentiment_sum bigint)
    LANGUAGE plpgsql STABLE STRICT
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
DECLARE
    asked jsonb := wanted || jsonb_build_object('from_day', low, 'to_day', high);
    cities integer[] := wanted_cities(of_tenant, wanted);
BEGIN
    RETURN QUERY
    SELECT CASE dimension WHEN 'city' THEN f.city_id::text WHEN 'agent' THEN f.agent_id::text WHEN 'issue' THEN f.issue
                          WHEN 'language' THEN f.language WHEN 'state' THEN nullif(y.state, '') ELSE '' END,
           f.day, count(*), count(*) FILTER (WHERE f.analysed), count(*) FILTER (WHERE f.escalated),
           count(*) FILTER (WHERE f.emergency), count(f.quality), coalesce(sum(f.quality), 0)::bigint,
           count(f.sop), coalesce(sum(f.sop), 0)::bigint, count(f.sentiment), coalesce(sum(f.sentiment), 0)::bigint
    FROM filtered_calls(of_tenant, asked, NULL, cities) f
    LEFT JOIN cities y ON y.tenant_id = of_tenant AND y.id = f.city_id
    GROUP BY 1, 2;
END $$;

ALTER FUNCTION public.trend_of_calls(of_tenant uuid, wanted jsonb, low date, high date, dimension text) OWNER TO hacksmart_owner;

--
-- Name: urgent_calls(uuid, integer, integer); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.urgent_calls(of_tenant uuid, minutes integer, above integer) RETURNS TABLE(call_id uuid, call_timestamp timestamp with time zone)
    LANGUAGE plpgsql STABLE ROWS 20
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
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

ALTER FUNCTION public.urgent_calls(of_tenant uuid, minutes integer, above integer) OWNER TO hacksmart_owner;

--
-- Name: wanted_cities(uuid, jsonb); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.wanted_cities(of_tenant uuid, wanted jsonb) RETURNS integer[]
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT CASE WHEN wanted ->> 'state' IS NOT NULL
           THEN ARRAY(SELECT y.id FROM cities y WHERE y.tenant_id = of_tenant AND y.state = wanted ->> 'state') END
$$;

ALTER FUNCTION public.wanted_cities(of_tenant uuid, wanted jsonb) OWNER TO hacksmart_owner;

--
-- Name: wanted_sayings(uuid, jsonb); Type: FUNCTION; Schema: public; Owner: hacksmart_owner
--

CREATE FUNCTION public.wanted_sayings(of_tenant uuid, wanted jsonb) RETURNS uuid[]
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT CASE WHEN wanted ->> 'q' IS NOT NULL THEN ARRAY(SELECT calls_saying(of_tenant, wanted ->> 'q')) END
$$;

ALTER FUNCTION public.wanted_sayings(of_tenant uuid, wanted jsonb) OWNER TO hacksmart_owner;

--
-- Name: active_scorecards; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.active_scorecards (
    tenant_id uuid NOT NULL,
    key text NOT NULL,
    version integer NOT NULL,
    content_hash text NOT NULL,
    selector jsonb NOT NULL,
    activated_by text NOT NULL,
    activated_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.active_scorecards FORCE ROW LEVEL SECURITY;

ALTER TABLE public.active_scorecards OWNER TO hacksmart_owner;

--
-- Name: agents; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.agents (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    name character varying(150) NOT NULL,
    name_key text NOT NULL,
    employee_id character varying(50),
    employee_key text,
    languages text[] DEFAULT '{}'::text[] NOT NULL,
    team_id uuid,
    active boolean DEFAULT true NOT NULL,
    latest_month_insight text,
    overall_insight_text text,
    latest_change_summary text,
    insight_history jsonb DEFAULT '[]'::jsonb NOT NULL,
    recent_trend_array jsonb DEFAULT '[]'::jsonb NOT NULL,
    last_insight_generated_at timestamp with time zone,
    last_updated_at timestamp with time zone DEFAULT now() NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.agents FORCE ROW LEVEL SECURITY;

ALTER TABLE public.agents OWNER TO hacksmart_owner;

--
-- Name: audit_log; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.audit_log (
    tenant_id uuid NOT NULL,
    sequence bigint NOT NULL,
    outbox_id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    principal text NOT NULL,
    address text,
    action text NOT NULL,
    object text NOT NULL,
    before_hash text,
    after_hash text,
    reason text,
    request_id text,
    result text NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL
);

ALTER TABLE ONLY public.audit_log FORCE ROW LEVEL SECURITY;

ALTER TABLE public.audit_log OWNER TO hacksmart_owner;

--
-- Name: audit_outbox; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.audit_outbox (
    tenant_id uuid NOT NULL,
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    principal text NOT NULL,
    address text,
    action text NOT NULL,
    object text NOT NULL,
    before_hash text,
    after_hash text,
    reason text,
    request_id text,
    result text DEFAULT 'ok'::text NOT NULL
);

ALTER TABLE ONLY public.audit_outbox FORCE ROW LEVEL SECURITY;

ALTER TABLE public.audit_outbox OWNER TO hacksmart_owner;

--
-- Name: audit_outbox_id_seq; Type: SEQUENCE; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.audit_outbox ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.audit_outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: budget_windows; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.budget_windows (
    tenant_id uuid NOT NULL,
    grain text NOT NULL,
    starts date NOT NULL,
    reserved_usd numeric(16,8) DEFAULT 0 NOT NULL,
    spent_usd numeric(16,8) DEFAULT 0 NOT NULL,
    alerted_usd numeric(12,4),
    refused_usd numeric(12,4),
    CONSTRAINT budget_windows_grain_check CHECK ((grain = ANY (ARRAY['day'::text, 'month'::text])))
);

ALTER TABLE ONLY public.budget_windows FORCE ROW LEVEL SECURITY;

ALTER TABLE public.budget_windows OWNER TO hacksmart_owner;

--
-- Name: budgets; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.budgets (
    tenant_id uuid NOT NULL,
    day_usd numeric(12,4),
    month_usd numeric(12,4),
    policy text,
    stopped boolean DEFAULT false NOT NULL,
    stopped_providers text[] DEFAULT '{}'::text[] NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT budgets_day_usd_check CHECK ((day_usd >= (0)::numeric)),
    CONSTRAINT budgets_month_usd_check CHECK ((month_usd >= (0)::numeric)),
    CONSTRAINT budgets_policy_check CHECK ((policy = ANY (ARRAY['wait'::text, 'cheaper'::text])))
);

ALTER TABLE ONLY public.budgets FORCE ROW LEVEL SECURITY;

ALTER TABLE public.budgets OWNER TO hacksmart_owner;

--
-- Name: call_insights; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.call_insights (
    tenant_id uuid NOT NULL,
    call_id uuid NOT NULL,
    evaluation_id uuid NOT NULL,
    transcript text,
    language_spoken character varying(50) DEFAULT 'unknown'::character varying NOT NULL,
    sop_compliance_score numeric(5,4) NOT NULL,
    sentiment_stabilization_score numeric(3,2) NOT NULL,
    resolution_validity_score numeric(3,2) NOT NULL,
    overall_quality_score numeric(5,4) NOT NULL,
    communication_score numeric(5,4),
    coaching_priority numeric(5,4),
    sentiment_score double precision,
    escalation_score double precision,
    escalation_risk boolean NOT NULL,
    why_flagged text,
    human_remarks text,
    business_insight text,
    coaching_insight text,
    issue_analysis jsonb DEFAULT '{}'::jsonb NOT NULL,
    resolution_analysis jsonb DEFAULT '{}'::jsonb NOT NULL,
    sop_deviations jsonb DEFAULT '[]'::jsonb NOT NULL,
    sentiment_trajectory jsonb DEFAULT '[]'::jsonb NOT NULL,
    structured_annotations jsonb DEFAULT '[]'::jsonb NOT NULL,
    raw_scores jsonb DEFAULT '{}'::jsonb NOT NULL,
    scored boolean NOT NULL,
    provisional boolean NOT NULL,
    coverage double precision NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    alerts boolean DEFAULT true NOT NULL,
    CONSTRAINT call_insights_check CHECK (((NOT escalation_risk) OR (COALESCE(why_flagged, ''::text) <> ''::text))),
    CONSTRAINT call_insights_coaching_priority_check CHECK (((coaching_priority >= (0)::numeric) AND (coaching_priority <= (1)::numeric))),
    CONSTRAINT call_insights_communication_score_check CHECK (((communication_score >= (0)::numeric) AND (communication_score <= (1)::numeric))),
    CONSTRAINT call_insights_escalation_score_check CHECK (((escalation_score >= (0)::double precision) AND (escalation_score <= (1)::double precision))),
    CONSTRAINT call_insights_overall_quality_score_check CHECK (((overall_quality_score >= (0)::numeric) AND (overall_quality_score <= (1)::numeric))),
    CONSTRAINT call_insights_resolution_validity_score_check CHECK ((resolution_validity_score = ANY (ARRAY[(0)::numeric, 0.75, (1)::numeric]))),
    CONSTRAINT call_insights_sentiment_score_check CHECK (((sentiment_score >= (0)::double precision) AND (sentiment_score <= (1)::double precision))),
    CONSTRAINT call_insights_sentiment_stabilization_score_check CHECK ((sentiment_stabilization_score = ANY (ARRAY[(0)::numeric, 0.5, (1)::numeric]))),
    CONSTRAINT call_insights_sop_compliance_score_check CHECK (((sop_compliance_score >= (0)::numeric) AND (sop_compliance_score <= (1)::numeric)))
);

ALTER TABLE ONLY public.call_insights FORCE ROW LEVEL SECURITY;

ALTER TABLE public.call_insights OWNER TO hacksmart_owner;

--
-- Name: calls; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.calls (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    agent_id uuid,
    city_id integer,
    customer_name_sealed bytea,
    customer_phone_sealed bytea,
    phone_token bytea,
    customer_preferred_language character varying(50),
    audio_url text NOT NULL,
    duration_seconds integer,
    call_timestamp timestamp with time zone DEFAULT now() NOT NULL,
    call_context character varying(30) DEFAULT 'NEW_ISSUE'::character varying NOT NULL,
    primary_issue_category character varying(50),
    agent_manual_note text,
    processing_status character varying(20) DEFAULT 'pending'::character varying NOT NULL,
    failure_code text,
    external_id character varying(128),
    metadata jsonb,
    channel_map text,
    language text DEFAULT 'auto'::text NOT NULL,
    filename text,
    flags text[] DEFAULT '{}'::text[] NOT NULL,
    legal_hold boolean DEFAULT false NOT NULL,
    retained_until timestamp with time zone,
    current_transcript_id uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT calls_call_context_check CHECK (((call_context)::text = ANY ((ARRAY['NEW_ISSUE'::character varying, 'FOLLOW_UP'::character varying, 'ONGOING_CASE'::character varying, 'REOPENED'::character varying, 'INFORMATION_ONLY'::character varying, 'CLOSED_ISSUE'::character varying])::text[]))),
    CONSTRAINT calls_check CHECK ((((processing_status)::text = 'failed'::text) = (failure_code IS NOT NULL))),
    CONSTRAINT calls_duration_seconds_check CHECK ((duration_seconds >= 0)),
    CONSTRAINT calls_processing_status_check CHECK (((processing_status)::text = ANY ((ARRAY['pending'::character varying, 'transcribed'::character varying, 'analyzed'::character varying, 'failed'::character varying])::text[])))
);

ALTER TABLE ONLY public.calls FORCE ROW LEVEL SECURITY;

ALTER TABLE public.calls OWNER TO hacksmart_owner;

--
-- Name: issue_categories; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.issue_categories (
    tenant_id uuid NOT NULL,
    id integer NOT NULL,
    name character varying(50) NOT NULL,
    name_key text NOT NULL,
    aliases text[] DEFAULT '{}'::text[] NOT NULL,
    alias_keys text[] DEFAULT '{}'::text[] NOT NULL,
    emergency boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.issue_categories FORCE ROW LEVEL SECURITY;

ALTER TABLE public.issue_categories OWNER TO hacksmart_owner;

--
-- Name: overrides; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.overrides (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    call_id uuid NOT NULL,
    field text NOT NULL,
    value numeric(5,4) NOT NULL,
    reason text NOT NULL,
    principal text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    withdrawn_at timestamp with time zone,
    withdrawn_by text,
    CONSTRAINT overrides_check CHECK (((field <> 'escalation_risk'::text) OR (value = ANY (ARRAY[(0)::numeric, (1)::numeric])))),
    CONSTRAINT overrides_field_check CHECK ((field = ANY (ARRAY['sop_compliance'::text, 'communication'::text, 'sentiment_stabilization'::text, 'resolution_validity'::text, 'overall_quality'::text, 'coaching_priority'::text, 'escalation_risk'::text]))),
    CONSTRAINT overrides_reason_check CHECK ((reason <> ''::text)),
    CONSTRAINT overrides_value_check CHECK (((value >= (0)::numeric) AND (value <= (1)::numeric)))
);

ALTER TABLE ONLY public.overrides FORCE ROW LEVEL SECURITY;

ALTER TABLE public.overrides OWNER TO hacksmart_owner;

--
-- Name: tenants; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.tenants (
    id uuid NOT NULL,
    name text NOT NULL,
    region text DEFAULT 'IN'::text NOT NULL,
    time_zone text DEFAULT 'Asia/Kolkata'::text NOT NULL,
    settings jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT tenants_time_zone_known CHECK ((timezone(time_zone, '2000-01-01 00:00:00+00'::timestamp with time zone) IS NOT NULL))
);

ALTER TABLE public.tenants OWNER TO hacksmart_owner;

--
-- Name: call_facts_expected; Type: VIEW; Schema: public; Owner: hacksmart_owner
--

CREATE VIEW public.call_facts_expected WITH (security_invoker='true') AS
 SELECT c.tenant_id,
    c.id AS call_id,
    c.agent_id,
    c.city_id,
    (COALESCE(category.name, (NULLIF((c.primary_issue_category)::text, ''::text))::character varying))::text AS issue,
    ((c.call_timestamp AT TIME ZONE t.time_zone))::date AS day,
    c.call_timestamp,
    COALESCE(c.duration_seconds, 0) AS seconds,
    lower((i.language_spoken)::text) AS language,
    (i.call_id IS NOT NULL) AS analysed,
    COALESCE(i.scored, false) AS scored,
    COALESCE(i.provisional, false) AS provisional,
    score.quality,
    score.sop,
    score.sentiment,
    score.resolution,
    score.communication,
    score.priority,
    ((i.call_id IS NOT NULL) AND (COALESCE(o.escalation_risk, ((i.escalation_risk)::integer)::numeric) = (1)::numeric)) AS escalated,
    COALESCE(category.emergency, false) AS issue_emergency,
    (COALESCE(category.emergency, false) OR ((i.call_id IS NOT NULL) AND (COALESCE(o.escalation_risk, ((i.escalation_risk)::integer)::numeric) = (1)::numeric))) AS emergency
   FROM (((((public.calls c
     JOIN public.tenants t ON ((t.id = c.tenant_id)))
     LEFT JOIN public.call_insights i ON (((i.tenant_id = c.tenant_id) AND (i.call_id = c.id))))
     LEFT JOIN LATERAL ( SELECT max(newest.value) FILTER (WHERE (newest.field = 'overall_quality'::text)) AS overall_quality,
            max(newest.value) FILTER (WHERE (newest.field = 'sop_compliance'::text)) AS sop_compliance,
            max(newest.value) FILTER (WHERE (newest.field = 'sentiment_stabilization'::text)) AS sentiment_stabilization,
            max(newest.value) FILTER (WHERE (newest.field = 'resolution_validity'::text)) AS resolution_validity,
            max(newest.value) FILTER (WHERE (newest.field = 'communication'::text)) AS communication,
            max(newest.value) FILTER (WHERE (newest.field = 'coaching_priority'::text)) AS coaching_priority,
            max(newest.value) FILTER (WHERE (newest.field = 'escalation_risk'::text)) AS escalation_risk
           FROM ( SELECT DISTINCT ON (v.field) v.field,
                    v.value
                   FROM public.overrides v
                  WHERE ((v.tenant_id = c.tenant_id) AND (v.call_id = c.id) AND (v.withdrawn_at IS NULL))
                  ORDER BY v.field, v.created_at DESC, v.id DESC) newest) o ON ((i.call_id IS NOT NULL)))
     LEFT JOIN LATERAL ( SELECT (round(((10000)::numeric * COALESCE(o.overall_quality,
                CASE
                    WHEN i.scored THEN i.overall_quality_score
                    ELSE NULL::numeric
                END))))::integer AS quality,
            (round(((10000)::numeric * COALESCE(o.sop_compliance,
                CASE
                    WHEN i.scored THEN i.sop_compliance_score
                    ELSE NULL::numeric
                END))))::integer AS sop,
            (round(((10000)::numeric * COALESCE(o.sentiment_stabilization,
                CASE
                    WHEN i.scored THEN i.sentiment_stabilization_score
                    ELSE NULL::numeric
                END))))::integer AS sentiment,
            (round(((10000)::numeric * COALESCE(o.resolution_validity,
                CASE
                    WHEN i.scored THEN i.resolution_validity_score
                    ELSE NULL::numeric
                END))))::integer AS resolution,
            (round(((10000)::numeric * COALESCE(o.communication,
                CASE
                    WHEN i.scored THEN i.communication_score
                    ELSE NULL::numeric
                END))))::integer AS communication,
            (round(((10000)::numeric * COALESCE(o.coaching_priority,
                CASE
                    WHEN i.scored THEN i.coaching_priority
                    ELSE NULL::numeric
                END))))::integer AS priority) score ON ((i.call_id IS NOT NULL)))
     LEFT JOIN LATERAL ( SELECT k.name,
            k.emergency
           FROM public.issue_categories k
          WHERE ((k.tenant_id = c.tenant_id) AND ((k.name_key = public.folded_name((c.primary_issue_category)::text)) OR (public.folded_name((c.primary_issue_category)::text) = ANY (k.alias_keys))))
          ORDER BY (k.name_key = public.folded_name((c.primary_issue_category)::text)) DESC, k.id
         LIMIT 1) category ON (true));

ALTER TABLE public.call_facts_expected OWNER TO hacksmart_owner;

--
-- Name: call_facts_rewrites; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.call_facts_rewrites (
    tenant_id uuid NOT NULL,
    id bigint NOT NULL,
    asked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    wait_for xid8
);

ALTER TABLE ONLY public.call_facts_rewrites FORCE ROW LEVEL SECURITY;

ALTER TABLE public.call_facts_rewrites OWNER TO hacksmart_owner;

--
-- Name: call_facts_rewrites_id_seq; Type: SEQUENCE; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.call_facts_rewrites ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.call_facts_rewrites_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: cities; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.cities (
    tenant_id uuid NOT NULL,
    id integer NOT NULL,
    name character varying(100) NOT NULL,
    name_key text NOT NULL,
    state character varying(100),
    latitude double precision,
    longitude double precision,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT cities_id_positive CHECK ((id > 0)),
    CONSTRAINT cities_latitude_check CHECK (((latitude >= ('-90'::integer)::double precision) AND (latitude <= (90)::double precision))),
    CONSTRAINT cities_longitude_check CHECK (((longitude >= ('-180'::integer)::double precision) AND (longitude <= (180)::double precision)))
);

ALTER TABLE ONLY public.cities FORCE ROW LEVEL SECURITY;

ALTER TABLE public.cities OWNER TO hacksmart_owner;

--
-- Name: cities_id_seq; Type: SEQUENCE; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.cities ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.cities_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: city_aliases; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.city_aliases (
    tenant_id uuid NOT NULL,
    alias_key text NOT NULL,
    alias text NOT NULL,
    city_id integer NOT NULL
);

ALTER TABLE ONLY public.city_aliases FORCE ROW LEVEL SECURITY;

ALTER TABLE public.city_aliases OWNER TO hacksmart_owner;

--
-- Name: city_insights; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.city_insights (
    tenant_id uuid NOT NULL,
    city_id integer NOT NULL,
    daily_ops_insight text,
    latest_month_insight text,
    overall_city_insight text,
    coaching_focus_for_city text,
    key_operational_risks text[] DEFAULT '{}'::text[] NOT NULL,
    insight_history jsonb DEFAULT '[]'::jsonb NOT NULL,
    last_insight_generated_at timestamp with time zone,
    last_updated_at timestamp with time zone DEFAULT now() NOT NULL,
    coaching_focus_month text,
    CONSTRAINT city_insights_coaching_focus_month_check CHECK ((coaching_focus_month ~ '^\d{4}-\d{2}$'::text))
);

ALTER TABLE ONLY public.city_insights FORCE ROW LEVEL SECURITY;

ALTER TABLE public.city_insights OWNER TO hacksmart_owner;

--
-- Name: data_versions; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.data_versions (
    tenant_id uuid NOT NULL,
    version bigint NOT NULL,
    folded_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.data_versions FORCE ROW LEVEL SECURITY;

ALTER TABLE public.data_versions OWNER TO hacksmart_owner;

--
-- Name: demonstration_agents; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.demonstration_agents (
    tenant_id uuid NOT NULL,
    agent_id uuid NOT NULL
);

ALTER TABLE ONLY public.demonstration_agents FORCE ROW LEVEL SECURITY;

ALTER TABLE public.demonstration_agents OWNER TO hacksmart_owner;

--
-- Name: demonstration_calls; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.demonstration_calls (
    tenant_id uuid NOT NULL,
    call_id uuid NOT NULL
);

ALTER TABLE ONLY public.demonstration_calls FORCE ROW LEVEL SECURITY;

ALTER TABLE public.demonstration_calls OWNER TO hacksmart_owner;

--
-- Name: demonstration_cities; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.demonstration_cities (
    tenant_id uuid NOT NULL,
    city_id integer NOT NULL
);

ALTER TABLE ONLY public.demonstration_cities FORCE ROW LEVEL SECURITY;

ALTER TABLE public.demonstration_cities OWNER TO hacksmart_owner;

--
-- Name: escalation_steps; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.escalation_steps (
    tenant_id uuid NOT NULL,
    id bigint NOT NULL,
    escalation_id uuid NOT NULL,
    action text NOT NULL,
    principal text NOT NULL,
    note text,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT escalation_steps_action_check CHECK ((action = ANY (ARRAY['raise'::text, 'repeat'::text, 'acknowledge'::text, 'assign'::text, 'snooze'::text, 'resolve'::text])))
);

ALTER TABLE ONLY public.escalation_steps FORCE ROW LEVEL SECURITY;

ALTER TABLE public.escalation_steps OWNER TO hacksmart_owner;

--
-- Name: escalation_steps_id_seq; Type: SEQUENCE; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.escalation_steps ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.escalation_steps_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: escalations; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.escalations (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    call_id uuid NOT NULL,
    evaluation_id uuid NOT NULL,
    reason text NOT NULL,
    score integer NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    assigned_to text,
    snoozed_until timestamp with time zone,
    note text,
    changed_by text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT escalations_check CHECK (((state = 'snoozed'::text) = (snoozed_until IS NOT NULL))),
    CONSTRAINT escalations_check1 CHECK (((state <> 'assigned'::text) OR (assigned_to IS NOT NULL))),
    CONSTRAINT escalations_score_check CHECK (((score >= 0) AND (score <= 10000))),
    CONSTRAINT escalations_state_check CHECK ((state = ANY (ARRAY['open'::text, 'acknowledged'::text, 'assigned'::text, 'snoozed'::text, 'resolved'::text])))
);

ALTER TABLE ONLY public.escalations FORCE ROW LEVEL SECURITY;

ALTER TABLE public.escalations OWNER TO hacksmart_owner;

--
-- Name: evaluation_run_answers; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.evaluation_run_answers (
    tenant_id uuid NOT NULL,
    run_id uuid NOT NULL,
    question_id text NOT NULL,
    call_id uuid NOT NULL,
    before text,
    after text
);

ALTER TABLE ONLY public.evaluation_run_answers FORCE ROW LEVEL SECURITY;

ALTER TABLE public.evaluation_run_answers OWNER TO hacksmart_owner;

--
-- Name: evaluation_run_calls; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.evaluation_run_calls (
    tenant_id uuid NOT NULL,
    run_id uuid NOT NULL,
    call_id uuid NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    job_id bigint,
    before_id uuid,
    evaluation_id uuid,
    quality_before integer,
    quality_after integer,
    flagged_before boolean,
    flagged_after boolean,
    flips integer DEFAULT 0 NOT NULL,
    changed boolean DEFAULT false NOT NULL,
    error_code text,
    outcome text,
    finished_at timestamp with time zone,
    CONSTRAINT evaluation_run_calls_outcome_check CHECK ((outcome = ANY (ARRAY['promoted'::text, 'kept'::text]))),
    CONSTRAINT evaluation_run_calls_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'queued'::text, 'done'::text, 'failed'::text, 'cancelled'::text])))
);

ALTER TABLE ONLY public.evaluation_run_calls FORCE ROW LEVEL SECURITY;

ALTER TABLE public.evaluation_run_calls OWNER TO hacksmart_owner;

--
-- Name: evaluation_runs; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.evaluation_runs (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    state text DEFAULT 'running'::text NOT NULL,
    scorecard_key text NOT NULL,
    scorecard_version integer NOT NULL,
    scorecard_hash text NOT NULL,
    filter jsonb,
    call_id uuid,
    calls integer DEFAULT 0 NOT NULL,
    done integer DEFAULT 0 NOT NULL,
    failed integer DEFAULT 0 NOT NULL,
    cancelled integer DEFAULT 0 NOT NULL,
    changed integer DEFAULT 0 NOT NULL,
    promoted integer DEFAULT 0 NOT NULL,
    kept integer DEFAULT 0 NOT NULL,
    tokens_in bigint DEFAULT 0 NOT NULL,
    tokens_out bigint DEFAULT 0 NOT NULL,
    cost_usd numeric(12,6) DEFAULT 0 NOT NULL,
    created_by text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    promoted_at timestamp with time zone,
    CONSTRAINT evaluation_runs_state_check CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'cancelled'::text, 'promoting'::text, 'promoted'::text])))
);

ALTER TABLE ONLY public.evaluation_runs FORCE ROW LEVEL SECURITY;

ALTER TABLE public.evaluation_runs OWNER TO hacksmart_owner;

--
-- Name: evaluations; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.evaluations (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    call_id uuid NOT NULL,
    transcript_id uuid NOT NULL,
    scorecard_key text NOT NULL,
    scorecard_version integer NOT NULL,
    scorecard_hash text NOT NULL,
    prompt_id text,
    prompt_hash text,
    evaluator text NOT NULL,
    model text,
    transcript_hash text NOT NULL,
    versions_key text NOT NULL,
    document json NOT NULL,
    scored boolean NOT NULL,
    provisional boolean NOT NULL,
    coverage double precision NOT NULL,
    degraded boolean DEFAULT false NOT NULL,
    tokens_in bigint DEFAULT 0 NOT NULL,
    tokens_out bigint DEFAULT 0 NOT NULL,
    cost_usd numeric(12,6) DEFAULT 0 NOT NULL,
    latency_ms integer DEFAULT 0 NOT NULL,
    reason text NOT NULL,
    supersedes uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.evaluations FORCE ROW LEVEL SECURITY;

ALTER TABLE public.evaluations OWNER TO hacksmart_owner;

--
-- Name: event_horizons; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.event_horizons (
    tenant_id uuid NOT NULL,
    xid xid8 NOT NULL,
    id bigint NOT NULL
);

ALTER TABLE ONLY public.event_horizons FORCE ROW LEVEL SECURITY;

ALTER TABLE public.event_horizons OWNER TO hacksmart_owner;

--
-- Name: event_tickets; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.event_tickets (
    tenant_id uuid NOT NULL,
    hash bytea NOT NULL,
    principal text NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.event_tickets FORCE ROW LEVEL SECURITY;

ALTER TABLE public.event_tickets OWNER TO hacksmart_owner;

--
-- Name: events; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.events (
    tenant_id uuid NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    id bigint NOT NULL,
    type text NOT NULL,
    call_id uuid,
    agent_id uuid,
    city_id integer,
    escalation_id uuid,
    payload jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT events_type_check CHECK ((type ~ '^[a-z]+\.[a-z_]+$'::text))
);

ALTER TABLE ONLY public.events FORCE ROW LEVEL SECURITY;

ALTER TABLE public.events OWNER TO hacksmart_owner;

--
-- Name: events_id_seq; Type: SEQUENCE; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.events ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: held_insights; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.held_insights (
    tenant_id uuid NOT NULL,
    call_id uuid NOT NULL,
    evaluation_id uuid NOT NULL,
    transcript text,
    language_spoken character varying(50) DEFAULT 'unknown'::character varying NOT NULL,
    sop_compliance_score numeric(5,4) NOT NULL,
    sentiment_stabilization_score numeric(3,2) NOT NULL,
    resolution_validity_score numeric(3,2) NOT NULL,
    overall_quality_score numeric(5,4) NOT NULL,
    communication_score numeric(5,4),
    coaching_priority numeric(5,4),
    sentiment_score double precision,
    escalation_score double precision,
    escalation_risk boolean NOT NULL,
    why_flagged text,
    human_remarks text,
    business_insight text,
    coaching_insight text,
    issue_analysis jsonb DEFAULT '{}'::jsonb NOT NULL,
    resolution_analysis jsonb DEFAULT '{}'::jsonb NOT NULL,
    sop_deviations jsonb DEFAULT '[]'::jsonb NOT NULL,
    sentiment_trajectory jsonb DEFAULT '[]'::jsonb NOT NULL,
    structured_annotations jsonb DEFAULT '[]'::jsonb NOT NULL,
    raw_scores jsonb DEFAULT '{}'::jsonb NOT NULL,
    scored boolean NOT NULL,
    provisional boolean NOT NULL,
    coverage double precision NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    alerts boolean DEFAULT true NOT NULL,
    CONSTRAINT call_insights_check CHECK (((NOT escalation_risk) OR (COALESCE(why_flagged, ''::text) <> ''::text))),
    CONSTRAINT call_insights_coaching_priority_check CHECK (((coaching_priority >= (0)::numeric) AND (coaching_priority <= (1)::numeric))),
    CONSTRAINT call_insights_communication_score_check CHECK (((communication_score >= (0)::numeric) AND (communication_score <= (1)::numeric))),
    CONSTRAINT call_insights_escalation_score_check CHECK (((escalation_score >= (0)::double precision) AND (escalation_score <= (1)::double precision))),
    CONSTRAINT call_insights_overall_quality_score_check CHECK (((overall_quality_score >= (0)::numeric) AND (overall_quality_score <= (1)::numeric))),
    CONSTRAINT call_insights_resolution_validity_score_check CHECK ((resolution_validity_score = ANY (ARRAY[(0)::numeric, 0.75, (1)::numeric]))),
    CONSTRAINT call_insights_sentiment_score_check CHECK (((sentiment_score >= (0)::double precision) AND (sentiment_score <= (1)::double precision))),
    CONSTRAINT call_insights_sentiment_stabilization_score_check CHECK ((sentiment_stabilization_score = ANY (ARRAY[(0)::numeric, 0.5, (1)::numeric]))),
    CONSTRAINT call_insights_sop_compliance_score_check CHECK (((sop_compliance_score >= (0)::numeric) AND (sop_compliance_score <= (1)::numeric)))
);

ALTER TABLE ONLY public.held_insights FORCE ROW LEVEL SECURITY;

ALTER TABLE public.held_insights OWNER TO hacksmart_owner;

--
-- Name: idempotency; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.idempotency (
    tenant_id uuid NOT NULL,
    scope text NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    call_id uuid NOT NULL,
    call_created_at timestamp with time zone NOT NULL,
    finished boolean DEFAULT false NOT NULL,
    holder uuid NOT NULL,
    lease_until timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.idempotency FORCE ROW LEVEL SECURITY;

ALTER TABLE public.idempotency OWNER TO hacksmart_owner;

--
-- Name: imported_rows; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.imported_rows (
    tenant_id uuid NOT NULL,
    source text NOT NULL,
    id text NOT NULL,
    source_hash bytea NOT NULL,
    imported_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT imported_rows_source_check CHECK ((source = ANY (ARRAY['cities'::text, 'agents'::text, 'calls'::text, 'call_insights'::text, 'city_insights'::text])))
);

ALTER TABLE ONLY public.imported_rows FORCE ROW LEVEL SECURITY;

ALTER TABLE public.imported_rows OWNER TO hacksmart_owner;

--
-- Name: issue_categories_id_seq; Type: SEQUENCE; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.issue_categories ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.issue_categories_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: jobs; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.jobs (
    tenant_id uuid NOT NULL,
    id bigint NOT NULL,
    queue text NOT NULL,
    kind text NOT NULL,
    subject text DEFAULT ''::text NOT NULL,
    args jsonb DEFAULT '{}'::jsonb NOT NULL,
    state text DEFAULT 'available'::text NOT NULL,
    priority smallint DEFAULT 1 NOT NULL,
    run_at timestamp with time zone DEFAULT now() NOT NULL,
    runs integer DEFAULT 0 NOT NULL,
    failures smallint DEFAULT 0 NOT NULL,
    suspect boolean DEFAULT false NOT NULL,
    crashes smallint DEFAULT 0 NOT NULL,
    snoozed_since timestamp with time zone,
    lease_token uuid,
    leased_by uuid,
    lease_until timestamp with time zone,
    cancel_requested boolean DEFAULT false NOT NULL,
    concurrency_key text,
    unique_key text,
    last_error jsonb,
    traceparent text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT jobs_args_check CHECK ((octet_length((args)::text) <= 8192)),
    CONSTRAINT jobs_check CHECK (((state = 'running'::text) = (lease_token IS NOT NULL))),
    CONSTRAINT jobs_kind_check CHECK (((length(kind) >= 1) AND (length(kind) <= 60))),
    CONSTRAINT jobs_last_error_check CHECK ((octet_length((last_error)::text) <= 4096)),
    CONSTRAINT jobs_priority_check CHECK (((priority >= 0) AND (priority <= 3))),
    CONSTRAINT jobs_queue_check CHECK (((length(queue) >= 1) AND (length(queue) <= 60))),
    CONSTRAINT jobs_state_check CHECK ((state = ANY (ARRAY['available'::text, 'waiting'::text, 'running'::text])))
)
WITH (fillfactor='60', autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='2000', autovacuum_vacuum_cost_delay='0');

ALTER TABLE ONLY public.jobs FORCE ROW LEVEL SECURITY;

ALTER TABLE public.jobs OWNER TO hacksmart_owner;

--
-- Name: jobs_history; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.jobs_history (
    tenant_id uuid NOT NULL,
    id bigint NOT NULL,
    queue text NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    args jsonb NOT NULL,
    priority smallint NOT NULL,
    runs integer NOT NULL,
    failures smallint NOT NULL,
    crashes smallint NOT NULL,
    leased_by uuid,
    lease_token uuid,
    unique_key text,
    outcome text NOT NULL,
    error_class text,
    last_error jsonb,
    traceparent text,
    created_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone NOT NULL,
    requeued_as bigint,
    CONSTRAINT jobs_history_outcome_check CHECK ((outcome = ANY (ARRAY['done'::text, 'dead'::text, 'cancelled'::text])))
)
PARTITION BY RANGE (finished_at);

ALTER TABLE ONLY public.jobs_history FORCE ROW LEVEL SECURITY;

ALTER TABLE public.jobs_history OWNER TO hacksmart_owner;

--
-- Name: jobs_history_default; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.jobs_history_default (
    tenant_id uuid NOT NULL,
    id bigint NOT NULL,
    queue text NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    args jsonb NOT NULL,
    priority smallint NOT NULL,
    runs integer NOT NULL,
    failures smallint NOT NULL,
    crashes smallint NOT NULL,
    leased_by uuid,
    lease_token uuid,
    unique_key text,
    outcome text NOT NULL,
    error_class text,
    last_error jsonb,
    traceparent text,
    created_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone NOT NULL,
    requeued_as bigint,
    CONSTRAINT jobs_history_outcome_check CHECK ((outcome = ANY (ARRAY['done'::text, 'dead'::text, 'cancelled'::text])))
);

ALTER TABLE ONLY public.jobs_history_default FORCE ROW LEVEL SECURITY;

ALTER TABLE public.jobs_history_default OWNER TO hacksmart_owner;

--
-- Name: jobs_id_seq; Type: SEQUENCE; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.jobs ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.jobs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: leader; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.leader (
    name text NOT NULL,
    holder uuid NOT NULL,
    term bigint NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    duties jsonb DEFAULT '{}'::jsonb NOT NULL
);

ALTER TABLE public.leader OWNER TO hacksmart_owner;

--
-- Name: library_scorecards; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.library_scorecards (
    key text NOT NULL,
    version integer NOT NULL,
    content_hash text NOT NULL,
    title jsonb NOT NULL,
    selector jsonb NOT NULL,
    extends_key text,
    extends_version integer,
    extends_hash text,
    content text NOT NULL,
    registered_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT library_scorecards_version_check CHECK ((version > 0))
);

ALTER TABLE public.library_scorecards OWNER TO hacksmart_owner;

--
-- Name: media; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.media (
    tenant_id uuid NOT NULL,
    call_id uuid NOT NULL,
    object_path text NOT NULL,
    sha256 bytea NOT NULL,
    bytes bigint NOT NULL,
    format text NOT NULL,
    codec text NOT NULL,
    sample_rate integer NOT NULL,
    channels integer NOT NULL,
    bit_rate bigint DEFAULT 0 NOT NULL,
    layout text NOT NULL,
    header_duration_ms integer,
    duration_ms integer NOT NULL,
    speech_ms integer NOT NULL,
    truncated boolean NOT NULL,
    playback_path text,
    playback_sha256 bytea,
    playback_bytes bigint,
    peaks bytea,
    peaks_per_second integer,
    facts jsonb,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.media FORCE ROW LEVEL SECURITY;

ALTER TABLE public.media OWNER TO hacksmart_owner;

--
-- Name: missed_rules; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.missed_rules (
    tenant_id uuid NOT NULL,
    rule_id text NOT NULL,
    call_id uuid NOT NULL
);

ALTER TABLE ONLY public.missed_rules FORCE ROW LEVEL SECURITY;

ALTER TABLE public.missed_rules OWNER TO hacksmart_owner;

--
-- Name: model_answers; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.model_answers (
    tenant_id uuid NOT NULL,
    cache_key text NOT NULL,
    call_id uuid NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    reported text NOT NULL,
    reply_sealed bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.model_answers FORCE ROW LEVEL SECURITY;

ALTER TABLE public.model_answers OWNER TO hacksmart_owner;

--
-- Name: paid_requests; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.paid_requests (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    day date NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    area text NOT NULL,
    subject text NOT NULL,
    run_id uuid,
    questions text[] DEFAULT '{}'::text[] NOT NULL,
    request_hash text NOT NULL,
    journal_run integer,
    state text NOT NULL,
    reserved_usd numeric(16,8) NOT NULL,
    cost_usd numeric(16,8) DEFAULT 0 NOT NULL,
    priced boolean NOT NULL,
    estimated boolean DEFAULT false NOT NULL,
    price_version text NOT NULL,
    tokens_in bigint DEFAULT 0 NOT NULL,
    tokens_out bigint DEFAULT 0 NOT NULL,
    tokens_cached bigint DEFAULT 0 NOT NULL,
    audio_seconds double precision DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    settled_at timestamp with time zone,
    CONSTRAINT paid_requests_state_check CHECK ((state = ANY (ARRAY['reserved'::text, 'answered'::text, 'settled'::text, 'released'::text])))
);

ALTER TABLE ONLY public.paid_requests FORCE ROW LEVEL SECURITY;

ALTER TABLE public.paid_requests OWNER TO hacksmart_owner;

--
-- Name: provider_calls; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.provider_calls (
    tenant_id uuid NOT NULL,
    request_hash text NOT NULL,
    run integer NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    subject text NOT NULL,
    state text NOT NULL,
    reply_sealed bytea NOT NULL,
    usage jsonb DEFAULT '{}'::jsonb NOT NULL,
    cost_usd numeric(12,6) DEFAULT 0 NOT NULL,
    latency_ms integer NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT provider_calls_state_check CHECK ((state = ANY (ARRAY['answered'::text, 'invalid'::text])))
);

ALTER TABLE ONLY public.provider_calls FORCE ROW LEVEL SECURITY;

ALTER TABLE public.provider_calls OWNER TO hacksmart_owner;

--
-- Name: provider_state; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.provider_state (
    provider text NOT NULL,
    key_id text NOT NULL,
    model text NOT NULL,
    paused_until timestamp with time zone,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    breaker text DEFAULT 'closed'::text NOT NULL,
    openings integer DEFAULT 0 NOT NULL,
    probe_until timestamp with time zone,
    failures_in_a_row integer DEFAULT 0 NOT NULL,
    newest_slot bigint DEFAULT 0 NOT NULL,
    recent_good integer[] DEFAULT '{0,0,0,0,0,0}'::integer[] NOT NULL,
    recent_bad integer[] DEFAULT '{0,0,0,0,0,0}'::integer[] NOT NULL,
    at_once real,
    clean integer DEFAULT 0 NOT NULL,
    slowed_at timestamp with time zone,
    CONSTRAINT provider_state_breaker_check CHECK ((breaker = ANY (ARRAY['closed'::text, 'open'::text, 'half_open'::text])))
);

ALTER TABLE public.provider_state OWNER TO hacksmart_owner;

--
-- Name: queue_control; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.queue_control (
    queue text NOT NULL,
    paused boolean DEFAULT false NOT NULL,
    max_running integer,
    rate_per_second real,
    burst real,
    tokens real,
    refilled_at timestamp with time zone,
    CONSTRAINT queue_control_max_running_check CHECK ((max_running > 0)),
    CONSTRAINT queue_control_rate_per_second_check CHECK ((rate_per_second > (0)::double precision))
);

ALTER TABLE public.queue_control OWNER TO hacksmart_owner;

--
-- Name: remarks; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.remarks (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    call_id uuid NOT NULL,
    text text NOT NULL,
    principal text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT remarks_text_check CHECK ((text <> ''::text))
);

ALTER TABLE ONLY public.remarks FORCE ROW LEVEL SECURITY;

ALTER TABLE public.remarks OWNER TO hacksmart_owner;

--
-- Name: rollup_agent; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.rollup_agent (
    tenant_id uuid NOT NULL,
    grain text NOT NULL COLLATE pg_catalog."C",
    bucket date NOT NULL,
    agent_id uuid NOT NULL,
    calls bigint NOT NULL,
    analysed bigint NOT NULL,
    provisional bigint NOT NULL,
    escalated bigint NOT NULL,
    emergencies bigint NOT NULL,
    seconds bigint NOT NULL,
    quality_count bigint NOT NULL,
    quality_sum bigint NOT NULL,
    sop_count bigint NOT NULL,
    sop_sum bigint NOT NULL,
    sentiment_count bigint NOT NULL,
    sentiment_sum bigint NOT NULL,
    resolution_count bigint NOT NULL,
    resolution_sum bigint NOT NULL,
    communication_count bigint NOT NULL,
    communication_sum bigint NOT NULL,
    priority_count bigint NOT NULL,
    priority_sum bigint NOT NULL,
    CONSTRAINT rollup_agent_grain_check CHECK ((grain = ANY (ARRAY['day'::text, 'month'::text, 'all'::text])))
)
WITH (fillfactor='70');

ALTER TABLE ONLY public.rollup_agent FORCE ROW LEVEL SECURITY;

ALTER TABLE public.rollup_agent OWNER TO hacksmart_owner;

--
-- Name: rollup_city; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.rollup_city (
    tenant_id uuid NOT NULL,
    grain text NOT NULL COLLATE pg_catalog."C",
    bucket date NOT NULL,
    city_id integer NOT NULL,
    calls bigint NOT NULL,
    analysed bigint NOT NULL,
    provisional bigint NOT NULL,
    escalated bigint NOT NULL,
    emergencies bigint NOT NULL,
    seconds bigint NOT NULL,
    quality_count bigint NOT NULL,
    quality_sum bigint NOT NULL,
    sop_count bigint NOT NULL,
    sop_sum bigint NOT NULL,
    sentiment_count bigint NOT NULL,
    sentiment_sum bigint NOT NULL,
    resolution_count bigint NOT NULL,
    resolution_sum bigint NOT NULL,
    communication_count bigint NOT NULL,
    communication_sum bigint NOT NULL,
    priority_count bigint NOT NULL,
    priority_sum bigint NOT NULL,
    CONSTRAINT rollup_city_grain_check CHECK ((grain = ANY (ARRAY['day'::text, 'month'::text, 'all'::text])))
)
WITH (fillfactor='70');

ALTER TABLE ONLY public.rollup_city FORCE ROW LEVEL SECURITY;

ALTER TABLE public.rollup_city OWNER TO hacksmart_owner;

--
-- Name: rollup_city_issue; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.rollup_city_issue (
    tenant_id uuid NOT NULL,
    grain text NOT NULL COLLATE pg_catalog."C",
    bucket date NOT NULL,
    city_id integer NOT NULL,
    issue text NOT NULL COLLATE pg_catalog."C",
    calls bigint NOT NULL,
    analysed bigint NOT NULL,
    provisional bigint NOT NULL,
    escalated bigint NOT NULL,
    emergencies bigint NOT NULL,
    seconds bigint NOT NULL,
    quality_count bigint NOT NULL,
    quality_sum bigint NOT NULL,
    sop_count bigint NOT NULL,
    sop_sum bigint NOT NULL,
    sentiment_count bigint NOT NULL,
    sentiment_sum bigint NOT NULL,
    resolution_count bigint NOT NULL,
    resolution_sum bigint NOT NULL,
    communication_count bigint NOT NULL,
    communication_sum bigint NOT NULL,
    priority_count bigint NOT NULL,
    priority_sum bigint NOT NULL,
    CONSTRAINT rollup_city_issue_grain_check CHECK ((grain = ANY (ARRAY['day'::text, 'month'::text, 'all'::text])))
)
WITH (fillfactor='70');

ALTER TABLE ONLY public.rollup_city_issue FORCE ROW LEVEL SECURITY;

ALTER TABLE public.rollup_city_issue OWNER TO hacksmart_owner;

--
-- Name: rollup_issue; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.rollup_issue (
    tenant_id uuid NOT NULL,
    grain text NOT NULL COLLATE pg_catalog."C",
    bucket date NOT NULL,
    issue text NOT NULL COLLATE pg_catalog."C",
    calls bigint NOT NULL,
    analysed bigint NOT NULL,
    provisional bigint NOT NULL,
    escalated bigint NOT NULL,
    emergencies bigint NOT NULL,
    seconds bigint NOT NULL,
    quality_count bigint NOT NULL,
    quality_sum bigint NOT NULL,
    sop_count bigint NOT NULL,
    sop_sum bigint NOT NULL,
    sentiment_count bigint NOT NULL,
    sentiment_sum bigint NOT NULL,
    resolution_count bigint NOT NULL,
    resolution_sum bigint NOT NULL,
    communication_count bigint NOT NULL,
    communication_sum bigint NOT NULL,
    priority_count bigint NOT NULL,
    priority_sum bigint NOT NULL,
    CONSTRAINT rollup_issue_grain_check CHECK ((grain = ANY (ARRAY['day'::text, 'month'::text, 'all'::text])))
)
WITH (fillfactor='70');

ALTER TABLE ONLY public.rollup_issue FORCE ROW LEVEL SECURITY;

ALTER TABLE public.rollup_issue OWNER TO hacksmart_owner;

--
-- Name: rollup_outbox_ids; Type: SEQUENCE; Schema: public; Owner: hacksmart_owner
--

CREATE SEQUENCE public.rollup_outbox_ids
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER TABLE public.rollup_outbox_ids OWNER TO hacksmart_owner;

--
-- Name: rollup_outbox; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.rollup_outbox (
    tenant_id uuid NOT NULL,
    id bigint DEFAULT nextval('public.rollup_outbox_ids'::regclass) NOT NULL,
    sign smallint DEFAULT 0 NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    agent_id uuid,
    city_id integer,
    issue text,
    day date,
    calls integer,
    analysed integer,
    provisional integer,
    escalated integer,
    emergencies integer,
    seconds integer,
    quality_count integer,
    quality_sum integer,
    sop_count integer,
    sop_sum integer,
    sentiment_count integer,
    sentiment_sum integer,
    resolution_count integer,
    resolution_sum integer,
    communication_count integer,
    communication_sum integer,
    priority_count integer,
    priority_sum integer,
    CONSTRAINT rollup_outbox_check CHECK (((sign = 0) = (day IS NULL))),
    CONSTRAINT rollup_outbox_sign_check CHECK ((sign = ANY (ARRAY['-1'::integer, 0, 1])))
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='5000', autovacuum_vacuum_cost_delay='0');

ALTER TABLE ONLY public.rollup_outbox FORCE ROW LEVEL SECURITY;

ALTER TABLE public.rollup_outbox OWNER TO hacksmart_owner;

--
-- Name: rollup_rule; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.rollup_rule (
    tenant_id uuid NOT NULL,
    whose text NOT NULL COLLATE pg_catalog."C",
    grain text NOT NULL COLLATE pg_catalog."C",
    bucket date NOT NULL,
    rule_id text NOT NULL COLLATE pg_catalog."C",
    met bigint NOT NULL,
    missed bigint NOT NULL,
    unsure bigint NOT NULL,
    CONSTRAINT rollup_rule_grain_check CHECK ((grain = ANY (ARRAY['day'::text, 'month'::text, 'all'::text])))
)
WITH (fillfactor='70');

ALTER TABLE ONLY public.rollup_rule FORCE ROW LEVEL SECURITY;

ALTER TABLE public.rollup_rule OWNER TO hacksmart_owner;

--
-- Name: rollup_touched; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.rollup_touched (
    tenant_id uuid NOT NULL,
    day date NOT NULL,
    touched_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.rollup_touched FORCE ROW LEVEL SECURITY;

ALTER TABLE public.rollup_touched OWNER TO hacksmart_owner;

--
-- Name: rule_facts; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.rule_facts (
    tenant_id uuid NOT NULL,
    call_id uuid NOT NULL,
    agent_id uuid,
    city_id integer,
    day date NOT NULL,
    met text[] NOT NULL,
    missed text[] NOT NULL,
    unsure text[] NOT NULL
)
WITH (fillfactor='80');

ALTER TABLE ONLY public.rule_facts FORCE ROW LEVEL SECURITY;

ALTER TABLE public.rule_facts OWNER TO hacksmart_owner;

--
-- Name: rule_facts_expected; Type: VIEW; Schema: public; Owner: hacksmart_owner
--

CREATE VIEW public.rule_facts_expected WITH (security_invoker='true') AS
 SELECT f.tenant_id,
    f.call_id,
    f.agent_id,
    f.city_id,
    f.day,
    public.answered_questions(e.document, 'pass'::text) AS met,
    public.answered_questions(e.document, 'fail'::text) AS missed,
    public.answered_questions(e.document, 'needs_review'::text) AS unsure
   FROM ((public.call_facts f
     JOIN public.call_insights i ON (((i.tenant_id = f.tenant_id) AND (i.call_id = f.call_id))))
     JOIN public.evaluations e ON (((e.tenant_id = i.tenant_id) AND (e.id = i.evaluation_id))));

ALTER TABLE public.rule_facts_expected OWNER TO hacksmart_owner;

--
-- Name: rule_outbox_ids; Type: SEQUENCE; Schema: public; Owner: hacksmart_owner
--

CREATE SEQUENCE public.rule_outbox_ids
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER TABLE public.rule_outbox_ids OWNER TO hacksmart_owner;

--
-- Name: rule_outbox; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.rule_outbox (
    tenant_id uuid NOT NULL,
    id bigint DEFAULT nextval('public.rule_outbox_ids'::regclass) NOT NULL,
    sign smallint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    agent_id uuid,
    city_id integer,
    day date NOT NULL,
    met text[] NOT NULL,
    missed text[] NOT NULL,
    unsure text[] NOT NULL,
    CONSTRAINT rule_outbox_sign_check CHECK ((sign = ANY (ARRAY['-1'::integer, 1])))
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='5000', autovacuum_vacuum_cost_delay='0');

ALTER TABLE ONLY public.rule_outbox FORCE ROW LEVEL SECURITY;

ALTER TABLE public.rule_outbox OWNER TO hacksmart_owner;

--
-- Name: schedules; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.schedules (
    tenant_id uuid NOT NULL,
    name text NOT NULL,
    spec text NOT NULL,
    time_zone text DEFAULT 'UTC'::text NOT NULL,
    catch_up text DEFAULT 'once'::text NOT NULL,
    next_at timestamp with time zone NOT NULL,
    CONSTRAINT schedules_catch_up_check CHECK ((catch_up = ANY (ARRAY['once'::text, 'all'::text, 'skip'::text])))
);

ALTER TABLE ONLY public.schedules FORCE ROW LEVEL SECURITY;

ALTER TABLE public.schedules OWNER TO hacksmart_owner;

--
-- Name: schema_migrations; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.schema_migrations (
    version integer NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE public.schema_migrations OWNER TO hacksmart_owner;

--
-- Name: scorecard_activations; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.scorecard_activations (
    tenant_id uuid NOT NULL,
    id bigint NOT NULL,
    key text NOT NULL,
    version integer,
    content_hash text,
    principal text NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.scorecard_activations FORCE ROW LEVEL SECURITY;

ALTER TABLE public.scorecard_activations OWNER TO hacksmart_owner;

--
-- Name: scorecard_activations_id_seq; Type: SEQUENCE; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.scorecard_activations ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.scorecard_activations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: scorecard_versions; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.scorecard_versions (
    tenant_id uuid NOT NULL,
    key text NOT NULL,
    version integer NOT NULL,
    content_hash text NOT NULL,
    title jsonb NOT NULL,
    selector jsonb NOT NULL,
    extends_key text,
    extends_version integer,
    extends_hash text,
    content text NOT NULL,
    note text,
    created_by text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT scorecard_versions_version_check CHECK ((version > 0))
);

ALTER TABLE ONLY public.scorecard_versions FORCE ROW LEVEL SECURITY;

ALTER TABLE public.scorecard_versions OWNER TO hacksmart_owner;

--
-- Name: transcripts; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.transcripts (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    call_id uuid NOT NULL,
    engine text NOT NULL,
    model text NOT NULL,
    engine_version text NOT NULL,
    language text NOT NULL,
    low_confidence boolean NOT NULL,
    turns_sealed bytea NOT NULL,
    spotted jsonb DEFAULT '[]'::jsonb NOT NULL,
    redacted jsonb NOT NULL,
    redacted_text text NOT NULL,
    redaction_version text NOT NULL,
    sha256 text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    search tsvector GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, "left"(redacted_text, 400000))) STORED
);

ALTER TABLE ONLY public.transcripts FORCE ROW LEVEL SECURITY;

ALTER TABLE public.transcripts OWNER TO hacksmart_owner;

--
-- Name: workers; Type: TABLE; Schema: public; Owner: hacksmart_owner
--

CREATE TABLE public.workers (
    id uuid NOT NULL,
    host text NOT NULL,
    version text NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    beat_at timestamp with time zone DEFAULT now() NOT NULL,
    draining boolean DEFAULT false NOT NULL
);

ALTER TABLE public.workers OWNER TO hacksmart_owner;

--
-- Name: agents; Type: VIEW; Schema: reference; Owner: hacksmart_owner
--

CREATE VIEW reference.agents WITH (security_invoker='true') AS
 SELECT a.id,
    a.name,
    a.employee_id,
    a.languages,
    (COALESCE(round((((total.quality_sum)::numeric / (NULLIF(total.quality_count, 0))::numeric) / (10000)::numeric), 4), (0)::numeric))::numeric(5,4) AS current_quality_score,
    (COALESCE(round((((total.sop_sum)::numeric / (NULLIF(total.sop_count, 0))::numeric) / (10000)::numeric), 4), (0)::numeric))::numeric(5,4) AS current_sop_compliance_score,
    (COALESCE(round((((total.sentiment_sum)::numeric / (NULLIF(total.sentiment_count, 0))::numeric) / (10000)::numeric), 4), (0)::numeric))::numeric(5,4) AS current_sentiment_stabilization_score,
    (COALESCE(round(((total.escalated)::numeric / (NULLIF(total.analysed, 0))::numeric), 4), (0)::numeric))::numeric(5,4) AS current_escalation_rate,
    (COALESCE(total.calls, (0)::bigint))::integer AS calls_handled_total,
    (COALESCE(total.emergencies, (0)::bigint))::integer AS total_emergencies_count,
    (COALESCE(today.calls, (0)::bigint))::integer AS calls_handled_today,
    (COALESCE(today.emergencies, (0)::bigint))::integer AS emergencies_today,
    (COALESCE(round((((last.quality_sum)::numeric / (NULLIF(last.quality_count, 0))::numeric) / (10000)::numeric), 4), (0)::numeric))::numeric(5,4) AS prev_month_quality_score,
    (COALESCE(round((((last.sop_sum)::numeric / (NULLIF(last.sop_count, 0))::numeric) / (10000)::numeric), 4), (0)::numeric))::numeric(5,4) AS prev_month_sop_compliance_score,
    (COALESCE(round((((last.sentiment_sum)::numeric / (NULLIF(last.sentiment_count, 0))::numeric) / (10000)::numeric), 4), (0)::numeric))::numeric(5,4) AS prev_month_sentiment_stabilization_score,
    (COALESCE(round(((last.escalated)::numeric / (NULLIF(last.analysed, 0))::numeric), 4), (0)::numeric))::numeric(5,4) AS prev_month_escalation_rate,
    (COALESCE(last.calls, (0)::bigint))::integer AS prev_month_calls_handled,
    (COALESCE(last.emergencies, (0)::bigint))::integer AS prev_month_emergencies,
    a.latest_month_insight,
    a.overall_insight_text,
    a.latest_change_summary,
    a.insight_history,
    a.recent_trend_array,
    (a.last_insight_generated_at AT TIME ZONE 'UTC'::text) AS last_insight_generated_at,
    (a.last_updated_at AT TIME ZONE 'UTC'::text) AS last_updated_at
   FROM ((((public.agents a
     JOIN public.tenants t ON ((t.id = a.tenant_id)))
     LEFT JOIN public.rollup_agent total ON (((total.tenant_id = a.tenant_id) AND (total.agent_id = a.id) AND (total.grain = 'all'::text) AND (total.bucket = '1970-01-01'::date))))
     LEFT JOIN public.rollup_agent today ON (((today.tenant_id = a.tenant_id) AND (today.agent_id = a.id) AND (today.grain = 'day'::text) AND (today.bucket = ((now() AT TIME ZONE t.time_zone))::date))))
     LEFT JOIN public.rollup_agent last ON (((last.tenant_id = a.tenant_id) AND (last.agent_id = a.id) AND (last.grain = 'month'::text) AND (last.bucket = ((date_trunc('month'::text, (now() AT TIME ZONE t.time_zone)) - '1 mon'::interval))::date))));

ALTER TABLE reference.agents OWNER TO hacksmart_owner;

--
-- Name: call_insights; Type: VIEW; Schema: reference; Owner: hacksmart_owner
--

CREATE VIEW reference.call_insights WITH (security_invoker='true') AS
 SELECT call_insights.call_id,
    call_insights.transcript,
    call_insights.language_spoken,
    call_insights.sop_compliance_score,
    call_insights.sentiment_stabilization_score,
    call_insights.resolution_validity_score,
    call_insights.overall_quality_score,
    call_insights.escalation_risk,
    call_insights.why_flagged,
    call_insights.human_remarks,
    call_insights.business_insight,
    call_insights.coaching_insight,
    call_insights.communication_score,
    call_insights.coaching_priority,
    call_insights.issue_analysis,
    call_insights.resolution_analysis,
    call_insights.sop_deviations,
    call_insights.sentiment_trajectory,
    call_insights.sentiment_score,
    call_insights.escalation_score,
    call_insights.structured_annotations,
    call_insights.created_at
   FROM public.call_insights;

ALTER TABLE reference.call_insights OWNER TO hacksmart_owner;

--
-- Name: calls; Type: VIEW; Schema: reference; Owner: hacksmart_owner
--

CREATE VIEW reference.calls WITH (security_invoker='true') AS
 SELECT calls.id,
    calls.agent_id,
    calls.city_id,
    NULL::character varying(20) AS customer_phone,
    NULL::character varying(100) AS customer_name,
    calls.customer_preferred_language,
    regexp_replace(calls.audio_url, '^external:'::text, ''::text) AS audio_url,
    calls.duration_seconds,
    calls.call_timestamp,
    calls.call_context,
    calls.primary_issue_category,
    calls.agent_manual_note,
    calls.processing_status
   FROM public.calls;

ALTER TABLE reference.calls OWNER TO hacksmart_owner;

--
-- Name: cities; Type: VIEW; Schema: reference; Owner: hacksmart_owner
--

CREATE VIEW reference.cities WITH (security_invoker='true') AS
 SELECT cities.id,
    cities.name,
    cities.state
   FROM public.cities;

ALTER TABLE reference.cities OWNER TO hacksmart_owner;

--
-- Name: city_insights; Type: VIEW; Schema: reference; Owner: hacksmart_owner
--

CREATE VIEW reference.city_insights WITH (security_invoker='true') AS
 SELECT i.city_id,
    (COALESCE(round((((total.quality_sum)::numeric / (NULLIF(total.quality_count, 0))::numeric) / (10000)::numeric), 4), (0)::numeric))::numeric(5,4) AS avg_quality_score,
    (COALESCE(round((((total.sop_sum)::numeric / (NULLIF(total.sop_count, 0))::numeric) / (10000)::numeric), 4), (0)::numeric))::numeric(5,4) AS avg_sop_compliance,
    (COALESCE(round((((total.sentiment_sum)::numeric / (NULLIF(total.sentiment_count, 0))::numeric) / (10000)::numeric), 4), (0)::numeric))::numeric(5,4) AS avg_sentiment_score,
    (COALESCE(round(((total.escalated)::numeric / (NULLIF(total.analysed, 0))::numeric), 4), (0)::numeric))::numeric(5,4) AS avg_escalation_rate,
    (COALESCE(total.calls, (0)::bigint))::integer AS total_calls,
    i.daily_ops_insight,
    i.latest_month_insight,
    i.overall_city_insight,
    i.coaching_focus_for_city,
    i.key_operational_risks,
    i.insight_history,
    (i.last_insight_generated_at AT TIME ZONE 'UTC'::text) AS last_insight_generated_at,
    (i.last_updated_at AT TIME ZONE 'UTC'::text) AS last_updated_at
   FROM (public.city_insights i
     LEFT JOIN public.rollup_city total ON (((total.tenant_id = i.tenant_id) AND (total.city_id = i.city_id) AND (total.grain = 'all'::text) AND (total.bucket = '1970-01-01'::date))));

ALTER TABLE reference.city_insights OWNER TO hacksmart_owner;

--
-- Name: jobs_history_default; Type: TABLE ATTACH; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.jobs_history ATTACH PARTITION public.jobs_history_default DEFAULT;

--
-- Name: active_scorecards active_scorecards_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.active_scorecards
    ADD CONSTRAINT active_scorecards_pkey PRIMARY KEY (tenant_id, key);

--
-- Name: agents agents_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.agents
    ADD CONSTRAINT agents_pkey PRIMARY KEY (tenant_id, id);

--
-- Name: agents agents_tenant_id_employee_key_key; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.agents
    ADD CONSTRAINT agents_tenant_id_employee_key_key UNIQUE (tenant_id, employee_key);

--
-- Name: audit_log audit_log_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (tenant_id, sequence);

--
-- Name: audit_outbox audit_outbox_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.audit_outbox
    ADD CONSTRAINT audit_outbox_pkey PRIMARY KEY (tenant_id, id);

--
-- Name: budget_windows budget_windows_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.budget_windows
    ADD CONSTRAINT budget_windows_pkey PRIMARY KEY (tenant_id, grain, starts);

--
-- Name: budgets budgets_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.budgets
    ADD CONSTRAINT budgets_pkey PRIMARY KEY (tenant_id);

--
-- Name: call_facts call_facts_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.call_facts
    ADD CONSTRAINT call_facts_pkey PRIMARY KEY (tenant_id, call_id);

--
-- Name: call_facts_rewrites call_facts_rewrites_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.call_facts_rewrites
    ADD CONSTRAINT call_facts_rewrites_pkey PRIMARY KEY (tenant_id, id);

--
-- Name: call_insights call_insights_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.call_insights
    ADD CONSTRAINT call_insights_pkey PRIMARY KEY (tenant_id, call_id);

--
-- Name: calls calls_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.calls
    ADD CONSTRAINT calls_pkey PRIMARY KEY (tenant_id, id);

--
-- Name: calls calls_tenant_id_external_id_key; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.calls
    ADD CONSTRAINT calls_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

--
-- Name: cities cities_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.cities
    ADD CONSTRAINT cities_pkey PRIMARY KEY (tenant_id, id);

--
-- Name: cities cities_tenant_id_name_key_key; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.cities
    ADD CONSTRAINT cities_tenant_id_name_key_key UNIQUE (tenant_id, name_key);

--
-- Name: city_aliases city_aliases_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.city_aliases
    ADD CONSTRAINT city_aliases_pkey PRIMARY KEY (tenant_id, alias_key, city_id);

--
-- Name: city_insights city_insights_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.city_insights
    ADD CONSTRAINT city_insights_pkey PRIMARY KEY (tenant_id, city_id);

--
-- Name: data_versions data_versions_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.data_versions
    ADD CONSTRAINT data_versions_pkey PRIMARY KEY (tenant_id);

--
-- Name: demonstration_agents demonstration_agents_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.demonstration_agents
    ADD CONSTRAINT demonstration_agents_pkey PRIMARY KEY (tenant_id, agent_id);

--
-- Name: demonstration_calls demonstration_calls_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.demonstration_calls
    ADD CONSTRAINT demonstration_calls_pkey PRIMARY KEY (tenant_id, call_id);

--
-- Name: demonstration_cities demonstration_cities_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.demonstration_cities
    ADD CONSTRAINT demonstration_cities_pkey PRIMARY KEY (tenant_id, city_id);

--
-- Name: escalation_steps escalation_steps_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.escalation_steps
    ADD CONSTRAINT escalation_steps_pkey PRIMARY KEY (tenant_id, id);

--
-- Name: escalations escalations_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.escalations
    ADD CONSTRAINT escalations_pkey PRIMARY KEY (tenant_id, id);

--
-- Name: evaluation_run_answers evaluation_run_answers_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.evaluation_run_answers
    ADD CONSTRAINT evaluation_run_answers_pkey PRIMARY KEY (tenant_id, run_id, question_id, call_id);

--
-- Name: evaluation_run_calls evaluation_run_calls_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.evaluation_run_calls
    ADD CONSTRAINT evaluation_run_calls_pkey PRIMARY KEY (tenant_id, run_id, call_id);

--
-- Name: evaluation_runs evaluation_runs_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.evaluation_runs
    ADD CONSTRAINT evaluation_runs_pkey PRIMARY KEY (tenant_id, id);

--
-- Name: evaluations evaluations_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.evaluations
    ADD CONSTRAINT evaluations_pkey PRIMARY KEY (tenant_id, id);

--
-- Name: event_horizons event_horizons_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.event_horizons
    ADD CONSTRAINT event_horizons_pkey PRIMARY KEY (tenant_id);

--
-- Name: event_tickets event_tickets_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.event_tickets
    ADD CONSTRAINT event_tickets_pkey PRIMARY KEY (tenant_id, hash);

--
-- Name: events events_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (tenant_id, xid, id);

--
-- Name: held_insights held_insights_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.held_insights
    ADD CONSTRAINT held_insights_pkey PRIMARY KEY (tenant_id, evaluation_id);

--
-- Name: idempotency idempotency_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (tenant_id, scope, key);

--
-- Name: imported_rows imported_rows_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.imported_rows
    ADD CONSTRAINT imported_rows_pkey PRIMARY KEY (tenant_id, source, id);

--
-- Name: issue_categories issue_categories_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.issue_categories
    ADD CONSTRAINT issue_categories_pkey PRIMARY KEY (tenant_id, id);

--
-- Name: issue_categories issue_categories_tenant_id_name_key_key; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.issue_categories
    ADD CONSTRAINT issue_categories_tenant_id_name_key_key UNIQUE (tenant_id, name_key);

--
-- Name: jobs_history jobs_history_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.jobs_history
    ADD CONSTRAINT jobs_history_pkey PRIMARY KEY (tenant_id, id, finished_at);

--
-- Name: jobs_history_default jobs_history_default_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.jobs_history_default
    ADD CONSTRAINT jobs_history_default_pkey PRIMARY KEY (tenant_id, id, finished_at);

--
-- Name: jobs jobs_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (tenant_id, id);

--
-- Name: leader leader_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.leader
    ADD CONSTRAINT leader_pkey PRIMARY KEY (name);

--
-- Name: library_scorecards library_scorecards_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.library_scorecards
    ADD CONSTRAINT library_scorecards_pkey PRIMARY KEY (key, version, content_hash);

--
-- Name: media media_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.media
    ADD CONSTRAINT media_pkey PRIMARY KEY (tenant_id, call_id);

--
-- Name: missed_rules missed_rules_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.missed_rules
    ADD CONSTRAINT missed_rules_pkey PRIMARY KEY (tenant_id, rule_id, call_id);

--
-- Name: model_answers model_answers_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.model_answers
    ADD CONSTRAINT model_answers_pkey PRIMARY KEY (tenant_id, cache_key);

--
-- Name: overrides overrides_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.overrides
    ADD CONSTRAINT overrides_pkey PRIMARY KEY (tenant_id, id);

--
-- Name: paid_requests paid_requests_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.paid_requests
    ADD CONSTRAINT paid_requests_pkey PRIMARY KEY (tenant_id, id);

--
-- Name: provider_calls provider_calls_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.provider_calls
    ADD CONSTRAINT provider_calls_pkey PRIMARY KEY (tenant_id, request_hash, run);

--
-- Name: provider_state provider_state_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.provider_state
    ADD CONSTRAINT provider_state_pkey PRIMARY KEY (provider, key_id, model);

--
-- Name: queue_control queue_control_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.queue_control
    ADD CONSTRAINT queue_control_pkey PRIMARY KEY (queue);

--
-- Name: remarks remarks_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.remarks
    ADD CONSTRAINT remarks_pkey PRIMARY KEY (tenant_id, id);

--
-- Name: rollup_agent rollup_agent_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.rollup_agent
    ADD CONSTRAINT rollup_agent_pkey PRIMARY KEY (tenant_id, grain, bucket, agent_id);

--
-- Name: rollup_city_issue rollup_city_issue_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.rollup_city_issue
    ADD CONSTRAINT rollup_city_issue_pkey PRIMARY KEY (tenant_id, grain, bucket, city_id, issue);

--
-- Name: rollup_city rollup_city_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.rollup_city
    ADD CONSTRAINT rollup_city_pkey PRIMARY KEY (tenant_id, grain, bucket, city_id);

--
-- Name: rollup_issue rollup_issue_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.rollup_issue
    ADD CONSTRAINT rollup_issue_pkey PRIMARY KEY (tenant_id, grain, bucket, issue);

--
-- Name: rollup_outbox rollup_outbox_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.rollup_outbox
    ADD CONSTRAINT rollup_outbox_pkey PRIMARY KEY (tenant_id, id, sign);

--
-- Name: rollup_rule rollup_rule_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.rollup_rule
    ADD CONSTRAINT rollup_rule_pkey PRIMARY KEY (tenant_id, whose, grain, bucket, rule_id);

--
-- Name: rollup_touched rollup_touched_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.rollup_touched
    ADD CONSTRAINT rollup_touched_pkey PRIMARY KEY (tenant_id, day);

--
-- Name: rule_facts rule_facts_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.rule_facts
    ADD CONSTRAINT rule_facts_pkey PRIMARY KEY (tenant_id, call_id);

--
-- Name: rule_outbox rule_outbox_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.rule_outbox
    ADD CONSTRAINT rule_outbox_pkey PRIMARY KEY (tenant_id, id, sign);

--
-- Name: schedules schedules_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.schedules
    ADD CONSTRAINT schedules_pkey PRIMARY KEY (tenant_id, name);

--
-- Name: schema_migrations schema_migrations_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);

--
-- Name: scorecard_activations scorecard_activations_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.scorecard_activations
    ADD CONSTRAINT scorecard_activations_pkey PRIMARY KEY (tenant_id, id);

--
-- Name: scorecard_versions scorecard_versions_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.scorecard_versions
    ADD CONSTRAINT scorecard_versions_pkey PRIMARY KEY (tenant_id, key, version);

--
-- Name: tenants tenants_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.tenants
    ADD CONSTRAINT tenants_pkey PRIMARY KEY (id);

--
-- Name: transcripts transcripts_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.transcripts
    ADD CONSTRAINT transcripts_pkey PRIMARY KEY (tenant_id, id);

--
-- Name: workers workers_pkey; Type: CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.workers
    ADD CONSTRAINT workers_pkey PRIMARY KEY (id);

--
-- Name: agents_by_name; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX agents_by_name ON public.agents USING btree (tenant_id, name_key);

--
-- Name: call_facts_by_agent; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX call_facts_by_agent ON public.call_facts USING btree (tenant_id, agent_id, day);

--
-- Name: call_facts_by_city; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX call_facts_by_city ON public.call_facts USING btree (tenant_id, city_id, day);

--
-- Name: call_facts_by_day; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX call_facts_by_day ON public.call_facts USING btree (tenant_id, day);

--
-- Name: call_facts_by_priority; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX call_facts_by_priority ON public.call_facts USING btree (tenant_id, (
CASE
    WHEN (priority IS NULL) THEN '-1'::integer
    ELSE priority
END), call_id);

--
-- Name: call_facts_by_quality; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX call_facts_by_quality ON public.call_facts USING btree (tenant_id, (
CASE
    WHEN (quality IS NULL) THEN '-1'::integer
    ELSE quality
END), call_id);

--
-- Name: call_facts_by_seconds; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX call_facts_by_seconds ON public.call_facts USING btree (tenant_id, seconds, call_id);

--
-- Name: call_facts_by_time; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX call_facts_by_time ON public.call_facts USING btree (tenant_id, call_timestamp, call_id);

--
-- Name: call_facts_emergencies; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX call_facts_emergencies ON public.call_facts USING btree (tenant_id, call_timestamp) WHERE emergency;

--
-- Name: call_insights_by_time; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX call_insights_by_time ON public.call_insights USING btree (tenant_id, created_at);

--
-- Name: call_insights_flagged; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX call_insights_flagged ON public.call_insights USING btree (tenant_id, created_at) WHERE escalation_risk;

--
-- Name: calls_by_agent; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX calls_by_agent ON public.calls USING btree (tenant_id, agent_id, call_timestamp);

--
-- Name: calls_by_city; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX calls_by_city ON public.calls USING btree (tenant_id, city_id, call_timestamp);

--
-- Name: calls_by_status; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX calls_by_status ON public.calls USING btree (tenant_id, processing_status, id) WHERE ((processing_status)::text <> 'analyzed'::text);

--
-- Name: calls_by_time; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX calls_by_time ON public.calls USING btree (tenant_id, call_timestamp, id);

--
-- Name: escalation_steps_of; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX escalation_steps_of ON public.escalation_steps USING btree (tenant_id, escalation_id, id);

--
-- Name: escalations_by_call; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX escalations_by_call ON public.escalations USING btree (tenant_id, call_id);

--
-- Name: escalations_by_time; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX escalations_by_time ON public.escalations USING btree (tenant_id, created_at, id);

--
-- Name: escalations_live; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX escalations_live ON public.escalations USING btree (tenant_id, created_at, id) WHERE (state <> 'resolved'::text);

--
-- Name: escalations_one_live; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE UNIQUE INDEX escalations_one_live ON public.escalations USING btree (tenant_id, call_id) WHERE (state <> 'resolved'::text);

--
-- Name: evaluation_run_answers_of; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX evaluation_run_answers_of ON public.evaluation_run_answers USING btree (tenant_id, call_id);

--
-- Name: evaluation_run_calls_changed; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX evaluation_run_calls_changed ON public.evaluation_run_calls USING btree (tenant_id, run_id, call_id) WHERE changed;

--
-- Name: evaluation_run_calls_of; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX evaluation_run_calls_of ON public.evaluation_run_calls USING btree (tenant_id, call_id);

--
-- Name: evaluation_run_calls_open; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX evaluation_run_calls_open ON public.evaluation_run_calls USING btree (tenant_id, run_id, state, call_id) WHERE (state = ANY (ARRAY['waiting'::text, 'queued'::text]));

--
-- Name: evaluation_run_flips; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX evaluation_run_flips ON public.evaluation_run_answers USING btree (tenant_id, run_id, call_id, question_id) WHERE (before <> after);

--
-- Name: evaluation_runs_by_time; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX evaluation_runs_by_time ON public.evaluation_runs USING btree (tenant_id, created_at, id);

--
-- Name: evaluation_runs_open; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX evaluation_runs_open ON public.evaluation_runs USING btree (tenant_id, id) WHERE (state = 'running'::text);

--
-- Name: evaluations_by_call; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX evaluations_by_call ON public.evaluations USING btree (tenant_id, call_id, created_at);

--
-- Name: held_insights_of; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX held_insights_of ON public.held_insights USING btree (tenant_id, call_id);

--
-- Name: idempotency_by_age; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX idempotency_by_age ON public.idempotency USING btree (tenant_id, created_at);

--
-- Name: jobs_by_subject; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX jobs_by_subject ON public.jobs USING btree (tenant_id, subject);

--
-- Name: jobs_history_by_outcome; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX jobs_history_by_outcome ON ONLY public.jobs_history USING btree (tenant_id, outcome, finished_at, id);

--
-- Name: jobs_history_by_subject; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX jobs_history_by_subject ON ONLY public.jobs_history USING btree (tenant_id, subject, finished_at);

--
-- Name: jobs_history_default_tenant_id_outcome_finished_at_id_idx; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX jobs_history_default_tenant_id_outcome_finished_at_id_idx ON public.jobs_history_default USING btree (tenant_id, outcome, finished_at, id);

--
-- Name: jobs_history_default_tenant_id_subject_finished_at_idx; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX jobs_history_default_tenant_id_subject_finished_at_idx ON public.jobs_history_default USING btree (tenant_id, subject, finished_at);

--
-- Name: jobs_ready; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX jobs_ready ON public.jobs USING btree (tenant_id, queue, priority, run_at, id) WHERE ((state = 'available'::text) AND (NOT suspect));

--
-- Name: jobs_running; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX jobs_running ON public.jobs USING btree (tenant_id, id) WHERE (state = 'running'::text);

--
-- Name: jobs_suspect; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX jobs_suspect ON public.jobs USING btree (tenant_id, queue, run_at, id) WHERE ((state = 'available'::text) AND suspect);

--
-- Name: jobs_unique; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE UNIQUE INDEX jobs_unique ON public.jobs USING btree (tenant_id, kind, unique_key) WHERE (unique_key IS NOT NULL);

--
-- Name: media_by_hash; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX media_by_hash ON public.media USING btree (tenant_id, sha256);

--
-- Name: media_by_path; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX media_by_path ON public.media USING btree (tenant_id, object_path);

--
-- Name: missed_rules_by_call; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX missed_rules_by_call ON public.missed_rules USING btree (tenant_id, call_id);

--
-- Name: model_answers_by_age; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX model_answers_by_age ON public.model_answers USING btree (tenant_id, created_at);

--
-- Name: model_answers_by_call; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX model_answers_by_call ON public.model_answers USING btree (tenant_id, call_id);

--
-- Name: overrides_by_call; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX overrides_by_call ON public.overrides USING btree (tenant_id, call_id);

--
-- Name: overrides_live; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX overrides_live ON public.overrides USING btree (tenant_id, call_id) WHERE (withdrawn_at IS NULL);

--
-- Name: overrides_raised; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX overrides_raised ON public.overrides USING btree (tenant_id, call_id) WHERE ((field = 'escalation_risk'::text) AND (value = (1)::numeric) AND (withdrawn_at IS NULL));

--
-- Name: paid_requests_by_day; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX paid_requests_by_day ON public.paid_requests USING btree (tenant_id, day);

--
-- Name: paid_requests_by_run; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX paid_requests_by_run ON public.paid_requests USING btree (tenant_id, run_id) WHERE (run_id IS NOT NULL);

--
-- Name: paid_requests_open; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX paid_requests_open ON public.paid_requests USING btree (tenant_id, request_hash) WHERE (state = ANY (ARRAY['reserved'::text, 'answered'::text]));

--
-- Name: provider_calls_by_age; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX provider_calls_by_age ON public.provider_calls USING btree (tenant_id, created_at);

--
-- Name: provider_calls_by_subject; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX provider_calls_by_subject ON public.provider_calls USING btree (tenant_id, subject);

--
-- Name: remarks_by_call; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX remarks_by_call ON public.remarks USING btree (tenant_id, call_id, created_at, id);

--
-- Name: rollup_agent_history; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX rollup_agent_history ON public.rollup_agent USING btree (tenant_id, agent_id, grain, bucket);

--
-- Name: rollup_city_history; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX rollup_city_history ON public.rollup_city USING btree (tenant_id, city_id, grain, bucket);

--
-- Name: rollup_rule_by_bucket; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX rollup_rule_by_bucket ON public.rollup_rule USING btree (tenant_id, grain, bucket);

--
-- Name: schedules_due; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX schedules_due ON public.schedules USING btree (tenant_id, next_at);

--
-- Name: scorecard_activations_of; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX scorecard_activations_of ON public.scorecard_activations USING btree (tenant_id, key, version);

--
-- Name: transcripts_by_call; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX transcripts_by_call ON public.transcripts USING btree (tenant_id, call_id, created_at);

--
-- Name: transcripts_by_words; Type: INDEX; Schema: public; Owner: hacksmart_owner
--

CREATE INDEX transcripts_by_words ON public.transcripts USING gin (search);

--
-- Name: jobs_history_default_pkey; Type: INDEX ATTACH; Schema: public; Owner: hacksmart_owner
--

ALTER INDEX public.jobs_history_pkey ATTACH PARTITION public.jobs_history_default_pkey;

--
-- Name: jobs_history_default_tenant_id_outcome_finished_at_id_idx; Type: INDEX ATTACH; Schema: public; Owner: hacksmart_owner
--

ALTER INDEX public.jobs_history_by_outcome ATTACH PARTITION public.jobs_history_default_tenant_id_outcome_finished_at_id_idx;

--
-- Name: jobs_history_default_tenant_id_subject_finished_at_idx; Type: INDEX ATTACH; Schema: public; Owner: hacksmart_owner
--

ALTER INDEX public.jobs_history_by_subject ATTACH PARTITION public.jobs_history_default_tenant_id_subject_finished_at_idx;

--
-- Name: audit_log audit_log_append_only; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE TRIGGER audit_log_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_log FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

--
-- Name: call_insights call_facts_come_and_go; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE CONSTRAINT TRIGGER call_facts_come_and_go AFTER INSERT OR DELETE ON public.call_insights DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.judgement_to_facts();

--
-- Name: calls call_facts_come_and_go; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE CONSTRAINT TRIGGER call_facts_come_and_go AFTER INSERT OR DELETE ON public.calls DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.calls_to_facts();

--
-- Name: call_insights call_facts_follow; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE CONSTRAINT TRIGGER call_facts_follow AFTER UPDATE ON public.call_insights DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((((((((((((old.tenant_id IS DISTINCT FROM new.tenant_id) OR (old.call_id IS DISTINCT FROM new.call_id)) OR ((old.language_spoken)::text IS DISTINCT FROM (new.language_spoken)::text)) OR (old.sop_compliance_score IS DISTINCT FROM new.sop_compliance_score)) OR (old.sentiment_stabilization_score IS DISTINCT FROM new.sentiment_stabilization_score)) OR (old.resolution_validity_score IS DISTINCT FROM new.resolution_validity_score)) OR (old.overall_quality_score IS DISTINCT FROM new.overall_quality_score)) OR (old.communication_score IS DISTINCT FROM new.communication_score)) OR (old.coaching_priority IS DISTINCT FROM new.coaching_priority)) OR (old.escalation_risk IS DISTINCT FROM new.escalation_risk)) OR (old.scored IS DISTINCT FROM new.scored)) OR (old.provisional IS DISTINCT FROM new.provisional))) EXECUTE FUNCTION public.judgement_to_facts();

--
-- Name: calls call_facts_follow; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE CONSTRAINT TRIGGER call_facts_follow AFTER UPDATE ON public.calls DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((((((((old.tenant_id IS DISTINCT FROM new.tenant_id) OR (old.id IS DISTINCT FROM new.id)) OR (old.agent_id IS DISTINCT FROM new.agent_id)) OR (old.city_id IS DISTINCT FROM new.city_id)) OR ((old.primary_issue_category)::text IS DISTINCT FROM (new.primary_issue_category)::text)) OR (old.call_timestamp IS DISTINCT FROM new.call_timestamp)) OR (old.duration_seconds IS DISTINCT FROM new.duration_seconds))) EXECUTE FUNCTION public.calls_to_facts();

--
-- Name: overrides call_facts_follow; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE CONSTRAINT TRIGGER call_facts_follow AFTER INSERT OR DELETE OR UPDATE ON public.overrides DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.judgement_to_facts();

--
-- Name: evaluations evaluations_never_updated; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE TRIGGER evaluations_never_updated BEFORE UPDATE ON public.evaluations FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

--
-- Name: call_insights missed_rules_come; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE TRIGGER missed_rules_come AFTER INSERT ON public.call_insights FOR EACH ROW EXECUTE FUNCTION public.note_missed_rules();

--
-- Name: call_insights missed_rules_follow; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE TRIGGER missed_rules_follow AFTER UPDATE ON public.call_insights FOR EACH ROW WHEN ((old.evaluation_id IS DISTINCT FROM new.evaluation_id)) EXECUTE FUNCTION public.note_missed_rules();

--
-- Name: agents note_delete; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE TRIGGER note_delete AFTER DELETE ON public.agents REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_change();

--
-- Name: cities note_delete; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE TRIGGER note_delete AFTER DELETE ON public.cities REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_change();

--
-- Name: city_aliases note_delete; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE TRIGGER note_delete AFTER DELETE ON public.city_aliases REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_change();

--
-- Name: city_insights note_delete; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE TRIGGER note_delete AFTER DELETE ON public.city_insights REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_change();

--
-- Name: issue_categories note_delete; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE TRIGGER note_delete AFTER DELETE ON public.issue_categories REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_change();

--
-- Name: agents note_insert; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE TRIGGER note_insert AFTER INSERT ON public.agents REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_change();

--
-- Name: cities note_insert; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE TRIGGER note_insert AFTER INSERT ON public.cities REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_change();

--
-- Name: city_aliases note_insert; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE TRIGGER note_insert AFTER INSERT ON public.city_aliases REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_change();

--
-- Name: city_insights note_insert; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE TRIGGER note_insert AFTER INSERT ON public.city_insights REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_change();

--
-- Name: escalations note_insert; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE TRIGGER note_insert AFTER INSERT ON public.escalations REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_change();

--
-- Name: issue_categories note_insert; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE TRIGGER note_insert AFTER INSERT ON public.issue_categories REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_change();

--
-- Name: agents note_update; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE TRIGGER note_update AFTER UPDATE ON public.agents REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_change();

--
-- Name: cities note_update; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE TRIGGER note_update AFTER UPDATE ON public.cities REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_change();

--
-- Name: city_aliases note_update; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE TRIGGER note_update AFTER UPDATE ON public.city_aliases REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_change();

--
-- Name: city_insights note_update; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE TRIGGER note_update AFTER UPDATE ON public.city_insights REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_change();

--
-- Name: escalations note_update; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE TRIGGER note_update AFTER UPDATE ON public.escalations REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_change();

--
-- Name: issue_categories note_update; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE TRIGGER note_update AFTER UPDATE ON public.issue_categories REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_change();

--
-- Name: issue_categories rewrite_on_delete; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE TRIGGER rewrite_on_delete AFTER DELETE ON public.issue_categories REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_category_change();

--
-- Name: issue_categories rewrite_on_insert; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE TRIGGER rewrite_on_insert AFTER INSERT ON public.issue_categories REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_category_change();

--
-- Name: issue_categories rewrite_on_update; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE TRIGGER rewrite_on_update AFTER UPDATE ON public.issue_categories REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.note_category_change();

--
-- Name: tenants rewrite_on_zone; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE TRIGGER rewrite_on_zone AFTER UPDATE ON public.tenants FOR EACH ROW WHEN ((old.time_zone IS DISTINCT FROM new.time_zone)) EXECUTE FUNCTION public.note_zone_change();

--
-- Name: call_facts rollup_deltas; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE TRIGGER rollup_deltas AFTER INSERT OR DELETE ON public.call_facts FOR EACH ROW EXECUTE FUNCTION public.facts_to_outbox();

--
-- Name: call_facts rollup_deltas_of_change; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE TRIGGER rollup_deltas_of_change AFTER UPDATE ON public.call_facts FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.facts_to_outbox();

--
-- Name: rule_facts rule_deltas; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE TRIGGER rule_deltas AFTER INSERT OR DELETE ON public.rule_facts FOR EACH ROW EXECUTE FUNCTION public.rules_to_outbox();

--
-- Name: rule_facts rule_deltas_of_change; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE TRIGGER rule_deltas_of_change AFTER UPDATE ON public.rule_facts FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.rules_to_outbox();

--
-- Name: call_insights rule_facts_come_and_go; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE CONSTRAINT TRIGGER rule_facts_come_and_go AFTER INSERT OR DELETE ON public.call_insights DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.judgement_to_rules();

--
-- Name: call_insights rule_facts_follow; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE CONSTRAINT TRIGGER rule_facts_follow AFTER UPDATE ON public.call_insights DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.evaluation_id IS DISTINCT FROM new.evaluation_id)) EXECUTE FUNCTION public.judgement_to_rules();

--
-- Name: call_facts rule_facts_go; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE TRIGGER rule_facts_go AFTER DELETE ON public.call_facts FOR EACH ROW EXECUTE FUNCTION public.facts_to_rules();

--
-- Name: call_facts rule_facts_move; Type: TRIGGER; Schema: public; Owner: hacksmart_owner
--

CREATE TRIGGER rule_facts_move AFTER UPDATE ON public.call_facts FOR EACH ROW WHEN ((((old.agent_id IS DISTINCT FROM new.agent_id) OR (old.city_id IS DISTINCT FROM new.city_id)) OR (old.day IS DISTINCT FROM new.day))) EXECUTE FUNCTION public.facts_to_rules();

--
-- Name: active_scorecards active_scorecards_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.active_scorecards
    ADD CONSTRAINT active_scorecards_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

--
-- Name: agents agents_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.agents
    ADD CONSTRAINT agents_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

--
-- Name: audit_log audit_log_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

--
-- Name: audit_outbox audit_outbox_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.audit_outbox
    ADD CONSTRAINT audit_outbox_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

--
-- Name: budget_windows budget_windows_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.budget_windows
    ADD CONSTRAINT budget_windows_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

--
-- Name: budgets budgets_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.budgets
    ADD CONSTRAINT budgets_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

--
-- Name: call_insights call_insights_tenant_id_call_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.call_insights
    ADD CONSTRAINT call_insights_tenant_id_call_id_fkey FOREIGN KEY (tenant_id, call_id) REFERENCES public.calls(tenant_id, id) ON DELETE CASCADE;

--
-- Name: call_insights call_insights_tenant_id_evaluation_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.call_insights
    ADD CONSTRAINT call_insights_tenant_id_evaluation_id_fkey FOREIGN KEY (tenant_id, evaluation_id) REFERENCES public.evaluations(tenant_id, id) ON DELETE CASCADE;

--
-- Name: calls calls_tenant_id_agent_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.calls
    ADD CONSTRAINT calls_tenant_id_agent_id_fkey FOREIGN KEY (tenant_id, agent_id) REFERENCES public.agents(tenant_id, id) ON DELETE SET NULL (agent_id);

--
-- Name: calls calls_tenant_id_city_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.calls
    ADD CONSTRAINT calls_tenant_id_city_id_fkey FOREIGN KEY (tenant_id, city_id) REFERENCES public.cities(tenant_id, id) ON DELETE SET NULL (city_id);

--
-- Name: calls calls_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.calls
    ADD CONSTRAINT calls_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

--
-- Name: cities cities_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.cities
    ADD CONSTRAINT cities_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

--
-- Name: city_aliases city_aliases_tenant_id_city_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.city_aliases
    ADD CONSTRAINT city_aliases_tenant_id_city_id_fkey FOREIGN KEY (tenant_id, city_id) REFERENCES public.cities(tenant_id, id) ON DELETE CASCADE;

--
-- Name: city_insights city_insights_tenant_id_city_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.city_insights
    ADD CONSTRAINT city_insights_tenant_id_city_id_fkey FOREIGN KEY (tenant_id, city_id) REFERENCES public.cities(tenant_id, id) ON DELETE CASCADE;

--
-- Name: demonstration_agents demonstration_agents_tenant_id_agent_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.demonstration_agents
    ADD CONSTRAINT demonstration_agents_tenant_id_agent_id_fkey FOREIGN KEY (tenant_id, agent_id) REFERENCES public.agents(tenant_id, id) ON DELETE CASCADE;

--
-- Name: demonstration_calls demonstration_calls_tenant_id_call_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.demonstration_calls
    ADD CONSTRAINT demonstration_calls_tenant_id_call_id_fkey FOREIGN KEY (tenant_id, call_id) REFERENCES public.calls(tenant_id, id) ON DELETE CASCADE;

--
-- Name: demonstration_cities demonstration_cities_tenant_id_city_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.demonstration_cities
    ADD CONSTRAINT demonstration_cities_tenant_id_city_id_fkey FOREIGN KEY (tenant_id, city_id) REFERENCES public.cities(tenant_id, id) ON DELETE CASCADE;

--
-- Name: escalation_steps escalation_steps_tenant_id_escalation_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.escalation_steps
    ADD CONSTRAINT escalation_steps_tenant_id_escalation_id_fkey FOREIGN KEY (tenant_id, escalation_id) REFERENCES public.escalations(tenant_id, id) ON DELETE CASCADE;

--
-- Name: escalations escalations_tenant_id_call_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.escalations
    ADD CONSTRAINT escalations_tenant_id_call_id_fkey FOREIGN KEY (tenant_id, call_id) REFERENCES public.calls(tenant_id, id) ON DELETE CASCADE;

--
-- Name: evaluation_run_answers evaluation_run_answers_tenant_id_call_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.evaluation_run_answers
    ADD CONSTRAINT evaluation_run_answers_tenant_id_call_id_fkey FOREIGN KEY (tenant_id, call_id) REFERENCES public.calls(tenant_id, id) ON DELETE CASCADE;

--
-- Name: evaluation_run_answers evaluation_run_answers_tenant_id_run_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.evaluation_run_answers
    ADD CONSTRAINT evaluation_run_answers_tenant_id_run_id_fkey FOREIGN KEY (tenant_id, run_id) REFERENCES public.evaluation_runs(tenant_id, id);

--
-- Name: evaluation_run_calls evaluation_run_calls_tenant_id_call_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.evaluation_run_calls
    ADD CONSTRAINT evaluation_run_calls_tenant_id_call_id_fkey FOREIGN KEY (tenant_id, call_id) REFERENCES public.calls(tenant_id, id) ON DELETE CASCADE;

--
-- Name: evaluation_run_calls evaluation_run_calls_tenant_id_run_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.evaluation_run_calls
    ADD CONSTRAINT evaluation_run_calls_tenant_id_run_id_fkey FOREIGN KEY (tenant_id, run_id) REFERENCES public.evaluation_runs(tenant_id, id);

--
-- Name: evaluation_runs evaluation_runs_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.evaluation_runs
    ADD CONSTRAINT evaluation_runs_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

--
-- Name: evaluations evaluations_tenant_id_call_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.evaluations
    ADD CONSTRAINT evaluations_tenant_id_call_id_fkey FOREIGN KEY (tenant_id, call_id) REFERENCES public.calls(tenant_id, id) ON DELETE CASCADE;

--
-- Name: held_insights held_insights_tenant_id_call_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.held_insights
    ADD CONSTRAINT held_insights_tenant_id_call_id_fkey FOREIGN KEY (tenant_id, call_id) REFERENCES public.calls(tenant_id, id) ON DELETE CASCADE;

--
-- Name: held_insights held_insights_tenant_id_evaluation_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.held_insights
    ADD CONSTRAINT held_insights_tenant_id_evaluation_id_fkey FOREIGN KEY (tenant_id, evaluation_id) REFERENCES public.evaluations(tenant_id, id) ON DELETE CASCADE;

--
-- Name: idempotency idempotency_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.idempotency
    ADD CONSTRAINT idempotency_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

--
-- Name: imported_rows imported_rows_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.imported_rows
    ADD CONSTRAINT imported_rows_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

--
-- Name: issue_categories issue_categories_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.issue_categories
    ADD CONSTRAINT issue_categories_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

--
-- Name: media media_tenant_id_call_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.media
    ADD CONSTRAINT media_tenant_id_call_id_fkey FOREIGN KEY (tenant_id, call_id) REFERENCES public.calls(tenant_id, id) ON DELETE CASCADE;

--
-- Name: missed_rules missed_rules_tenant_id_call_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.missed_rules
    ADD CONSTRAINT missed_rules_tenant_id_call_id_fkey FOREIGN KEY (tenant_id, call_id) REFERENCES public.call_insights(tenant_id, call_id) ON DELETE CASCADE;

--
-- Name: model_answers model_answers_tenant_id_call_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.model_answers
    ADD CONSTRAINT model_answers_tenant_id_call_id_fkey FOREIGN KEY (tenant_id, call_id) REFERENCES public.calls(tenant_id, id) ON DELETE CASCADE;

--
-- Name: model_answers model_answers_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.model_answers
    ADD CONSTRAINT model_answers_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

--
-- Name: overrides overrides_tenant_id_call_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.overrides
    ADD CONSTRAINT overrides_tenant_id_call_id_fkey FOREIGN KEY (tenant_id, call_id) REFERENCES public.calls(tenant_id, id) ON DELETE CASCADE;

--
-- Name: paid_requests paid_requests_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.paid_requests
    ADD CONSTRAINT paid_requests_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

--
-- Name: provider_calls provider_calls_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.provider_calls
    ADD CONSTRAINT provider_calls_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

--
-- Name: remarks remarks_tenant_id_call_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.remarks
    ADD CONSTRAINT remarks_tenant_id_call_id_fkey FOREIGN KEY (tenant_id, call_id) REFERENCES public.calls(tenant_id, id) ON DELETE CASCADE;

--
-- Name: scorecard_activations scorecard_activations_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.scorecard_activations
    ADD CONSTRAINT scorecard_activations_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

--
-- Name: scorecard_versions scorecard_versions_tenant_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.scorecard_versions
    ADD CONSTRAINT scorecard_versions_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

--
-- Name: transcripts transcripts_tenant_id_call_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE ONLY public.transcripts
    ADD CONSTRAINT transcripts_tenant_id_call_id_fkey FOREIGN KEY (tenant_id, call_id) REFERENCES public.calls(tenant_id, id) ON DELETE CASCADE;

--
-- Name: active_scorecards; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.active_scorecards ENABLE ROW LEVEL SECURITY;

--
-- Name: agents; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.agents ENABLE ROW LEVEL SECURITY;

--
-- Name: audit_log; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.audit_log ENABLE ROW LEVEL SECURITY;

--
-- Name: audit_outbox; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.audit_outbox ENABLE ROW LEVEL SECURITY;

--
-- Name: budget_windows; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.budget_windows ENABLE ROW LEVEL SECURITY;

--
-- Name: budgets; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.budgets ENABLE ROW LEVEL SECURITY;

--
-- Name: call_facts; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.call_facts ENABLE ROW LEVEL SECURITY;

--
-- Name: call_facts_rewrites; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.call_facts_rewrites ENABLE ROW LEVEL SECURITY;

--
-- Name: call_insights; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.call_insights ENABLE ROW LEVEL SECURITY;

--
-- Name: calls; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.calls ENABLE ROW LEVEL SECURITY;

--
-- Name: cities; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.cities ENABLE ROW LEVEL SECURITY;

--
-- Name: city_aliases; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.city_aliases ENABLE ROW LEVEL SECURITY;

--
-- Name: city_insights; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.city_insights ENABLE ROW LEVEL SECURITY;

--
-- Name: data_versions; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.data_versions ENABLE ROW LEVEL SECURITY;

--
-- Name: demonstration_agents; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.demonstration_agents ENABLE ROW LEVEL SECURITY;

--
-- Name: demonstration_calls; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.demonstration_calls ENABLE ROW LEVEL SECURITY;

--
-- Name: demonstration_cities; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.demonstration_cities ENABLE ROW LEVEL SECURITY;

--
-- Name: call_facts_rewrites discovery; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY discovery ON public.call_facts_rewrites FOR SELECT TO hacksmart_worker USING (true);

--
-- Name: jobs discovery; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY discovery ON public.jobs TO hacksmart_worker USING (true);

--
-- Name: rollup_outbox discovery; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY discovery ON public.rollup_outbox FOR SELECT TO hacksmart_worker USING (true);

--
-- Name: rule_outbox discovery; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY discovery ON public.rule_outbox FOR SELECT TO hacksmart_worker USING (true);

--
-- Name: schedules discovery; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY discovery ON public.schedules TO hacksmart_worker USING (true);

--
-- Name: escalation_steps; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.escalation_steps ENABLE ROW LEVEL SECURITY;

--
-- Name: escalations; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.escalations ENABLE ROW LEVEL SECURITY;

--
-- Name: evaluation_run_answers; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.evaluation_run_answers ENABLE ROW LEVEL SECURITY;

--
-- Name: evaluation_run_calls; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.evaluation_run_calls ENABLE ROW LEVEL SECURITY;

--
-- Name: evaluation_runs; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.evaluation_runs ENABLE ROW LEVEL SECURITY;

--
-- Name: evaluations; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.evaluations ENABLE ROW LEVEL SECURITY;

--
-- Name: event_horizons; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.event_horizons ENABLE ROW LEVEL SECURITY;

--
-- Name: event_tickets; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.event_tickets ENABLE ROW LEVEL SECURITY;

--
-- Name: events; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.events ENABLE ROW LEVEL SECURITY;

--
-- Name: held_insights; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.held_insights ENABLE ROW LEVEL SECURITY;

--
-- Name: idempotency; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.idempotency ENABLE ROW LEVEL SECURITY;

--
-- Name: imported_rows; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.imported_rows ENABLE ROW LEVEL SECURITY;

--
-- Name: issue_categories; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.issue_categories ENABLE ROW LEVEL SECURITY;

--
-- Name: jobs; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.jobs ENABLE ROW LEVEL SECURITY;

--
-- Name: jobs_history; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.jobs_history ENABLE ROW LEVEL SECURITY;

--
-- Name: jobs_history_default; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.jobs_history_default ENABLE ROW LEVEL SECURITY;

--
-- Name: media; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.media ENABLE ROW LEVEL SECURITY;

--
-- Name: active_scorecards migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.active_scorecards TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: agents migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.agents TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: audit_log migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.audit_log TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: audit_outbox migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.audit_outbox TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: budget_windows migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.budget_windows TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: budgets migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.budgets TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: call_facts migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.call_facts TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: call_facts_rewrites migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.call_facts_rewrites TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: call_insights migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.call_insights TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: calls migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.calls TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: cities migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.cities TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: city_aliases migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.city_aliases TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: city_insights migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.city_insights TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: data_versions migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.data_versions TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: demonstration_agents migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.demonstration_agents TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: demonstration_calls migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.demonstration_calls TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: demonstration_cities migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.demonstration_cities TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: escalation_steps migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.escalation_steps TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: escalations migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.escalations TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: evaluation_run_answers migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.evaluation_run_answers TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: evaluation_run_calls migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.evaluation_run_calls TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: evaluation_runs migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.evaluation_runs TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: evaluations migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.evaluations TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: event_horizons migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.event_horizons TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: event_tickets migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.event_tickets TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: events migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.events TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: held_insights migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.held_insights TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: idempotency migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.idempotency TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: imported_rows migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.imported_rows TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: issue_categories migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.issue_categories TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: jobs migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.jobs TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: jobs_history migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.jobs_history TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: media migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.media TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: missed_rules migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.missed_rules TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: model_answers migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.model_answers TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: overrides migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.overrides TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: paid_requests migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.paid_requests TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: provider_calls migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.provider_calls TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: remarks migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.remarks TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: rollup_agent migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.rollup_agent TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: rollup_city migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.rollup_city TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: rollup_city_issue migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.rollup_city_issue TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: rollup_issue migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.rollup_issue TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: rollup_outbox migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.rollup_outbox TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: rollup_rule migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.rollup_rule TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: rollup_touched migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.rollup_touched TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: rule_facts migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.rule_facts TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: rule_outbox migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.rule_outbox TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: schedules migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.schedules TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: scorecard_activations migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.scorecard_activations TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: scorecard_versions migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.scorecard_versions TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: transcripts migrations; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY migrations ON public.transcripts TO hacksmart_owner USING (true) WITH CHECK (true);

--
-- Name: missed_rules; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.missed_rules ENABLE ROW LEVEL SECURITY;

--
-- Name: model_answers; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.model_answers ENABLE ROW LEVEL SECURITY;

--
-- Name: overrides; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.overrides ENABLE ROW LEVEL SECURITY;

--
-- Name: paid_requests; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.paid_requests ENABLE ROW LEVEL SECURITY;

--
-- Name: provider_calls; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.provider_calls ENABLE ROW LEVEL SECURITY;

--
-- Name: remarks; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.remarks ENABLE ROW LEVEL SECURITY;

--
-- Name: rollup_agent; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.rollup_agent ENABLE ROW LEVEL SECURITY;

--
-- Name: rollup_city; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.rollup_city ENABLE ROW LEVEL SECURITY;

--
-- Name: rollup_city_issue; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.rollup_city_issue ENABLE ROW LEVEL SECURITY;

--
-- Name: rollup_issue; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.rollup_issue ENABLE ROW LEVEL SECURITY;

--
-- Name: rollup_outbox; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.rollup_outbox ENABLE ROW LEVEL SECURITY;

--
-- Name: rollup_rule; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.rollup_rule ENABLE ROW LEVEL SECURITY;

--
-- Name: rollup_touched; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.rollup_touched ENABLE ROW LEVEL SECURITY;

--
-- Name: rule_facts; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.rule_facts ENABLE ROW LEVEL SECURITY;

--
-- Name: rule_outbox; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.rule_outbox ENABLE ROW LEVEL SECURITY;

--
-- Name: schedules; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.schedules ENABLE ROW LEVEL SECURITY;

--
-- Name: scorecard_activations; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.scorecard_activations ENABLE ROW LEVEL SECURITY;

--
-- Name: scorecard_versions; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.scorecard_versions ENABLE ROW LEVEL SECURITY;

--
-- Name: active_scorecards tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.active_scorecards TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: agents tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.agents TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: audit_log tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.audit_log TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: audit_outbox tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.audit_outbox TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: budget_windows tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.budget_windows TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: budgets tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.budgets TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: call_facts tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.call_facts TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: call_facts_rewrites tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.call_facts_rewrites TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: call_insights tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.call_insights TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: calls tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.calls TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: cities tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.cities TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: city_aliases tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.city_aliases TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: city_insights tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.city_insights TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: data_versions tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.data_versions TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: demonstration_agents tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.demonstration_agents TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: demonstration_calls tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.demonstration_calls TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: demonstration_cities tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.demonstration_cities TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: escalation_steps tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.escalation_steps TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: escalations tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.escalations TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: evaluation_run_answers tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.evaluation_run_answers TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: evaluation_run_calls tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.evaluation_run_calls TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: evaluation_runs tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.evaluation_runs TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: evaluations tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.evaluations TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: event_horizons tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.event_horizons TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: event_tickets tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.event_tickets TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: events tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.events TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: held_insights tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.held_insights TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: idempotency tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.idempotency TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: imported_rows tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.imported_rows TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: issue_categories tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.issue_categories TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: jobs tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.jobs TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: jobs_history tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.jobs_history TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: media tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.media TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: missed_rules tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.missed_rules TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: model_answers tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.model_answers TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: overrides tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.overrides TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: paid_requests tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.paid_requests TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: provider_calls tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.provider_calls TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: remarks tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.remarks TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: rollup_agent tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.rollup_agent TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: rollup_city tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.rollup_city TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: rollup_city_issue tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.rollup_city_issue TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: rollup_issue tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.rollup_issue TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: rollup_outbox tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.rollup_outbox TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: rollup_rule tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.rollup_rule TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: rollup_touched tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.rollup_touched TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: rule_facts tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.rule_facts TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: rule_outbox tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.rule_outbox TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: schedules tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.schedules TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: scorecard_activations tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.scorecard_activations TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: scorecard_versions tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.scorecard_versions TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: transcripts tenant; Type: POLICY; Schema: public; Owner: hacksmart_owner
--

CREATE POLICY tenant ON public.transcripts TO hacksmart_app, hacksmart_worker USING ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid)) WITH CHECK ((tenant_id = (NULLIF(current_setting('hs.tenant'::text, true), ''::text))::uuid));

--
-- Name: transcripts; Type: ROW SECURITY; Schema: public; Owner: hacksmart_owner
--

ALTER TABLE public.transcripts ENABLE ROW LEVEL SECURITY;

--
-- Name: SCHEMA public; Type: ACL; Schema: -; Owner: pg_database_owner
--

GRANT ALL ON SCHEMA public TO hacksmart_owner;

--
-- Name: SCHEMA reference; Type: ACL; Schema: -; Owner: hacksmart_owner
--

GRANT USAGE ON SCHEMA reference TO hacksmart_app;
GRANT USAGE ON SCHEMA reference TO hacksmart_worker;

--
-- Name: FUNCTION calls_saying(of_tenant uuid, words text); Type: ACL; Schema: public; Owner: hacksmart_owner
--

REVOKE ALL ON FUNCTION public.calls_saying(of_tenant uuid, words text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.calls_saying(of_tenant uuid, words text) TO hacksmart_app;
GRANT ALL ON FUNCTION public.calls_saying(of_tenant uuid, words text) TO hacksmart_worker;

--
-- Name: TABLE call_facts; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.call_facts TO hacksmart_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.call_facts TO hacksmart_worker;

--
-- Name: FUNCTION maintain_jobs_history(); Type: ACL; Schema: public; Owner: hacksmart_owner
--

REVOKE ALL ON FUNCTION public.maintain_jobs_history() FROM PUBLIC;
GRANT ALL ON FUNCTION public.maintain_jobs_history() TO hacksmart_worker;

--
-- Name: PROCEDURE protect_tenant_table(IN table_name text, IN rights text); Type: ACL; Schema: public; Owner: hacksmart_owner
--

REVOKE ALL ON PROCEDURE public.protect_tenant_table(IN table_name text, IN rights text) FROM PUBLIC;

--
-- Name: FUNCTION refresh_call_facts(of_tenant uuid, of_call uuid); Type: ACL; Schema: public; Owner: hacksmart_owner
--

REVOKE ALL ON FUNCTION public.refresh_call_facts(of_tenant uuid, of_call uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.refresh_call_facts(of_tenant uuid, of_call uuid) TO hacksmart_app;
GRANT ALL ON FUNCTION public.refresh_call_facts(of_tenant uuid, of_call uuid) TO hacksmart_worker;

--
-- Name: FUNCTION refresh_rule_facts(of_tenant uuid, of_call uuid); Type: ACL; Schema: public; Owner: hacksmart_owner
--

REVOKE ALL ON FUNCTION public.refresh_rule_facts(of_tenant uuid, of_call uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.refresh_rule_facts(of_tenant uuid, of_call uuid) TO hacksmart_app;
GRANT ALL ON FUNCTION public.refresh_rule_facts(of_tenant uuid, of_call uuid) TO hacksmart_worker;

--
-- Name: TABLE active_scorecards; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.active_scorecards TO hacksmart_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.active_scorecards TO hacksmart_worker;

--
-- Name: TABLE agents; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.agents TO hacksmart_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.agents TO hacksmart_worker;

--
-- Name: TABLE audit_log; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT ON TABLE public.audit_log TO hacksmart_app;
GRANT SELECT,INSERT ON TABLE public.audit_log TO hacksmart_worker;

--
-- Name: TABLE audit_outbox; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT ON TABLE public.audit_outbox TO hacksmart_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.audit_outbox TO hacksmart_worker;

--
-- Name: TABLE budget_windows; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.budget_windows TO hacksmart_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.budget_windows TO hacksmart_worker;

--
-- Name: TABLE budgets; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.budgets TO hacksmart_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.budgets TO hacksmart_worker;

--
-- Name: TABLE call_insights; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.call_insights TO hacksmart_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.call_insights TO hacksmart_worker;

--
-- Name: TABLE calls; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.calls TO hacksmart_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.calls TO hacksmart_worker;

--
-- Name: TABLE issue_categories; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.issue_categories TO hacksmart_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.issue_categories TO hacksmart_worker;

--
-- Name: TABLE overrides; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.overrides TO hacksmart_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.overrides TO hacksmart_worker;

--
-- Name: TABLE tenants; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT ON TABLE public.tenants TO hacksmart_app;
GRANT SELECT ON TABLE public.tenants TO hacksmart_worker;

--
-- Name: TABLE call_facts_expected; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT ON TABLE public.call_facts_expected TO hacksmart_app;
GRANT SELECT ON TABLE public.call_facts_expected TO hacksmart_worker;

--
-- Name: TABLE call_facts_rewrites; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT ON TABLE public.call_facts_rewrites TO hacksmart_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.call_facts_rewrites TO hacksmart_worker;

--
-- Name: TABLE cities; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.cities TO hacksmart_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.cities TO hacksmart_worker;

--
-- Name: TABLE city_aliases; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.city_aliases TO hacksmart_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.city_aliases TO hacksmart_worker;

--
-- Name: TABLE city_insights; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.city_insights TO hacksmart_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.city_insights TO hacksmart_worker;

--
-- Name: TABLE data_versions; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT ON TABLE public.data_versions TO hacksmart_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.data_versions TO hacksmart_worker;

--
-- Name: TABLE demonstration_agents; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,DELETE ON TABLE public.demonstration_agents TO hacksmart_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.demonstration_agents TO hacksmart_worker;

--
-- Name: TABLE demonstration_calls; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,DELETE ON TABLE public.demonstration_calls TO hacksmart_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.demonstration_calls TO hacksmart_worker;

--
-- Name: TABLE demonstration_cities; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,DELETE ON TABLE public.demonstration_cities TO hacksmart_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.demonstration_cities TO hacksmart_worker;

--
-- Name: TABLE escalation_steps; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT ON TABLE public.escalation_steps TO hacksmart_app;
GRANT SELECT,INSERT ON TABLE public.escalation_steps TO hacksmart_worker;

--
-- Name: TABLE escalations; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.escalations TO hacksmart_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.escalations TO hacksmart_worker;

--
-- Name: TABLE evaluation_run_answers; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT ON TABLE public.evaluation_run_answers TO hacksmart_app;
GRANT SELECT,INSERT ON TABLE public.evaluation_run_answers TO hacksmart_worker;

--
-- Name: TABLE evaluation_run_calls; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.evaluation_run_calls TO hacksmart_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.evaluation_run_calls TO hacksmart_worker;

--
-- Name: TABLE evaluation_runs; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.evaluation_runs TO hacksmart_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.evaluation_runs TO hacksmart_worker;

--
-- Name: TABLE evaluations; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,DELETE ON TABLE public.evaluations TO hacksmart_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.evaluations TO hacksmart_worker;

--
-- Name: TABLE event_horizons; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT ON TABLE public.event_horizons TO hacksmart_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.event_horizons TO hacksmart_worker;

--
-- Name: TABLE event_tickets; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,DELETE ON TABLE public.event_tickets TO hacksmart_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.event_tickets TO hacksmart_worker;

--
-- Name: TABLE events; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT ON TABLE public.events TO hacksmart_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.events TO hacksmart_worker;

--
-- Name: TABLE held_insights; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,DELETE ON TABLE public.held_insights TO hacksmart_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.held_insights TO hacksmart_worker;

--
-- Name: TABLE idempotency; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.idempotency TO hacksmart_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.idempotency TO hacksmart_worker;

--
-- Name: TABLE imported_rows; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.imported_rows TO hacksmart_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.imported_rows TO hacksmart_worker;

--
-- Name: TABLE jobs; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.jobs TO hacksmart_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.jobs TO hacksmart_worker;

--
-- Name: TABLE jobs_history; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT ON TABLE public.jobs_history TO hacksmart_app;
GRANT SELECT,INSERT ON TABLE public.jobs_history TO hacksmart_worker;

--
-- Name: COLUMN jobs_history.requeued_as; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT UPDATE(requeued_as) ON TABLE public.jobs_history TO hacksmart_app;
GRANT UPDATE(requeued_as) ON TABLE public.jobs_history TO hacksmart_worker;

--
-- Name: TABLE leader; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT ON TABLE public.leader TO hacksmart_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.leader TO hacksmart_worker;

--
-- Name: TABLE library_scorecards; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT ON TABLE public.library_scorecards TO hacksmart_app;
GRANT SELECT,INSERT ON TABLE public.library_scorecards TO hacksmart_worker;

--
-- Name: COLUMN library_scorecards.registered_at; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT UPDATE(registered_at) ON TABLE public.library_scorecards TO hacksmart_worker;

--
-- Name: TABLE media; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.media TO hacksmart_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.media TO hacksmart_worker;

--
-- Name: TABLE missed_rules; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,DELETE ON TABLE public.missed_rules TO hacksmart_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.missed_rules TO hacksmart_worker;

--
-- Name: TABLE model_answers; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,DELETE ON TABLE public.model_answers TO hacksmart_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.model_answers TO hacksmart_worker;

--
-- Name: TABLE paid_requests; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.paid_requests TO hacksmart_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.paid_requests TO hacksmart_worker;

--
-- Name: TABLE provider_calls; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.provider_calls TO hacksmart_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.provider_calls TO hacksmart_worker;

--
-- Name: TABLE provider_state; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.provider_state TO hacksmart_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.provider_state TO hacksmart_worker;

--
-- Name: TABLE queue_control; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,UPDATE ON TABLE public.queue_control TO hacksmart_app;
GRANT SELECT,INSERT,UPDATE ON TABLE public.queue_control TO hacksmart_worker;

--
-- Name: TABLE remarks; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT ON TABLE public.remarks TO hacksmart_app;
GRANT SELECT,INSERT ON TABLE public.remarks TO hacksmart_worker;

--
-- Name: TABLE rollup_agent; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT ON TABLE public.rollup_agent TO hacksmart_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.rollup_agent TO hacksmart_worker;

--
-- Name: TABLE rollup_city; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT ON TABLE public.rollup_city TO hacksmart_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.rollup_city TO hacksmart_worker;

--
-- Name: TABLE rollup_city_issue; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT ON TABLE public.rollup_city_issue TO hacksmart_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.rollup_city_issue TO hacksmart_worker;

--
-- Name: TABLE rollup_issue; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT ON TABLE public.rollup_issue TO hacksmart_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.rollup_issue TO hacksmart_worker;

--
-- Name: SEQUENCE rollup_outbox_ids; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT USAGE ON SEQUENCE public.rollup_outbox_ids TO hacksmart_app;
GRANT USAGE ON SEQUENCE public.rollup_outbox_ids TO hacksmart_worker;

--
-- Name: TABLE rollup_outbox; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT ON TABLE public.rollup_outbox TO hacksmart_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.rollup_outbox TO hacksmart_worker;

--
-- Name: TABLE rollup_rule; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT ON TABLE public.rollup_rule TO hacksmart_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.rollup_rule TO hacksmart_worker;

--
-- Name: TABLE rollup_touched; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT ON TABLE public.rollup_touched TO hacksmart_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.rollup_touched TO hacksmart_worker;

--
-- Name: TABLE rule_facts; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.rule_facts TO hacksmart_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.rule_facts TO hacksmart_worker;

--
-- Name: TABLE rule_facts_expected; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT ON TABLE public.rule_facts_expected TO hacksmart_app;
GRANT SELECT ON TABLE public.rule_facts_expected TO hacksmart_worker;

--
-- Name: SEQUENCE rule_outbox_ids; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT USAGE ON SEQUENCE public.rule_outbox_ids TO hacksmart_app;
GRANT USAGE ON SEQUENCE public.rule_outbox_ids TO hacksmart_worker;

--
-- Name: TABLE rule_outbox; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT ON TABLE public.rule_outbox TO hacksmart_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.rule_outbox TO hacksmart_worker;

--
-- Name: TABLE schedules; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.schedules TO hacksmart_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.schedules TO hacksmart_worker;

--
-- Name: TABLE schema_migrations; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT ON TABLE public.schema_migrations TO hacksmart_app;
GRANT SELECT ON TABLE public.schema_migrations TO hacksmart_worker;

--
-- Name: TABLE scorecard_activations; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT ON TABLE public.scorecard_activations TO hacksmart_app;
GRANT SELECT,INSERT ON TABLE public.scorecard_activations TO hacksmart_worker;

--
-- Name: TABLE scorecard_versions; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT ON TABLE public.scorecard_versions TO hacksmart_app;
GRANT SELECT,INSERT ON TABLE public.scorecard_versions TO hacksmart_worker;

--
-- Name: TABLE transcripts; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT,INSERT,DELETE ON TABLE public.transcripts TO hacksmart_app;
GRANT SELECT,INSERT,DELETE ON TABLE public.transcripts TO hacksmart_worker;

--
-- Name: TABLE workers; Type: ACL; Schema: public; Owner: hacksmart_owner
--

GRANT SELECT ON TABLE public.workers TO hacksmart_app;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.workers TO hacksmart_worker;

--
-- Name: TABLE agents; Type: ACL; Schema: reference; Owner: hacksmart_owner
--

GRANT SELECT ON TABLE reference.agents TO hacksmart_app;
GRANT SELECT ON TABLE reference.agents TO hacksmart_worker;

--
-- Name: TABLE call_insights; Type: ACL; Schema: reference; Owner: hacksmart_owner
--

GRANT SELECT ON TABLE reference.call_insights TO hacksmart_app;
GRANT SELECT ON TABLE reference.call_insights TO hacksmart_worker;

--
-- Name: TABLE calls; Type: ACL; Schema: reference; Owner: hacksmart_owner
--

GRANT SELECT ON TABLE reference.calls TO hacksmart_app;
GRANT SELECT ON TABLE reference.calls TO hacksmart_worker;

--
-- Name: TABLE cities; Type: ACL; Schema: reference; Owner: hacksmart_owner
--

GRANT SELECT ON TABLE reference.cities TO hacksmart_app;
GRANT SELECT ON TABLE reference.cities TO hacksmart_worker;

--
-- Name: TABLE city_insights; Type: ACL; Schema: reference; Owner: hacksmart_owner
--

GRANT SELECT ON TABLE reference.city_insights TO hacksmart_app;
GRANT SELECT ON TABLE reference.city_insights TO hacksmart_worker;

--
-- PostgreSQL database dump complete
--

