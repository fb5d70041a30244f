-- Answers of language models by what was asked: the same question about the same words is paid for once.
-- Locks: none that anybody waits for; one new table.

CREATE TABLE model_answers (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    cache_key text NOT NULL, -- prompt, schema, model, parameters and redacted words, hashed
    call_id uuid NOT NULL,   -- the call it was first asked about: goes with it
    provider text NOT NULL,
    model text NOT NULL,
    reported text NOT NULL,
    reply_sealed bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, cache_key),
    FOREIGN KEY (tenant_id, call_id) REFERENCES calls (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX model_answers_by_call ON model_answers (tenant_id, call_id);
CREATE INDEX model_answers_by_age ON model_answers (tenant_id, created_at);
CALL protect_tenant_table('model_answers', 'SELECT, INSERT, DELETE');
