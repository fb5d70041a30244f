-- name: run_preview
-- What a run would have to judge. Words are counted in a sample, which is all where there are few.
-- $1 tenant, $2 filters, $3 one call or NULL, $4 most calls, $5 size of the sample.
WITH chosen AS MATERIALIZED (
    SELECT c.id, c.duration_seconds, c.current_transcript_id
    FROM calls_for_run($1, $2::jsonb, $3::uuid, $4) AS wanted (id)
    JOIN calls c ON c.tenant_id = $1 AND c.id = wanted.id
), sampled AS MATERIALIZED (
    SELECT s.id, s.duration_seconds,
           length(t.redacted_text) - length(translate(t.redacted_text, E' \n', '')) + 1 AS words,
           -- As analysis::estimated_tokens: four letters of ASCII are one, any other letter is one itself.
           3 * length(regexp_replace(t.redacted_text, '[[:ascii:]]', '', 'g')) / 4 + length(t.redacted_text) / 4 + 1 AS tokens,
           e.latency_ms,
           e.tokens_in, e.tokens_out, e.cost_usd
    FROM (SELECT * FROM chosen ORDER BY md5(id::text) LIMIT $5) AS s
    JOIN transcripts t ON t.tenant_id = $1 AND t.id = s.current_transcript_id
    JOIN call_insights i ON i.tenant_id = $1 AND i.call_id = s.id
    JOIN evaluations e ON e.tenant_id = $1 AND e.id = i.evaluation_id
)
SELECT (SELECT count(*) FROM chosen) AS calls, (SELECT coalesce(sum(duration_seconds), 0) FROM chosen) AS seconds,
       count(*) AS sampled, coalesce(sum(words), 0)::bigint AS words, coalesce(sum(tokens), 0)::bigint AS tokens,
       coalesce(sum(duration_seconds), 0)::bigint AS sampled_seconds,
       coalesce(avg(latency_ms), 0)::float8 AS latency_ms, coalesce(avg(tokens_in), 0)::float8 AS tokens_in,
       coalesce(avg(tokens_out), 0)::float8 AS tokens_out, coalesce(avg(cost_usd), 0)::float8 AS cost_usd
FROM sampled;

-- name: insert_run
-- $1 tenant, $2 id, $3 name, $4 to $6 key, version and hash of the scorecard, $7 filter as asked or NULL, $8 one call or NULL, $9 who.
INSERT INTO evaluation_runs (tenant_id, id, name, scorecard_key, scorecard_version, scorecard_hash, filter, call_id, created_by)
VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9);

-- name: choose_run_calls
-- $1 tenant, $2 run, $3 filters, $4 one call or NULL, $5 most.
WITH chosen AS (
    INSERT INTO evaluation_run_calls (tenant_id, run_id, call_id)
    SELECT $1, $2, id FROM calls_for_run($1, $3::jsonb, $4::uuid, $5) AS wanted (id)
    RETURNING 1)
UPDATE evaluation_runs SET calls = (SELECT count(*) FROM chosen) WHERE tenant_id = $1 AND id = $2
RETURNING calls;

-- name: lock_run
-- Whoever changes a run or its calls holds this first. $1 tenant, $2 run.
SELECT state FROM evaluation_runs WHERE tenant_id = $1 AND id = $2 FOR UPDATE;

-- name: queued_run_calls
-- $1 tenant, $2 run.
SELECT count(*) AS calls FROM evaluation_run_calls WHERE tenant_id = $1 AND run_id = $2 AND state = 'queued';

-- name: take_run_calls
-- The next to be judged. Materialized: looked up once, or a join may look them up again and take more. $1 tenant, $2 run, $3 how many.
WITH next AS MATERIALIZED (
    SELECT call_id FROM evaluation_run_calls
    WHERE tenant_id = $1 AND run_id = $2 AND state = 'waiting'
    ORDER BY call_id LIMIT $3 FOR UPDATE SKIP LOCKED)
UPDATE evaluation_run_calls r SET state = 'queued'
FROM next WHERE r.tenant_id = $1 AND r.run_id = $2 AND r.call_id = next.call_id
RETURNING r.call_id;

-- name: run_waits_for
-- $1 tenant, $2 run, $3 call.
SELECT call_id FROM evaluation_run_calls WHERE tenant_id = $1 AND run_id = $2 AND call_id = $3 AND state = 'queued';

-- name: note_run_job
-- $1 tenant, $2 run, $3 call, $4 job.
UPDATE evaluation_run_calls SET job_id = $4 WHERE tenant_id = $1 AND run_id = $2 AND call_id = $3;

-- name: end_run
-- Only when nothing waits any more. $1 tenant, $2 run.
UPDATE evaluation_runs SET state = 'done', finished_at = now()
WHERE tenant_id = $1 AND id = $2 AND state = 'running'
  AND NOT EXISTS (SELECT 1 FROM evaluation_run_calls c
                  WHERE c.tenant_id = $1 AND c.run_id = $2 AND c.state IN ('waiting', 'queued'));

-- name: run_baseline
-- What is current now. $1 tenant, $2 call.
SELECT e.id, e.document, CASE WHEN i.scored THEN round(10000 * i.overall_quality_score)::int END AS quality,
       i.escalation_risk AS flagged
FROM call_insights i JOIN evaluations e ON e.tenant_id = i.tenant_id AND e.id = i.evaluation_id
WHERE i.tenant_id = $1 AND i.call_id = $2;

-- name: finish_run_call
-- $1 tenant, $2 run, $3 call, $4 what was current or NULL, $5 the run's evaluation, $6 and $7 quality before and after,
-- $8 and $9 flagged before and after, $10 flips, $11 changed, $12 and $13 tokens, $14 cost.
WITH finished AS (
    UPDATE evaluation_run_calls
    SET state = 'done', before_id = $4, evaluation_id = $5, quality_before = $6, quality_after = $7, flagged_before = $8,
        flagged_after = $9, flips = $10, changed = $11, finished_at = now()
    WHERE tenant_id = $1 AND run_id = $2 AND call_id = $3 AND state = 'queued'
    RETURNING changed)
UPDATE evaluation_runs
SET done = done + 1, changed = changed + (SELECT changed::int FROM finished), tokens_in = tokens_in + $12,
    tokens_out = tokens_out + $13, cost_usd = cost_usd + $14::float8::numeric(12,6)
WHERE tenant_id = $1 AND id = $2 AND EXISTS (SELECT 1 FROM finished)
RETURNING done;

-- name: insert_run_answers
-- $1 tenant, $2 run, $3 call, $4 questions, $5 before, $6 after; an empty text stands for none.
INSERT INTO evaluation_run_answers (tenant_id, run_id, question_id, call_id, before, after)
SELECT $1, $2, a.question, $3, nullif(a.before, ''), nullif(a.after, '')
FROM unnest($4::text[], $5::text[], $6::text[]) AS a (question, before, after);

-- name: fail_run_call
-- $1 tenant, $2 run, $3 call, $4 error code.
WITH failed AS (
    UPDATE evaluation_run_calls SET state = 'failed', error_code = $4, finished_at = now()
    WHERE tenant_id = $1 AND run_id = $2 AND call_id = $3 AND state = 'queued' RETURNING 1)
UPDATE evaluation_runs SET failed = failed + 1
WHERE tenant_id = $1 AND id = $2 AND EXISTS (SELECT 1 FROM failed);

-- name: run_jobs
-- Jobs of calls that nobody has judged yet. $1 tenant, $2 run.
SELECT call_id, job_id FROM evaluation_run_calls
WHERE tenant_id = $1 AND run_id = $2 AND state = 'queued' AND job_id IS NOT NULL ORDER BY call_id;

-- name: cancel_run
-- The calls that wait, and those whose jobs were taken away, are judged no more. $1 tenant, $2 run, $3 the latter.
WITH given_up AS (
    UPDATE evaluation_run_calls SET state = 'cancelled', finished_at = now()
    WHERE tenant_id = $1 AND run_id = $2 AND (state = 'waiting' OR (state = 'queued' AND call_id = ANY ($3::uuid[])))
    RETURNING 1)
UPDATE evaluation_runs
SET state = 'cancelled', finished_at = now(), cancelled = cancelled + (SELECT count(*) FROM given_up)
WHERE tenant_id = $1 AND id = $2;

-- name: open_runs
-- $1 tenant.
SELECT id FROM evaluation_runs WHERE tenant_id = $1 AND state = 'running' ORDER BY id;

-- name: requeue_lost_run_calls
-- Calls whose job is gone without a word (somebody cancelled it) wait again. $1 tenant, $2 run.
UPDATE evaluation_run_calls c SET state = 'waiting', job_id = NULL
WHERE c.tenant_id = $1 AND c.run_id = $2 AND c.state = 'queued'
  AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.tenant_id = $1 AND j.id = c.job_id);

-- name: list_runs
-- Newest first. $1 tenant, $2 one run or NULL, $3 and $4 time and id of the last one of the page before or NULL, $5 page size.
SELECT r.id, r.name, r.state, r.scorecard_key, r.scorecard_version, r.scorecard_hash, r.filter, r.call_id, r.calls,
       r.done, r.failed, r.cancelled, r.changed, r.promoted, r.kept, r.tokens_in, r.tokens_out,
       r.cost_usd::float8 AS cost_usd, r.created_by, r.created_at, r.finished_at, r.promoted_at,
       (SELECT count(*) FROM evaluation_run_calls c
        WHERE c.tenant_id = $1 AND c.run_id = r.id AND c.state IN ('waiting', 'queued')) AS pending
FROM evaluation_runs r
WHERE r.tenant_id = $1 AND ($2::uuid IS NULL OR r.id = $2)
  AND ($3::timestamptz IS NULL OR (r.created_at, r.id) < ($3::timestamptz, $4::uuid))
ORDER BY r.created_at DESC, r.id DESC
LIMIT $5;

-- name: run_rules
-- $1 tenant, $2 run.
SELECT question_id, count(*) FILTER (WHERE before IS NOT NULL AND after IS NOT NULL) AS compared,
       count(*) FILTER (WHERE before <> after) AS flips,
       count(*) FILTER (WHERE before <> after AND after = 'pass') AS to_pass,
       count(*) FILTER (WHERE before <> after AND after = 'fail') AS to_fail,
       count(*) FILTER (WHERE before <> after AND after = 'na') AS to_na,
       count(*) FILTER (WHERE before <> after AND after = 'needs_review') AS to_needs_review,
       count(*) FILTER (WHERE before IS NULL) AS added, count(*) FILTER (WHERE after IS NULL) AS removed
FROM evaluation_run_answers
WHERE tenant_id = $1 AND run_id = $2
GROUP BY question_id ORDER BY question_id;

-- name: run_scores
-- $1 tenant, $2 run.
SELECT count(*) FILTER (WHERE quality_before IS NOT NULL AND quality_after IS NOT NULL) AS scored,
       avg(quality_before) FILTER (WHERE quality_after IS NOT NULL)::float8 AS before,
       avg(quality_after) FILTER (WHERE quality_before IS NOT NULL)::float8 AS after,
       count(*) FILTER (WHERE flagged_before) AS flagged_before, count(*) FILTER (WHERE flagged_after) AS flagged_after
FROM evaluation_run_calls
WHERE tenant_id = $1 AND run_id = $2 AND state = 'done';

-- name: run_results
-- $1 tenant, $2 run, $3 changed ones only, $4 the last call of the page before or NULL, $5 page size.
SELECT call_id, state, before_id, evaluation_id, quality_before, quality_after, flagged_before, flagged_after, flips, changed,
       error_code, outcome
FROM evaluation_run_calls
WHERE tenant_id = $1 AND run_id = $2 AND ($3::boolean IS FALSE OR changed) AND ($4::uuid IS NULL OR call_id > $4)
ORDER BY call_id LIMIT $5;

-- name: run_flips
-- $1 tenant, $2 run, $3 one question or NULL, $4 and $5 call and question of the last one of the page before or NULL, $6 page size.
SELECT call_id, question_id, before, after
FROM evaluation_run_answers
WHERE tenant_id = $1 AND run_id = $2 AND before <> after AND ($3::text IS NULL OR question_id = $3)
  AND ($4::uuid IS NULL OR (call_id, question_id) > ($4::uuid, $5::text))
ORDER BY call_id, question_id LIMIT $6;

-- name: compare_runs
-- Answers of two runs about the same calls. $1 tenant, $2 and $3 the runs.
SELECT a.question_id, count(*) AS compared, count(*) FILTER (WHERE a.after <> b.after) AS flips,
       count(*) FILTER (WHERE a.after <> b.after AND b.after = 'pass') AS to_pass,
       count(*) FILTER (WHERE a.after <> b.after AND b.after = 'fail') AS to_fail,
       count(*) FILTER (WHERE a.after <> b.after AND b.after = 'na') AS to_na,
       count(*) FILTER (WHERE a.after <> b.after AND b.after = 'needs_review') AS to_needs_review,
       0::bigint AS added, 0::bigint AS removed
FROM evaluation_run_answers a
JOIN evaluation_run_answers b ON b.tenant_id = $1 AND b.run_id = $3 AND b.question_id = a.question_id AND b.call_id = a.call_id
WHERE a.tenant_id = $1 AND a.run_id = $2 AND a.after IS NOT NULL AND b.after IS NOT NULL
GROUP BY a.question_id ORDER BY a.question_id;

-- name: compare_run_scores
-- $1 tenant, $2 and $3 the runs.
SELECT count(*) AS calls, count(*) FILTER (WHERE a.quality_after IS NOT NULL AND b.quality_after IS NOT NULL) AS scored,
       avg(a.quality_after) FILTER (WHERE b.quality_after IS NOT NULL)::float8 AS before,
       avg(b.quality_after) FILTER (WHERE a.quality_after IS NOT NULL)::float8 AS after,
       count(*) FILTER (WHERE a.flagged_after) AS flagged_before, count(*) FILTER (WHERE b.flagged_after) AS flagged_after
FROM evaluation_run_calls a
JOIN evaluation_run_calls b ON b.tenant_id = $1 AND b.run_id = $3 AND b.call_id = a.call_id AND b.state = 'done'
WHERE a.tenant_id = $1 AND a.run_id = $2 AND a.state = 'done';

-- name: start_promotion
-- No row: the run is in no state to be promoted from. $1 tenant, $2 run.
UPDATE evaluation_runs SET state = 'promoting'
WHERE tenant_id = $1 AND id = $2 AND state IN ('done', 'cancelled') AND done > 0
  AND NOT EXISTS (SELECT 1 FROM evaluation_run_calls c WHERE c.tenant_id = $1 AND c.run_id = $2 AND c.state = 'queued')
RETURNING id;

-- name: calls_to_promote
-- $1 tenant, $2 run, $3 the last one looked at or NULL, $4 how many.
SELECT call_id, before_id, evaluation_id FROM evaluation_run_calls
WHERE tenant_id = $1 AND run_id = $2 AND state = 'done' AND outcome IS NULL AND ($3::uuid IS NULL OR call_id > $3)
ORDER BY call_id LIMIT $4;

-- name: promote_insight
-- Makes a run's evaluation current if what it was compared with still is. It raises no alarm by its own time.
-- $1 tenant, $2 call, $3 what has to be current, $4 the run's evaluation.
WITH held AS (
    DELETE FROM held_insights h WHERE h.tenant_id = $1 AND h.evaluation_id = $4
      AND EXISTS (SELECT 1 FROM call_insights i WHERE i.tenant_id = $1 AND i.call_id = $2 AND i.evaluation_id = $3)
    RETURNING transcript, language_spoken, sop_compliance_score, sentiment_stabilization_score, resolution_validity_score,
              overall_quality_score, communication_score, coaching_priority, sentiment_score, escalation_score, escalation_risk,
              why_flagged, business_insight, coaching_insight, issue_analysis, resolution_analysis, sop_deviations,
              sentiment_trajectory, raw_scores, scored, provisional, coverage)
UPDATE call_insights i SET
    evaluation_id = $4, transcript = held.transcript, language_spoken = held.language_spoken,
    sop_compliance_score = held.sop_compliance_score, sentiment_stabilization_score = held.sentiment_stabilization_score,
    resolution_validity_score = held.resolution_validity_score, overall_quality_score = held.overall_quality_score,
    communication_score = held.communication_score, coaching_priority = held.coaching_priority,
    sentiment_score = held.sentiment_score, escalation_score = held.escalation_score, escalation_risk = held.escalation_risk,
    why_flagged = held.why_flagged, business_insight = held.business_insight, coaching_insight = held.coaching_insight,
    issue_analysis = held.issue_analysis, resolution_analysis = held.resolution_analysis, sop_deviations = held.sop_deviations,
    sentiment_trajectory = held.sentiment_trajectory, raw_scores = held.raw_scores, scored = held.scored,
    provisional = held.provisional, coverage = held.coverage, alerts = false, created_at = now()
FROM held
WHERE i.tenant_id = $1 AND i.call_id = $2 AND i.evaluation_id = $3
RETURNING i.scored;

-- name: note_promotion
-- $1 tenant, $2 run, $3 call, $4 promoted or kept.
WITH noted AS (
    UPDATE evaluation_run_calls SET outcome = $4
    WHERE tenant_id = $1 AND run_id = $2 AND call_id = $3 AND outcome IS NULL RETURNING outcome)
UPDATE evaluation_runs SET promoted = promoted + (SELECT count(*) FROM noted WHERE outcome = 'promoted'),
    kept = kept + (SELECT count(*) FROM noted WHERE outcome = 'kept')
WHERE tenant_id = $1 AND id = $2;

-- name: end_promotion
-- $1 tenant, $2 run.
UPDATE evaluation_runs SET state = 'promoted', promoted_at = now() WHERE tenant_id = $1 AND id = $2 AND state = 'promoting';

-- name: hold_insight
-- As upsert_insight, for an evaluation that is not current. $1 to $25 as there.
INSERT INTO held_insights (tenant_id, call_id, evaluation_id, transcript, language_spoken, sop_compliance_score,
                           sentiment_stabilization_score, resolution_validity_score, overall_quality_score,
                           communication_score, coaching_priority, sentiment_score, escalation_score,
                           escalation_risk, why_flagged, business_insight, coaching_insight, issue_analysis,
                           resolution_analysis, sop_deviations, sentiment_trajectory, raw_scores, scored,
                           provisional, coverage)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18::jsonb, $19::jsonb,
        $20::jsonb, $21::jsonb, $22::jsonb, $23, $24, $25);
