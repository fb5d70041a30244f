-- name: insert_call
-- $1 tenant, $2 id, $3 agent, $4 city, $5 sealed name, $6 sealed phone, $7 phone token, $8 preferred language,
-- $9 audio locator, $10 seconds, $11 call time or NULL, $12 context, $13 issue category, $14 note, $15 external id,
-- $16 metadata, $17 channel map, $18 language, $19 file name, $20 flags, $21 created_at.
WITH added AS (
    INSERT INTO calls (tenant_id, id, agent_id, city_id, customer_name_sealed, customer_phone_sealed, phone_token,
                       customer_preferred_language, audio_url, duration_seconds, call_timestamp, call_context,
                       primary_issue_category, agent_manual_note, external_id, metadata, channel_map, language,
                       filename, flags, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, coalesce($11, now()), $12, $13, $14, $15, $16::jsonb, $17, $18,
            $19, $20, $21)
    RETURNING tenant_id, id, agent_id, city_id, primary_issue_category, duration_seconds)
INSERT INTO events (tenant_id, type, call_id, agent_id, city_id, payload)
SELECT tenant_id, 'call.ingested', id, agent_id, city_id,
       jsonb_build_object('primary_issue_category', primary_issue_category, 'duration_seconds', duration_seconds)
FROM added;

-- name: insert_media
-- $1 tenant, $2 call, $3 path, $4 hash, $5 bytes, $6 format, $7 codec, $8 sample rate, $9 channels, $10 bit rate,
-- $11 layout, $12 header milliseconds, $13 decoded milliseconds, $14 speech milliseconds, $15 truncated.
INSERT INTO media (tenant_id, call_id, object_path, sha256, bytes, format, codec, sample_rate, channels, bit_rate,
                   layout, header_duration_ms, duration_ms, speech_ms, truncated)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);

-- name: find_call
-- $1 tenant, $2 call.
SELECT c.id, c.agent_id, a.name AS agent_name, a.employee_id, c.city_id, y.name AS city_name, y.state AS city_state,
       c.customer_preferred_language, c.audio_url, c.duration_seconds, c.call_timestamp, c.call_context,
       c.primary_issue_category, c.agent_manual_note, c.processing_status, c.failure_code, c.external_id,
       c.metadata, c.channel_map, c.language, c.filename, c.flags, c.current_transcript_id,
       i.evaluation_id AS current_evaluation_id, c.created_at, c.updated_at
FROM calls c
LEFT JOIN agents a ON a.tenant_id = c.tenant_id AND a.id = c.agent_id
LEFT JOIN cities y ON y.tenant_id = c.tenant_id AND y.id = c.city_id
LEFT JOIN call_insights i ON i.tenant_id = c.tenant_id AND i.call_id = c.id
WHERE c.tenant_id = $1 AND c.id = $2;

-- name: find_media
-- $1 tenant, $2 call.
SELECT object_path, sha256, bytes, format, codec, sample_rate, channels, layout, duration_ms, speech_ms, truncated,
       playback_path, playback_sha256, playback_bytes
FROM media
WHERE tenant_id = $1 AND call_id = $2;

-- name: find_peaks
-- $1 tenant, $2 call.
SELECT peaks, peaks_per_second, CASE WHEN layout IN ('true_stereo', 'cross_talk') THEN 2 ELSE 1 END AS channels
FROM media
WHERE tenant_id = $1 AND call_id = $2 AND peaks IS NOT NULL;

-- name: find_facts
-- $1 tenant, $2 call.
SELECT facts FROM media WHERE tenant_id = $1 AND call_id = $2;

-- name: sealed_names
-- $1 tenant, $2 call.
SELECT customer_name_sealed, customer_phone_sealed FROM calls WHERE tenant_id = $1 AND id = $2;

-- name: call_with_external_id
-- $1 tenant, $2 external id.
SELECT id FROM calls WHERE tenant_id = $1 AND external_id = $2;

-- name: call_with_audio
-- Newest first. $1 tenant, $2 hash, $3 agent or NULL, $4 earliest creation or NULL.
SELECT c.id
FROM media m JOIN calls c ON c.tenant_id = m.tenant_id AND c.id = m.call_id
WHERE m.tenant_id = $1 AND m.sha256 = $2 AND ($3::uuid IS NULL OR c.agent_id = $3)
  AND ($4::timestamptz IS NULL OR c.created_at >= $4)
ORDER BY c.created_at DESC, c.id
LIMIT 1;

-- name: update_renditions
-- $1 tenant, $2 call, $3 playback path, $4 its hash, $5 its bytes, $6 peaks, $7 peaks a second, $8 layout (empty: nothing new was measured),
-- $9 speech milliseconds, $10 facts.
UPDATE media
SET playback_path = coalesce($3, playback_path), playback_sha256 = coalesce($4, playback_sha256),
    playback_bytes = CASE WHEN $3::text IS NULL THEN playback_bytes ELSE $5 END, peaks = CASE WHEN $8::text = '' THEN peaks ELSE $6 END,
    peaks_per_second = CASE WHEN $8::text = '' THEN peaks_per_second ELSE $7 END,
    speech_ms = CASE WHEN $8::text = '' THEN speech_ms ELSE $9 END,
    layout = coalesce(nullif($8::text, ''), layout), facts = coalesce(nullif($10::text, '')::jsonb, facts)
WHERE tenant_id = $1 AND call_id = $2;

-- name: mark_transcribed
-- The status never goes back while a current evaluation exists. $1 tenant, $2 call, $3 transcript.
WITH changed AS (
    UPDATE calls
    SET current_transcript_id = $3, updated_at = now(),
        processing_status = CASE WHEN processing_status = 'analyzed' THEN 'analyzed' ELSE 'transcribed' END,
        failure_code = NULL
    WHERE tenant_id = $1 AND id = $2
    RETURNING tenant_id, id, agent_id, city_id)
INSERT INTO events (tenant_id, type, call_id, agent_id, city_id)
SELECT tenant_id, 'call.transcribed', id, agent_id, city_id FROM changed;

-- name: mark_analyzed
-- $1 tenant, $2 call.
WITH changed AS (
    UPDATE calls SET processing_status = 'analyzed', failure_code = NULL, updated_at = now()
    WHERE tenant_id = $1 AND id = $2
    RETURNING tenant_id, id, agent_id, city_id)
INSERT INTO events (tenant_id, type, call_id, agent_id, city_id, payload)
SELECT c.tenant_id, 'call.analyzed', c.id, c.agent_id, c.city_id,
       jsonb_build_object('evaluation_id', i.evaluation_id, 'overall_quality', i.overall_quality_score,
                          'coaching_priority', i.coaching_priority, 'escalation_flagged', i.escalation_risk,
                          'scored', i.scored, 'provisional', i.provisional)
FROM changed c LEFT JOIN call_insights i ON i.tenant_id = c.tenant_id AND i.call_id = c.id;

-- name: mark_failed
-- A failed run leaves an analysed call as it is. $1 tenant, $2 call, $3 failure code.
WITH changed AS (
    UPDATE calls SET processing_status = 'failed', failure_code = $3, updated_at = now()
    WHERE tenant_id = $1 AND id = $2 AND processing_status <> 'analyzed'
    RETURNING tenant_id, id, agent_id, city_id, failure_code)
INSERT INTO events (tenant_id, type, call_id, agent_id, city_id, payload)
SELECT tenant_id, 'call.failed', id, agent_id, city_id, jsonb_build_object('failure_code', failure_code)
FROM changed;

-- name: mark_requeued
-- $1 tenant, $2 call.
UPDATE calls
SET processing_status = CASE WHEN current_transcript_id IS NULL THEN 'pending' ELSE 'transcribed' END,
    failure_code = NULL, updated_at = now()
WHERE tenant_id = $1 AND id = $2 AND processing_status = 'failed';

-- name: list_objects
-- Stored objects in order of call. $1 tenant, $2 last call of the page before or NULL, $3 page size (calls).
SELECT m.call_id, c.created_at, m.object_path, m.sha256, m.bytes, m.playback_path, m.playback_sha256, m.playback_bytes
FROM media m JOIN calls c ON c.tenant_id = m.tenant_id AND c.id = m.call_id
WHERE m.tenant_id = $1 AND ($2::uuid IS NULL OR m.call_id > $2)
ORDER BY m.call_id
LIMIT $3;

-- name: set_audio_locator
-- $1 tenant, $2 call, $3 locator.
UPDATE calls SET audio_url = $3 WHERE tenant_id = $1 AND id = $2 AND audio_url <> $3;

-- name: object_is_known
-- $1 tenant, $2 path.
SELECT EXISTS (SELECT 1 FROM media WHERE tenant_id = $1 AND (object_path = $2 OR playback_path = $2)) AS known;

-- name: calls_without_job
-- $1 tenant, $2 limit.
SELECT c.id
FROM calls c
WHERE c.tenant_id = $1 AND c.processing_status IN ('pending', 'transcribed')
  AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.tenant_id = $1 AND j.subject = c.id::text)
ORDER BY c.id
LIMIT $2;

-- name: has_live_job
-- An upgrade waits for a model while the call has its evaluation, and so does a run's job: nobody waits for that.
-- $1 tenant, $2 call id as text.
SELECT EXISTS (SELECT 1 FROM jobs WHERE tenant_id = $1 AND subject = $2 AND kind NOT IN ('upgrade', 'run')) AS live;

-- name: has_live_job_of
-- $1 tenant, $2 call id as text, $3 kind.
SELECT EXISTS (SELECT 1 FROM jobs WHERE tenant_id = $1 AND subject = $2 AND kind = $3) AS live;

-- name: list_tenants
SELECT id FROM tenants ORDER BY id;
