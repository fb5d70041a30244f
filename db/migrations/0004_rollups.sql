-- Figures that are always true: one row of facts a call, deltas written in the same transaction, sums by agent, city and issue.
-- docs/explanations/figures.md tells how the pieces fit.
-- Locks: SHARE ROW EXCLUSIVE on calls and call_insights while the facts of existing calls are filled in, about a minute for a
-- million calls; readers go on, writers wait.

LOCK TABLE calls, call_insights, issue_categories, tenants IN SHARE ROW EXCLUSIVE MODE;

ALTER TABLE cities ADD CONSTRAINT cities_id_positive CHECK (id > 0); -- 0 stands for "no city" in the rollups
-- A zone nobody knows would stop every later write of that tenant.
ALTER TABLE tenants ADD CONSTRAINT tenants_time_zone_known
    CHECK (timezone(time_zone, timestamptz '2000-01-01 00:00+00') IS NOT NULL);

-- A person's score in place of the computed one. The newest that is not withdrawn counts, field by field, over whatever
-- evaluation is current.
CREATE TABLE overrides (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    call_id uuid NOT NULL,
    field text NOT NULL CHECK (field IN ('sop_compliance', 'communication', 'sentiment_stabilization',
        'resolution_validity', 'overall_quality', 'coaching_priority', 'escalation_risk')),
    value numeric(5,4) NOT NULL CHECK (value BETWEEN 0 AND 1), -- escalation_risk: 0 no, 1 yes
    reason text NOT NULL CHECK (reason <> ''),
    principal text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    withdrawn_at timestamptz,
    withdrawn_by text,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, call_id) REFERENCES calls (tenant_id, id) ON DELETE CASCADE,
    CHECK (field <> 'escalation_risk' OR value IN (0, 1))
);
CREATE INDEX overrides_by_call ON overrides (tenant_id, call_id);
CALL protect_tenant_table('overrides', 'SELECT, INSERT, UPDATE');

-- One narrow row a call. It carries every dimension itself: when a call is deleted, its parents are gone before anybody could
-- ask them, and only such a row can subtract itself. Scores are basis points, NULL when there is no score.
CREATE TABLE call_facts (
    tenant_id uuid NOT NULL,
    call_id uuid NOT NULL,
    agent_id uuid,
    city_id integer,
    issue text,                       -- name of the category that the call's issue names, else the issue as it stands
    day date NOT NULL,                -- of call_timestamp in the tenant's zone
    call_timestamp timestamptz NOT NULL,
    seconds integer NOT NULL,
    language text,                    -- spoken, lower case; NULL before analysis
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
    issue_emergency boolean NOT NULL, -- the category is marked; counts from ingest on
    emergency boolean NOT NULL GENERATED ALWAYS AS (escalated OR issue_emergency) STORED,
    PRIMARY KEY (tenant_id, call_id)
) WITH (fillfactor = 80);
-- Audit and rebuild look for calls by their time.
CREATE INDEX calls_by_time ON calls (tenant_id, call_timestamp, id);
CREATE INDEX call_facts_by_day ON call_facts (tenant_id, day);
CREATE INDEX call_facts_by_agent ON call_facts (tenant_id, agent_id, day);
CREATE INDEX call_facts_by_city ON call_facts (tenant_id, city_id, day);
CREATE INDEX call_facts_emergencies ON call_facts (tenant_id, call_timestamp) WHERE emergency;
CALL protect_tenant_table('call_facts', 'SELECT, INSERT, UPDATE, DELETE');

-- name_key of src/base/text.hpp in SQL.
CREATE FUNCTION folded_name(name text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT btrim(regexp_replace(lower(normalize(name, NFC)), '\s+', ' ', 'g'))
$$;

-- What call_facts has to say, from the tables it is derived from. The only definition: triggers, rewrites, rebuild and audit
-- all read it. Columns in the order of call_facts.
CREATE VIEW call_facts_expected WITH (security_invoker = true) AS
SELECT c.tenant_id, c.id AS call_id, c.agent_id, c.city_id,
       coalesce(category.name, nullif(c.primary_issue_category, ''))::text AS issue,
       (c.call_timestamp AT TIME ZONE t.time_zone)::date AS day, c.call_timestamp,
       coalesce(c.duration_seconds, 0) AS seconds, lower(i.language_spoken) AS language,
       i.call_id IS NOT NULL AS analysed, coalesce(i.scored, false) AS scored,
       coalesce(i.provisional, false) AS provisional,
       score.quality, score.sop, score.sentiment, score.resolution, score.communication, score.priority,
       i.call_id IS NOT NULL AND coalesce(o.escalation_risk, i.escalation_risk::int) = 1 AS escalated,
       coalesce(category.emergency, false) AS issue_emergency,
       coalesce(category.emergency, false) OR
           (i.call_id IS NOT NULL AND coalesce(o.escalation_risk, i.escalation_risk::int) = 1) AS emergency
FROM calls c
JOIN tenants t ON t.id = c.tenant_id
LEFT JOIN call_insights i ON i.tenant_id = c.tenant_id AND i.call_id = c.id
LEFT JOIN LATERAL (
    SELECT max(newest.value) FILTER (WHERE field = 'overall_quality') AS overall_quality,
           max(newest.value) FILTER (WHERE field = 'sop_compliance') AS sop_compliance,
           max(newest.value) FILTER (WHERE field = 'sentiment_stabilization') AS sentiment_stabilization,
           max(newest.value) FILTER (WHERE field = 'resolution_validity') AS resolution_validity,
           max(newest.value) FILTER (WHERE field = 'communication') AS communication,
           max(newest.value) FILTER (WHERE field = 'coaching_priority') AS coaching_priority,
           max(newest.value) FILTER (WHERE field = 'escalation_risk') AS escalation_risk
    FROM (SELECT DISTINCT ON (v.field) v.field, v.value
          FROM overrides v
          WHERE v.tenant_id = c.tenant_id AND v.call_id = c.id AND v.withdrawn_at IS NULL
          ORDER BY v.field, v.created_at DESC, v.id DESC) AS newest) AS o ON i.call_id IS NOT NULL
LEFT JOIN LATERAL (
    SELECT round(10000 * coalesce(o.overall_quality, CASE WHEN i.scored THEN i.overall_quality_score END))::int
               AS quality,
           round(10000 * coalesce(o.sop_compliance, CASE WHEN i.scored THEN i.sop_compliance_score END))::int AS sop,
           round(10000 * coalesce(o.sentiment_stabilization,
                                  CASE WHEN i.scored THEN i.sentiment_stabilization_score END))::int AS sentiment,
           round(10000 * coalesce(o.resolution_validity,
                                  CASE WHEN i.scored THEN i.resolution_validity_score END))::int AS resolution,
           round(10000 * coalesce(o.communication, CASE WHEN i.scored THEN i.communication_score END))::int
               AS communication,
           round(10000 * coalesce(o.coaching_priority, CASE WHEN i.scored THEN i.coaching_priority END))::int
               AS priority) AS score ON i.call_id IS NOT NULL
LEFT JOIN LATERAL (
    SELECT k.name, k.emergency
    FROM issue_categories k
    WHERE k.tenant_id = c.tenant_id
      AND (k.name_key = folded_name(c.primary_issue_category)
           OR folded_name(c.primary_issue_category) = ANY (k.alias_keys))
    ORDER BY (k.name_key = folded_name(c.primary_issue_category)) DESC, k.id
    LIMIT 1) AS category ON true;
GRANT SELECT ON call_facts_expected TO hacksmart_app, hacksmart_worker;

-- What one call adds to every sum it belongs to. Nil agent, city 0 and issue '' stand for "none": so each rollup adds up to
-- all calls of the tenant.
CREATE FUNCTION figures_of(f call_facts) RETURNS TABLE (
    agent_id uuid, city_id integer, issue text, day date,
    calls integer, analysed integer, provisional integer, escalated integer, emergencies integer, seconds integer,
    quality_count integer, quality_sum integer, sop_count integer, sop_sum integer,
    sentiment_count integer, sentiment_sum integer, resolution_count integer, resolution_sum integer,
    communication_count integer, communication_sum integer, priority_count integer, priority_sum integer)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 1 AS $$
    SELECT coalesce(f.agent_id, '00000000-0000-0000-0000-000000000000'), coalesce(f.city_id, 0), coalesce(f.issue, ''),
           f.day, 1, f.analysed::int, f.provisional::int, f.escalated::int, f.emergency::int, f.seconds,
           (f.quality IS NOT NULL)::int, coalesce(f.quality, 0), (f.sop IS NOT NULL)::int, coalesce(f.sop, 0),
           (f.sentiment IS NOT NULL)::int, coalesce(f.sentiment, 0),
           (f.resolution IS NOT NULL)::int, coalesce(f.resolution, 0),
           (f.communication IS NOT NULL)::int, coalesce(f.communication, 0),
           (f.priority IS NOT NULL)::int, coalesce(f.priority, 0)
$$;

-- Deltas on their way into the rollups. Only inserted and deleted: writers never wait for each other here. The row that
-- subtracts the old facts and the one that adds the new share an id, so that no batch parts them. day NULL: nothing to add,
-- but something else that replies are made of has changed.
CREATE SEQUENCE rollup_outbox_ids;
GRANT USAGE ON SEQUENCE rollup_outbox_ids TO hacksmart_app, hacksmart_worker;
CREATE TABLE rollup_outbox (
    tenant_id uuid NOT NULL,
    id bigint NOT NULL DEFAULT nextval('rollup_outbox_ids'),
    sign smallint NOT NULL DEFAULT 0 CHECK (sign IN (-1, 0, 1)),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    agent_id uuid, city_id integer, issue text, day date,
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
    PRIMARY KEY (tenant_id, id, sign),
    CHECK ((sign = 0) = (day IS NULL))
) WITH (
    autovacuum_vacuum_scale_factor = 0, -- small and hot, like jobs
    autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_cost_delay = 0
);
CALL protect_tenant_table('rollup_outbox', 'SELECT, INSERT');
GRANT DELETE ON rollup_outbox TO hacksmart_worker;
-- The folder asks which tenants have deltas; it then folds each under that tenant.
CREATE POLICY discovery ON rollup_outbox FOR SELECT TO hacksmart_worker USING (true);

-- Sums by bucket: grain 'day' (bucket = the day), 'month' (its first day), 'all' (1970-01-01). Means are formed when read.
-- Rows may stay with calls = 0 until the nightly audit; they mean the same as no row.
CREATE TABLE rollup_agent (
    tenant_id uuid NOT NULL,
    grain text NOT NULL COLLATE "C" CHECK (grain IN ('day', 'month', 'all')),
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
    PRIMARY KEY (tenant_id, grain, bucket, agent_id)
) WITH (fillfactor = 70);
CREATE INDEX rollup_agent_history ON rollup_agent (tenant_id, agent_id, grain, bucket);
CALL protect_tenant_table('rollup_agent', 'SELECT');
GRANT INSERT, UPDATE, DELETE ON rollup_agent TO hacksmart_worker;

CREATE TABLE rollup_city (
    tenant_id uuid NOT NULL,
    grain text NOT NULL COLLATE "C" CHECK (grain IN ('day', 'month', 'all')),
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
    PRIMARY KEY (tenant_id, grain, bucket, city_id)
) WITH (fillfactor = 70);
CREATE INDEX rollup_city_history ON rollup_city (tenant_id, city_id, grain, bucket);
CALL protect_tenant_table('rollup_city', 'SELECT');
GRANT INSERT, UPDATE, DELETE ON rollup_city TO hacksmart_worker;

CREATE TABLE rollup_issue (
    tenant_id uuid NOT NULL,
    grain text NOT NULL COLLATE "C" CHECK (grain IN ('day', 'month', 'all')),
    bucket date NOT NULL,
    issue text NOT NULL COLLATE "C",
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
    PRIMARY KEY (tenant_id, grain, bucket, issue)
) WITH (fillfactor = 70);
CALL protect_tenant_table('rollup_issue', 'SELECT');
GRANT INSERT, UPDATE, DELETE ON rollup_issue TO hacksmart_worker;

CREATE TABLE rollup_city_issue (
    tenant_id uuid NOT NULL,
    grain text NOT NULL COLLATE "C" CHECK (grain IN ('day', 'month', 'all')),
    bucket date NOT NULL,
    city_id integer NOT NULL,
    issue text NOT NULL COLLATE "C",
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
    PRIMARY KEY (tenant_id, grain, bucket, city_id, issue)
) WITH (fillfactor = 70);
CALL protect_tenant_table('rollup_city_issue', 'SELECT');
GRANT INSERT, UPDATE, DELETE ON rollup_city_issue TO hacksmart_worker;

-- One number a tenant that grows with every change of what figures are made of: entity tags come from it. No row: 0.
CREATE TABLE data_versions (
    tenant_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    folded_at timestamptz NOT NULL
);
CALL protect_tenant_table('data_versions', 'SELECT');
GRANT INSERT, UPDATE ON data_versions TO hacksmart_worker;

-- Days whose figures have changed since the last audit.
CREATE TABLE rollup_touched (
    tenant_id uuid NOT NULL,
    day date NOT NULL,
    touched_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, day)
);
CALL protect_tenant_table('rollup_touched', 'SELECT');
GRANT INSERT, UPDATE, DELETE ON rollup_touched TO hacksmart_worker;

-- Facts of a tenant that have to be looked at again: a category's mark or name, or the tenant's zone, has changed. Only
-- inserted and deleted, like the outbox. wait_for: calls written by transactions below this one may still carry the old mark.
CREATE TABLE call_facts_rewrites (
    tenant_id uuid NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    wait_for xid8,
    PRIMARY KEY (tenant_id, id)
);
CALL protect_tenant_table('call_facts_rewrites', 'SELECT, INSERT');
GRANT UPDATE, DELETE ON call_facts_rewrites TO hacksmart_worker;
CREATE POLICY discovery ON call_facts_rewrites FOR SELECT TO hacksmart_worker USING (true);

-- --- triggers -----------------------------------------------------------------------------------------------------------------

-- Brings one call's facts up to date. Locking first and reading afterwards (a new snapshot for each statement) makes it exact
-- when two transactions change different sources of the same call.
CREATE FUNCTION refresh_call_facts(of_tenant uuid, of_call uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
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

CREATE FUNCTION calls_to_facts() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN PERFORM public.refresh_call_facts(OLD.tenant_id, OLD.id); END IF;
    IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND (OLD.tenant_id, OLD.id) <> (NEW.tenant_id, NEW.id)) THEN
        PERFORM public.refresh_call_facts(NEW.tenant_id, NEW.id);
    END IF;
    RETURN NULL;
END $$;

-- For tables with (tenant_id, call_id).
CREATE FUNCTION judgement_to_facts() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN PERFORM public.refresh_call_facts(OLD.tenant_id, OLD.call_id); END IF;
    IF TG_OP = 'INSERT' OR
       (TG_OP = 'UPDATE' AND (OLD.tenant_id, OLD.call_id) <> (NEW.tenant_id, NEW.call_id)) THEN
        PERFORM public.refresh_call_facts(NEW.tenant_id, NEW.call_id);
    END IF;
    RETURN NULL;
END $$;

-- Deferred to the commit: the facts' row lock is then the last lock a transaction takes, whatever order it wrote calls,
-- judgements and overrides in, so two transactions about one call cannot wait for each other in a circle.
-- A later migration that alters these tables after writing to them has to SET CONSTRAINTS ALL IMMEDIATE in between.
CREATE CONSTRAINT TRIGGER call_facts_come_and_go AFTER INSERT OR DELETE ON calls
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION calls_to_facts();
CREATE CONSTRAINT TRIGGER call_facts_follow AFTER UPDATE ON calls
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.tenant_id, OLD.id, OLD.agent_id, OLD.city_id, OLD.primary_issue_category, OLD.call_timestamp,
           OLD.duration_seconds) IS DISTINCT FROM
          (NEW.tenant_id, NEW.id, NEW.agent_id, NEW.city_id, NEW.primary_issue_category, NEW.call_timestamp,
           NEW.duration_seconds))
    EXECUTE FUNCTION calls_to_facts();
CREATE CONSTRAINT TRIGGER call_facts_come_and_go AFTER INSERT OR DELETE ON call_insights
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION judgement_to_facts();
CREATE CONSTRAINT TRIGGER call_facts_follow AFTER UPDATE ON call_insights
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.tenant_id, OLD.call_id, OLD.language_spoken, OLD.sop_compliance_score,
           OLD.sentiment_stabilization_score, OLD.resolution_validity_score, OLD.overall_quality_score,
           OLD.communication_score, OLD.coaching_priority, OLD.escalation_risk, OLD.scored, OLD.provisional)
          IS DISTINCT FROM
          (NEW.tenant_id, NEW.call_id, NEW.language_spoken, NEW.sop_compliance_score,
           NEW.sentiment_stabilization_score, NEW.resolution_validity_score, NEW.overall_quality_score,
           NEW.communication_score, NEW.coaching_priority, NEW.escalation_risk, NEW.scored, NEW.provisional))
    EXECUTE FUNCTION judgement_to_facts();
CREATE CONSTRAINT TRIGGER call_facts_follow AFTER INSERT OR UPDATE OR DELETE ON overrides
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION judgement_to_facts();

-- Existing calls, while the locks taken above keep writers out.
INSERT INTO call_facts (tenant_id, call_id, agent_id, city_id, issue, day, call_timestamp, seconds, language, analysed,
                        scored, provisional, quality, sop, sentiment, resolution, communication, priority, escalated,
                        issue_emergency)
SELECT tenant_id, call_id, agent_id, city_id, issue, day, call_timestamp, seconds, language, analysed, scored,
       provisional, quality, sop, sentiment, resolution, communication, priority, escalated, issue_emergency
FROM call_facts_expected;

INSERT INTO rollup_agent (tenant_id, grain, bucket, agent_id,
    calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count, sop_sum,
    sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count, communication_sum,
    priority_count, priority_sum)
SELECT f.tenant_id, g.grain, g.bucket, n.agent_id,
    sum(n.calls), sum(n.analysed), sum(n.provisional), sum(n.escalated), sum(n.emergencies), sum(n.seconds),
    sum(n.quality_count), sum(n.quality_sum), sum(n.sop_count), sum(n.sop_sum), sum(n.sentiment_count),
    sum(n.sentiment_sum), sum(n.resolution_count), sum(n.resolution_sum), sum(n.communication_count),
    sum(n.communication_sum), sum(n.priority_count), sum(n.priority_sum)
FROM call_facts f CROSS JOIN LATERAL figures_of(f) AS n
CROSS JOIN LATERAL (VALUES ('day', n.day), ('month', date_trunc('month', n.day::timestamp)::date), ('all', date '1970-01-01'))
    AS g (grain, bucket)
GROUP BY f.tenant_id, g.grain, g.bucket, n.agent_id;

INSERT INTO rollup_city (tenant_id, grain, bucket, city_id,
    calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count, sop_sum,
    sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count, communication_sum,
    priority_count, priority_sum)
SELECT f.tenant_id, g.grain, g.bucket, n.city_id,
    sum(n.calls), sum(n.analysed), sum(n.provisional), sum(n.escalated), sum(n.emergencies), sum(n.seconds),
    sum(n.quality_count), sum(n.quality_sum), sum(n.sop_count), sum(n.sop_sum), sum(n.sentiment_count),
    sum(n.sentiment_sum), sum(n.resolution_count), sum(n.resolution_sum), sum(n.communication_count),
    sum(n.communication_sum), sum(n.priority_count), sum(n.priority_sum)
FROM call_facts f CROSS JOIN LATERAL figures_of(f) AS n
CROSS JOIN LATERAL (VALUES ('day', n.day), ('month', date_trunc('month', n.day::timestamp)::date), ('all', date '1970-01-01'))
    AS g (grain, bucket)
GROUP BY f.tenant_id, g.grain, g.bucket, n.city_id;

INSERT INTO rollup_issue (tenant_id, grain, bucket, issue,
    calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count, sop_sum,
    sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count, communication_sum,
    priority_count, priority_sum)
SELECT f.tenant_id, g.grain, g.bucket, n.issue,
    sum(n.calls), sum(n.analysed), sum(n.provisional), sum(n.escalated), sum(n.emergencies), sum(n.seconds),
    sum(n.quality_count), sum(n.quality_sum), sum(n.sop_count), sum(n.sop_sum), sum(n.sentiment_count),
    sum(n.sentiment_sum), sum(n.resolution_count), sum(n.resolution_sum), sum(n.communication_count),
    sum(n.communication_sum), sum(n.priority_count), sum(n.priority_sum)
FROM call_facts f CROSS JOIN LATERAL figures_of(f) AS n
CROSS JOIN LATERAL (VALUES ('day', n.day), ('month', date_trunc('month', n.day::timestamp)::date), ('all', date '1970-01-01'))
    AS g (grain, bucket)
GROUP BY f.tenant_id, g.grain, g.bucket, n.issue;

INSERT INTO rollup_city_issue (tenant_id, grain, bucket, city_id, issue,
    calls, analysed, provisional, escalated, emergencies, seconds, quality_count, quality_sum, sop_count, sop_sum,
    sentiment_count, sentiment_sum, resolution_count, resolution_sum, communication_count, communication_sum,
    priority_count, priority_sum)
SELECT f.tenant_id, g.grain, g.bucket, n.city_id, n.issue,
    sum(n.calls), sum(n.analysed), sum(n.provisional), sum(n.escalated), sum(n.emergencies), sum(n.seconds),
    sum(n.quality_count), sum(n.quality_sum), sum(n.sop_count), sum(n.sop_sum), sum(n.sentiment_count),
    sum(n.sentiment_sum), sum(n.resolution_count), sum(n.resolution_sum), sum(n.communication_count),
    sum(n.communication_sum), sum(n.priority_count), sum(n.priority_sum)
FROM call_facts f CROSS JOIN LATERAL figures_of(f) AS n
CROSS JOIN LATERAL (VALUES ('day', n.day), ('month', date_trunc('month', n.day::timestamp)::date), ('all', date '1970-01-01'))
    AS g (grain, bucket)
GROUP BY f.tenant_id, g.grain, g.bucket, n.city_id, n.issue;

INSERT INTO data_versions (tenant_id, version, folded_at) SELECT DISTINCT tenant_id, 1, now() FROM call_facts;

CREATE FUNCTION facts_to_outbox() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
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
CREATE TRIGGER rollup_deltas AFTER INSERT OR DELETE ON call_facts
    FOR EACH ROW EXECUTE FUNCTION facts_to_outbox();
CREATE TRIGGER rollup_deltas_of_change AFTER UPDATE ON call_facts
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION facts_to_outbox();

-- Replies also show names and texts. Their changes travel through the outbox like deltas: no row that writers share.
CREATE FUNCTION note_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO public.rollup_outbox (tenant_id) SELECT DISTINCT tenant_id FROM changed;
    RETURN NULL;
END $$;

-- Also asks for the facts of all calls to be looked at again.
CREATE FUNCTION note_category_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO public.call_facts_rewrites (tenant_id) SELECT DISTINCT tenant_id FROM changed;
    RETURN NULL;
END $$;

DO $$
DECLARE
    watched text;
    event text;
    rows_of text;
BEGIN
    FOREACH watched IN ARRAY ARRAY['agents', 'cities', 'city_aliases', 'issue_categories', 'city_insights'] LOOP
        FOREACH event IN ARRAY ARRAY['INSERT', 'UPDATE', 'DELETE'] LOOP
            rows_of := CASE event WHEN 'DELETE' THEN 'OLD' ELSE 'NEW' END;
            EXECUTE format('CREATE TRIGGER note_%s AFTER %s ON public.%I REFERENCING %s TABLE AS changed '
                           'FOR EACH STATEMENT EXECUTE FUNCTION public.note_change()',
                           lower(event), event, watched, rows_of);
            CONTINUE WHEN watched <> 'issue_categories';
            EXECUTE format('CREATE TRIGGER rewrite_on_%s AFTER %s ON public.%I REFERENCING %s TABLE AS changed '
                           'FOR EACH STATEMENT EXECUTE FUNCTION public.note_category_change()',
                           lower(event), event, watched, rows_of);
        END LOOP;
    END LOOP;
END $$;

CREATE FUNCTION note_zone_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO public.call_facts_rewrites (tenant_id) VALUES (NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER rewrite_on_zone AFTER UPDATE ON tenants
    FOR EACH ROW WHEN (OLD.time_zone IS DISTINCT FROM NEW.time_zone) EXECUTE FUNCTION note_zone_change();

REVOKE EXECUTE ON FUNCTION refresh_call_facts(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION refresh_call_facts(uuid, uuid) TO hacksmart_app, hacksmart_worker;
