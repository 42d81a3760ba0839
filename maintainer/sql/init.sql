-- name: create_schema
-- The schema that holds maintainer's own record; nobody else needs to see it.
CREATE SCHEMA IF NOT EXISTS maintainer

-- name: create_owner
-- Which database this record belongs to, and the archive in use: a folder answers to one owner only.
CREATE TABLE IF NOT EXISTS maintainer.owner (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  layout integer NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  archive text)

-- name: create_archive
-- The archives that this database has used, and where each was when it was used last.
CREATE TABLE IF NOT EXISTS maintainer.archive (
  id text PRIMARY KEY,
  name text NOT NULL,
  root text NOT NULL,
  claimed_at timestamptz NOT NULL DEFAULT clock_timestamp())

-- name: create_run
-- One row for each run; ended_at is null while it runs, or after it was killed.
CREATE TABLE IF NOT EXISTS maintainer.run (
  id text PRIMARY KEY,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at timestamptz,
  kind text NOT NULL,
  actor text NOT NULL,
  reason text,
  version text NOT NULL,
  policy_fingerprint text NOT NULL,
  plan_digest text NOT NULL,
  system_identifier text,
  timeline integer,
  outcome text,
  exit_code integer)

-- name: create_step
-- One row for each step that was begun; finished says that nothing due was left of it.
CREATE TABLE IF NOT EXISTS maintainer.step (
  run text NOT NULL REFERENCES maintainer.run,
  number integer NOT NULL,
  kind text NOT NULL,
  rule text NOT NULL,
  table_schema text NOT NULL,
  table_name text NOT NULL,
  keep text,
  scope text,
  cutoff_at timestamptz,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at timestamptz,
  outcome text,
  finished boolean NOT NULL DEFAULT false,
  row_count bigint NOT NULL DEFAULT 0,
  raw_bytes bigint NOT NULL DEFAULT 0,
  stored_bytes bigint NOT NULL DEFAULT 0,
  detail text,
  PRIMARY KEY (run, number))

-- name: create_step_index
-- Finds when a rule was finished on a table for the last time.
CREATE INDEX IF NOT EXISTS step_rule_table ON maintainer.step (rule, table_schema, table_name, ended_at)

-- name: create_segment
-- One row for each transaction that removed rows; uri is null under archive: none; archive is the owner's at that time.
CREATE TABLE IF NOT EXISTS maintainer.segment (
  run text NOT NULL,
  number bigint NOT NULL,
  step integer NOT NULL,
  rule text NOT NULL,
  table_schema text NOT NULL,
  table_name text NOT NULL,
  archive text,
  uri text,
  missing_at timestamptz,
  row_count bigint NOT NULL,
  raw_bytes bigint NOT NULL,
  stored_bytes bigint NOT NULL,
  raw_sha256 text,
  stored_sha256 text,
  range_from text NOT NULL,
  range_to text NOT NULL,
  range_kind text NOT NULL,
  cutoff_at timestamptz NOT NULL,
  has_copy_end boolean NOT NULL DEFAULT false,
  columns text NOT NULL,
  event bigint NOT NULL,
  committed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (run, number),
  FOREIGN KEY (run, step) REFERENCES maintainer.step (run, number))

-- name: create_event
-- What happened, in order, append-only: each row holds the hash of the one before.
CREATE TABLE IF NOT EXISTS maintainer.event (
  number bigint PRIMARY KEY,
  run text NOT NULL,
  kind text NOT NULL,
  body text NOT NULL,
  previous text NOT NULL,
  hash text NOT NULL)

-- name: create_approval
-- A person's yes to a refused rule, up to a number of rows, for a time.
CREATE TABLE IF NOT EXISTS maintainer.approval (
  seed text NOT NULL,
  rule text NOT NULL,
  ceiling bigint NOT NULL,
  approved_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at timestamptz NOT NULL,
  actor text NOT NULL,
  reason text,
  run text NOT NULL)

-- name: create_rollup
-- What each rollup's carry means; carry of another definition is never mixed in.
CREATE TABLE IF NOT EXISTS maintainer.rollup (
  name text PRIMARY KEY,
  definition text NOT NULL,
  carry text NOT NULL)

-- name: insert_owner
-- The database gets its identity once.
INSERT INTO maintainer.owner (layout) VALUES (1) ON CONFLICT DO NOTHING

-- name: insert_rollup
-- A rollup's definition is kept from its first use.
INSERT INTO maintainer.rollup (name, definition, carry) VALUES ({name}, {definition}, {carry}) ON CONFLICT DO NOTHING

-- name: create_audit_table
-- The table of the record, in the shape of the specification, where it is missing.
CREATE TABLE IF NOT EXISTS {table} (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid,
  actor_id uuid,
  actor_email text,
  actor_role text,
  action text NOT NULL,
  resource_type text,
  resource_id uuid,
  old_values jsonb,
  new_values jsonb,
  risk_level text CHECK (risk_level IN ('low', 'medium', 'high', 'critical')),
  ip_address inet,
  user_agent text,
  metadata jsonb,
  session_id text,
  created_at timestamptz NOT NULL DEFAULT now())

-- name: select_existing_tables
-- Which tables of a schema are there.
SELECT c.relname::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relkind IN ('r', 'p')

-- name: create_role
-- The role that runs maintainer, if it is not there; it gets a password from you.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = {name}) THEN
    CREATE ROLE {role} LOGIN;
  END IF;
END
$$

-- name: let_role_see_all_rows
-- Row level security would hide rows from it, and half an archive is none; the tables keep their policies.
ALTER ROLE {role} BYPASSRLS

-- name: select_schemas
-- Which of some schemas are there and not the server's own.
SELECT n.nspname::text FROM pg_namespace AS n
WHERE n.nspname = ANY ($1::text[]) AND n.nspname NOT LIKE 'pg\_%'
ORDER BY 1

-- name: select_owners
-- Who owns some tables; empty for a superuser, whose rights nobody else should get.
SELECT n.nspname::text, c.relname::text, CASE WHEN o.rolsuper THEN '' ELSE o.rolname::text END
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_roles AS o ON o.oid = c.relowner
WHERE c.oid = ANY ($1::bigint[])
ORDER BY 1, 2

-- name: grant_schema
-- The runner's role works in maintainer's own schema.
GRANT USAGE ON SCHEMA maintainer TO {role}

-- name: grant_ledger
-- The runner's role writes the record and the carries; to be run again after each new rollup.
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA maintainer TO {role}

-- name: grant_audit
-- The runner's role adds to the audit table.
GRANT INSERT ON {table} TO {role}

-- name: grant_purge
-- The runner's role reads and deletes what the policy lets go.
GRANT SELECT, DELETE ON {table} TO {role}

-- name: grant_rollup
-- The runner's role keeps a monthly table.
GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {role}

-- name: grant_use
-- The runner's role reaches the tables of a schema.
GRANT USAGE ON SCHEMA {schema} TO {role}

-- name: grant_maintain_all
-- The runner's role does the upkeep of all tables of a schema; to be run again after new tables.
GRANT MAINTAIN ON ALL TABLES IN SCHEMA {schema} TO {role}
