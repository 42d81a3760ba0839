"""What every session is set to, and what happens when a setting does not hold."""

from __future__ import annotations

import pytest

from maintainer.errors import RefusedError
from maintainer.names import Fragment

HELD = {
    "search_path": "pg_catalog",
    "row_security": "off",
    "lock_timeout": "2s",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "10min",
    "client_encoding": "UTF8",
    "extra_float_digits": "3",
    "bytea_output": "hex",
    "IntervalStyle": "postgres",
    "DateStyle": "ISO, MDY",
    "TimeZone": "UTC",
    "lc_monetary": "C",
    "xmloption": "content",
    "array_nulls": "on",
    "standard_conforming_strings": "on",
    "synchronous_commit": "on",
    "session_replication_role": "origin",
    "client_min_messages": "notice",
}
SINCE = {
    "client_connection_check_interval": (140000, "10s"),
    "idle_session_timeout": (140000, "0"),
    "transaction_timeout": (170000, "0"),
}


def shown(session, name: str) -> object:
    """The value in force; None for a setting this version does not know."""
    return session.execute(Fragment("SELECT current_setting($1::text, true)"), [name]).rows[0][0]


def test_settings_hold_on_every_version(every_session):
    """Each version has what it knows; the application is named."""
    found = {name: shown(every_session, name) for name in HELD}

    assert found == HELD
    for name, (version, value) in SINCE.items():
        assert shown(every_session, name) == (
            value if every_session.server_version >= version else None
        )
    assert shown(every_session, "application_name") == "maintainer"


def test_settings_win_over_those_of_role_and_database(opened, database, make_role):
    """ALTER ROLE and ALTER DATABASE set other defaults; ours hold all the same."""
    role = make_role()
    for setting in (
        "statement_timeout = '1s'",
        "DateStyle = 'SQL, DMY'",
        "search_path = 'public'",
        "bytea_output = 'escape'",
        "synchronous_commit = 'off'",
        "standard_conforming_strings = off",
    ):
        database.run(f"ALTER ROLE {role.name} SET {setting}")
    session = opened(database.dsn_as(role))

    assert {name: shown(session, name) for name in HELD} == HELD


def test_a_stricter_synchronous_commit_stays(opened, database, make_role):
    """remote_apply waits for standbys: it is not weakened."""
    role = make_role()
    database.run(f"ALTER ROLE {role.name} SET synchronous_commit = 'remote_apply'")

    assert shown(opened(database.dsn_as(role)), "synchronous_commit") == "remote_apply"


def test_a_replication_role_that_cannot_be_changed_is_refused(opened, database, make_role):
    """Under `replica` no trigger and no foreign key works; only a superuser can change it back."""
    role = make_role()
    database.run(f"ALTER ROLE {role.name} SET session_replication_role = 'replica'")

    with pytest.raises(RefusedError, match="session_replication_role"):
        opened(database.dsn_as(role))


def test_a_name_of_any_kind_is_no_obstacle(opened, database):
    """The application's name is cut and cleaned as the server would do it."""
    session = opened(database.dsn, application_name="maintainer/ö" + "x" * 100)

    assert shown(session, "application_name") == ("maintainer/" + "x" * 100)[:63]


def test_a_sql_ascii_database_keeps_its_bytes(opened, server, make_database):
    """client_encoding follows, and bytes that are no UTF-8 come back as they were."""
    database = make_database()
    other = f"ascii_{database.name}"
    database.run(f"CREATE DATABASE {other} TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'")
    try:
        session = opened(server.dsn(other))
        assert shown(session, "client_encoding") == "SQL_ASCII"
        ((text,),) = session.execute(Fragment("SELECT convert_from('\\xff41', 'SQL_ASCII')")).rows
        got = bytearray()
        session.copy_out(
            Fragment("COPY (SELECT convert_from('\\xff41', 'SQL_ASCII')) TO STDOUT"), got.extend
        )
        session.execute(Fragment("SELECT 'ö'"))
        session.close()
    finally:
        database.run(f"DROP DATABASE {other} WITH (FORCE)")

    assert text.encode("utf-8", "surrogateescape") == b"\xffA"
    assert got == b"\xffA\n"


def test_the_session_knows_its_server(session, server):
    """Process id and version are those the server tells."""
    ((pid, version),) = session.execute(
        Fragment("SELECT pg_backend_pid(), current_setting('server_version_num')::int")
    ).rows

    assert (session.pid, session.server_version) == (pid, version)
