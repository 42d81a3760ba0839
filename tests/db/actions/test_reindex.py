"""REINDEX on a real server: a new index in place of the old one, and never a leftover."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest

from maintainer.actions import leftovers, reindex
from maintainer.names import Fragment, TableName, quote
from maintainer.plan import upkeep
from maintainer.plan.receipts import Outcome
from tests.db.actions.upkeep import (
    APP,
    INDEX,
    TABLE,
    TASK,
    facts,
    fill,
    meanwhile,
    only,
    setting,
    somebody,
    target,
    until,
    working,
)

INVALID = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
COUNT = """SELECT count(*) FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid
           WHERE c.relname LIKE 'ü%'"""
SNAPSHOT = ("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "SELECT 1")
WAITING = """SELECT 1 FROM pg_stat_progress_create_index
             WHERE pid = {pid} AND phase = 'waiting for {whom}'"""
OLD_SNAPSHOTS, WRITERS = "old snapshots", "writers before build"


def fill_indexed(database, rows=1000) -> None:
    """Create the table with an index whose name has 63 bytes."""
    fill(database, rows=rows)
    database.run(f"CREATE INDEX {quote(INDEX.name)} ON {TABLE.sql} (id)")


def run(ctx, index=INDEX, **changes):
    """Rebuild the index as planned."""
    step = only(upkeep.reindex_steps(TASK, facts(TABLE, index), target(ctx)))
    return only(reindex.run(replace(step, **changes), ctx))


def interrupted(database, driver, interrupt, whom=OLD_SNAPSHOTS, first=SNAPSHOT):
    """Rebuild while somebody is in the way, and interrupt it when it waits for them."""
    with working(database.dsn, driver) as ctx, somebody(database, *first):
        pid = ctx.session.pid

        def act() -> None:
            until(database, WAITING.format(pid=pid, whom=whom))
            assert database.run(INVALID) != []
            interrupt(ctx)

        with meanwhile(act):
            return run(ctx)


def stop(ctx) -> None:
    """Do what a signal does: stop the budget, cancel the statement."""
    ctx.budget.stop("SIGTERM received")
    ctx.session.cancel()


def test_a_rebuilt_index_is_smaller_and_valid(every_database, driver) -> None:
    """Another file took its place, and the session's settings are what they were."""
    assert len(INDEX.name.encode()) == 63
    fill_indexed(every_database, rows=20_000)
    every_database.run(f"DELETE FROM {TABLE.sql} WHERE id > 100")

    with working(every_database.dsn, driver) as ctx:
        names = ("search_path", "lock_timeout", "statement_timeout")
        usual = [setting(ctx, name) for name in names]
        receipt = run(ctx)
        assert [setting(ctx, name) for name in names] == usual

    assert (receipt.outcome, receipt.detail, receipt.exit_code) == (Outcome.DONE, "", 0)
    assert receipt.finished
    assert receipt.after["bytes"] < receipt.before["bytes"] / 2
    assert receipt.after["oid"] != receipt.before["oid"]
    assert receipt.after["is_valid"]
    assert every_database.run(INVALID) == []
    assert every_database.run(COUNT) == [(1,)]


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


def test_an_exclusion_constraint_fails_by_name_and_stays(database, driver) -> None:
    """The plan refuses it; should it become one meanwhile, the server's refusal is reported."""
    database.run(f"""
        CREATE SCHEMA {quote(APP)};
        CREATE TABLE {TABLE.sql} (during int4range,
          CONSTRAINT {quote(INDEX.name)} EXCLUDE USING gist (during WITH &&))""")

    with working(database.dsn, driver) as ctx:
        receipt = run(ctx)

    assert (receipt.outcome, receipt.exit_code) == (Outcome.FAILED, 1)
    assert "exclusion constraint" in receipt.detail
    assert database.run("SELECT indisvalid FROM pg_index WHERE indisexclusion") == [(True,)]


def test_a_role_without_privilege_is_refused(every_database, make_role, driver) -> None:
    """Owning the database is not enough for REINDEX; the grant in the hint is."""
    fill_indexed(every_database)
    role = make_role(on=every_database.server)
    every_database.run(f'ALTER DATABASE "{every_database.name}" OWNER TO {role.name}')

    try:
        with working(every_database.dsn_as(role), driver) as ctx:
            receipt = run(ctx)
    finally:
        every_database.run(f'ALTER DATABASE "{every_database.name}" OWNER TO CURRENT_USER')

    assert (receipt.outcome, receipt.exit_code) == (Outcome.REFUSED, 3)
    assert f"the role {role.name} may not reindex" in receipt.detail
    every_database.run(receipt.hint.split(" (before")[0])
    every_database.run(f"GRANT ALL ON SCHEMA {quote(APP)} TO {role.name}")
    with working(every_database.dsn_as(role), driver) as ctx:
        assert run(ctx).outcome is Outcome.DONE


def test_an_invalid_index_is_healed(database, driver) -> None:
    """A rebuild is what makes an index of a failed CREATE INDEX CONCURRENTLY usable."""
    fill_indexed(database)
    database.run("UPDATE pg_index SET indisvalid = false WHERE indexrelid::regclass::text ~ 'iü'")

    with working(database.dsn, driver) as ctx:
        receipt = run(ctx)

    assert receipt.outcome is Outcome.DONE
    assert (receipt.before["is_valid"], receipt.after["is_valid"]) == (False, True)


@pytest.mark.parametrize("gone", ["INDEX", "TABLE"])
def test_what_is_gone_is_skipped(database, driver, gone) -> None:
    """It was there when the plan was made."""
    fill_indexed(database)
    database.run(f"DROP {gone} {(INDEX if gone == 'INDEX' else TABLE).sql}")

    with working(database.dsn, driver) as ctx:
        receipt = run(ctx)

    assert (receipt.outcome, receipt.exit_code) == (Outcome.SKIPPED, 0)
    assert "not there any more" in receipt.detail


def test_a_success_without_a_new_index_is_ineffective(database, driver) -> None:
    """Promise 4: the effect is observed; a command tag is not."""
    fill_indexed(database)

    with working(database.dsn, driver) as ctx:
        receipt = run(ctx, statement=Fragment("SELECT 1"))

    assert (receipt.outcome, receipt.exit_code) == (Outcome.INEFFECTIVE, 1)
    assert "not a new, valid one" in receipt.detail
