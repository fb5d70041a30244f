-- name: apply_settings
-- Opens every unit and transaction: all of it ends with the transaction, nothing stays with the connection.
-- $1 = role, $2 = tenant or empty, $3 = statement time-out in ms, $4 = synchronous_commit or NULL for the server's.
SELECT set_config('role', $1, true),
       set_config('hs.tenant', $2, true),
       set_config('statement_timeout', $3, true),
       set_config('synchronous_commit', coalesce($4, current_setting('synchronous_commit')), true),
       set_config('lock_timeout', '2000', true),
       set_config('idle_in_transaction_session_timeout', '30000', true),
       set_config('TimeZone', 'UTC', true);

-- name: notify
-- $1 = channel, $2 = payload.
SELECT pg_notify($1, $2);
