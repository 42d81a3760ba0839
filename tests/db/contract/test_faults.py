"""SQLSTATE to our own errors, with the driver's error as the cause; notices."""

from __future__ import annotations

import pytest

from maintainer.errors import (
    ConflictError,
    ConnectionLostError,
    DatabaseError,
    LockTimeoutError,
    MissingObjectError,
    PrivilegeError,
    RowSecurityError,
    ServerResourceError,
)
from maintainer.names import Fragment

RAISE = (
    "DO $$ BEGIN RAISE EXCEPTION 'because' USING ERRCODE = '{}', DETAIL = 'd', HINT = 'h'; END $$"
)
STATES = {
    "40001": ConflictError,
    "40P01": ConflictError,
    "53100": ServerResourceError,
    "53200": ServerResourceError,
    "55P03": LockTimeoutError,
    "08006": ConnectionLostError,
    "42501": PrivilegeError,
    "3F000": MissingObjectError,
    "P0001": DatabaseError,
}
MISSING = {
    "table": ("SELECT * FROM public.nowhere", "42P01"),
    "column": ("SELECT nothing FROM pg_class", "42703"),
    "schema": ("CREATE TABLE nowhere.t (id int)", "3F000"),
    "type": ("SELECT 1::nowhere", "42704"),
    "function": ("SELECT nowhere()", "42883"),
}


@pytest.mark.parametrize(("state", "kind"), STATES.items(), ids=STATES)
def test_a_sqlstate_is_an_error_of_ours(session, state, kind):
    """The class says what it means for us; state, message and detail stay, and so does the cause."""
    with pytest.raises(DatabaseError) as caught:
        session.execute(Fragment(RAISE.format(state)))

    error = caught.value
    assert type(error) is kind
    assert (error.sqlstate, error.message, error.detail) == (state, "because", "d")
    assert type(error.__cause__).__module__.startswith(session.driver)


@pytest.mark.parametrize(("text", "state"), MISSING.values(), ids=MISSING)
def test_what_is_missing_is_said_to_be_missing(session, text, state):
    """Table, column, schema, type, function."""
    with pytest.raises(MissingObjectError) as caught:
        session.execute(Fragment(text))

    assert caught.value.sqlstate == state


def test_hidden_rows_are_not_a_privilege(opened, database, make_role):
    """Row level security under row_security = off is its own error; a missing grant is another."""
    role = make_role()
    database.run(
        "CREATE TABLE hidden (id int); ALTER TABLE hidden ENABLE ROW LEVEL SECURITY;"
        f"GRANT SELECT ON hidden TO {role.name}; CREATE TABLE closed (id int)"
    )
    session = opened(database.dsn_as(role))

    with pytest.raises(RowSecurityError, match="hidden") as caught:
        session.execute(Fragment("SELECT * FROM public.hidden"))
    assert "BYPASSRLS" in caught.value.hint
    with pytest.raises(PrivilegeError, match="closed"):
        session.execute(Fragment("SELECT * FROM public.closed"))


def test_a_lock_that_is_held_times_out(opened, database):
    """lock_timeout bounds every wait; the session goes on."""
    database.run("CREATE TABLE t (id int)")
    first, second = opened(database.dsn), opened(database.dsn)
    second.execute(Fragment("SET lock_timeout = '10ms'"))

    with first.transaction():
        first.execute(Fragment("LOCK TABLE public.t"))
        with pytest.raises(LockTimeoutError):
            second.execute(Fragment("SELECT * FROM public.t"))

    assert second.execute(Fragment("SELECT count(*) FROM public.t")).rows == [(0,)]


@pytest.mark.parametrize("params", [[], [1, 2]])
def test_a_wrong_number_of_parameters_is_no_lost_connection(session, params):
    """A mistake in a statement does not look like a network fault (both are of class 08)."""
    with pytest.raises(DatabaseError) as caught:
        session.execute(Fragment("SELECT $1::int"), params)

    assert type(caught.value) is DatabaseError
    assert session.execute(Fragment("SELECT 1")).rows == [(1,)]


def test_no_notice_is_lost(session):
    """Five hundred notices are five hundred, in order, and are given once."""
    session.execute(
        Fragment("DO $$ BEGIN FOR i IN 1..500 LOOP RAISE NOTICE 'n%', i; END LOOP; END $$")
    )

    notices = session.drain_notices()

    assert [notice.message for notice in notices] == [f"n{i}" for i in range(1, 501)]
    assert {(notice.severity, notice.sqlstate) for notice in notices} == {("NOTICE", "00000")}
    assert session.drain_notices() == []


def test_a_warning_is_known_by_its_severity(session):
    """VACUUM says in a WARNING that it skipped a table; the severity is never translated."""
    session.execute(
        Fragment("DO $$ BEGIN RAISE WARNING 'careful: 100% ö'; END $$".replace("%", "%%"))
    )

    (notice,) = session.drain_notices()

    assert (notice.severity, notice.message) == ("WARNING", "careful: 100% ö")


def test_vacuum_verbose_speaks(session, database):
    """INFO lines arrive."""
    database.run("CREATE TABLE t (id int)")

    session.execute(Fragment("VACUUM (VERBOSE) public.t"))

    assert any(notice.severity == "INFO" for notice in session.drain_notices())
