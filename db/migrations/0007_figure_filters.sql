-- Figures of calls that no kept sum can tell, and lists of calls by a missed rule and by what people have looked at.
-- Locks: SHARE ROW EXCLUSIVE on call_insights while the missed rules of existing calls are filled in (their documents are
-- read once; how long that takes for many calls has not been measured); readers go on, writers wait. overrides waits for its new index.

LOCK TABLE call_insights IN SHARE ROW EXCLUSIVE MODE;

-- --- rules ----------------------------------------------------------------------------------------------------------------

-- Rules that the current evaluation of a call found missed. A table, since row security keeps the program's roles from every
-- index into a document.
CREATE TABLE missed_rules (
    tenant_id uuid NOT NULL,
    rule_id text NOT NULL, -- question of the scorecard
    call_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, rule_id, call_id),
    FOREIGN KEY (tenant_id, call_id) REFERENCES call_insights (tenant_id, call_id) ON DELETE CASCADE
);
CREATE INDEX missed_rules_by_call ON missed_rules (tenant_id, call_id);
CALL protect_tenant_table('missed_rules', 'SELECT, INSERT, DELETE');

-- The questions of a document that failed; none when it has no answers, as evaluations taken over from elsewhere.
CREATE FUNCTION failed_questions(document json) RETURNS SETOF text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT DISTINCT answer ->> 'question_id'
    FROM json_array_elements(CASE WHEN json_typeof(document -> 'answers') = 'array' THEN document -> 'answers' ELSE '[]' END)
        AS answer
    WHERE answer ->> 'state' = 'fail' AND answer ->> 'question_id' <> ''
$$;

CREATE FUNCTION note_missed_rules() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    DELETE FROM public.missed_rules m WHERE m.tenant_id = NEW.tenant_id AND m.call_id = NEW.call_id;
    INSERT INTO public.missed_rules (tenant_id, rule_id, call_id)
    SELECT NEW.tenant_id, rule_id, NEW.call_id
    FROM public.evaluations e CROSS JOIN LATERAL public.failed_questions(e.document) AS rule_id
    WHERE e.tenant_id = NEW.tenant_id AND e.id = NEW.evaluation_id;
    RETURN NULL;
END $$;
CREATE TRIGGER missed_rules_come AFTER INSERT ON call_insights
    FOR EACH ROW EXECUTE FUNCTION note_missed_rules();
CREATE TRIGGER missed_rules_follow AFTER UPDATE ON call_insights
    FOR EACH ROW WHEN (OLD.evaluation_id IS DISTINCT FROM NEW.evaluation_id) EXECUTE FUNCTION note_missed_rules();

INSERT INTO missed_rules (tenant_id, rule_id, call_id)
SELECT i.tenant_id, rule_id, i.call_id
FROM call_insights i
JOIN evaluations e ON e.tenant_id = i.tenant_id AND e.id = i.evaluation_id
CROSS JOIN LATERAL failed_questions(e.document) AS rule_id;

-- --- lists of calls -------------------------------------------------------------------------------------------------------

CREATE INDEX overrides_live ON overrides (tenant_id, call_id) WHERE withdrawn_at IS NULL;

-- As in 0005, and: `rule` (missed by the call), `reviewed` (a person has put a score of their own, or a remark). Joins that
-- match at most one row each: the planner drops those that no filter asks for, and turns the others round when their side is
-- the smaller one.
CREATE OR REPLACE FUNCTION filtered_calls(of_tenant uuid, wanted jsonb, saying uuid[], cities integer[])
RETURNS SETOF call_facts
LANGUAGE sql STABLE AS $$
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

-- --- figures --------------------------------------------------------------------------------------------------------------

-- Sums over the calls of the days [low, high) that a filter leaves, by agent, city and issue as asked. Nothing when `wanted` is
-- NULL: then the kept sums answer. wanted.ranked = 'firm' leaves provisional calls out of the quality.
-- plan_cache_mode: with the values known, the filter's own index serves it.
CREATE FUNCTION figures_of_calls(of_tenant uuid, wanted jsonb, low date, high date, by_agent boolean, by_city boolean,
                                 by_issue boolean)
RETURNS TABLE (agent_id uuid, city_id integer, issue text, calls bigint, analysed bigint, escalated bigint, emergencies bigint,
               quality_count bigint, quality_sum bigint, sop_count bigint, sop_sum bigint, sentiment_count bigint,
               sentiment_sum bigint)
LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
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
