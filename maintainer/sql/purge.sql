-- name: past_cutoff
-- A row is old: its time is finite and before the cut-off.
t.{by} < {cutoff} AND t.{by} > CAST('-infinity' AS {type})

-- name: unless_held
-- A hold keeps a row only when its predicate is true.
({predicate}
) IS NOT TRUE

-- name: only_where
-- A rule's own predicate takes a row only when it is true.
({predicate}
) IS TRUE

-- name: both
-- Two conditions at once.
{first}
    AND {second}

-- name: key_between
-- One segment by key: its upper end is inclusive so that equal times stay together.
t.{by} >= {lower} AND t.{by} <= {upper}

-- name: block_between
-- One segment by heap blocks (14 and later read just these blocks).
t.ctid >= {lower} AND t.ctid < {upper}

-- name: block_among
-- One segment by heap blocks on 13, which reads row addresses only one by one; 291 rows fit a block.
t.ctid = ANY (ARRAY(
      SELECT format('(%s,%s)', b, o)::tid
      FROM generate_series({first_block}, {last_block}) AS b, generate_series(1, 291) AS o))

-- name: probe_key
-- The two ends of the next segment on the index, and how many rows it may hold.
SELECT min(s.key)::text, max(s.key)::text, count(*)
FROM (
  SELECT t.{by} AS key FROM {table} AS t
  WHERE t.{by} > {after} AND {past}
  ORDER BY t.{by} LIMIT {rows}
) AS s

-- name: purge_archived
-- One segment: deletes what has expired in a range and streams exactly those rows.
COPY (
  DELETE FROM {table} AS t
  WHERE {range}
    AND {expired}
  RETURNING t.*
) TO STDOUT WITH (FORMAT csv, HEADER)

-- name: purge_archived_carried
-- One segment with a rollup: the measures of the deleted rows go to the carry in the same statement.
COPY (
  WITH gone AS (
    DELETE FROM {table} AS t
    WHERE {range}
      AND {expired}
    RETURNING t.*
  ), carried AS (
    {carry}
  )
  SELECT * FROM gone
) TO STDOUT WITH (FORMAT csv, HEADER)

-- name: purge_unarchived
-- One segment of a rule with `archive: none`: deletes what has expired in a range.
WITH gone AS (
  DELETE FROM {table} AS t
  WHERE {range}
    AND {expired}
  RETURNING 1
)
SELECT count(*) FROM gone

-- name: purge_unarchived_carried
-- One segment of a rule with `archive: none` and a rollup.
WITH gone AS (
  DELETE FROM {table} AS t
  WHERE {range}
    AND {expired}
  RETURNING t.*
), carried AS (
  {carry}
)
SELECT count(*) FROM gone

-- name: count_remaining
-- What has expired and is still there, counted up to a limit: "nothing left" is said only after this.
SELECT count(*) FROM (SELECT FROM {table} AS t WHERE {expired} LIMIT {rows}) AS s

-- name: count_oddities
-- Rows that have no age: without time, at an infinite time, or after now.
SELECT (SELECT count(*) FROM {table} AS t WHERE t.{by} IS NULL),
       (SELECT count(*) FROM {table} AS t WHERE t.{by} = CAST('-infinity' AS {type}))
         + (SELECT count(*) FROM {table} AS t WHERE t.{by} = CAST('infinity' AS {type})),
       (SELECT count(*) FROM {table} AS t WHERE t.{by} > {present} AND t.{by} < CAST('infinity' AS {type}))

-- name: count_oddities_in_one_pass
-- The same where no index leads with the time: one pass over the heap.
SELECT count(*) FILTER (WHERE t.{by} IS NULL),
       count(*) FILTER (WHERE NOT isfinite(t.{by})),
       count(*) FILTER (WHERE t.{by} > {present} AND isfinite(t.{by}))
FROM {table} AS t

-- name: present_timestamptz
-- Now, for a column with time zone.
statement_timestamp()

-- name: present_timestamp
-- Now by the wall clock of a zone, for a column without time zone.
(statement_timestamp() AT TIME ZONE {zone})

-- name: present_date
-- Today by the wall clock of a zone.
(statement_timestamp() AT TIME ZONE {zone})::date

-- name: select_heap_blocks
-- How many blocks the heap has now.
SELECT pg_relation_size($1::bigint::regclass) / current_setting('block_size')::bigint
