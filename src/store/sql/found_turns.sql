-- name: found_turns
-- Turns of the calls that hold any of the words, as the full text sees words, with a mark before and after each.
-- $1 tenant, $2 calls, $3 words, $4 role or NULL.
WITH wanted AS MATERIALIZED (
    SELECT string_agg('''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || '''', ' | ')::tsquery AS words
    FROM unnest(tsvector_to_array(to_tsvector('pg_catalog.simple', $3::text))) AS lexeme)
SELECT t.call_id, (said.turn ->> 'index')::int AS turn, said.turn ->> 'role' AS role,
       (said.turn ->> 'start_ms')::int AS start_ms, (said.turn ->> 'end_ms')::int AS end_ms,
       ts_headline('pg_catalog.simple', said.turn ->> 'text', wanted.words,
                   'HighlightAll=true, StartSel=' || chr(2) || ', StopSel=' || chr(3)) AS marked
FROM wanted
CROSS JOIN unnest(ARRAY(SELECT unnest($2::uuid[]))) AS asked (id)
JOIN calls c ON c.tenant_id = $1 AND c.id = asked.id
JOIN transcripts t ON t.tenant_id = $1 AND t.id = c.current_transcript_id
CROSS JOIN LATERAL jsonb_array_elements(
    CASE WHEN jsonb_typeof(t.redacted -> 'turns') = 'array' THEN t.redacted -> 'turns' ELSE '[]' END) AS said (turn)
WHERE to_tsvector('pg_catalog.simple', said.turn ->> 'text') @@ wanted.words
  AND ($4::text IS NULL OR said.turn ->> 'role' = $4)
ORDER BY t.call_id, turn;
