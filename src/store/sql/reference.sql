-- Import of a database of the reference implementation. Rows arrive as one JSON array of objects with texts or null:
-- "json", not "jsonb", so that documents keep their bytes.

-- name: known_rows
-- $1 tenant, $2 table, $3 ids.
SELECT w.id, r.source_hash,
       CASE $2::text
           WHEN 'cities' THEN EXISTS (SELECT 1 FROM cities t WHERE t.tenant_id = $1 AND t.id = w.id::int)
           WHEN 'agents' THEN EXISTS (SELECT 1 FROM agents t WHERE t.tenant_id = $1 AND t.id = w.id::uuid)
           WHEN 'calls' THEN EXISTS (SELECT 1 FROM calls t WHERE t.tenant_id = $1 AND t.id = w.id::uuid)
           WHEN 'call_insights'
               THEN EXISTS (SELECT 1 FROM call_insights t WHERE t.tenant_id = $1 AND t.call_id = w.id::uuid)
           ELSE EXISTS (SELECT 1 FROM city_insights t WHERE t.tenant_id = $1 AND t.city_id = w.id::int)
       END AS present
FROM unnest($3::text[]) AS w (id)
LEFT JOIN imported_rows r ON r.tenant_id = $1 AND r.source = $2::text AND r.id = w.id;

-- name: cities_holding
-- $1 tenant, $2 ids, $3 folded names.
SELECT id::text AS id, name_key AS key FROM cities
WHERE tenant_id = $1 AND (id = ANY ($2::int[]) OR name_key = ANY ($3::text[]));

-- name: agents_holding
-- $1 tenant, $2 folded employee ids.
SELECT id::text AS id, employee_key AS key FROM agents WHERE tenant_id = $1 AND employee_key = ANY ($2::text[]);

-- name: note_imported
-- $1 tenant, $2 table, $3 rows.
INSERT INTO imported_rows AS i (tenant_id, source, id, source_hash)
SELECT $1, $2, r.source_id, decode(r.source_hash, 'hex')
FROM json_to_recordset($3::json) AS r (source_id text, source_hash text)
ON CONFLICT (tenant_id, source, id) DO UPDATE SET source_hash = excluded.source_hash, imported_at = now();

-- name: import_cities
-- $1 tenant, $2 rows.
INSERT INTO cities AS c (tenant_id, id, name, name_key, state)
SELECT $1, r.source_id, r.name, r.name_key, r.state
FROM json_to_recordset($2::json) AS r (source_id int, name text, name_key text, state text)
ON CONFLICT (tenant_id, id) DO UPDATE SET name = excluded.name, name_key = excluded.name_key, state = excluded.state;

-- name: import_agents
-- $1 tenant, $2 rows.
INSERT INTO agents AS a (tenant_id, id, name, name_key, employee_id, employee_key, languages, latest_month_insight,
                         overall_insight_text, latest_change_summary, insight_history, recent_trend_array,
                         last_insight_generated_at, last_updated_at)
SELECT $1, r.source_id, r.name, r.name_key, r.employee_id, r.employee_key, coalesce(r.languages::text[], '{}'),
       r.latest_month_insight, r.overall_insight_text, r.latest_change_summary, r.insight_history::jsonb,
       r.recent_trend_array::jsonb, r.last_insight_generated_at::timestamptz,
       coalesce(r.last_updated_at::timestamptz, now())
FROM json_to_recordset($2::json) AS r (
    source_id uuid, name text, name_key text, employee_id text, employee_key text, languages text,
    latest_month_insight text, overall_insight_text text, latest_change_summary text, insight_history text,
    recent_trend_array text, last_insight_generated_at text, last_updated_at text)
ON CONFLICT (tenant_id, id) DO UPDATE SET
    name = excluded.name, name_key = excluded.name_key, employee_id = excluded.employee_id,
    employee_key = excluded.employee_key, languages = excluded.languages,
    latest_month_insight = excluded.latest_month_insight, overall_insight_text = excluded.overall_insight_text,
    latest_change_summary = excluded.latest_change_summary, insight_history = excluded.insight_history,
    recent_trend_array = excluded.recent_trend_array, last_insight_generated_at = excluded.last_insight_generated_at,
    last_updated_at = excluded.last_updated_at;

-- name: import_calls
-- An agent or city that is not here is none. A call that was changed at its source keeps a recording that was copied, and what
-- was found out here. $1 tenant, $2 rows.
INSERT INTO calls AS c (tenant_id, id, agent_id, city_id, customer_name_sealed, customer_phone_sealed, phone_token,
                        customer_preferred_language, audio_url, duration_seconds, call_timestamp, call_context,
                        primary_issue_category, agent_manual_note, processing_status, failure_code, filename, created_at)
SELECT $1, r.source_id, a.id, y.id, decode(r.customer_name, 'hex'), decode(r.customer_phone, 'hex'),
       decode(r.phone_token, 'hex'), r.customer_preferred_language, r.audio_url, r.duration_seconds::int,
       r.call_timestamp::timestamptz, r.call_context, r.primary_issue_category, r.agent_manual_note,
       r.processing_status, r.failure_code, r.filename, r.call_timestamp::timestamptz
FROM json_to_recordset($2::json) AS r (
    source_id uuid, agent_id uuid, city_id int, customer_name text, customer_phone text, phone_token text,
    customer_preferred_language text, audio_url text, duration_seconds text, call_timestamp text, call_context text,
    primary_issue_category text, agent_manual_note text, processing_status text, failure_code text, filename text)
LEFT JOIN agents a ON a.tenant_id = $1 AND a.id = r.agent_id
LEFT JOIN cities y ON y.tenant_id = $1 AND y.id = r.city_id
ON CONFLICT (tenant_id, id) DO UPDATE SET
    agent_id = excluded.agent_id, city_id = excluded.city_id, customer_name_sealed = excluded.customer_name_sealed,
    customer_phone_sealed = excluded.customer_phone_sealed, phone_token = excluded.phone_token,
    customer_preferred_language = excluded.customer_preferred_language,
    audio_url = CASE WHEN c.audio_url LIKE 'external:%' THEN excluded.audio_url ELSE c.audio_url END,
    duration_seconds = excluded.duration_seconds, call_timestamp = excluded.call_timestamp,
    call_context = excluded.call_context, primary_issue_category = excluded.primary_issue_category,
    agent_manual_note = excluded.agent_manual_note, updated_at = now(),
    processing_status = CASE WHEN c.processing_status = 'failed' THEN excluded.processing_status
                             ELSE c.processing_status END,
    failure_code = CASE WHEN c.processing_status = 'failed' THEN excluded.failure_code ELSE c.failure_code END;

-- name: import_judgements
-- The evaluation joins the history; it is the current one unless the call was judged here since. $1 tenant, $2 rows.
WITH r AS (
    SELECT * FROM json_to_recordset($2::json) AS r (
        source_id uuid, evaluation_id uuid, transcript_id uuid, transcript text, turns_sealed text, turns text,
        transcript_hash text, language text, document text, language_spoken text, sop_compliance_score numeric,
        sentiment_stabilization_score numeric, resolution_validity_score numeric, overall_quality_score numeric,
        communication_score numeric, coaching_priority numeric, sentiment_score float8, escalation_score float8,
        escalation_risk bool, why_flagged text, human_remarks text, business_insight text, coaching_insight text,
        issue_analysis text, resolution_analysis text, sop_deviations text, sentiment_trajectory text,
        structured_annotations text, raw_scores text, scored bool, created_at timestamptz)
), heard AS (
    INSERT INTO transcripts (tenant_id, id, call_id, engine, model, engine_version, language, low_confidence,
                             turns_sealed, redacted, redacted_text, redaction_version, sha256, created_at)
    SELECT $1, transcript_id, source_id, 'reference', '', '', language, false, decode(turns_sealed, 'hex'), turns::jsonb,
           transcript, '1', transcript_hash, created_at
    FROM r WHERE transcript IS NOT NULL
    ON CONFLICT (tenant_id, id) DO NOTHING
), judged AS (
    INSERT INTO evaluations (tenant_id, id, call_id, transcript_id, scorecard_key, scorecard_version, scorecard_hash,
                             evaluator, transcript_hash, versions_key, document, scored, provisional, coverage, reason,
                             supersedes, created_at)
    SELECT $1, r.evaluation_id, r.source_id, r.transcript_id, 'reference', 0, '', 'reference-import',
           coalesce(r.transcript_hash, ''), 'reference-import', r.document::json, r.scored, false,
           CASE WHEN r.scored THEN 1 ELSE 0 END, 'import',
           (SELECT i.evaluation_id FROM call_insights i WHERE i.tenant_id = $1 AND i.call_id = r.source_id), r.created_at
    FROM r
    ON CONFLICT (tenant_id, id) DO NOTHING
), shown AS (
    INSERT INTO call_insights AS i (
        tenant_id, call_id, evaluation_id, transcript, language_spoken, sop_compliance_score, sentiment_stabilization_score,
        resolution_validity_score, overall_quality_score, communication_score, coaching_priority, sentiment_score,
        escalation_score, escalation_risk, why_flagged, human_remarks, business_insight, coaching_insight, issue_analysis,
        resolution_analysis, sop_deviations, sentiment_trajectory, structured_annotations, raw_scores, scored, provisional,
        coverage, created_at, alerts)
    SELECT $1, source_id, evaluation_id, transcript, language_spoken, sop_compliance_score, sentiment_stabilization_score,
           resolution_validity_score, overall_quality_score, communication_score, coaching_priority, sentiment_score,
           escalation_score, escalation_risk, why_flagged, human_remarks, business_insight, coaching_insight,
           issue_analysis::jsonb, resolution_analysis::jsonb, sop_deviations::jsonb, sentiment_trajectory::jsonb,
           structured_annotations::jsonb, raw_scores::jsonb, scored, false, CASE WHEN scored THEN 1 ELSE 0 END, created_at, false
    FROM r
    ON CONFLICT (tenant_id, call_id) DO UPDATE SET
        evaluation_id = excluded.evaluation_id, transcript = excluded.transcript, language_spoken = excluded.language_spoken,
        sop_compliance_score = excluded.sop_compliance_score,
        sentiment_stabilization_score = excluded.sentiment_stabilization_score,
        resolution_validity_score = excluded.resolution_validity_score,
        overall_quality_score = excluded.overall_quality_score, communication_score = excluded.communication_score,
        coaching_priority = excluded.coaching_priority, sentiment_score = excluded.sentiment_score,
        escalation_score = excluded.escalation_score, escalation_risk = excluded.escalation_risk,
        why_flagged = excluded.why_flagged, business_insight = excluded.business_insight, coaching_insight = excluded.coaching_insight,
        issue_analysis = excluded.issue_analysis, resolution_analysis = excluded.resolution_analysis,
        sop_deviations = excluded.sop_deviations, sentiment_trajectory = excluded.sentiment_trajectory,
        structured_annotations = excluded.structured_annotations, raw_scores = excluded.raw_scores,
        scored = excluded.scored, coverage = excluded.coverage, created_at = excluded.created_at
    WHERE (SELECT e.evaluator FROM evaluations e WHERE e.tenant_id = $1 AND e.id = i.evaluation_id) = 'reference-import'
)
UPDATE calls c SET current_transcript_id = r.transcript_id
FROM r
WHERE c.tenant_id = $1 AND c.id = r.source_id AND r.transcript IS NOT NULL
  AND (c.current_transcript_id IS NULL
       OR (SELECT t.engine FROM transcripts t WHERE t.tenant_id = $1 AND t.id = c.current_transcript_id) = 'reference');

-- name: import_remarks
-- Under an id made of call and text: the same text comes in once, another one beside it. The reference writes no time down: the
-- first takes the judgement's, one behind another remark takes now, because it is the newest. $1 tenant, $2 rows.
INSERT INTO remarks (tenant_id, id, call_id, text, principal, created_at)
SELECT $1, md5('reference remark ' || r.source_id || ' ' || r.human_remarks)::uuid, r.source_id, r.human_remarks, 'reference-import',
       CASE WHEN EXISTS (SELECT 1 FROM remarks m WHERE m.tenant_id = $1 AND m.call_id = r.source_id) THEN clock_timestamp()
            ELSE r.created_at END
FROM json_to_recordset($2::json) AS r (source_id uuid, human_remarks text, created_at timestamptz)
WHERE btrim(r.human_remarks) <> ''
ON CONFLICT (tenant_id, id) DO NOTHING;

-- name: show_newest_remarks
-- Behind import_remarks, which may have found newer ones of people here. $1 tenant, $2 rows.
UPDATE call_insights i SET human_remarks = newest.text
FROM json_to_recordset($2::json) AS r (source_id uuid) CROSS JOIN LATERAL (
    SELECT m.text FROM remarks m WHERE m.tenant_id = $1 AND m.call_id = r.source_id
    ORDER BY m.created_at DESC, m.id DESC LIMIT 1) AS newest
WHERE i.tenant_id = $1 AND i.call_id = r.source_id AND i.human_remarks IS DISTINCT FROM newest.text;

-- name: import_city_insights
-- $1 tenant, $2 rows.
INSERT INTO city_insights (tenant_id, city_id, daily_ops_insight, latest_month_insight, overall_city_insight,
                           coaching_focus_for_city, coaching_focus_month, key_operational_risks, insight_history,
                           last_insight_generated_at, last_updated_at)
SELECT $1, r.source_id, r.daily_ops_insight, r.latest_month_insight, r.overall_city_insight, r.coaching_focus_for_city,
       CASE WHEN r.coaching_focus_for_city IS NOT NULL
            THEN to_char(r.last_insight_generated_at::timestamptz AT TIME ZONE t.time_zone, 'YYYY-MM') END,
       coalesce(r.key_operational_risks::text[], '{}'), r.insight_history::jsonb, r.last_insight_generated_at::timestamptz,
       coalesce(r.last_updated_at::timestamptz, now())
FROM json_to_recordset($2::json) AS r (
    source_id int, daily_ops_insight text, latest_month_insight text, overall_city_insight text,
    coaching_focus_for_city text, key_operational_risks text, insight_history text, last_insight_generated_at text,
    last_updated_at text)
JOIN tenants t ON t.id = $1
ON CONFLICT (tenant_id, city_id) DO UPDATE SET
    daily_ops_insight = excluded.daily_ops_insight, latest_month_insight = excluded.latest_month_insight,
    overall_city_insight = excluded.overall_city_insight, coaching_focus_for_city = excluded.coaching_focus_for_city,
    coaching_focus_month = excluded.coaching_focus_month, key_operational_risks = excluded.key_operational_risks,
    insight_history = excluded.insight_history, last_insight_generated_at = excluded.last_insight_generated_at,
    last_updated_at = excluded.last_updated_at;

-- name: advance_city_ids
-- As the owner. All tenants draw from one sequence.
SELECT setval('cities_id_seq', greatest((SELECT max(id) FROM cities), (SELECT last_value FROM cities_id_seq))) AS last;

-- name: external_recordings
-- $1 tenant, $2 last call of the page before or NULL, $3 page size.
SELECT c.id, c.created_at, substr(c.audio_url, 10) AS url
FROM calls c
JOIN imported_rows r ON r.tenant_id = $1 AND r.source = 'calls' AND r.id = c.id::text
WHERE c.tenant_id = $1 AND ($2::uuid IS NULL OR c.id > $2) AND c.audio_url LIKE 'external:%'
ORDER BY c.id
LIMIT $3;

-- name: adopt_recording
-- $1 tenant, $2 call, $3 locator.
UPDATE calls
SET audio_url = $3, updated_at = now(),
    processing_status = CASE WHEN failure_code = 'audio.unavailable' THEN 'pending' ELSE processing_status END,
    failure_code = nullif(failure_code, 'audio.unavailable')
WHERE tenant_id = $1 AND id = $2;

-- name: imported_counts
-- $1 tenant.
SELECT r.source, count(*) AS imported,
       count(*) FILTER (WHERE CASE r.source
           WHEN 'cities' THEN NOT EXISTS (SELECT 1 FROM cities t WHERE t.tenant_id = $1 AND t.id = r.id::int)
           WHEN 'agents' THEN NOT EXISTS (SELECT 1 FROM agents t WHERE t.tenant_id = $1 AND t.id = r.id::uuid)
           WHEN 'calls' THEN NOT EXISTS (SELECT 1 FROM calls t WHERE t.tenant_id = $1 AND t.id = r.id::uuid)
           WHEN 'call_insights'
               THEN NOT EXISTS (SELECT 1 FROM call_insights t WHERE t.tenant_id = $1 AND t.call_id = r.id::uuid)
           ELSE NOT EXISTS (SELECT 1 FROM city_insights t WHERE t.tenant_id = $1 AND t.city_id = r.id::int) END) AS gone
FROM imported_rows r
WHERE r.tenant_id = $1
GROUP BY r.source;

-- name: changed_here
-- $1 tenant.
SELECT r.id, c.id IS NULL AS gone
FROM imported_rows r
LEFT JOIN calls c ON c.tenant_id = $1 AND c.id = r.id::uuid
LEFT JOIN call_insights i ON i.tenant_id = $1 AND i.call_id = c.id
LEFT JOIN evaluations e ON e.tenant_id = $1 AND e.id = i.evaluation_id
WHERE r.tenant_id = $1 AND r.source = 'calls' AND (c.id IS NULL OR e.evaluator <> 'reference-import');

-- name: imported_sums
-- Calls judged again here count as not analysed, on both sides. $1 tenant, $2 by city.
SELECT coalesce(CASE WHEN $2::bool THEN c.city_id::text ELSE c.agent_id::text END, '') AS grp, count(*) AS calls,
       count(i.call_id) AS analysed, count(*) FILTER (WHERE i.escalation_risk) AS escalated,
       coalesce(sum(round(10000 * i.overall_quality_score)) FILTER (WHERE i.scored), 0)::bigint AS quality,
       coalesce(sum(round(10000 * i.sop_compliance_score)) FILTER (WHERE i.scored), 0)::bigint AS sop,
       coalesce(sum(round(10000 * i.sentiment_stabilization_score)) FILTER (WHERE i.scored), 0)::bigint AS sentiment,
       coalesce(sum(round(10000 * i.resolution_validity_score)) FILTER (WHERE i.scored), 0)::bigint AS resolution
FROM imported_rows r
JOIN calls c ON c.tenant_id = $1 AND c.id = r.id::uuid
LEFT JOIN (call_insights i JOIN evaluations e
               ON e.tenant_id = i.tenant_id AND e.id = i.evaluation_id AND e.evaluator = 'reference-import')
    ON i.tenant_id = $1 AND i.call_id = c.id
WHERE r.tenant_id = $1 AND r.source = 'calls'
GROUP BY 1;

-- name: figures_against_facts
-- One statement, one snapshot: a fold in between moves a delta, it does not lose it. $1 tenant.
WITH facts AS (
    SELECT count(*) AS calls, count(*) FILTER (WHERE analysed) AS analysed, count(*) FILTER (WHERE escalated) AS escalated,
           coalesce(sum(quality), 0) AS quality, coalesce(sum(sop), 0) AS sop
    FROM call_facts WHERE tenant_id = $1
), folded AS (
    SELECT coalesce(sum(calls), 0) AS calls, coalesce(sum(analysed), 0) AS analysed, coalesce(sum(escalated), 0) AS escalated,
           coalesce(sum(quality_sum), 0) AS quality, coalesce(sum(sop_sum), 0) AS sop
    FROM rollup_city WHERE tenant_id = $1 AND grain = 'all' AND bucket = date '1970-01-01'
), waiting AS (
    SELECT coalesce(sum(calls), 0) AS calls, coalesce(sum(analysed), 0) AS analysed, coalesce(sum(escalated), 0) AS escalated,
           coalesce(sum(quality_sum), 0) AS quality, coalesce(sum(sop_sum), 0) AS sop
    FROM rollup_outbox WHERE tenant_id = $1
)
SELECT v.what, v.facts::bigint AS facts, v.rollups::bigint AS rollups
FROM facts f CROSS JOIN folded d CROSS JOIN waiting w
CROSS JOIN LATERAL (VALUES ('calls', f.calls, d.calls + w.calls), ('analysed', f.analysed, d.analysed + w.analysed),
                           ('escalated', f.escalated, d.escalated + w.escalated),
                           ('quality', f.quality, d.quality + w.quality), ('sop', f.sop, d.sop + w.sop))
    AS v (what, facts, rollups);
