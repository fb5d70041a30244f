-- Evaluation runs: calls judged again by a version of choice, beside what is current, and made current only when asked for.
-- Locks: none that anybody waits for; four new tables and two functions.

CREATE TABLE evaluation_runs (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    name text NOT NULL,
    state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'cancelled', 'promoting', 'promoted')),
    scorecard_key text NOT NULL,
    scorecard_version integer NOT NULL,
    scorecard_hash text NOT NULL,
    filter jsonb, -- as it was asked for; NULL: one call
    call_id uuid,
    calls integer NOT NULL DEFAULT 0,
    done integer NOT NULL DEFAULT 0,
    failed integer NOT NULL DEFAULT 0,
    cancelled integer NOT NULL DEFAULT 0,
    changed integer NOT NULL DEFAULT 0,
    promoted integer NOT NULL DEFAULT 0,
    kept integer NOT NULL DEFAULT 0, -- not promoted: something newer had become current
    tokens_in bigint NOT NULL DEFAULT 0,
    tokens_out bigint NOT NULL DEFAULT 0,
    cost_usd numeric(12,6) NOT NULL DEFAULT 0,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    promoted_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX evaluation_runs_by_time ON evaluation_runs (tenant_id, created_at, id);
CREATE INDEX evaluation_runs_open ON evaluation_runs (tenant_id, id) WHERE state = 'running';
CALL protect_tenant_table('evaluation_runs', 'SELECT, INSERT, UPDATE');

CREATE TABLE evaluation_run_calls (
    tenant_id uuid NOT NULL,
    run_id uuid NOT NULL,
    call_id uuid NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'queued', 'done', 'failed', 'cancelled')),
    job_id bigint,
    before_id uuid,     -- what was current when it was judged, and what it is compared with
    evaluation_id uuid, -- the run's own
    quality_before integer, -- basis points, NULL when there is no score
    quality_after integer,
    flagged_before boolean,
    flagged_after boolean,
    flips integer NOT NULL DEFAULT 0,
    changed boolean NOT NULL DEFAULT false,
    error_code text,
    outcome text CHECK (outcome IN ('promoted', 'kept')),
    finished_at timestamptz,
    PRIMARY KEY (tenant_id, run_id, call_id),
    FOREIGN KEY (tenant_id, run_id) REFERENCES evaluation_runs (tenant_id, id),
    FOREIGN KEY (tenant_id, call_id) REFERENCES calls (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX evaluation_run_calls_open ON evaluation_run_calls (tenant_id, run_id, state, call_id)
    WHERE state IN ('waiting', 'queued');
CREATE INDEX evaluation_run_calls_changed ON evaluation_run_calls (tenant_id, run_id, call_id) WHERE changed;
CREATE INDEX evaluation_run_calls_of ON evaluation_run_calls (tenant_id, call_id);
CALL protect_tenant_table('evaluation_run_calls', 'SELECT, INSERT, UPDATE');

-- How each question was answered before and now; NULL: the scorecard had no such question.
CREATE TABLE evaluation_run_answers (
    tenant_id uuid NOT NULL,
    run_id uuid NOT NULL,
    question_id text NOT NULL,
    call_id uuid NOT NULL,
    before text,
    after text,
    PRIMARY KEY (tenant_id, run_id, question_id, call_id),
    FOREIGN KEY (tenant_id, run_id) REFERENCES evaluation_runs (tenant_id, id),
    FOREIGN KEY (tenant_id, call_id) REFERENCES calls (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX evaluation_run_flips ON evaluation_run_answers (tenant_id, run_id, call_id, question_id)
    WHERE before <> after;
CREATE INDEX evaluation_run_answers_of ON evaluation_run_answers (tenant_id, call_id);
CALL protect_tenant_table('evaluation_run_answers', 'SELECT, INSERT');

-- The call_insights row that an evaluation of a run becomes when it is promoted.
CREATE TABLE held_insights (
    LIKE call_insights INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
    PRIMARY KEY (tenant_id, evaluation_id),
    FOREIGN KEY (tenant_id, call_id) REFERENCES calls (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, evaluation_id) REFERENCES evaluations (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX held_insights_of ON held_insights (tenant_id, call_id);
CALL protect_tenant_table('held_insights', 'SELECT, INSERT, DELETE');

-- The calls that a run judges: those of a filter, or one, that have an evaluation and words; no more than `most`.
CREATE FUNCTION calls_for_run(of_tenant uuid, wanted jsonb, only_call uuid, most integer) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    saying uuid[] := wanted_sayings(of_tenant, wanted);
    cities integer[] := wanted_cities(of_tenant, wanted);
BEGIN
    RETURN QUERY
    SELECT f.call_id
    FROM filtered_calls(of_tenant, wanted, saying, cities) f
    JOIN calls k ON k.tenant_id = of_tenant AND k.id = f.call_id
    WHERE f.analysed AND k.current_transcript_id IS NOT NULL AND (only_call IS NULL OR f.call_id = only_call)
    LIMIT most;
END $$;
