-- The default partition has no policy of its own, so that its owner sees no row of it: what lies there ends through
-- the parent, as everything else.
CREATE OR REPLACE FUNCTION maintain_jobs_history() RETURNS void
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
    DELETE FROM public.jobs_history WHERE finished_at < now() - interval '180 days';
    FOR part IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                WHERE i.inhparent = 'public.jobs_history'::regclass AND c.relname ~ '^jobs_history_\d{4}_\d{2}$'
                  AND to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' < now() - interval '180 days' LOOP
        EXECUTE format('DROP TABLE public.%I', part.relname);
    END LOOP;
END $$;
