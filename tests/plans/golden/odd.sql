-- step 1: purge tenant.with.dots.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa (rule aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa)
-- line one line two \x1b[31mred\x1b[0m
-- search_path: pg_catalog, public, pg_temp

-- before each segment: The two ends of the next segment.
SELECT max(at) FROM t WHERE at > :after;

-- each segment: One segment by key.
COPY (DELETE FROM "public"."audit_logs" AS t WHERE t.at >= :first AND t.at <= :last RETURNING t.*) TO STDOUT;

-- at the end: What is left.
SELECT count(*) FROM t WHERE at < :cutoff;

-- at the end: what has no usable time
SELECT count(*) FROM t WHERE at IS NULL;

-- step 2: skip purge Größe.表 (rule Größe.表)
-- the table is not there
