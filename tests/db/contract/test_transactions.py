"""Transactions, and what is known when the line is cut."""

# ruff: noqa: PT012 - a transaction is one block

from __future__ import annotations

import threading

import pytest

from maintainer.errors import (
    CancelledError,
    ConnectionLostError,
    DatabaseError,
    MaintainerError,
    ReadOnlyError,
)
from maintainer.names import Fragment
from tests.db.contract.backend import terminate

ONE = Fragment("SELECT 1")
COUNT = Fragment("SELECT count(*) FROM public.t")
INSERT = Fragment("INSERT INTO public.t VALUES (1)")


@pytest.fixture
def table(database):
    """A table t(id int)."""
    database.run("CREATE TABLE t (id int)")


def test_a_block_commits(session, table):
    """What the block did is there afterwards."""
    with session.transaction():
        session.execute(INSERT)

    assert session.execute(COUNT).rows == [(1,)]


def test_an_exception_rolls_back(session, table):
    """What the block did is undone, and the exception is the block's own."""
    with pytest.raises(ZeroDivisionError), session.transaction():
        session.execute(INSERT)
        raise ZeroDivisionError

    assert session.execute(COUNT).rows == [(0,)]


def test_read_only_refuses_a_write(session, table):
    """The server itself holds the promise of a dry-run."""
    with pytest.raises(ReadOnlyError), session.transaction(read_only=True):
        session.execute(INSERT)

    assert session.execute(COUNT).rows == [(0,)]


def test_isolation_is_read_committed_and_writing_by_name(opened, database):
    """A role's own defaults do not reach into our transactions."""
    dsn = f"{database.dsn} options='-c default_transaction_isolation=serializable -c default_transaction_read_only=on'"
    session = opened(dsn)

    with session.transaction():
        shown = session.execute(
            Fragment(
                "SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')"
            )
        ).rows

    assert shown == [("read committed", "off")]


def test_a_failed_transaction_is_not_committed_in_silence(session, table):
    """COMMIT after a swallowed error answers ROLLBACK: that is an error of its own."""
    with pytest.raises(DatabaseError, match="rolled back") as caught, session.transaction():
        session.execute(INSERT)
        with pytest.raises(DatabaseError):
            session.execute(Fragment("SELECT 1/0"))

    assert caught.value.sqlstate == "25P02"
    assert session.execute(COUNT).rows == [(0,)]


def test_an_error_at_commit_is_an_error(session, database):
    """A deferred constraint that fails at COMMIT is raised, and is no doubt."""
    database.run("CREATE TABLE t (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)")

    with pytest.raises(DatabaseError) as caught, session.transaction():
        session.execute(INSERT)
        session.execute(INSERT)

    assert caught.value.sqlstate == "23505"
    assert session.execute(COUNT).rows == [(0,)]


def test_transactions_do_not_nest(session):
    """A second one inside the first is a mistake of the caller."""
    with (
        pytest.raises(ValueError, match="open already"),
        session.transaction(),
        session.transaction(),
    ):
        pass

    assert session.execute(ONE).rows == [(1,)]


def test_vacuum_and_concurrent_reindex_run_outside(session, database):
    """Autocommit is real: what refuses a transaction block runs."""
    database.run("CREATE TABLE t (id int PRIMARY KEY)")

    assert session.execute(Fragment("VACUUM (ANALYZE) public.t")).tag == "VACUUM"
    assert session.execute(Fragment("REINDEX INDEX CONCURRENTLY public.t_pkey")).tag == "REINDEX"


def test_a_commit_whose_answer_is_lost_is_in_doubt(opened, database, proxy, table):
    """The server may have committed: ConnectionLostError, not success and not failure."""
    session = opened(f"{database.dsn} host={proxy.host} port={proxy.port}")

    with pytest.raises(ConnectionLostError, match="not known"), session.transaction():
        session.execute(INSERT)
        proxy.cut_after(b"COMMIT")

    assert session.closed


def test_a_line_cut_in_a_statement_is_a_lost_connection(opened, database, proxy):
    """The next statement on a cut line says so, and the session knows that it is gone."""
    session = opened(f"{database.dsn} host={proxy.host} port={proxy.port}")
    proxy.cut()

    with pytest.raises(ConnectionLostError):
        session.execute(ONE)

    assert session.closed
    with pytest.raises(ConnectionLostError):
        session.execute(ONE)
    session.close()


def test_a_line_cut_in_a_copy_is_a_lost_connection(opened, database, proxy):
    """Half a stream never counts as the whole."""
    session = opened(f"{database.dsn} host={proxy.host} port={proxy.port}")

    with pytest.raises(ConnectionLostError):
        session.copy_out(
            Fragment("COPY (SELECT generate_series(1, 1000000000)) TO STDOUT"),
            lambda _piece: proxy.cut(),
        )

    assert session.closed


def test_a_terminated_backend_is_a_lost_connection(opened, database):
    """pg_terminate_backend in the middle of a transaction: lost, and the block's end adds nothing."""
    session = opened(database.dsn)

    with pytest.raises(ConnectionLostError), session.transaction():
        terminate(database, session.pid)
        session.execute(ONE)

    assert session.closed


def test_a_backend_terminated_at_work_is_a_lost_connection(opened, database):
    """57P01 while a statement runs is the end of the session, not a refusal of the statement."""
    session = opened(database.dsn)

    def terminate() -> None:
        database.run(
            f"DO $$ BEGIN WHILE NOT (SELECT wait_event = 'PgSleep' FROM pg_stat_activity WHERE pid = {session.pid})"
            f" IS TRUE LOOP PERFORM pg_stat_clear_snapshot(); END LOOP;"
            f" PERFORM pg_terminate_backend({session.pid}); END $$"
        )

    terminator = threading.Thread(target=terminate)
    terminator.start()
    with pytest.raises(ConnectionLostError):
        session.execute(Fragment("SELECT pg_sleep(60)"))
    terminator.join()

    assert session.closed


def test_cancel_from_another_thread(session, database):
    """The statement ends with CancelledError; the session goes on."""

    def cancel() -> None:
        database.run(
            f"DO $$ BEGIN WHILE NOT (SELECT wait_event = 'PgSleep' FROM pg_stat_activity WHERE pid = {session.pid})"
            f" IS TRUE LOOP PERFORM pg_stat_clear_snapshot(); END LOOP; END $$"
        )
        session.cancel()

    canceller = threading.Thread(target=cancel)
    canceller.start()
    with pytest.raises(CancelledError):
        session.execute(Fragment("SELECT pg_sleep(60)"))
    canceller.join()

    assert session.execute(ONE).rows == [(1,)]


def test_cancel_of_nothing_is_nothing(session):
    """An idle session, and a closed one, can be cancelled without effect."""
    session.cancel()
    assert session.execute(ONE).rows == [(1,)]

    session.close()
    session.cancel()
    session.close()


def test_a_statement_timeout_is_a_cancellation(session):
    """statement_timeout, where somebody sets it, ends the statement only."""
    session.execute(Fragment("SET statement_timeout = '50ms'"))

    with pytest.raises(CancelledError):
        session.execute(Fragment("SELECT pg_sleep(60)"))

    assert session.execute(ONE).rows == [(1,)]


def test_an_idle_transaction_that_is_ended_is_lost(session):
    """idle_in_transaction_session_timeout ends the session; the COMMIT after it is in doubt."""
    with pytest.raises(MaintainerError) as caught, session.transaction():
        session.execute(Fragment("SET LOCAL idle_in_transaction_session_timeout = '1ms'"))
        threading.Event().wait(0.3)

    assert isinstance(caught.value, ConnectionLostError)
