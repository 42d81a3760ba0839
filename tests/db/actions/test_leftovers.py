"""An interrupted REINDEX on a real server: 0 leaked indexes is a promise."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import psycopg
import pytest

from maintainer.actions import leftovers
from maintainer.names import Fragment, TableName, quote
from maintainer.plan.receipts import Outcome
from tests.db.actions.rebuilding import (
    COUNT,
    INVALID,
    OLD_SNAPSHOTS,
    SNAPSHOT,
    TABLE_OID,
    WAITING,
    WRITERS,
    fill_indexed,
    interrupted,
    run,
    stop,
)
from tests.db.actions.upkeep import (
    APP,
    INDEX,
    TABLE,
    fill,
    meanwhile,
    somebody,
    until,
    working,
)


def test_a_cancelled_rebuild_leaves_nothing(every_database, driver) -> None:
    """SIGTERM or the window's end: the invalid copy with its cut name is removed before we go."""
    fill_indexed(every_database)

    receipt = interrupted(every_database, driver, stop)

    assert (receipt.outcome, receipt.exit_code, receipt.hint) == (Outcome.STOPPED, 0, "")
    assert "SIGTERM received" in receipt.detail
    assert not receipt.finished
    assert every_database.run(INVALID) == []


def test_a_lost_session_leaves_nothing(database, driver) -> None:
    """The server ends our session: the second one cleans up."""
    fill_indexed(database)

    receipt = interrupted(
        database,
        driver,
        lambda ctx: database.run(f"SELECT pg_terminate_backend({ctx.session.pid})"),
    )

    assert (receipt.outcome, receipt.exit_code) == (Outcome.FAILED, 5)
    assert database.run(INVALID) == []


def test_a_failing_expression_leaves_nothing(every_database, driver) -> None:
    """Any error of the server in the middle of a build is cleaned up after."""
    fill(every_database)
    every_database.run(f"""
        CREATE FUNCTION public.f(x int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT x';
        CREATE INDEX {quote(INDEX.name)} ON {TABLE.sql} (public.f(id));
        CREATE OR REPLACE FUNCTION public.f(x int) RETURNS int IMMUTABLE LANGUAGE sql
          AS 'SELECT x / 0'""")

    with working(every_database.dsn, driver) as ctx:
        receipt = run(ctx)

    assert (receipt.outcome, receipt.exit_code) == (Outcome.FAILED, 1)
    assert "division by zero" in receipt.detail
    assert every_database.run(INVALID) == []
    assert every_database.run(COUNT) == [(1,)]


def test_what_cannot_be_removed_is_said_and_removed_next_time(
    every_database, driver, monkeypatch
) -> None:
    """An open writer blocks the removal too: the hint has the statement, the next run does it."""
    monkeypatch.setattr(leftovers, "WAIT", "50ms")
    fill_indexed(every_database)
    writer = (f"INSERT INTO {TABLE.sql} VALUES (0, 'open')",)

    receipt = interrupted(every_database, driver, stop, WRITERS, writer)
    (left,) = every_database.run(INVALID)
    with working(every_database.dsn, driver) as ctx:
        again = run(ctx)

    assert receipt.outcome is Outcome.STOPPED
    assert f"DROP INDEX CONCURRENTLY IF EXISTS {left[0]}" in receipt.hint
    assert again.outcome is Outcome.DONE
    assert "removed what an interrupted rebuild had left" in again.detail
    assert "_ccnew" in again.detail
    assert every_database.run(INVALID) == []


def test_no_second_copy_is_built_while_the_first_cannot_be_removed(
    database, driver, monkeypatch
) -> None:
    """Index hell is made of copies of copies: with a leftover in the way nothing is built."""
    monkeypatch.setattr(leftovers, "WAIT", "50ms")
    fill_indexed(database)
    database.run(f"CREATE INDEX {quote(INDEX.name[:29] + '_ccnew')} ON {TABLE.sql} (id)")
    database.run(
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid::regclass::text ~ '_ccnew'"
    )

    with (
        working(database.dsn, driver) as ctx,
        somebody(database, f"INSERT INTO {TABLE.sql} VALUES (0, 'open')"),
    ):
        receipt = run(ctx)

    assert (receipt.outcome, receipt.exit_code) == (Outcome.SKIPPED, 1)
    assert "cannot be removed now" in receipt.detail
    assert "DROP INDEX CONCURRENTLY" in receipt.hint
    assert len(database.run(INVALID)) == 1


def test_only_this_indexs_own_leftovers_are_removed(database, driver) -> None:
    """Another definition, another index's copy, a valid index: none of them is touched."""
    fill(database)
    short = TableName(APP, "short")
    for name, definition in (
        ("short", "(id)"),
        ("short_ccnew", "(id)"),
        ("short_ccold2", "(id)"),
        ("short_ccnew1", "(word)"),
        ("short_ccnew2", "(id)"),
        ("shorter_ccnew", "(id)"),
        ("short_copy", "(id)"),
    ):
        database.run(f"CREATE INDEX {name} ON {TABLE.sql} {definition}")
    database.run("""
        UPDATE pg_index SET indisvalid = false WHERE indexrelid::regclass::text
          ~ '(short_ccnew1?|short_ccold2|shorter_ccnew|short_copy)$'""")

    with working(database.dsn, driver) as ctx:
        receipt = run(ctx, short)

    left = database.run("SELECT relname FROM pg_class WHERE relname LIKE 'short%' ORDER BY 1")
    assert receipt.outcome is Outcome.DONE
    assert [name for (name,) in left] == [
        "short",
        "short_ccnew1",
        "short_ccnew2",
        "short_copy",
        "shorter_ccnew",
    ]


def test_a_live_build_of_somebody_else_is_left_alone(database, driver) -> None:
    """Its copy is invalid all the while it is being built: that is no leftover."""
    fill_indexed(database)
    with psycopg.connect(database.dsn, autocommit=True) as other:
        pid = other.info.backend_pid
        build = f"REINDEX INDEX CONCURRENTLY {INDEX.sql}".encode()

        with somebody(database, *SNAPSHOT) as blocker, meanwhile(lambda: other.execute(build)):
            try:
                until(database, WAITING.format(pid=pid, whom=OLD_SNAPSHOTS))
                with working(database.dsn, driver) as ctx:
                    receipt = run(ctx)
                    found = leftovers.find(ctx, INDEX, leftovers.anyone)
                assert len(database.run(INVALID)) == 1
            finally:
                blocker.rollback()

    assert (receipt.outcome, receipt.exit_code) == (Outcome.SKIPPED, 1)
    assert f"session {pid} (" in receipt.detail
    assert found == ()
    assert database.run(INVALID) == []


def test_a_build_that_its_client_has_left_is_ended_first(database, driver) -> None:
    """A lost client leaves its backend at work; what it builds can only be removed when it ends."""
    fill_indexed(database)
    with (
        psycopg.connect(database.dsn, autocommit=True) as other,
        working(database.dsn, driver) as ctx,
    ):
        left = replace(ctx, session=SimpleNamespace(pid=other.info.backend_pid))
        (oid,) = ctx.watch().execute(Fragment(TABLE_OID)).rows[0]

        def build() -> None:
            with pytest.raises(psycopg.errors.QueryCanceled):
                other.execute(f"REINDEX INDEX CONCURRENTLY {INDEX.sql}".encode())

        with somebody(database, *SNAPSHOT) as blocker, meanwhile(build):
            try:
                waiting = WAITING.format(pid=left.session.pid, whom=OLD_SNAPSHOTS)
                until(database, waiting)
                swept = leftovers.sweep(left, INDEX, oid, leftovers.anyone)
            finally:
                blocker.rollback()

    assert len(swept.removed) == 1
    assert (swept.remaining, swept.unknown) == ((), "")
    assert database.run(INVALID) == []
