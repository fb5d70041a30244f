-- name: admit_provider_request
-- $1 provider, $2 key and address, $3 model, $4 seconds a probe has.
SELECT verdict, wait_seconds, at_once::float8 AS at_once, as_of::text AS as_of
FROM admit_provider_request($1, $2, $3, $4::float8);

-- name: note_provider_outcome
-- $1 provider, $2 key and address, $3 model, $4 what the request came to.
SELECT breaker, opened_seconds, at_once::float8 AS at_once FROM note_provider_outcome($1, $2, $3, $4::jsonb);

-- name: pause_provider
-- Never shortens a pause. $1 provider, $2 key and address, $3 model, $4 seconds.
INSERT INTO provider_state (provider, key_id, model, paused_until)
VALUES ($1, $2, $3, clock_timestamp() + $4::float8 * interval '1 second')
ON CONFLICT (provider, key_id, model) DO UPDATE
SET paused_until = greatest(provider_state.paused_until, excluded.paused_until), updated_at = now();
