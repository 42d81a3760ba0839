-- name: select_target
-- Which database this is, by the server's own word and clock.
SELECT current_database()::text, current_setting('server_version_num')::int, pg_is_in_recovery(),
       (SELECT pg_encoding_to_char(d.encoding)::text FROM pg_database AS d WHERE d.datname = current_database()),
       current_user::text, clock_timestamp(),
       has_function_privilege('pg_control_system()', 'EXECUTE')
         AND has_function_privilege('pg_control_checkpoint()', 'EXECUTE')

-- name: select_identity
-- The cluster's identifier and timeline, where the role may read them.
SELECT s.system_identifier::text, c.timeline_id
FROM pg_control_system() AS s, pg_control_checkpoint() AS c

-- name: select_relations
-- Every relation a policy could name, for finding tables by what people typed.
SELECT c.oid::bigint, n.nspname::text, c.relname::text, c.relkind::text, c.relpersistence::text
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'maintainer')
  AND n.nspname NOT LIKE 'pg\_toast%' AND n.nspname NOT LIKE 'pg\_temp\_%'
ORDER BY n.nspname, c.relname

-- name: select_facts
-- Privileges, sizes and statistics of some tables; those of a partitioned table are sums over its leaves.
SELECT c.oid::bigint, n.nspname::text, c.relname::text, c.relkind::text, c.relpersistence::text,
       c.relispartition,
       has_schema_privilege(n.oid, 'USAGE'),
       has_table_privilege(c.oid, 'SELECT'), has_table_privilege(c.oid, 'DELETE'), {maintain},
       has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE')
         AND has_table_privilege(c.oid, 'DELETE'),
       row_security_active(c.oid),
       coalesce(sum(pg_table_size(leaf.oid)), 0)::bigint,
       coalesce(sum(pg_total_relation_size(leaf.oid)), 0)::bigint,
       sum(CASE WHEN leaf.reltuples < 0 THEN 0 ELSE leaf.reltuples END)::bigint,
       coalesce(bool_and(leaf.reltuples > 0 OR (leaf.reltuples = 0 AND leaf.relpages > 0)
                         OR pg_relation_size(leaf.oid) = 0), true),
       coalesce(sum(s.n_mod_since_analyze), 0)::bigint,
       coalesce(sum(s.n_dead_tup), 0)::bigint
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_database AS d ON d.datname = current_database()
LEFT JOIN LATERAL (
  SELECT c.oid AS relid WHERE c.relkind <> 'p'
  UNION ALL
  SELECT p.relid FROM pg_partition_tree(c.oid) AS p WHERE c.relkind = 'p' AND p.isleaf
) AS tree ON true
LEFT JOIN pg_class AS leaf ON leaf.oid = tree.relid AND leaf.relkind IN ('r', 'm')
LEFT JOIN pg_stat_all_tables AS s ON s.relid = leaf.oid
WHERE c.oid = ANY ($1::bigint[])
GROUP BY c.oid, n.oid, n.nspname, c.relname, c.relkind, c.relpersistence, c.relispartition, c.relowner,
         d.datdba
ORDER BY c.oid

-- name: select_columns
-- The live columns of some tables in their order, with the schemas in which their types live.
SELECT a.attrelid::bigint, a.attname::text, format_type(a.atttypid, a.atttypmod)::text,
       tn.nspname::text, coalesce(en.nspname, bn.nspname, tn.nspname)::text
FROM pg_attribute AS a
JOIN pg_type AS t ON t.oid = a.atttypid
JOIN pg_namespace AS tn ON tn.oid = t.typnamespace
LEFT JOIN pg_type AS e ON e.oid = t.typelem AND t.typelem <> 0
LEFT JOIN pg_namespace AS en ON en.oid = e.typnamespace
LEFT JOIN pg_type AS b ON b.oid = t.typbasetype AND t.typbasetype <> 0
LEFT JOIN pg_namespace AS bn ON bn.oid = b.typnamespace
WHERE a.attrelid = ANY ($1::bigint[]) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum

-- name: select_indexes
-- The indexes of some tables, a row for each key column in order; an expression has no column name.
SELECT i.indrelid::bigint, n.nspname::text, c.relname::text, m.amname::text,
       pg_relation_size(c.oid), i.indisvalid AND i.indisready AND i.indislive,
       i.indpred IS NOT NULL, i.indisexclusion, k.position::int, a.attname::text
FROM pg_index AS i
JOIN pg_class AS c ON c.oid = i.indexrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_am AS m ON m.oid = c.relam
CROSS JOIN LATERAL generate_series(1, i.indnkeyatts) AS k (position)
LEFT JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k.position - 1]
  AND a.attnum <> 0
WHERE i.indrelid = ANY ($1::bigint[])
ORDER BY i.indrelid, n.nspname, c.relname, k.position

-- name: select_obstacles
-- What makes a DELETE do something else: inbound foreign keys, triggers, rules, inheritance children.
WITH RECURSIVE family (root, oid) AS (
  SELECT c.oid, c.oid FROM pg_class AS c WHERE c.oid = ANY ($1::bigint[])
  UNION ALL
  SELECT f.root, i.inhrelid FROM family AS f JOIN pg_inherits AS i ON i.inhparent = f.oid
)
SELECT f.root::bigint, 'foreign key', k.conname::text, n.nspname::text, c.relname::text,
       CASE k.confdeltype WHEN 'a' THEN 'NO ACTION' WHEN 'r' THEN 'RESTRICT' WHEN 'c' THEN 'CASCADE'
                          WHEN 'n' THEN 'SET NULL' ELSE 'SET DEFAULT' END
FROM family AS f
JOIN pg_constraint AS k ON k.confrelid = f.oid AND k.contype = 'f'
JOIN pg_class AS c ON c.oid = k.conrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE k.conparentid = 0 OR f.root = f.oid
UNION ALL
SELECT f.root::bigint, 'trigger', t.tgname::text, '', '', ''
FROM family AS f
JOIN pg_trigger AS t ON t.tgrelid = f.oid AND t.tgtype & 8 <> 0 AND NOT t.tgisinternal
  AND t.tgenabled <> 'D'
UNION ALL
SELECT f.root::bigint, 'rule', r.rulename::text, '', '', ''
FROM family AS f
JOIN pg_rewrite AS r ON r.ev_class = f.oid AND r.ev_type = '4' AND r.ev_enabled <> 'D'
UNION ALL
SELECT i.inhparent::bigint, 'child', '', n.nspname::text, c.relname::text, ''
FROM pg_inherits AS i
JOIN pg_class AS p ON p.oid = i.inhparent AND p.relkind <> 'p'
JOIN pg_class AS c ON c.oid = i.inhrelid AND c.relkind <> 'i'
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE i.inhparent = ANY ($1::bigint[])
UNION ALL
SELECT f.root::bigint, 'foreign partition', '', n.nspname::text, c.relname::text, ''
FROM family AS f
JOIN pg_class AS c ON c.oid = f.oid AND c.relkind = 'f' AND c.relispartition AND f.root <> f.oid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
ORDER BY 1, 2, 3, 4, 5

-- name: select_shapes
-- A hash of all that a DELETE depends on: identity, columns, family, triggers, rules, foreign keys.
WITH RECURSIVE family (root, oid) AS (
  SELECT c.oid, c.oid FROM pg_class AS c
  WHERE c.oid = ANY ($1::bigint[])
  UNION ALL
  SELECT f.root, i.inhrelid FROM family AS f JOIN pg_inherits AS i ON i.inhparent = f.oid
)
SELECT c.oid::bigint, md5(concat_ws(E'\n', c.oid::text, n.nspname, c.relname, c.relkind::text, c.relpersistence::text,
  (SELECT string_agg(concat_ws(' ', a.attnum::text, a.attname, a.atttypid::text, a.atttypmod::text), ',' ORDER BY a.attnum)
   FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
  (SELECT string_agg(DISTINCT CASE c.relkind WHEN 'p' THEN k.relkind::text ELSE k.oid::text END, ',')
   FROM family AS f JOIN pg_class AS k ON k.oid = f.oid WHERE f.root = c.oid),
  (SELECT string_agg(concat_ws(' ', t.tgname, t.tgenabled::text), ',' ORDER BY t.oid)
   FROM family AS f JOIN pg_trigger AS t ON t.tgrelid = f.oid AND t.tgtype & 8 <> 0 AND NOT t.tgisinternal
   WHERE f.root = c.oid),
  (SELECT string_agg(concat_ws(' ', r.rulename, r.ev_enabled::text), ',' ORDER BY r.oid)
   FROM family AS f JOIN pg_rewrite AS r ON r.ev_class = f.oid AND r.ev_type IN ('1', '4') WHERE f.root = c.oid),
  (SELECT string_agg(concat_ws(' ', k.oid::text, k.confdeltype::text), ',' ORDER BY k.oid)
   FROM family AS f JOIN pg_constraint AS k ON k.confrelid = f.oid AND k.contype = 'f'
   WHERE f.root = c.oid AND (k.conparentid = 0 OR f.oid = c.oid))))
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.oid = ANY ($1::bigint[])

-- name: lock_table
-- From here to the end of the transaction nobody gives the table a trigger, a foreign key, another name.
LOCK TABLE {table} IN ROW EXCLUSIVE MODE

-- name: set_search_path
-- The schemas in which a statement with a policy's expression finds its types and operators.
SET LOCAL search_path = {path}

-- name: prove_predicate
-- A predicate is one boolean expression over the table (first context: parentheses).
SELECT (
{predicate}
) IS TRUE FROM {table} AS t LIMIT 0

-- name: prove_predicate_in_array
-- The same in a second context, so that nothing can break out of the first.
SELECT (ARRAY[
{predicate}
])[1] IS TRUE FROM {table} AS t LIMIT 0

-- name: prove_expression
-- An expression of a rollup is one expression over the table (first context: parentheses).
SELECT (
{predicate}
) FROM {table} AS t LIMIT 0

-- name: prove_expression_in_array
-- The same in a second context, so that nothing can break out of the first.
SELECT (ARRAY[
{predicate}
])[1] FROM {table} AS t LIMIT 0

-- name: estimate_expired
-- How many rows the statistics say would go: the first line of the answer has rows=N.
EXPLAIN SELECT FROM {table} AS t WHERE {expired}

-- name: count_expired
-- How many rows would go, counted exactly up to a limit.
SELECT count(*) FROM (SELECT FROM {table} AS t WHERE {expired} LIMIT $1::bigint) AS s

-- name: count_held
-- How many rows are past the cut-off and stay because of a hold, counted exactly up to a limit.
SELECT count(*) FROM (SELECT FROM {table} AS t WHERE {past} AND NOT ({kept}) LIMIT $1::bigint) AS s

-- name: count_all
-- All rows of a table, where its statistics are too old to judge a percentage by.
SELECT count(*) FROM {table} AS t

-- name: select_oldest
-- The oldest finite time of a table; asked only where an index leads with it.
SELECT t.{by}::text FROM {table} AS t WHERE t.{by} > CAST('-infinity' AS {type})
ORDER BY t.{by} LIMIT 1

-- name: table_alone
-- A plain table without its inheritance children.
ONLY {table}

-- name: is_before
-- Whether one time is before another, by the server's own comparison.
SELECT {first} < {second}

-- name: select_index_owner
-- The table of an index that people named, with or without its schema.
SELECT c.oid::bigint, cn.nspname::text, c.relname::text, c.relkind::text, c.relpersistence::text,
       n.nspname::text, x.relname::text
FROM pg_index AS i
JOIN pg_class AS x ON x.oid = i.indexrelid
JOIN pg_namespace AS n ON n.oid = x.relnamespace
JOIN pg_class AS c ON c.oid = i.indrelid
JOIN pg_namespace AS cn ON cn.oid = c.relnamespace
WHERE x.relname = $1::text OR n.nspname || '.' || x.relname = $1::text
