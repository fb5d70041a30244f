-- Roles' rights, tenants, and the one way every tenant table is protected.
-- The roles hacksmart_owner, hacksmart_app and hacksmart_worker are made by `hacksmart migrate` before this file runs.

GRANT USAGE ON SCHEMA public TO hacksmart_app, hacksmart_worker;

CREATE TABLE tenants (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    region text NOT NULL DEFAULT 'IN',
    time_zone text NOT NULL DEFAULT 'Asia/Kolkata',
    settings jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT ON tenants TO hacksmart_app, hacksmart_worker;

-- The tenant of installations that need only one.
INSERT INTO tenants (id, name) VALUES ('00000000-0000-7000-8000-000000000001', 'Default');

-- Row security for a tenant table: rows are visible and writable only while hs.tenant names their tenant.
-- An unset tenant sees nothing. Forced, so the owner obeys too, except through its own explicit policy (migrations).
CREATE PROCEDURE protect_tenant_table(table_name text, rights text)
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', table_name);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', table_name);
    EXECUTE format(
        'CREATE POLICY tenant ON public.%I TO hacksmart_app, hacksmart_worker '
        'USING (tenant_id = nullif(current_setting(''hs.tenant'', true), '''')::uuid) '
        'WITH CHECK (tenant_id = nullif(current_setting(''hs.tenant'', true), '''')::uuid)', table_name);
    EXECUTE format('CREATE POLICY migrations ON public.%I TO hacksmart_owner USING (true) WITH CHECK (true)',
                   table_name);
    EXECUTE format('GRANT %s ON public.%I TO hacksmart_app, hacksmart_worker', rights, table_name);
END $$;
REVOKE EXECUTE ON PROCEDURE protect_tenant_table(text, text) FROM PUBLIC;
