-- name: try_lock
-- Takes a lock of this database for the session if nobody holds it.
SELECT pg_try_advisory_lock($1::bigint)

-- name: wait_for_lock
-- Takes it for the session, and waits for it no longer than $2 (as in '1500ms').
SELECT set_config('lock_timeout', $2::text, true), pg_advisory_lock($1::bigint)

-- name: share_lock
-- Shares it until the end of the transaction.
SELECT pg_advisory_xact_lock_shared($1::bigint)

-- name: release_lock
-- Gives the session's lock back.
SELECT pg_advisory_unlock($1::bigint)

-- name: select_advisory_holders
-- Who holds a lock of this database in a mode that is in our way: oldest first.
SELECT l.pid,
       coalesce(nullif(a.application_name, ''), 'unnamed'),
       coalesce(a.usename, 'unknown'),
       coalesce(to_char(coalesce(a.xact_start, a.backend_start), 'YYYY-MM-DD HH24:MI:SS "UTC"'), 'unknown')
FROM pg_locks AS l
LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted
  AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
  AND l.classid = (($1::bigint >> 32) & 4294967295)::oid
  AND l.objid = ($1::bigint & 4294967295)::oid
  AND l.objsubid = 1
  AND l.pid <> pg_backend_pid()
ORDER BY coalesce(a.xact_start, a.backend_start)
