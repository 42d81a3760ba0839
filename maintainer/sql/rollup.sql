-- name: month_of_date
-- The month of a date.
date_trunc('month', g.{by}::timestamp)::date

-- name: month_of_timestamp
-- The month of a moment without time zone by the policy's wall clock.
date_trunc('month', g.{by} AT TIME ZONE {zone} AT TIME ZONE {timezone})::date

-- name: month_of_timestamptz
-- The month of a moment by the policy's wall clock.
date_trunc('month', g.{by} AT TIME ZONE {timezone})::date

-- name: measure_key
-- One expression that rows are grouped by, in the type of the monthly table's column.
CAST((
{expression}
) AS {type})

-- name: measure_sum
-- A sum of finite values; nothing to sum is 0.
coalesce(sum(g.{source}) FILTER (WHERE g.{source}::text NOT IN ('NaN', 'Infinity', '-Infinity')), 0)

-- name: measure_sum_of_digits
-- The same of values that do not add up exactly: by their decimal digits, in whatever order they come.
coalesce(sum(CAST(g.{source}::text AS numeric)) FILTER (WHERE g.{source}::text NOT IN ('NaN', 'Infinity', '-Infinity')), 0)

-- name: measure_max
-- A maximum of finite values, for gauges.
max(g.{source}) FILTER (WHERE g.{source}::text NOT IN ('NaN', 'Infinity', '-Infinity'))

-- name: measure_nonfinite
-- How many values could not be summed.
count(*) FILTER (WHERE g.{source}::text IN ('NaN', 'Infinity', '-Infinity'))

-- name: as_type
-- A measure in the type of a column.
CAST({value} AS {type})

-- name: named_as
-- An expression under a name.
{value} AS {name}

-- name: add_up
-- The sum of a measure over raw rows and carry.
sum(u.{name})

-- name: highest
-- The maximum of a measure over raw rows and carry.
max(u.{name})

-- name: set_to
-- A new value for a column of the monthly table.
{name} = f.{name}

-- name: append_carry
-- What a segment takes out of the raw rows, added up; never changed afterwards.
INSERT INTO {carry} (_run, _segment, _rows, _nonfinite, {columns})
    SELECT {run}, {segment}, count(*), {nonfinite}, {values}
    FROM gone AS g
    GROUP BY {group}

-- name: select_first_month
-- The first month with raw rows, found before, or carried since the last run that came to its end.
SELECT least({before},
  (SELECT min({month}) FROM {table} AS g WHERE isfinite(g.{by})),
  (SELECT min(c._month) FROM {carry} AS c JOIN maintainer.run AS r ON r.id = c._run
   WHERE c._run = {run} OR r.started_at > coalesce((
     SELECT max(q.started_at) FROM maintainer.run AS q
     WHERE q.id IN (SELECT d._run FROM {carry} AS d) AND NOT EXISTS (
       SELECT FROM maintainer.step AS s
       WHERE s.run = q.id AND s.kind = 'purge' AND s.outcome IS DISTINCT FROM 'done')
   ), '-infinity')))::text

-- name: add_up_months
-- Raw rows and carry together, a row for each month and group from a month on.
SELECT {totals}
FROM (
  SELECT count(*) AS _rows, {raw}
  FROM {table} AS g
  WHERE isfinite(g.{by}) AND {month} >= {from_month}
  GROUP BY {group}
  UNION ALL
  SELECT c._rows, {carried}
  FROM {carry} AS c
  WHERE c._month >= {from_month} AND c._rows <> 0
) AS u
GROUP BY {total_keys}

-- name: join_by_hash_or_merge
-- Rows of months are compared as records, whose number the planner guesses far too low for nested loops.
SET LOCAL enable_nestloop = off

-- name: rewrite_months
-- Rows written here become raw rows plus carry; those of somebody else are left alone and counted.
WITH whole AS MATERIALIZED (
  {whole}
), fresh AS MATERIALIZED (
  SELECT ROW({whole_keys}) AS _key, w.* FROM whole AS w
), present AS MATERIALIZED (
  SELECT ROW({present_keys}) AS _key, x.{month_column} AS _month, x.ctid AS _place,
         count(*) OVER (PARTITION BY {present_keys}) AS _alike, {present_values}
  FROM {into} AS x WHERE x.{month_column} >= {from_month}
), marks AS MATERIALIZED (
  -- a mark stands for no rows: in segment 0 for a monthly row written, in segment -1 for one taken back
  SELECT c.* FROM {carry} AS c WHERE c._rows = 0 AND c._month >= {from_month}
), written AS MATERIALIZED (
  SELECT ROW({carry_keys}) AS _key FROM marks AS c
  GROUP BY {carry_keys}
  HAVING count(*) FILTER (WHERE c._segment = 0) > count(*) FILTER (WHERE c._segment = -1)
), ours AS MATERIALIZED (
  SELECT p.* FROM present AS p JOIN written AS o ON o._key = p._key WHERE p._alike = 1
), changed AS (
  UPDATE {into} AS x SET {changes}
  FROM fresh AS f JOIN ours AS p ON p._key = f._key
  WHERE x.ctid = p._place AND ROW({old_values}) IS DISTINCT FROM ROW({new_values})
  RETURNING 1
), vanished AS (
  DELETE FROM {into} AS x
  USING ours AS p LEFT JOIN fresh AS f ON f._key = p._key
  WHERE x.ctid = p._place AND f._key IS NULL
  RETURNING {target_keys}
), appeared AS (
  INSERT INTO {into} AS x ({target_columns})
  SELECT {fresh_columns}
  FROM fresh AS f LEFT JOIN present AS p ON p._key = f._key WHERE p._key IS NULL
  RETURNING {target_keys}
), adopted AS (
  SELECT {fresh_keys}
  FROM fresh AS f JOIN present AS p ON p._key = f._key
  WHERE p._alike = 1 AND ROW({old_values}) IS NOT DISTINCT FROM ROW({new_values})
), marked AS (
  INSERT INTO {carry} (_run, _segment, _rows, _nonfinite, {carry_columns})
  SELECT {run}, 0, 0, 0, n.*
  FROM (SELECT * FROM appeared UNION ALL SELECT * FROM adopted) AS n
  LEFT JOIN written AS o ON o._key = ROW({new_keys})
  WHERE o._key IS NULL
  UNION ALL
  SELECT {run}, -1, 0, 0, v.* FROM vanished AS v
), strange AS (
  SELECT 1
  FROM present AS p
  LEFT JOIN fresh AS f ON f._key = p._key
  LEFT JOIN written AS o ON o._key = p._key
  WHERE (p._alike > 1
         OR o._key IS NULL AND (f._key IS NULL OR ROW({old_values}) IS DISTINCT FROM ROW({new_values})))
    -- months that have neither rows nor marks are history, once there are marks
    AND (p._month IN (SELECT w._month FROM whole AS w UNION ALL SELECT c._month FROM marks AS c)
         OR NOT EXISTS (SELECT FROM {carry} AS c WHERE c._rows = 0))
)
SELECT (SELECT count(*) FROM strange), (SELECT count(*) FROM changed),
       (SELECT count(*) FROM vanished), (SELECT count(*) FROM appeared)

-- name: check_months
-- Groups of closed months that break the law: monthly row = raw rows + carry.
WITH whole AS MATERIALIZED (
  {whole}
), present AS MATERIALIZED (
  SELECT {present_columns} FROM {into} AS x
  WHERE x.{month_column} >= {from_month} AND x.{month_column} < {closed_before}
    AND (x.{month_column} IN (SELECT w._month FROM whole AS w)
         OR x.{month_column} IN (SELECT c._month FROM {carry} AS c WHERE c._rows = 0))
)
SELECT count(*) FROM (
  (SELECT {whole_columns} FROM whole AS w WHERE w._month < {closed_before} EXCEPT ALL TABLE present)
  UNION ALL
  (TABLE present EXCEPT ALL SELECT {whole_columns} FROM whole AS w WHERE w._month < {closed_before})
) AS difference

-- name: sum_carry
-- How many rows this run has carried: it must be the number of rows it has removed.
SELECT coalesce(sum(c._rows), 0)::bigint, coalesce(sum(c._nonfinite), 0)::bigint
FROM {carry} AS c WHERE c._run = {run}

-- name: create_carry
-- Append-only: sums of what was purged, for each segment and group, and marks of monthly rows written.
CREATE TABLE IF NOT EXISTS {carry} (
  _run text NOT NULL, _segment bigint NOT NULL, _rows bigint NOT NULL, _nonfinite bigint NOT NULL,
  {columns})

-- name: carry_column
-- A column of the carry.
{name} {type}
