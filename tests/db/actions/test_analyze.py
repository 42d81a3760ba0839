"""ANALYZE on a real server: done, refused, skipped."""

from __future__ import annotations

from dataclasses import replace

from maintainer.actions import analyze, locks, verdict
from maintainer.names import quote
from maintainer.plan import upkeep
from maintainer.plan.receipts import Outcome
from tests.db.actions.upkeep import (
    TABLE,
    TASK,
    facts,
    fill,
    fill_with_expression,
    only,
    setting,
    somebody,
    target,
    working,
)


def run(ctx, kind="r"):
    """Analyze the table as planned."""
    return only(analyze.run(upkeep.analyze_step(TASK, facts(kind=kind), target(ctx)), ctx))


def test_statistics_are_renewed_and_counted(every_database, driver) -> None:
    """The counter moved, and the planner knows the rows."""
    fill(every_database)

    with working(every_database.dsn, driver) as ctx:
        usual = setting(ctx, "search_path"), setting(ctx, "lock_timeout")
        receipt = run(ctx)
        assert (setting(ctx, "search_path"), setting(ctx, "lock_timeout")) == usual

    assert (receipt.outcome, receipt.exit_code, receipt.rows) == (Outcome.DONE, 0, 1000)
    assert receipt.after["analyzes"] == receipt.before["analyzes"] + 1
    assert receipt.after["changed_rows"] == 0
    assert receipt.finished
    assert every_database.run("SELECT reltuples FROM pg_class WHERE relname LIKE 'ü%'") == [(1000,)]


def test_a_partitioned_table_is_analyzed_itself(every_database, driver) -> None:
    """Autovacuum never does it; 13 keeps no counter of it, and the receipt says so."""
    every_database.run(f"""
        CREATE SCHEMA {quote(TABLE.schema)};
        CREATE TABLE {TABLE.sql} (id int) PARTITION BY RANGE (id);
        CREATE TABLE {quote(TABLE.schema)}.part PARTITION OF {TABLE.sql} DEFAULT;
        INSERT INTO {TABLE.sql} SELECT generate_series(1, 100)""")

    with working(every_database.dsn, driver) as ctx:
        receipt = run(ctx, kind="p")

    is_counted = every_database.server.version >= 14
    assert (receipt.outcome, receipt.exit_code) == (Outcome.DONE, 0)
    assert receipt.detail == ("" if is_counted else verdict.UNCOUNTED)
    inherited = every_database.run("SELECT count(*) FROM pg_stats WHERE inherited")
    assert inherited == [(1,)]


def test_a_role_without_privilege_is_refused(database, make_role, driver) -> None:
    """Refused before the server could skip it in silence."""
    fill(database)
    role = make_role()

    with working(database.dsn_as(role), driver) as ctx:
        receipt = run(ctx)

    assert (receipt.outcome, receipt.exit_code) == (Outcome.REFUSED, 3)
    assert f"the role {role.name} may not analyze" in receipt.detail
    assert database.run("SELECT sum(analyze_count)::int FROM pg_stat_user_tables") == [(0,)]


def test_a_locked_table_is_left(database, driver, monkeypatch) -> None:
    """After three short waits the holder is named."""
    monkeypatch.setattr(locks, "WAIT", "50ms")
    fill(database)

    with (
        working(database.dsn, driver) as ctx,
        somebody(database, f"LOCK TABLE {TABLE.sql} IN ACCESS EXCLUSIVE MODE") as other,
    ):
        receipt = run(ctx)
        pid = other.info.backend_pid

    assert (receipt.outcome, receipt.exit_code) == (Outcome.SKIPPED, 1)
    assert f"session {pid} (" in receipt.detail


def test_index_expressions_find_what_they_call(every_database, driver) -> None:
    """Before 17 they need the table's schemas; later servers use a path of their own."""
    is_old = fill_with_expression(every_database)

    with working(every_database.dsn, driver) as ctx:
        step = upkeep.analyze_step(TASK, facts(), target(ctx))
        wide = only(analyze.run(step, ctx))
        narrow = only(analyze.run(replace(step, search_path=("pg_catalog",)), ctx))

    assert wide.outcome is Outcome.DONE
    assert narrow.outcome is (Outcome.FAILED if is_old else Outcome.DONE)
