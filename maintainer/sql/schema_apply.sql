-- name: lock_schema_apply
-- One `schema apply` at a time; the lock goes with the transaction.
SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('maintainer schema apply', 0))::text

-- name: pin_schema_deparse
-- Makes the server spell definitions the same for everybody, until the transaction ends.
SELECT pg_catalog.set_config('search_path', 'pg_catalog', true),
       pg_catalog.set_config('quote_all_identifiers', 'off', true)

-- name: select_schema_audience
-- Whether this is Supabase: its roles are there and may use schema auth.
SELECT count(*) = 2
FROM pg_catalog.pg_roles AS r
JOIN pg_catalog.pg_namespace AS n ON n.nspname = 'auth'
WHERE r.rolname IN ('authenticated', 'service_role') AND pg_catalog.has_schema_privilege(r.oid, n.oid, 'USAGE')

-- name: select_schema_present
-- Names of the statements of `schema apply` whose object is there already.
SELECT 'create_schema_' || n.nspname FROM pg_catalog.pg_namespace AS n
UNION ALL
SELECT CASE WHEN c.relkind IN ('i', 'I') THEN 'create_index_' ELSE 'create_table_' END
       || CASE n.nspname WHEN 'auth' THEN 'auth_' ELSE '' END || c.relname
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname IN ('public', 'auth')
UNION ALL
SELECT 'create_function_' || CASE n.nspname WHEN 'auth' THEN 'auth_' ELSE '' END || p.proname
FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
WHERE n.nspname IN ('public', 'auth') AND p.pronargs = 0
UNION ALL
SELECT 'enable_rls_' || c.relname FROM pg_catalog.pg_class AS c
WHERE c.relnamespace = 'public'::pg_catalog.regnamespace
  AND (c.relrowsecurity OR c.relname IN ('organizations', 'profiles', 'subscriptions'))
UNION ALL
SELECT 'create_policy_' || p.polname
FROM pg_catalog.pg_policy AS p JOIN pg_catalog.pg_class AS c ON c.oid = p.polrelid
WHERE c.relnamespace = 'public'::pg_catalog.regnamespace
UNION ALL
SELECT 'create_trigger_' || t.tgname
FROM pg_catalog.pg_trigger AS t JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid
WHERE c.relnamespace = 'public'::pg_catalog.regnamespace
