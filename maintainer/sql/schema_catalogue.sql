-- name: select_schema_tables
-- Tables as kind, name and definition: what they are and whether row level security is on. $1: tables.
SELECT 'table', c.relname::text,
       CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view'
                      WHEN 'm' THEN 'materialized view' ELSE 'foreign table' END
       || CASE c.relpersistence WHEN 'p' THEN '' ELSE ', not logged' END
       || CASE WHEN c.relrowsecurity THEN ', row level security' ELSE ', no row level security' END
       || CASE WHEN c.relforcerowsecurity THEN ', forced' ELSE '' END
FROM pg_catalog.pg_class AS c
WHERE c.relnamespace = 'public'::pg_catalog.regnamespace AND c.relname = ANY ($1::text[])
  AND c.relkind IN ('r', 'p', 'v', 'm', 'f')

-- name: select_schema_columns
-- Columns with type, collation, nullability, default, identity and generation. $1: tables.
SELECT 'column', c.relname || '.' || a.attname,
       pg_catalog.format_type(a.atttypid, a.atttypmod)
       || CASE WHEN a.attcollation <> t.typcollation THEN ' collate ' || l.collname ELSE '' END
       || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
       || CASE a.attidentity WHEN '' THEN '' ELSE ' identity' END
       || CASE WHEN a.attgenerated <> '' THEN ' generated ' WHEN d.adbin IS NOT NULL THEN ' default ' ELSE '' END
       || coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid), '')
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_collation AS l ON l.oid = a.attcollation
LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::pg_catalog.regnamespace AND c.relname = ANY ($1::text[])
  AND c.relkind IN ('r', 'p', 'v', 'm', 'f')

-- name: select_schema_constraints
-- Constraints of the tables and foreign keys onto them; NOT NULL (a constraint from 18 on) is read with the column. $1: tables.
SELECT 'constraint',
       CASE WHEN n.nspname = 'public' THEN '' ELSE n.nspname || '.' END || c.relname || '.' || k.conname,
       pg_catalog.pg_get_constraintdef(k.oid)
FROM pg_catalog.pg_constraint AS k
JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE k.contype IN ('c', 'f', 'p', 'u', 'x')
  AND EXISTS (
      SELECT FROM pg_catalog.pg_class AS s
      WHERE s.oid IN (k.conrelid, k.confrelid)
        AND s.relnamespace = 'public'::pg_catalog.regnamespace AND s.relname = ANY ($1::text[]))

-- name: select_schema_indexes
-- Indexes that no constraint owns. $1: tables.
SELECT 'index', c.relname || '.' || i.relname,
       pg_catalog.pg_get_indexdef(x.indexrelid) || CASE WHEN x.indisvalid THEN '' ELSE ' (invalid)' END
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_index AS x ON x.indrelid = c.oid
JOIN pg_catalog.pg_class AS i ON i.oid = x.indexrelid
WHERE c.relnamespace = 'public'::pg_catalog.regnamespace AND c.relname = ANY ($1::text[])
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_constraint AS k
      WHERE k.conindid = x.indexrelid AND k.conrelid = c.oid AND k.contype IN ('p', 'u', 'x'))

-- name: select_schema_policies
-- Policies with command, roles and expressions. $1: tables.
SELECT 'policy', c.relname || '.' || p.polname,
       CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END
       || ' for ' || CASE p.polcmd WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update'
                                   WHEN 'd' THEN 'delete' ELSE 'all' END
       || ' to ' || (
           SELECT pg_catalog.string_agg(CASE WHEN g.role = 0 THEN 'public' ELSE pg_catalog.pg_get_userbyid(g.role) END,
                                        ', ' ORDER BY pg_catalog.pg_get_userbyid(g.role))
           FROM pg_catalog.unnest(p.polroles) AS g (role))
       || coalesce(' using ' || pg_catalog.pg_get_expr(p.polqual, p.polrelid), '')
       || coalesce(' with check ' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid), '')
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_policy AS p ON p.polrelid = c.oid
WHERE c.relnamespace = 'public'::pg_catalog.regnamespace AND c.relname = ANY ($1::text[])

-- name: select_schema_triggers
-- Triggers and rules, and whether they fire. $1: tables.
SELECT 'trigger', c.relname || '.' || t.tgname,
       pg_catalog.pg_get_triggerdef(t.oid)
       || CASE t.tgenabled WHEN 'O' THEN '' WHEN 'D' THEN ' (disabled)' ELSE ' (fires otherwise)' END
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = c.oid AND NOT t.tgisinternal
WHERE c.relnamespace = 'public'::pg_catalog.regnamespace AND c.relname = ANY ($1::text[])
UNION ALL
SELECT 'rule', c.relname || '.' || r.rulename, pg_catalog.pg_get_ruledef(r.oid)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_rewrite AS r ON r.ev_class = c.oid AND r.rulename <> '_RETURN'
WHERE c.relnamespace = 'public'::pg_catalog.regnamespace AND c.relname = ANY ($1::text[])

-- name: select_schema_functions
-- The function behind the updated_at triggers, by language and body.
SELECT 'function', p.proname || '()',
       l.lanname || ' ' || pg_catalog.btrim(pg_catalog.regexp_replace(p.prosrc, '\s+', ' ', 'g'))
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
WHERE p.pronamespace = 'public'::pg_catalog.regnamespace AND p.proname = 'touch_updated_at' AND p.pronargs = 0
