-- name: session_settings
-- What every session is set to: name, value as SHOW prints it, first version, when it is set, whether it must stick.
SELECT w.name, w.setting, w.must
FROM (
  VALUES
    ('application_name', $1::text, 0, true, false),
    ('search_path', 'pg_catalog', 0, true, true),
    ('row_security', 'off', 0, true, true),
    ('lock_timeout', '2s', 0, true, true),
    ('statement_timeout', '0', 0, true, true),
    ('transaction_timeout', '0', 170000, true, true),
    ('idle_in_transaction_session_timeout', '10min', 0, true, true),
    ('idle_session_timeout', '0', 140000, true, true),
    ('client_connection_check_interval', '10s', 140000, version() !~* 'windows|mingw|visual c', version() !~* 'windows|mingw|visual c'),
    ('tcp_keepalives_idle', '30', 0, inet_client_addr() IS NOT NULL, false),
    ('tcp_keepalives_interval', '10', 0, inet_client_addr() IS NOT NULL, false),
    ('tcp_keepalives_count', '3', 0, inet_client_addr() IS NOT NULL, false),
    -- counts a full buffer too, so it is longer than any pause of the reader
    ('tcp_user_timeout', '600000', 0, inet_client_addr() IS NOT NULL, false),
    ('client_encoding', CASE current_setting('server_encoding') WHEN 'SQL_ASCII' THEN 'SQL_ASCII' ELSE 'UTF8' END, 0, true, true),
    ('client_min_messages', 'notice', 0, true, true),
    ('extra_float_digits', '3', 0, true, true),
    ('bytea_output', 'hex', 0, true, true),
    ('IntervalStyle', 'postgres', 0, true, true),
    ('DateStyle', 'ISO, MDY', 0, true, true),
    ('TimeZone', 'UTC', 0, true, true),
    ('lc_monetary', 'C', 0, true, true),
    ('xmloption', 'content', 0, true, true),
    ('array_nulls', 'on', 0, true, true),
    ('standard_conforming_strings', 'on', 0, true, true),
    ('transform_null_equals', 'off', 0, true, true),
    ('quote_all_identifiers', 'off', 0, true, true),
    ('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, 0, true, true),
    -- only a superuser may set it, so it is set only where it differs
    ('session_replication_role', 'origin', 0, current_setting('session_replication_role') <> 'origin', true)
) AS w (name, setting, since, apply, must)
WHERE w.since <= current_setting('server_version_num')::int
  AND (w.apply OR $2::bool)
-- keeps a later version's settings from being asked for before they are filtered out
OFFSET 0

-- name: set_session
-- Sets every one of them, in one statement.
SELECT count(set_config(w.name, w.setting, false))
FROM ({settings}) AS w

-- name: show_session
-- Which of them did not stick, and who we are talking to.
SELECT pg_backend_pid(),
       (SELECT string_agg(format('%s is %s instead of %s', w.name, current_setting(w.name), w.setting), ', ')
        FROM ({settings}) AS w
        WHERE w.must AND current_setting(w.name) IS DISTINCT FROM w.setting),
       pg_is_in_recovery(),
       current_setting('default_transaction_read_only') = 'on'

-- name: begin_read_write
-- Opens a transaction that may write, whatever the role's defaults are.
BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE

-- name: begin_read_only
-- Opens a transaction in which the server refuses every write.
BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY

-- name: commit
-- Ends a transaction; the answer ROLLBACK means that it had failed before.
COMMIT

-- name: rollback
-- Undoes a transaction.
ROLLBACK

-- name: show_backend
-- The process that answers this session; another one the next time means a pooler that does not keep it.
SELECT pg_backend_pid()

-- name: do_nothing
-- Takes the blow of a cancel request that came after its statement had ended.
SELECT pg_sleep(0.02)::text
