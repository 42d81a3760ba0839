-- step 1: purge public.audit_logs (rule audit_logs)
-- keep 7 years; oldest 2016-01-04; an index leads with created_at
-- search_path: pg_catalog, public, pg_temp

-- before each segment: The two ends of the next segment.
SELECT max(at) FROM t WHERE at > :after;

-- each segment: One segment by key.
COPY (DELETE FROM "public"."audit_logs" AS t WHERE t.at >= :first AND t.at <= :last RETURNING t.*) TO STDOUT;

-- at the end: What is left.
SELECT count(*) FROM t WHERE at < :cutoff;

-- at the end: what has no usable time
SELECT count(*) FROM t WHERE at IS NULL;

-- step 2: purge public.usage_tracking (rule usage_tracking)
-- keep 13 months, whole months; oldest 2024-11-01; much of the table has expired
-- search_path: pg_catalog, public, pg_temp

-- before the first and after the last segment: The first month with raw rows.
SELECT min(m) FROM raw;

-- before the first and after the last segment: Renew the monthly table.
DELETE FROM monthly WHERE m >= :month;

-- after the last segment: Groups that break the law.
SELECT count(*) FROM broken;

-- after the last segment: What a run carried.
SELECT sum(n) FROM carry WHERE run = :run;

-- each segment: One segment by key.
COPY (DELETE FROM "public"."audit_logs" AS t WHERE t.at >= :first AND t.at <= :last RETURNING t.*) TO STDOUT;

-- at the end: What is left.
SELECT count(*) FROM t WHERE at < :cutoff;

-- at the end: what has no usable time
SELECT count(*) FROM t WHERE at IS NULL;

-- step 3: vacuum public.performance_analytics (rule high-churn)
-- every month; it has never been finished
VACUUM "public"."performance_analytics";

-- step 4: analyze public.audit_logs (rule statistics)
-- every week; last finished 2026-02-23 01:12
-- search_path: pg_catalog
ANALYZE "public"."audit_logs";

-- step 5: reindex public.performance_analytics (rule rebuild)
-- every month; it has never been finished
-- search_path: pg_catalog
REINDEX INDEX CONCURRENTLY "public"."performance_analytics_timestamp_idx";

-- step 6: skip purge invoices (rule invoices)
-- kept for ever: financial records
