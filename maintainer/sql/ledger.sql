-- name: select_ledger
-- Whether maintainer's record is there, and whose it is.
SELECT to_regclass('maintainer.owner') IS NOT NULL

-- name: select_owner
-- The identity that init gave this database.
SELECT o.id::text, o.layout FROM maintainer.owner AS o

-- name: select_past
-- When each rule was last finished on each table; keep and scope of what was deleted or approved, not of a mere look.
SELECT f.rule, f.table_schema, f.table_name, f.ended_at, w.keep, w.scope
FROM (
  SELECT s.rule, s.table_schema, s.table_name, max(s.ended_at) AS ended_at
  FROM maintainer.step AS s
  WHERE s.finished
  GROUP BY s.rule, s.table_schema, s.table_name
) AS f
LEFT JOIN LATERAL (
  SELECT d.keep, d.scope
  FROM maintainer.step AS d
  WHERE d.rule = f.rule AND d.table_schema = f.table_schema AND d.table_name = f.table_name
    AND d.kind = 'purge'
    AND (d.row_count > 0 OR EXISTS (SELECT FROM maintainer.approval AS a
                                    WHERE a.run = d.run AND a.rule = d.rule))
    AND EXISTS (SELECT FROM maintainer.step AS e
                WHERE e.rule = d.rule AND e.table_schema = d.table_schema
                  AND e.table_name = d.table_name AND e.kind = 'purge' AND e.finished
                  AND e.ended_at >= d.ended_at AND e.keep = d.keep AND e.scope = d.scope)
  ORDER BY d.ended_at DESC
  LIMIT 1
) AS w ON true

-- name: select_last_steps
-- How each rule ended on each table when it last ran.
SELECT DISTINCT ON (s.rule, s.table_schema, s.table_name)
       s.rule, s.table_schema, s.table_name, s.started_at, s.outcome, s.row_count
FROM maintainer.step AS s
ORDER BY s.rule, s.table_schema, s.table_name, s.started_at DESC

-- name: select_approvals
-- What people have approved and how much of it has gone: until it expires, or the backlog is drained.
SELECT a.seed, a.ceiling,
       (SELECT coalesce(sum(g.row_count), 0)::bigint FROM maintainer.segment AS g
        WHERE g.rule = a.rule AND g.committed_at >= a.approved_at)
FROM maintainer.approval AS a
WHERE a.expires_at > clock_timestamp()
  AND NOT EXISTS (SELECT FROM maintainer.step AS s
                  WHERE s.rule = a.rule AND s.kind = 'purge' AND s.finished
                    AND s.ended_at > a.approved_at)

-- name: insert_approval
-- A person's yes, for fourteen days.
INSERT INTO maintainer.approval (seed, rule, ceiling, expires_at, actor, reason, run)
VALUES ($1, $2, $3::bigint, clock_timestamp() + interval '14 days', $4, $5, $6)

-- name: select_rollups
-- What each carry means.
SELECT r.name, r.definition FROM maintainer.rollup AS r

-- name: insert_run
-- A run begins.
INSERT INTO maintainer.run
  (id, kind, actor, reason, version, policy_fingerprint, plan_digest, system_identifier, timeline)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::int)

-- name: end_run
-- A run is over.
UPDATE maintainer.run SET ended_at = clock_timestamp(), outcome = $2, exit_code = $3::int
WHERE id = $1 AND ended_at IS NULL

-- name: insert_step
-- A step begins.
INSERT INTO maintainer.step
  (run, number, kind, rule, table_schema, table_name, keep, scope, cutoff_at)
VALUES ($1, $2::int, $3, $4, $5, $6, $7, $8, $9::timestamptz)

-- name: insert_settled
-- A rule was looked at and had nothing to do.
INSERT INTO maintainer.step
  (run, number, kind, rule, table_schema, table_name, keep, scope, ended_at, outcome, finished, detail)
VALUES ($1, $2::int, $3, $4, $5, $6, $7, $8, clock_timestamp(), 'nothing due', true, $9)

-- name: end_step
-- A step is over.
UPDATE maintainer.step
SET ended_at = clock_timestamp(), outcome = $3, finished = $4::boolean, row_count = $5::bigint,
    raw_bytes = $6::bigint, stored_bytes = $7::bigint, detail = $8
WHERE run = $1 AND number = $2::int AND ended_at IS NULL

-- name: insert_segment
-- What left the table in this transaction, and the file that holds it.
INSERT INTO maintainer.segment
  (run, number, step, rule, table_schema, table_name, uri, row_count, raw_bytes, stored_bytes,
   raw_sha256, stored_sha256, range_from, range_to, range_kind, cutoff_at, has_copy_end, columns, event,
   archive)
VALUES ($1, $2::bigint, $3::int, $4, $5, $6, $7, $8::bigint, $9::bigint, $10::bigint, $11, $12, $13,
        $14, $15, $16::timestamptz, $17::boolean, $18, $19::bigint, (SELECT o.archive FROM maintainer.owner AS o))

-- name: select_segments
-- The committed segments of one run, for its manifests.
SELECT s.number, s.step, s.rule, s.table_schema, s.table_name, s.uri, s.row_count, s.raw_bytes,
       s.stored_bytes, s.raw_sha256, s.stored_sha256, s.range_from, s.range_to, s.range_kind,
       s.cutoff_at, s.has_copy_end, s.columns
FROM maintainer.segment AS s WHERE s.run = $1 ORDER BY s.number

-- name: select_known_runs
-- Which of some runs this record knows.
SELECT r.id FROM maintainer.run AS r WHERE r.id = ANY ($1::text[])

-- name: select_run
-- What a manifest says about its run.
SELECT r.started_at, r.policy_fingerprint, r.version, r.system_identifier, r.timeline,
       current_setting('server_version'), getdatabaseencoding()::text
FROM maintainer.run AS r WHERE r.id = $1

-- name: select_open_runs
-- Runs that were never ended: they were killed, or lost the database. Work by hand may be under way.
SELECT r.id FROM maintainer.run AS r WHERE r.ended_at IS NULL AND r.kind = 'run' ORDER BY r.started_at

-- name: close_steps
-- Ends the open steps of a run with the sums of their committed segments.
UPDATE maintainer.step AS t
SET ended_at = clock_timestamp(), outcome = 'interrupted', row_count = s.row_count,
    raw_bytes = s.raw_bytes, stored_bytes = s.stored_bytes,
    detail = 'the run ended without a word; ' || s.segments || ' segments were committed'
FROM (
  SELECT o.number, count(g.number) AS segments, coalesce(sum(g.row_count), 0) AS row_count,
         coalesce(sum(g.raw_bytes), 0) AS raw_bytes, coalesce(sum(g.stored_bytes), 0) AS stored_bytes
  FROM maintainer.step AS o
  LEFT JOIN maintainer.segment AS g ON g.run = o.run AND g.step = o.number
  WHERE o.run = $1 AND o.ended_at IS NULL
  GROUP BY o.number
) AS s
WHERE t.run = $1 AND t.number = s.number

-- name: lock_events
-- Events are numbered one after another: whoever appends waits for the one before.
SELECT pg_advisory_xact_lock($1::bigint)

-- name: append_event
-- An event, chained to the one before by a hash over its stored text.
INSERT INTO maintainer.event (number, run, kind, body, previous, hash)
SELECT n.number, $1::text, $2::text, n.body, n.previous,
       encode(sha256(convert_to(concat_ws(E'\n', n.previous, n.number::text, $1::text, $2::text, n.body), 'UTF8')), 'hex')
FROM (
  SELECT coalesce(max(e.number), 0) + 1 AS number,
         coalesce((SELECT l.hash FROM maintainer.event AS l ORDER BY l.number DESC LIMIT 1), repeat('0', 64)) AS previous,
         (jsonb_build_object('at', clock_timestamp()) || $3::jsonb)::text AS body
  FROM maintainer.event AS e
) AS n
RETURNING number, hash

-- name: enforce_row_security
-- Only the INSERT into the audit table runs under its policies: an INSERT-only policy allows just that.
SET LOCAL row_security = on

-- name: insert_audit
-- One row of the record.
INSERT INTO {table} ({columns}) VALUES ({values})

-- name: parameter_text
-- A parameter of the record as text.
${number}::text

-- name: parameter_json
-- A parameter of the record as JSON.
${number}::text::{type}
