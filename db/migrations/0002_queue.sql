-- The job queue: live jobs, their history, workers, leadership, schedules.

-- Only live jobs. There is no foreign key to tenants on purpose: every enqueue would take a share lock on the same row.
CREATE TABLE jobs (
    tenant_id uuid NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    queue text NOT NULL CHECK (length(queue) BETWEEN 1 AND 60),
    kind text NOT NULL CHECK (length(kind) BETWEEN 1 AND 60),
    subject text NOT NULL DEFAULT '',
    args jsonb NOT NULL DEFAULT '{}' CHECK (octet_length(args::text) <= 8192),
    state text NOT NULL DEFAULT 'available' CHECK (state IN ('available', 'waiting', 'running')),
    priority smallint NOT NULL DEFAULT 1 CHECK (priority BETWEEN 0 AND 3),
    run_at timestamptz NOT NULL DEFAULT now(),
    runs integer NOT NULL DEFAULT 0,
    failures smallint NOT NULL DEFAULT 0,
    -- A worker once vanished with it: claimed alone from then on, and only then do crashes count.
    suspect boolean NOT NULL DEFAULT false,
    crashes smallint NOT NULL DEFAULT 0,
    snoozed_since timestamptz,
    lease_token uuid,
    leased_by uuid,
    lease_until timestamptz,
    cancel_requested boolean NOT NULL DEFAULT false,
    concurrency_key text,
    unique_key text,
    last_error jsonb CHECK (octet_length(last_error::text) <= 4096),
    traceparent text,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CHECK ((state = 'running') = (lease_token IS NOT NULL))
) WITH (
    -- Room on each page, so that renewing a lease stays in place; vacuum early, the table is small and hot.
    fillfactor = 60,
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_cost_delay = 0
);
CREATE UNIQUE INDEX jobs_unique ON jobs (tenant_id, kind, unique_key) WHERE unique_key IS NOT NULL;
CREATE INDEX jobs_ready ON jobs (tenant_id, queue, priority, run_at, id) WHERE state = 'available' AND NOT suspect;
CREATE INDEX jobs_suspect ON jobs (tenant_id, queue, run_at, id) WHERE state = 'available' AND suspect;
-- lease_until is in no index: renewing a lease must not touch one.
CREATE INDEX jobs_running ON jobs (tenant_id, id) WHERE state = 'running';
CALL protect_tenant_table('jobs', 'SELECT, INSERT, UPDATE, DELETE');
-- Discovering work crosses tenants; everything a job then does runs under its own tenant.
CREATE POLICY discovery ON jobs TO hacksmart_worker USING (true);

CREATE TABLE jobs_history (
    tenant_id uuid NOT NULL,
    id bigint NOT NULL,
    queue text NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    args jsonb NOT NULL,
    priority smallint NOT NULL,
    runs integer NOT NULL,
    failures smallint NOT NULL,
    crashes smallint NOT NULL,
    leased_by uuid,
    lease_token uuid,
    unique_key text,
    outcome text NOT NULL CHECK (outcome IN ('done', 'dead', 'cancelled')),
    error_class text,
    last_error jsonb,
    traceparent text,
    created_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id, finished_at)
) PARTITION BY RANGE (finished_at);
CREATE INDEX jobs_history_by_outcome ON jobs_history (tenant_id, outcome, finished_at, id);
CREATE INDEX jobs_history_by_subject ON jobs_history (tenant_id, subject, finished_at);
CALL protect_tenant_table('jobs_history', 'SELECT, INSERT');

CREATE TABLE jobs_history_default PARTITION OF jobs_history DEFAULT;
-- Partitions are reached through their parent only; on their own they show nothing to anybody.
ALTER TABLE jobs_history_default ENABLE ROW LEVEL SECURITY;
ALTER TABLE jobs_history_default FORCE ROW LEVEL SECURITY;

-- Makes the partitions of this month and the next two, and ends what has been kept long enough (done and cancelled 30
-- days, dead 180 days). On the closed list of owner functions: it acts on all tenants and takes no input.
CREATE FUNCTION maintain_jobs_history() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    month date;
    part record;
    name text;
BEGIN
    FOR month IN SELECT (date_trunc('month', now() AT TIME ZONE 'UTC') + n * interval '1 month')::date
                 FROM generate_series(0, 2) AS n LOOP
        name := 'jobs_history_' || to_char(month, 'YYYY_MM');
        CONTINUE WHEN to_regclass('public.' || name) IS NOT NULL;
        BEGIN
            EXECUTE format('CREATE TABLE public.%I PARTITION OF public.jobs_history FOR VALUES FROM (%L) TO (%L)',
                           name, month::text || ' 00:00+00', (month + interval '1 month')::date::text || ' 00:00+00');
            EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
            EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', name);
        EXCEPTION WHEN check_violation THEN
            NULL; -- the default partition already holds rows of that month: they stay there
        END;
    END LOOP;
    DELETE FROM public.jobs_history WHERE outcome <> 'dead' AND finished_at < now() - interval '30 days';
    DELETE FROM public.jobs_history_default WHERE finished_at < now() - interval '180 days';
    FOR part IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                WHERE i.inhparent = 'public.jobs_history'::regclass AND c.relname ~ '^jobs_history_\d{4}_\d{2}$'
                  AND to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' < now() - interval '180 days' LOOP
        EXECUTE format('DROP TABLE public.%I', part.relname);
    END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION maintain_jobs_history() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION maintain_jobs_history() TO hacksmart_worker;
SELECT maintain_jobs_history();

-- One row a running process; the id is made anew at every start.
CREATE TABLE workers (
    id uuid PRIMARY KEY,
    host text NOT NULL,
    version text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    beat_at timestamptz NOT NULL DEFAULT now(),
    draining boolean NOT NULL DEFAULT false
);
GRANT SELECT ON workers TO hacksmart_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON workers TO hacksmart_worker;

CREATE TABLE queue_control (
    queue text PRIMARY KEY,
    paused boolean NOT NULL DEFAULT false,
    max_running integer CHECK (max_running > 0),
    rate_per_second real CHECK (rate_per_second > 0),
    burst real,
    tokens real,
    refilled_at timestamptz
);
GRANT SELECT, INSERT, UPDATE ON queue_control TO hacksmart_app, hacksmart_worker;

CREATE TABLE schedules (
    tenant_id uuid NOT NULL,
    name text NOT NULL,
    spec text NOT NULL,
    time_zone text NOT NULL DEFAULT 'UTC',
    catch_up text NOT NULL DEFAULT 'once' CHECK (catch_up IN ('once', 'all', 'skip')),
    next_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, name)
);
CREATE INDEX schedules_due ON schedules (tenant_id, next_at);
CALL protect_tenant_table('schedules', 'SELECT, INSERT, UPDATE, DELETE');
CREATE POLICY discovery ON schedules TO hacksmart_worker USING (true);

-- Leadership is a row, never a lock. duties: name -> when the duty is due next, in seconds since 1970.
CREATE TABLE leader (
    name text PRIMARY KEY,
    holder uuid NOT NULL,
    term bigint NOT NULL,
    expires_at timestamptz NOT NULL,
    duties jsonb NOT NULL DEFAULT '{}'
);
GRANT SELECT ON leader TO hacksmart_app;
GRANT SELECT, INSERT, UPDATE ON leader TO hacksmart_worker;
