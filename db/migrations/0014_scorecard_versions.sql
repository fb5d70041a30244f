-- Scorecards with versions: those that come with the program, and those of the tenants.
-- Locks: none that anybody waits for; four new tables.

-- Of no tenant. A text is never changed or lost: several programs may have shipped different ones under one version, and the one
-- registered last is that version.
CREATE TABLE library_scorecards (
    key text NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    content_hash text NOT NULL, -- names document and all it extends: the identity that evaluations carry
    title jsonb NOT NULL,       -- by language
    selector jsonb NOT NULL,
    extends_key text,
    extends_version integer,
    extends_hash text,
    content text NOT NULL,      -- YAML as written
    registered_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (key, version, content_hash)
);
GRANT SELECT ON library_scorecards TO hacksmart_app, hacksmart_worker;
GRANT INSERT, UPDATE (registered_at) ON library_scorecards TO hacksmart_worker;

-- A tenant's own. Nothing of a version ever changes: whoever wants another text makes another version.
CREATE TABLE scorecard_versions (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    key text NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    content_hash text NOT NULL,
    title jsonb NOT NULL,
    selector jsonb NOT NULL,
    extends_key text,
    extends_version integer,
    extends_hash text,
    content text NOT NULL,
    note text,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, key, version)
);
CALL protect_tenant_table('scorecard_versions', 'SELECT, INSERT');

-- What is in force: one version a key. A key without a row: none, or the one that the program is configured with.
CREATE TABLE active_scorecards (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    key text NOT NULL,
    version integer NOT NULL,
    content_hash text NOT NULL,
    selector jsonb NOT NULL,
    activated_by text NOT NULL,
    activated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, key)
);
CALL protect_tenant_table('active_scorecards', 'SELECT, INSERT, UPDATE, DELETE');

-- What was in force when.
CREATE TABLE scorecard_activations (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id bigint GENERATED ALWAYS AS IDENTITY,
    key text NOT NULL,
    version integer, -- NULL: taken out of force
    content_hash text,
    principal text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX scorecard_activations_of ON scorecard_activations (tenant_id, key, version);
CALL protect_tenant_table('scorecard_activations', 'SELECT, INSERT');

-- All versions that a tenant can see, without their texts: its own go before library versions of the same number. `configured_*`
-- is what the program judges by where a tenant has put nothing in force.
CREATE FUNCTION scorecards_of(of_tenant uuid, configured_key text, configured_version integer)
RETURNS TABLE (key text, version integer, content_hash text, state text, origin text, title jsonb, selector jsonb,
               extends_key text, extends_version integer, note text, created_by text, created_at timestamptz)
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    WITH own AS (
        SELECT v.key, v.version, v.content_hash, 'tenant' AS origin, v.title, v.selector, v.extends_key, v.extends_version,
               v.note, v.created_by, v.created_at
        FROM scorecard_versions v WHERE v.tenant_id = of_tenant
    ), library AS (
        SELECT DISTINCT ON (l.key, l.version) l.key, l.version, l.content_hash, 'library', l.title, l.selector, l.extends_key,
               l.extends_version, NULL::text, 'library', l.registered_at
        FROM library_scorecards l
        WHERE NOT EXISTS (SELECT 1 FROM own o WHERE o.key = l.key AND o.version = l.version)
        ORDER BY l.key, l.version,
                 EXISTS (SELECT 1 FROM active_scorecards c WHERE c.tenant_id = of_tenant AND c.key = l.key
                         AND c.version = l.version AND c.content_hash = l.content_hash) DESC,
                 l.registered_at DESC, l.content_hash
    ), visible AS (
        SELECT * FROM own UNION ALL SELECT * FROM library
    )
    SELECT s.key, s.version, s.content_hash,
           CASE WHEN a.content_hash = s.content_hash AND a.version = s.version THEN 'active'
                WHEN a.key IS NULL AND s.key = configured_key AND s.version = configured_version THEN 'active'
                WHEN EXISTS (SELECT 1 FROM scorecard_activations h
                             WHERE h.tenant_id = of_tenant AND h.key = s.key AND h.version = s.version
                               AND h.content_hash = s.content_hash) THEN 'retired'
                ELSE 'draft' END,
           s.origin, s.title, s.selector, s.extends_key, s.extends_version, s.note, s.created_by, s.created_at
    FROM visible s LEFT JOIN active_scorecards a ON a.tenant_id = of_tenant AND a.key = s.key
$$;
