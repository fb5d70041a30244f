-- Figures of the scorecard's questions, calls of a demonstration, dead jobs that were queued again.
-- Locks: SHARE ROW EXCLUSIVE on call_insights and call_facts while the answers of existing calls are counted (their documents are
-- read once; how long that takes for many calls has not been measured); readers go on, writers wait. jobs_history for a moment.

LOCK TABLE calls, call_insights, call_facts IN SHARE ROW EXCLUSIVE MODE;

-- --- questions ------------------------------------------------------------------------------------------------------------

-- What the current evaluation of a call answers, one narrow row a call. As in call_facts, the row carries its dimensions itself:
-- when its call goes, only such a row can subtract itself.
CREATE TABLE rule_facts (
    tenant_id uuid NOT NULL,
    call_id uuid NOT NULL,
    agent_id uuid,
    city_id integer,
    day date NOT NULL,
    met text[] NOT NULL,    -- questions of the scorecard, by name
    missed text[] NOT NULL,
    unsure text[] NOT NULL, -- left for review
    PRIMARY KEY (tenant_id, call_id)
) WITH (fillfactor = 80);
CALL protect_tenant_table('rule_facts', 'SELECT, INSERT, UPDATE, DELETE');

-- The questions of a document that were answered so; none when it has no answers, as evaluations taken over from elsewhere.
CREATE FUNCTION answered_questions(document json, with_state text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT answer ->> 'question_id' ORDER BY answer ->> 'question_id'), '{}')
    FROM json_array_elements(CASE WHEN json_typeof(document -> 'answers') = 'array' THEN document -> 'answers' ELSE '[]' END)
        AS answer
    WHERE answer ->> 'state' = with_state AND answer ->> 'question_id' <> ''
$$;

-- What rule_facts has to say. The only definition: triggers, rebuild and audit read it.
CREATE VIEW rule_facts_expected WITH (security_invoker = true) AS
SELECT f.tenant_id, f.call_id, f.agent_id, f.city_id, f.day, answered_questions(e.document, 'pass') AS met,
       answered_questions(e.document, 'fail') AS missed, answered_questions(e.document, 'needs_review') AS unsure
FROM call_facts f
JOIN call_insights i ON i.tenant_id = f.tenant_id AND i.call_id = f.call_id
JOIN evaluations e ON e.tenant_id = i.tenant_id AND e.id = i.evaluation_id;
GRANT SELECT ON rule_facts_expected TO hacksmart_app, hacksmart_worker;

-- Deltas on their way into rollup_rule, as rollup_outbox holds those of the other rollups.
CREATE SEQUENCE rule_outbox_ids;
GRANT USAGE ON SEQUENCE rule_outbox_ids TO hacksmart_app, hacksmart_worker;
CREATE TABLE rule_outbox (
    tenant_id uuid NOT NULL,
    id bigint NOT NULL DEFAULT nextval('rule_outbox_ids'),
    sign smallint NOT NULL CHECK (sign IN (-1, 1)),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    agent_id uuid,
    city_id integer,
    day date NOT NULL,
    met text[] NOT NULL,
    missed text[] NOT NULL,
    unsure text[] NOT NULL,
    PRIMARY KEY (tenant_id, id, sign)
) WITH (
    autovacuum_vacuum_scale_factor = 0, -- small and hot, like jobs
    autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_cost_delay = 0
);
CALL protect_tenant_table('rule_outbox', 'SELECT, INSERT');
GRANT DELETE ON rule_outbox TO hacksmart_worker;
CREATE POLICY discovery ON rule_outbox FOR SELECT TO hacksmart_worker USING (true);

-- Answers by question: of all calls, of each agent's and of each city's. Nil agent and city 0 stand for "none".
CREATE TABLE rollup_rule (
    tenant_id uuid NOT NULL,
    whose text NOT NULL COLLATE "C", -- all, agent:<id>, city:<id>
    grain text NOT NULL COLLATE "C" CHECK (grain IN ('day', 'month', 'all')),
    bucket date NOT NULL,
    rule_id text NOT NULL COLLATE "C",
    met bigint NOT NULL,
    missed bigint NOT NULL,
    unsure bigint NOT NULL,
    PRIMARY KEY (tenant_id, whose, grain, bucket, rule_id)
) WITH (fillfactor = 70);
CREATE INDEX rollup_rule_by_bucket ON rollup_rule (tenant_id, grain, bucket); -- audit and rebuild
CALL protect_tenant_table('rollup_rule', 'SELECT');
GRANT INSERT, UPDATE, DELETE ON rollup_rule TO hacksmart_worker;

-- What one call adds: a row for each sum it belongs to and each question.
CREATE FUNCTION rule_figures(agent_id uuid, city_id integer, met text[], missed text[], unsure text[])
RETURNS TABLE (whose text, rule_id text, is_met integer, is_missed integer, is_unsure integer)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 36 AS $$
    SELECT o.whose, a.rule_id, a.is_met, a.is_missed, a.is_unsure
    FROM (SELECT unnest(met) AS rule_id, 1 AS is_met, 0 AS is_missed, 0 AS is_unsure
          UNION ALL SELECT unnest(missed), 0, 1, 0
          UNION ALL SELECT unnest(unsure), 0, 0, 1) AS a
    CROSS JOIN (VALUES ('all'), ('agent:' || coalesce(agent_id, '00000000-0000-0000-0000-000000000000')::text),
                       ('city:' || coalesce(city_id, 0)::text)) AS o (whose)
$$;

-- Brings one call's answers up to date. The lock on its facts first: who changes the call's agent, city or day holds it too.
CREATE FUNCTION refresh_rule_facts(of_tenant uuid, of_call uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
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
REVOKE EXECUTE ON FUNCTION refresh_rule_facts(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION refresh_rule_facts(uuid, uuid) TO hacksmart_app, hacksmart_worker;

CREATE FUNCTION judgement_to_rules() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM public.refresh_rule_facts(OLD.tenant_id, OLD.call_id);
    ELSE
        PERFORM public.refresh_rule_facts(NEW.tenant_id, NEW.call_id);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION facts_to_rules() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM public.rule_facts r WHERE r.tenant_id = OLD.tenant_id AND r.call_id = OLD.call_id;
    ELSE
        UPDATE public.rule_facts r SET agent_id = NEW.agent_id, city_id = NEW.city_id, day = NEW.day
        WHERE r.tenant_id = NEW.tenant_id AND r.call_id = NEW.call_id;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION rules_to_outbox() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
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

-- Existing calls, while the locks taken above keep writers out.
INSERT INTO rule_facts (tenant_id, call_id, agent_id, city_id, day, met, missed, unsure)
SELECT tenant_id, call_id, agent_id, city_id, day, met, missed, unsure FROM rule_facts_expected;

INSERT INTO rollup_rule (tenant_id, whose, grain, bucket, rule_id, met, missed, unsure)
SELECT f.tenant_id, n.whose, g.grain, g.bucket, n.rule_id, sum(n.is_met), sum(n.is_missed), sum(n.is_unsure)
FROM rule_facts f
CROSS JOIN LATERAL rule_figures(f.agent_id, f.city_id, f.met, f.missed, f.unsure) AS n
CROSS JOIN LATERAL (VALUES ('day', f.day), ('month', date_trunc('month', f.day::timestamp)::date), ('all', date '1970-01-01'))
    AS g (grain, bucket)
GROUP BY f.tenant_id, n.whose, g.grain, g.bucket, n.rule_id;

-- Deferred, and by name after those that bring the call's facts up to date.
CREATE CONSTRAINT TRIGGER rule_facts_come_and_go AFTER INSERT OR DELETE ON call_insights
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION judgement_to_rules();
CREATE CONSTRAINT TRIGGER rule_facts_follow AFTER UPDATE ON call_insights
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.evaluation_id IS DISTINCT FROM NEW.evaluation_id)
    EXECUTE FUNCTION judgement_to_rules();
CREATE TRIGGER rule_facts_go AFTER DELETE ON call_facts FOR EACH ROW EXECUTE FUNCTION facts_to_rules();
CREATE TRIGGER rule_facts_move AFTER UPDATE ON call_facts
    FOR EACH ROW WHEN ((OLD.agent_id, OLD.city_id, OLD.day) IS DISTINCT FROM (NEW.agent_id, NEW.city_id, NEW.day))
    EXECUTE FUNCTION facts_to_rules();
CREATE TRIGGER rule_deltas AFTER INSERT OR DELETE ON rule_facts FOR EACH ROW EXECUTE FUNCTION rules_to_outbox();
CREATE TRIGGER rule_deltas_of_change AFTER UPDATE ON rule_facts
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION rules_to_outbox();

-- Answers over the calls of the days [low, high) that a filter leaves, by question: what no kept sum can tell. Nothing when
-- `wanted` is NULL. by_day: one row a day, else day is NULL.
CREATE FUNCTION rules_of_calls(of_tenant uuid, wanted jsonb, low date, high date, by_day boolean)
RETURNS TABLE (rule_id text, day date, met bigint, missed bigint, unsure bigint)
LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
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

-- The same calls by one of their dimensions and by day: state, city, agent, issue, language or all ('').
CREATE FUNCTION trend_of_calls(of_tenant uuid, wanted jsonb, low date, high date, dimension text)
RETURNS TABLE (key text, day date, calls bigint, analysed bigint, escalated bigint, emergencies bigint, quality_count bigint,
               quality_sum bigint, sop_count bigint, sop_sum bigint, sentiment_count bigint, sentiment_sum bigint)
LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
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

-- --- escalations ----------------------------------------------------------------------------------------------------------

-- Replies about figures tell how many nobody has taken up.
CREATE TRIGGER note_insert AFTER INSERT ON escalations REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION note_change();
CREATE TRIGGER note_update AFTER UPDATE ON escalations REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION note_change();

-- --- demonstration --------------------------------------------------------------------------------------------------------

-- What `hacksmart demo load` has added: `hacksmart demo remove` takes away exactly this.
CREATE TABLE demonstration_calls (
    tenant_id uuid NOT NULL,
    call_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, call_id),
    FOREIGN KEY (tenant_id, call_id) REFERENCES calls (tenant_id, id) ON DELETE CASCADE
);
CALL protect_tenant_table('demonstration_calls', 'SELECT, INSERT, DELETE');
CREATE TABLE demonstration_agents (
    tenant_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, agent_id),
    FOREIGN KEY (tenant_id, agent_id) REFERENCES agents (tenant_id, id) ON DELETE CASCADE
);
CALL protect_tenant_table('demonstration_agents', 'SELECT, INSERT, DELETE');
CREATE TABLE demonstration_cities (
    tenant_id uuid NOT NULL,
    city_id integer NOT NULL,
    PRIMARY KEY (tenant_id, city_id),
    FOREIGN KEY (tenant_id, city_id) REFERENCES cities (tenant_id, id) ON DELETE CASCADE
);
CALL protect_tenant_table('demonstration_cities', 'SELECT, INSERT, DELETE');

-- --- jobs -----------------------------------------------------------------------------------------------------------------

ALTER TABLE jobs_history ADD COLUMN requeued_as bigint; -- the job that does the work of a dead one again
GRANT UPDATE (requeued_as) ON jobs_history TO hacksmart_app, hacksmart_worker;
