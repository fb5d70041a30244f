-- Texts of cities: the coaching focus is made once a month.
-- Locks: city_insights for a moment.

ALTER TABLE city_insights ADD COLUMN coaching_focus_month text CHECK (coaching_focus_month ~ '^\d{4}-\d{2}$');

-- Rows taken over from a database of the reference implementation, with a keyed hash of what they held there: a repeated import
-- touches only rows that have changed at their source, and brings nothing back that was deleted here.
CREATE TABLE imported_rows (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    source text NOT NULL CHECK (source IN ('cities', 'agents', 'calls', 'call_insights', 'city_insights')),
    id text NOT NULL,
    source_hash bytea NOT NULL,
    imported_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, source, id)
);
CALL protect_tenant_table('imported_rows', 'SELECT, INSERT, UPDATE');

-- --- the old names and columns, to be read ----------------------------------------------------------------------------------

-- For queries written against the reference's tables. Aggregates come from the rollups; customer names and phones are sealed and
-- therefore NULL. security_invoker: the reader's row security holds.
-- `hacksmart migrate` has made the schema: the owner role may not.
GRANT USAGE ON SCHEMA reference TO hacksmart_app, hacksmart_worker;

CREATE VIEW reference.cities WITH (security_invoker = true) AS
SELECT id, name, state FROM public.cities;

CREATE VIEW reference.agents WITH (security_invoker = true) AS
SELECT a.id, a.name, a.employee_id, a.languages,
       coalesce(round(total.quality_sum::numeric / nullif(total.quality_count, 0) / 10000, 4), 0)::numeric(5,4)
           AS current_quality_score,
       coalesce(round(total.sop_sum::numeric / nullif(total.sop_count, 0) / 10000, 4), 0)::numeric(5,4)
           AS current_sop_compliance_score,
       coalesce(round(total.sentiment_sum::numeric / nullif(total.sentiment_count, 0) / 10000, 4), 0)::numeric(5,4)
           AS current_sentiment_stabilization_score,
       coalesce(round(total.escalated::numeric / nullif(total.analysed, 0), 4), 0)::numeric(5,4) AS current_escalation_rate,
       coalesce(total.calls, 0)::int AS calls_handled_total,
       coalesce(total.emergencies, 0)::int AS total_emergencies_count,
       coalesce(today.calls, 0)::int AS calls_handled_today, coalesce(today.emergencies, 0)::int AS emergencies_today,
       coalesce(round(last.quality_sum::numeric / nullif(last.quality_count, 0) / 10000, 4), 0)::numeric(5,4)
           AS prev_month_quality_score,
       coalesce(round(last.sop_sum::numeric / nullif(last.sop_count, 0) / 10000, 4), 0)::numeric(5,4)
           AS prev_month_sop_compliance_score,
       coalesce(round(last.sentiment_sum::numeric / nullif(last.sentiment_count, 0) / 10000, 4), 0)::numeric(5,4)
           AS prev_month_sentiment_stabilization_score,
       coalesce(round(last.escalated::numeric / nullif(last.analysed, 0), 4), 0)::numeric(5,4) AS prev_month_escalation_rate,
       coalesce(last.calls, 0)::int AS prev_month_calls_handled, coalesce(last.emergencies, 0)::int AS prev_month_emergencies,
       a.latest_month_insight, a.overall_insight_text, a.latest_change_summary, a.insight_history, a.recent_trend_array,
       a.last_insight_generated_at AT TIME ZONE 'UTC' AS last_insight_generated_at,
       a.last_updated_at AT TIME ZONE 'UTC' AS last_updated_at
FROM public.agents a
JOIN public.tenants t ON t.id = a.tenant_id
LEFT JOIN public.rollup_agent total ON total.tenant_id = a.tenant_id AND total.agent_id = a.id
    AND total.grain = 'all' AND total.bucket = date '1970-01-01'
LEFT JOIN public.rollup_agent today ON today.tenant_id = a.tenant_id AND today.agent_id = a.id
    AND today.grain = 'day' AND today.bucket = (now() AT TIME ZONE t.time_zone)::date
LEFT JOIN public.rollup_agent last ON last.tenant_id = a.tenant_id AND last.agent_id = a.id
    AND last.grain = 'month'
    AND last.bucket = (date_trunc('month', now() AT TIME ZONE t.time_zone) - interval '1 month')::date;

CREATE VIEW reference.calls WITH (security_invoker = true) AS
SELECT id, agent_id, city_id, NULL::varchar(20) AS customer_phone, NULL::varchar(100) AS customer_name,
       customer_preferred_language, regexp_replace(audio_url, '^external:', '') AS audio_url, duration_seconds,
       call_timestamp, call_context, primary_issue_category, agent_manual_note, processing_status
FROM public.calls;

CREATE VIEW reference.call_insights WITH (security_invoker = true) AS
SELECT call_id, transcript, language_spoken, sop_compliance_score, sentiment_stabilization_score, resolution_validity_score,
       overall_quality_score, escalation_risk, why_flagged, human_remarks, business_insight, coaching_insight,
       communication_score, coaching_priority, issue_analysis, resolution_analysis, sop_deviations, sentiment_trajectory,
       sentiment_score, escalation_score, structured_annotations, created_at
FROM public.call_insights;

CREATE VIEW reference.city_insights WITH (security_invoker = true) AS
SELECT i.city_id,
       coalesce(round(total.quality_sum::numeric / nullif(total.quality_count, 0) / 10000, 4), 0)::numeric(5,4)
           AS avg_quality_score,
       coalesce(round(total.sop_sum::numeric / nullif(total.sop_count, 0) / 10000, 4), 0)::numeric(5,4) AS avg_sop_compliance,
       coalesce(round(total.sentiment_sum::numeric / nullif(total.sentiment_count, 0) / 10000, 4), 0)::numeric(5,4)
           AS avg_sentiment_score,
       coalesce(round(total.escalated::numeric / nullif(total.analysed, 0), 4), 0)::numeric(5,4) AS avg_escalation_rate,
       coalesce(total.calls, 0)::int AS total_calls, i.daily_ops_insight, i.latest_month_insight, i.overall_city_insight,
       i.coaching_focus_for_city, i.key_operational_risks, i.insight_history,
       i.last_insight_generated_at AT TIME ZONE 'UTC' AS last_insight_generated_at,
       i.last_updated_at AT TIME ZONE 'UTC' AS last_updated_at
FROM public.city_insights i
LEFT JOIN public.rollup_city total ON total.tenant_id = i.tenant_id AND total.city_id = i.city_id
    AND total.grain = 'all' AND total.bucket = date '1970-01-01';

GRANT SELECT ON ALL TABLES IN SCHEMA reference TO hacksmart_app, hacksmart_worker;
