-- step 1: purge public.audit_logs (rule audit_logs)
-- by key on idx_audit_logs_created_at; oldest 2018-10-01 00:02:11.5+00
-- search_path: pg_catalog, public, pg_temp

-- before each segment: The two ends of the next segment on the index, and how many rows it may hold.
SELECT min(s.key)::text, max(s.key)::text, count(*)
FROM (
  SELECT t."created_at" AS key FROM ONLY "public"."audit_logs" AS t
  WHERE t."created_at" > :after AND t."created_at" < '2019-03-04 01:30:00+00:00'::timestamptz AND t."created_at" > CAST('-infinity' AS timestamptz)
  ORDER BY t."created_at" LIMIT :rows
) AS s;

-- each segment: One segment: deletes what has expired in a range and streams exactly those rows.
COPY (
  DELETE FROM ONLY "public"."audit_logs" AS t
  WHERE t."created_at" >= :lower AND t."created_at" <= :upper
    AND t."created_at" < '2019-03-04 01:30:00+00:00'::timestamptz AND t."created_at" > CAST('-infinity' AS timestamptz)
  RETURNING t.*
) TO STDOUT WITH (FORMAT csv, HEADER);

-- at the end: What has expired and is still there, counted up to a limit: "nothing left" is said only after this.
SELECT count(*) FROM (SELECT FROM ONLY "public"."audit_logs" AS t WHERE t."created_at" < '2019-03-04 01:30:00+00:00'::timestamptz AND t."created_at" > CAST('-infinity' AS timestamptz) LIMIT :rows) AS s;

-- at the end: what has no usable time
SELECT (SELECT count(*) FROM ONLY "public"."audit_logs" AS t WHERE t."created_at" IS NULL),
       (SELECT count(*) FROM ONLY "public"."audit_logs" AS t WHERE t."created_at" = CAST('-infinity' AS timestamptz))
         + (SELECT count(*) FROM ONLY "public"."audit_logs" AS t WHERE t."created_at" = CAST('infinity' AS timestamptz)),
       (SELECT count(*) FROM ONLY "public"."audit_logs" AS t WHERE t."created_at" > statement_timestamp() AND t."created_at" < CAST('infinity' AS timestamptz));

-- step 2: purge public.performance_analytics (rule performance_analytics)
-- by key on idx_performance_analytics_timestamp; oldest 2025-12-03 01:30:00.25+00
-- search_path: pg_catalog, public, pg_temp

-- before each segment: The two ends of the next segment on the index, and how many rows it may hold.
SELECT min(s.key)::text, max(s.key)::text, count(*)
FROM (
  SELECT t."timestamp" AS key FROM ONLY "public"."performance_analytics" AS t
  WHERE t."timestamp" > :after AND t."timestamp" < '2025-12-04 01:30:00+00:00'::timestamptz AND t."timestamp" > CAST('-infinity' AS timestamptz)
  ORDER BY t."timestamp" LIMIT :rows
) AS s;

-- each segment: One segment: deletes what has expired in a range and streams exactly those rows.
COPY (
  DELETE FROM ONLY "public"."performance_analytics" AS t
  WHERE t."timestamp" >= :lower AND t."timestamp" <= :upper
    AND t."timestamp" < '2025-12-04 01:30:00+00:00'::timestamptz AND t."timestamp" > CAST('-infinity' AS timestamptz)
  RETURNING t.*
) TO STDOUT WITH (FORMAT csv, HEADER);

-- at the end: What has expired and is still there, counted up to a limit: "nothing left" is said only after this.
SELECT count(*) FROM (SELECT FROM ONLY "public"."performance_analytics" AS t WHERE t."timestamp" < '2025-12-04 01:30:00+00:00'::timestamptz AND t."timestamp" > CAST('-infinity' AS timestamptz) LIMIT :rows) AS s;

-- at the end: what has no usable time
SELECT (SELECT count(*) FROM ONLY "public"."performance_analytics" AS t WHERE t."timestamp" IS NULL),
       (SELECT count(*) FROM ONLY "public"."performance_analytics" AS t WHERE t."timestamp" = CAST('-infinity' AS timestamptz))
         + (SELECT count(*) FROM ONLY "public"."performance_analytics" AS t WHERE t."timestamp" = CAST('infinity' AS timestamptz)),
       (SELECT count(*) FROM ONLY "public"."performance_analytics" AS t WHERE t."timestamp" > statement_timestamp() AND t."timestamp" < CAST('infinity' AS timestamptz));

-- step 3: purge public.usage_tracking (rule usage_tracking)
-- by key on idx_usage_tracking_usage_date; oldest 2025-01-01
-- search_path: pg_catalog, public, pg_temp

-- before the first and after the last segment: The first month with raw rows, found before, or carried since the last run that came to its end.
SELECT least(:before,
  (SELECT min(date_trunc('month', g."usage_date"::timestamp)::date) FROM ONLY "public"."usage_tracking" AS g WHERE isfinite(g."usage_date")),
  (SELECT min(c._month) FROM "maintainer"."carry_usage_tracking_monthly" AS c JOIN maintainer.run AS r ON r.id = c._run
   WHERE c._run = :run OR r.started_at > coalesce((
     SELECT max(q.started_at) FROM maintainer.run AS q
     WHERE q.id IN (SELECT d._run FROM "maintainer"."carry_usage_tracking_monthly" AS d) AND NOT EXISTS (
       SELECT FROM maintainer.step AS s
       WHERE s.run = q.id AND s.kind = 'purge' AND s.outcome IS DISTINCT FROM 'done')
   ), '-infinity')))::text;

-- before the first and after the last segment: Rows written here become raw rows plus carry; those of somebody else are left alone and counted.
WITH whole AS MATERIALIZED (
  SELECT u._month, u."organization_id", u."resource_type", u."unit", u."currency", u."is_billable", u."granularity", CAST(sum(u."quantity") AS numeric) AS "quantity", CAST(sum(u."total_cost") AS numeric) AS "total_cost", CAST(sum(u."included_quantity") AS numeric) AS "included_quantity", CAST(sum(u."overage_quantity") AS numeric) AS "overage_quantity", CAST(max(u."peak_quantity") AS numeric) AS "peak_quantity", CAST(sum(u._rows) AS bigint) AS "usage_rows"
FROM (
  SELECT count(*) AS _rows, date_trunc('month', g."usage_date"::timestamp)::date AS _month, CAST((
"organization_id"
) AS uuid) AS "organization_id", CAST((
"resource_type"
) AS text) AS "resource_type", CAST((
"unit"
) AS text) AS "unit", CAST((
"currency"
) AS text) AS "currency", CAST((
"is_billable"
) AS boolean) AS "is_billable", CAST((
case when usage_hour is null then 'day' else 'hour' end
) AS text) AS "granularity", coalesce(sum(g."quantity") FILTER (WHERE g."quantity"::text NOT IN ('NaN', 'Infinity', '-Infinity')), 0) AS "quantity", coalesce(sum(g."total_cost") FILTER (WHERE g."total_cost"::text NOT IN ('NaN', 'Infinity', '-Infinity')), 0) AS "total_cost", coalesce(sum(g."included_quantity") FILTER (WHERE g."included_quantity"::text NOT IN ('NaN', 'Infinity', '-Infinity')), 0) AS "included_quantity", coalesce(sum(g."overage_quantity") FILTER (WHERE g."overage_quantity"::text NOT IN ('NaN', 'Infinity', '-Infinity')), 0) AS "overage_quantity", max(g."quantity") FILTER (WHERE g."quantity"::text NOT IN ('NaN', 'Infinity', '-Infinity')) AS "peak_quantity"
  FROM ONLY "public"."usage_tracking" AS g
  WHERE isfinite(g."usage_date") AND date_trunc('month', g."usage_date"::timestamp)::date >= :from_month
  GROUP BY date_trunc('month', g."usage_date"::timestamp)::date, CAST((
"organization_id"
) AS uuid), CAST((
"resource_type"
) AS text), CAST((
"unit"
) AS text), CAST((
"currency"
) AS text), CAST((
"is_billable"
) AS boolean), CAST((
case when usage_hour is null then 'day' else 'hour' end
) AS text)
  UNION ALL
  SELECT c._rows, c._month, c."organization_id", c."resource_type", c."unit", c."currency", c."is_billable", c."granularity", c."quantity", c."total_cost", c."included_quantity", c."overage_quantity", c."peak_quantity"
  FROM "maintainer"."carry_usage_tracking_monthly" AS c
  WHERE c._month >= :from_month AND c._rows <> 0
) AS u
GROUP BY u._month, u."organization_id", u."resource_type", u."unit", u."currency", u."is_billable", u."granularity"
), fresh AS MATERIALIZED (
  SELECT ROW(w._month, w."organization_id", w."resource_type", w."unit", w."currency", w."is_billable", w."granularity") AS _key, w.* FROM whole AS w
), present AS MATERIALIZED (
  SELECT ROW(x."usage_month", x."organization_id", x."resource_type", x."unit", x."currency", x."is_billable", x."granularity") AS _key, x."usage_month" AS _month, x.ctid AS _place,
         count(*) OVER (PARTITION BY x."usage_month", x."organization_id", x."resource_type", x."unit", x."currency", x."is_billable", x."granularity") AS _alike, x."quantity", x."total_cost", x."included_quantity", x."overage_quantity", x."peak_quantity", x."usage_rows"
  FROM "public"."usage_tracking_monthly" AS x WHERE x."usage_month" >= :from_month
), marks AS MATERIALIZED (
  -- a mark stands for no rows: in segment 0 for a monthly row written, in segment -1 for one taken back
  SELECT c.* FROM "maintainer"."carry_usage_tracking_monthly" AS c WHERE c._rows = 0 AND c._month >= :from_month
), written AS MATERIALIZED (
  SELECT ROW(c._month, c."organization_id", c."resource_type", c."unit", c."currency", c."is_billable", c."granularity") AS _key FROM marks AS c
  GROUP BY c._month, c."organization_id", c."resource_type", c."unit", c."currency", c."is_billable", c."granularity"
  HAVING count(*) FILTER (WHERE c._segment = 0) > count(*) FILTER (WHERE c._segment = -1)
), ours AS MATERIALIZED (
  SELECT p.* FROM present AS p JOIN written AS o ON o._key = p._key WHERE p._alike = 1
), changed AS (
  UPDATE "public"."usage_tracking_monthly" AS x SET "quantity" = f."quantity", "total_cost" = f."total_cost", "included_quantity" = f."included_quantity", "overage_quantity" = f."overage_quantity", "peak_quantity" = f."peak_quantity", "usage_rows" = f."usage_rows"
  FROM fresh AS f JOIN ours AS p ON p._key = f._key
  WHERE x.ctid = p._place AND ROW(p."quantity", p."total_cost", p."included_quantity", p."overage_quantity", p."peak_quantity", p."usage_rows") IS DISTINCT FROM ROW(f."quantity", f."total_cost", f."included_quantity", f."overage_quantity", f."peak_quantity", f."usage_rows")
  RETURNING 1
), vanished AS (
  DELETE FROM "public"."usage_tracking_monthly" AS x
  USING ours AS p LEFT JOIN fresh AS f ON f._key = p._key
  WHERE x.ctid = p._place AND f._key IS NULL
  RETURNING x."usage_month", x."organization_id", x."resource_type", x."unit", x."currency", x."is_billable", x."granularity"
), appeared AS (
  INSERT INTO "public"."usage_tracking_monthly" AS x ("usage_month", "organization_id", "resource_type", "unit", "currency", "is_billable", "granularity", "quantity", "total_cost", "included_quantity", "overage_quantity", "peak_quantity", "usage_rows")
  SELECT f._month, f."organization_id", f."resource_type", f."unit", f."currency", f."is_billable", f."granularity", f."quantity", f."total_cost", f."included_quantity", f."overage_quantity", f."peak_quantity", f."usage_rows"
  FROM fresh AS f LEFT JOIN present AS p ON p._key = f._key WHERE p._key IS NULL
  RETURNING x."usage_month", x."organization_id", x."resource_type", x."unit", x."currency", x."is_billable", x."granularity"
), adopted AS (
  SELECT f._month, f."organization_id", f."resource_type", f."unit", f."currency", f."is_billable", f."granularity"
  FROM fresh AS f JOIN present AS p ON p._key = f._key
  WHERE p._alike = 1 AND ROW(p."quantity", p."total_cost", p."included_quantity", p."overage_quantity", p."peak_quantity", p."usage_rows") IS NOT DISTINCT FROM ROW(f."quantity", f."total_cost", f."included_quantity", f."overage_quantity", f."peak_quantity", f."usage_rows")
), marked AS (
  INSERT INTO "maintainer"."carry_usage_tracking_monthly" (_run, _segment, _rows, _nonfinite, _month, "organization_id", "resource_type", "unit", "currency", "is_billable", "granularity")
  SELECT :run, 0, 0, 0, n.*
  FROM (SELECT * FROM appeared UNION ALL SELECT * FROM adopted) AS n
  LEFT JOIN written AS o ON o._key = ROW(n."usage_month", n."organization_id", n."resource_type", n."unit", n."currency", n."is_billable", n."granularity")
  WHERE o._key IS NULL
  UNION ALL
  SELECT :run, -1, 0, 0, v.* FROM vanished AS v
), strange AS (
  SELECT 1
  FROM present AS p
  LEFT JOIN fresh AS f ON f._key = p._key
  LEFT JOIN written AS o ON o._key = p._key
  WHERE (p._alike > 1
         OR o._key IS NULL AND (f._key IS NULL OR ROW(p."quantity", p."total_cost", p."included_quantity", p."overage_quantity", p."peak_quantity", p."usage_rows") IS DISTINCT FROM ROW(f."quantity", f."total_cost", f."included_quantity", f."overage_quantity", f."peak_quantity", f."usage_rows")))
    -- months that have neither rows nor marks are history, once there are marks
    AND (p._month IN (SELECT w._month FROM whole AS w UNION ALL SELECT c._month FROM marks AS c)
         OR NOT EXISTS (SELECT FROM "maintainer"."carry_usage_tracking_monthly" AS c WHERE c._rows = 0))
)
SELECT (SELECT count(*) FROM strange), (SELECT count(*) FROM changed),
       (SELECT count(*) FROM vanished), (SELECT count(*) FROM appeared);

-- after the last segment: Groups of closed months that break the law: monthly row = raw rows + carry.
WITH whole AS MATERIALIZED (
  SELECT u._month, u."organization_id", u."resource_type", u."unit", u."currency", u."is_billable", u."granularity", CAST(sum(u."quantity") AS numeric) AS "quantity", CAST(sum(u."total_cost") AS numeric) AS "total_cost", CAST(sum(u."included_quantity") AS numeric) AS "included_quantity", CAST(sum(u."overage_quantity") AS numeric) AS "overage_quantity", CAST(max(u."peak_quantity") AS numeric) AS "peak_quantity", CAST(sum(u._rows) AS bigint) AS "usage_rows"
FROM (
  SELECT count(*) AS _rows, date_trunc('month', g."usage_date"::timestamp)::date AS _month, CAST((
"organization_id"
) AS uuid) AS "organization_id", CAST((
"resource_type"
) AS text) AS "resource_type", CAST((
"unit"
) AS text) AS "unit", CAST((
"currency"
) AS text) AS "currency", CAST((
"is_billable"
) AS boolean) AS "is_billable", CAST((
case when usage_hour is null then 'day' else 'hour' end
) AS text) AS "granularity", coalesce(sum(g."quantity") FILTER (WHERE g."quantity"::text NOT IN ('NaN', 'Infinity', '-Infinity')), 0) AS "quantity", coalesce(sum(g."total_cost") FILTER (WHERE g."total_cost"::text NOT IN ('NaN', 'Infinity', '-Infinity')), 0) AS "total_cost", coalesce(sum(g."included_quantity") FILTER (WHERE g."included_quantity"::text NOT IN ('NaN', 'Infinity', '-Infinity')), 0) AS "included_quantity", coalesce(sum(g."overage_quantity") FILTER (WHERE g."overage_quantity"::text NOT IN ('NaN', 'Infinity', '-Infinity')), 0) AS "overage_quantity", max(g."quantity") FILTER (WHERE g."quantity"::text NOT IN ('NaN', 'Infinity', '-Infinity')) AS "peak_quantity"
  FROM ONLY "public"."usage_tracking" AS g
  WHERE isfinite(g."usage_date") AND date_trunc('month', g."usage_date"::timestamp)::date >= :from_month
  GROUP BY date_trunc('month', g."usage_date"::timestamp)::date, CAST((
"organization_id"
) AS uuid), CAST((
"resource_type"
) AS text), CAST((
"unit"
) AS text), CAST((
"currency"
) AS text), CAST((
"is_billable"
) AS boolean), CAST((
case when usage_hour is null then 'day' else 'hour' end
) AS text)
  UNION ALL
  SELECT c._rows, c._month, c."organization_id", c."resource_type", c."unit", c."currency", c."is_billable", c."granularity", c."quantity", c."total_cost", c."included_quantity", c."overage_quantity", c."peak_quantity"
  FROM "maintainer"."carry_usage_tracking_monthly" AS c
  WHERE c._month >= :from_month AND c._rows <> 0
) AS u
GROUP BY u._month, u."organization_id", u."resource_type", u."unit", u."currency", u."is_billable", u."granularity"
), present AS MATERIALIZED (
  SELECT x."usage_month", x."organization_id", x."resource_type", x."unit", x."currency", x."is_billable", x."granularity", x."quantity", x."total_cost", x."included_quantity", x."overage_quantity", x."peak_quantity", x."usage_rows" FROM "public"."usage_tracking_monthly" AS x
  WHERE x."usage_month" >= :from_month AND x."usage_month" < '2025-02-01'::date
    AND (x."usage_month" IN (SELECT w._month FROM whole AS w)
         OR x."usage_month" IN (SELECT c._month FROM "maintainer"."carry_usage_tracking_monthly" AS c WHERE c._rows = 0))
)
SELECT count(*) FROM (
  (SELECT w._month, w."organization_id", w."resource_type", w."unit", w."currency", w."is_billable", w."granularity", w."quantity", w."total_cost", w."included_quantity", w."overage_quantity", w."peak_quantity", w."usage_rows" FROM whole AS w WHERE w._month < '2025-02-01'::date EXCEPT ALL TABLE present)
  UNION ALL
  (TABLE present EXCEPT ALL SELECT w._month, w."organization_id", w."resource_type", w."unit", w."currency", w."is_billable", w."granularity", w."quantity", w."total_cost", w."included_quantity", w."overage_quantity", w."peak_quantity", w."usage_rows" FROM whole AS w WHERE w._month < '2025-02-01'::date)
) AS difference;

-- after the last segment: How many rows this run has carried: it must be the number of rows it has removed.
SELECT coalesce(sum(c._rows), 0)::bigint, coalesce(sum(c._nonfinite), 0)::bigint
FROM "maintainer"."carry_usage_tracking_monthly" AS c WHERE c._run = :run;

-- before each segment: The two ends of the next segment on the index, and how many rows it may hold.
SELECT min(s.key)::text, max(s.key)::text, count(*)
FROM (
  SELECT t."usage_date" AS key FROM ONLY "public"."usage_tracking" AS t
  WHERE t."usage_date" > :after AND t."usage_date" < '2025-02-01'::date AND t."usage_date" > CAST('-infinity' AS date)
  ORDER BY t."usage_date" LIMIT :rows
) AS s;

-- each segment: One segment with a rollup: the measures of the deleted rows go to the carry in the same statement.
COPY (
  WITH gone AS (
    DELETE FROM ONLY "public"."usage_tracking" AS t
    WHERE t."usage_date" >= :lower AND t."usage_date" <= :upper
      AND t."usage_date" < '2025-02-01'::date AND t."usage_date" > CAST('-infinity' AS date)
    RETURNING t.*
  ), carried AS (
    INSERT INTO "maintainer"."carry_usage_tracking_monthly" (_run, _segment, _rows, _nonfinite, _month, "organization_id", "resource_type", "unit", "currency", "is_billable", "granularity", "quantity", "total_cost", "included_quantity", "overage_quantity", "peak_quantity")
    SELECT :run, :segment, count(*), count(*) FILTER (WHERE g."quantity"::text IN ('NaN', 'Infinity', '-Infinity')) + count(*) FILTER (WHERE g."total_cost"::text IN ('NaN', 'Infinity', '-Infinity')) + count(*) FILTER (WHERE g."included_quantity"::text IN ('NaN', 'Infinity', '-Infinity')) + count(*) FILTER (WHERE g."overage_quantity"::text IN ('NaN', 'Infinity', '-Infinity')), date_trunc('month', g."usage_date"::timestamp)::date, CAST((
"organization_id"
) AS uuid), CAST((
"resource_type"
) AS text), CAST((
"unit"
) AS text), CAST((
"currency"
) AS text), CAST((
"is_billable"
) AS boolean), CAST((
case when usage_hour is null then 'day' else 'hour' end
) AS text), CAST(coalesce(sum(g."quantity") FILTER (WHERE g."quantity"::text NOT IN ('NaN', 'Infinity', '-Infinity')), 0) AS numeric), CAST(coalesce(sum(g."total_cost") FILTER (WHERE g."total_cost"::text NOT IN ('NaN', 'Infinity', '-Infinity')), 0) AS numeric), CAST(coalesce(sum(g."included_quantity") FILTER (WHERE g."included_quantity"::text NOT IN ('NaN', 'Infinity', '-Infinity')), 0) AS numeric), CAST(coalesce(sum(g."overage_quantity") FILTER (WHERE g."overage_quantity"::text NOT IN ('NaN', 'Infinity', '-Infinity')), 0) AS numeric), CAST(max(g."quantity") FILTER (WHERE g."quantity"::text NOT IN ('NaN', 'Infinity', '-Infinity')) AS numeric)
    FROM gone AS g
    GROUP BY date_trunc('month', g."usage_date"::timestamp)::date, CAST((
"organization_id"
) AS uuid), CAST((
"resource_type"
) AS text), CAST((
"unit"
) AS text), CAST((
"currency"
) AS text), CAST((
"is_billable"
) AS boolean), CAST((
case when usage_hour is null then 'day' else 'hour' end
) AS text)
  )
  SELECT * FROM gone
) TO STDOUT WITH (FORMAT csv, HEADER);

-- at the end: What has expired and is still there, counted up to a limit: "nothing left" is said only after this.
SELECT count(*) FROM (SELECT FROM ONLY "public"."usage_tracking" AS t WHERE t."usage_date" < '2025-02-01'::date AND t."usage_date" > CAST('-infinity' AS date) LIMIT :rows) AS s;

-- at the end: what has no usable time
SELECT (SELECT count(*) FROM ONLY "public"."usage_tracking" AS t WHERE t."usage_date" IS NULL),
       (SELECT count(*) FROM ONLY "public"."usage_tracking" AS t WHERE t."usage_date" = CAST('-infinity' AS date))
         + (SELECT count(*) FROM ONLY "public"."usage_tracking" AS t WHERE t."usage_date" = CAST('infinity' AS date)),
       (SELECT count(*) FROM ONLY "public"."usage_tracking" AS t WHERE t."usage_date" > (statement_timestamp() AT TIME ZONE 'Europe/Amsterdam'::text)::date AND t."usage_date" < CAST('infinity' AS date));

-- step 4: skip purge public.invoices (rule invoices)
-- kept for ever: financial records

-- step 5: skip purge public.subscription_changes (rule subscription_changes)
-- kept for ever: audit trail for billing disputes

-- step 6: skip purge public.scheduled_reports (rule scheduled_reports)
-- kept for ever: schedules in use; they live as long as their organization

-- step 7: skip purge public.message_templates (rule message_templates)
-- kept for ever: content in use; people delete what they no longer need
