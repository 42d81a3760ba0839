-- step 1: refuse to purge public.audit_logs (rule audit_logs)
-- it runs for the first time; 72 % of the table is more than guard max_percent 50
-- search_path: pg_catalog, public, pg_temp

-- before each segment: The two ends of the next segment.
SELECT max(at) FROM t WHERE at > :after;

-- each segment: One segment by key.
COPY (DELETE FROM "public"."audit_logs" AS t WHERE t.at >= :first AND t.at <= :last RETURNING t.*) TO STDOUT;

-- at the end: What is left.
SELECT count(*) FROM t WHERE at < :cutoff;

-- at the end: what has no usable time
SELECT count(*) FROM t WHERE at IS NULL;

-- step 2: refuse to purge public.performance_analytics (rule performance_analytics)
-- it runs for the first time
-- search_path: pg_catalog, public, pg_temp

-- before each segment: The two ends of the next segment.
SELECT max(at) FROM t WHERE at > :after;

-- each segment: One segment by key.
COPY (DELETE FROM "public"."audit_logs" AS t WHERE t.at >= :first AND t.at <= :last RETURNING t.*) TO STDOUT;

-- at the end: What is left.
SELECT count(*) FROM t WHERE at < :cutoff;

-- at the end: what has no usable time
SELECT count(*) FROM t WHERE at IS NULL;

-- step 3: refuse to purge public.sessions (rule old-sessions)
-- row level security would hide rows from role keeper

-- step 4: analyze public.audit_logs (rule statistics)
-- every week; last finished 2026-02-23 01:12
-- search_path: pg_catalog
ANALYZE "public"."audit_logs";

-- step 5: skip purge invoices (rule invoices)
-- kept for ever: financial records
