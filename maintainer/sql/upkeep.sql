-- name: vacuum_table
-- Make the room of dead rows usable again; nobody who reads or writes the table waits.
VACUUM ({options}) {table}

-- name: vacuum_truncate
-- Whether empty pages at the end go back to the system; that takes a moment of ACCESS EXCLUSIVE.
TRUNCATE {value}

-- name: vacuum_freeze
-- Mark every row that all can see as frozen, whatever its age.
FREEZE {value}

-- name: vacuum_index_cleanup
-- Whether dead index entries are removed even when they are few.
INDEX_CLEANUP {value}

-- name: vacuum_parallel
-- How many workers clean indexes beside the leader.
PARALLEL {value}

-- name: analyze_table
-- Renew the planner's statistics of one table (of a partitioned one: and of its partitions).
ANALYZE {table}

-- name: reindex_index
-- Rebuild one index while its table is read and written.
REINDEX INDEX CONCURRENTLY {index}

-- name: reindex_index_locking
-- Rebuild one index while nobody can write its table; only ever suggested to a person.
REINDEX INDEX {index}

-- name: drop_leftover
-- Remove the invalid copy that an interrupted rebuild left behind.
DROP INDEX CONCURRENTLY IF EXISTS {index}

-- name: grant_maintain
-- What lets a role VACUUM, ANALYZE and REINDEX a table on 17 and later; only suggested.
GRANT MAINTAIN ON TABLE {table} TO {role}

-- name: grant_ownership
-- What lets a role do so before 17: membership in the role that owns the table; only suggested.
GRANT {owner} TO {role}

-- name: change_owner
-- What lets a role do so before 17 where a superuser owns the table; only suggested.
ALTER TABLE {table} OWNER TO {role}

-- name: grant_usage
-- What lets a role name the tables of a schema; only suggested.
GRANT USAGE ON SCHEMA {schema} TO {role}

-- name: grant_monitor
-- What lets a role see who holds back old rows; only suggested.
GRANT pg_monitor TO {role}

-- name: read_setting
-- The present value of one setting of the session.
SELECT pg_catalog.current_setting($1::text)

-- name: change_setting
-- Change one setting of the session until it is changed again.
SELECT pg_catalog.set_config($1::text, $2::text, false)

-- name: flush_statistics
-- Let the counters of what this session did be seen by others at once (15 and later).
SELECT pg_stat_force_next_flush()

-- name: vacuum_by_privilege
-- Who may VACUUM and ANALYZE on 17 and later.
(has_table_privilege(c.oid, 'MAINTAIN') OR pg_has_role(d.datdba, 'USAGE'))

-- name: vacuum_by_ownership
-- Who may VACUUM and ANALYZE before 17.
(pg_has_role(c.relowner, 'USAGE') OR pg_has_role(d.datdba, 'USAGE'))

-- name: reindex_by_privilege
-- Who may rebuild an index on 17 and later; owning the database is not enough.
has_table_privilege(c.oid, 'MAINTAIN')

-- name: reindex_by_ownership
-- Who may rebuild an index before 17; owning the database is not enough.
pg_has_role(c.relowner, 'USAGE')

-- name: select_standing
-- A table by name: may the role do this to it, may it use the schema; its owner unless a superuser.
SELECT c.oid::bigint, {may}, has_schema_privilege(n.oid, 'USAGE'),
       CASE WHEN o.rolsuper THEN '' ELSE o.rolname::text END, current_user::text
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_database AS d ON d.datname = current_database()
JOIN pg_roles AS o ON o.oid = c.relowner
WHERE n.nspname = $1::text AND c.relname = $2::text

-- name: select_lock_holders
-- Who else holds a lock on a table that VACUUM, ANALYZE and REINDEX must wait for, and what for.
SELECT l.pid, l.mode::text,
       CASE WHEN EXISTS (SELECT FROM pg_stat_progress_vacuum AS p WHERE p.pid = l.pid) THEN 'VACUUM'
            WHEN EXISTS (SELECT FROM pg_stat_progress_analyze AS p WHERE p.pid = l.pid) THEN 'ANALYZE'
            WHEN EXISTS (SELECT FROM pg_stat_progress_create_index AS p WHERE p.pid = l.pid)
              THEN 'an index build'
            ELSE '' END,
       coalesce(a.backend_type = 'autovacuum worker', false),
       coalesce(a.usename::text, ''), coalesce(a.application_name, '')
FROM pg_locks AS l
LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
WHERE l.locktype = 'relation' AND l.relation = $1::bigint::oid AND l.granted AND l.pid <> $2::int
  AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
  AND l.mode IN ('ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock',
                 'AccessExclusiveLock')
ORDER BY l.pid

-- name: select_counters
-- What a table's upkeep moves; while somebody holds or awaits ACCESS EXCLUSIVE, sizes are the catalogue's.
SELECT current_setting('track_counts')::boolean, c.relkind::text,
       coalesce(pg_stat_get_last_vacuum_time(c.oid)::text, ''),
       coalesce(pg_stat_get_last_analyze_time(c.oid)::text, ''),
       pg_stat_get_vacuum_count(c.oid), pg_stat_get_analyze_count(c.oid),
       pg_stat_get_live_tuples(c.oid), pg_stat_get_dead_tuples(c.oid),
       pg_stat_get_mod_since_analyze(c.oid),
       coalesce(CASE WHEN is_locked THEN about ELSE pg_relation_size(c.oid) END, 0),
       coalesce(CASE WHEN is_locked THEN about ELSE pg_total_relation_size(c.oid) END, 0),
       CASE WHEN c.relkind = 'p' THEN 0 ELSE age(c.relfrozenxid) END
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
  SELECT c.relpages::bigint * current_setting('block_size')::int AS about,
         EXISTS (SELECT FROM pg_locks AS l
                 WHERE l.locktype = 'relation' AND l.relation = c.oid AND l.mode = 'AccessExclusiveLock'
                   AND l.database = (SELECT d.oid FROM pg_database AS d
                                     WHERE d.datname = current_database())) AS is_locked
) AS state
WHERE n.nspname = $1::text AND c.relname = $2::text

-- name: select_index
-- An index by name: its OID, its file, its size, and whether it is valid.
SELECT c.oid::bigint, coalesce(pg_relation_filenode(c.oid), 0)::bigint, pg_relation_size(c.oid),
       i.indisvalid
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_index AS i ON i.indexrelid = c.oid
WHERE n.nspname = $1::text AND c.relname = $2::text

-- name: select_sibling_oids
-- Every index of a table, so that one that appears later is known as new.
SELECT i.indexrelid::bigint FROM pg_index AS i WHERE i.indrelid = $1::bigint::oid

-- name: select_leftovers
-- Invalid copies of one index that an interrupted rebuild left, by definition and name, nobody at work on them.
WITH copy AS (
  SELECT x.indexrelid, n.nspname::text AS schema, c.relname::text AS name, good.name AS base,
         substring(c.relname::text FROM '_cc(?:new|old)[0-9]*$') AS suffix
  FROM (SELECT i.*, gc.relname::text AS name
        FROM pg_class AS gc
        JOIN pg_namespace AS gn ON gn.oid = gc.relnamespace
        JOIN pg_index AS i ON i.indexrelid = gc.oid
        WHERE gn.nspname = $1::text AND gc.relname = $2::text) AS good
  JOIN pg_index AS x ON x.indrelid = good.indrelid AND x.indexrelid <> good.indexrelid
    AND NOT x.indisvalid
    AND (x.indkey::text, x.indclass::text, x.indcollation::text, x.indoption::text, x.indisunique,
         coalesce(pg_get_expr(x.indexprs, x.indrelid), ''),
         coalesce(pg_get_expr(x.indpred, x.indrelid), ''))
      = (good.indkey::text, good.indclass::text, good.indcollation::text, good.indoption::text,
         good.indisunique, coalesce(pg_get_expr(good.indexprs, good.indrelid), ''),
         coalesce(pg_get_expr(good.indpred, good.indrelid), ''))
  JOIN pg_class AS c ON c.oid = x.indexrelid AND c.relkind = 'i'
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
), stem AS (
  SELECT copy.*, left(name, -length(suffix)) AS stem FROM copy WHERE suffix IS NOT NULL
)
SELECT indexrelid::bigint, schema, name
FROM stem
WHERE (stem = base
       OR (octet_length(base) + octet_length(suffix) > 63 AND octet_length(name) >= 60
           AND starts_with(base, stem)))
  AND NOT EXISTS (SELECT FROM pg_locks AS l
                  WHERE l.locktype = 'relation' AND l.relation = stem.indexrelid AND l.granted
                    AND l.database = (SELECT d.oid FROM pg_database AS d
                                      WHERE d.datname = current_database())
                    AND l.mode IN ('ShareUpdateExclusiveLock', 'AccessExclusiveLock'))
ORDER BY indexrelid

-- name: cancel_rebuild
-- Cancel a backend if it still holds the lock of a rebuild on a table; no row when it does not.
SELECT pg_cancel_backend(l.pid)
FROM pg_locks AS l
WHERE l.pid = $1::int AND l.locktype = 'relation' AND l.relation = $2::bigint::oid AND l.granted
  AND l.mode = 'ShareUpdateExclusiveLock'
  AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())

-- name: select_horizon_holders
-- Who keeps dead rows of this database from being removed, the oldest first.
SELECT h.kind, h.id, h.xmin::text, h.detail
FROM (
  SELECT 'session' AS kind, a.pid::text AS id, held.xmin, age(held.xmin) AS age,
         format('user %s, %s, in a transaction since %s', a.usename, coalesce(a.state, a.backend_type),
                to_char(a.xact_start, 'YYYY-MM-DD HH24:MI:SS TZ')) AS detail
  FROM pg_stat_activity AS a
  CROSS JOIN LATERAL (SELECT v.xid AS xmin FROM (VALUES (a.backend_xmin), (a.backend_xid)) AS v (xid)
                      WHERE v.xid IS NOT NULL ORDER BY age(v.xid) DESC LIMIT 1) AS held
  WHERE a.pid <> ALL ($1::int[]) AND a.backend_type <> 'walsender'
    AND a.datname = current_database()
    AND NOT EXISTS (SELECT FROM pg_stat_progress_vacuum AS p WHERE p.pid = a.pid)
  UNION ALL
  SELECT 'prepared transaction', p.gid, p.transaction, age(p.transaction),
         format('owner %s, prepared %s', p.owner, to_char(p.prepared, 'YYYY-MM-DD HH24:MI:SS TZ'))
  FROM pg_prepared_xacts AS p
  WHERE p.database = current_database()
  UNION ALL
  SELECT 'replication slot', s.slot_name::text, s.xmin, age(s.xmin),
         CASE WHEN s.active THEN 'active' ELSE 'inactive' END
  FROM pg_replication_slots AS s
  WHERE s.xmin IS NOT NULL
  UNION ALL
  SELECT 'standby', r.application_name, r.backend_xmin, age(r.backend_xmin),
         format('%s, through hot_standby_feedback', coalesce(host(r.client_addr), 'local'))
  FROM pg_stat_replication AS r
  WHERE r.backend_xmin IS NOT NULL
) AS h
ORDER BY h.age DESC

-- name: select_sight
-- Whether the role sees what other roles' sessions hold, and its name.
SELECT pg_has_role('pg_read_all_stats', 'USAGE'), current_user::text
