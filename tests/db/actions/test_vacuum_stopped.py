"""VACUUM on a real server: locked, already running, cancelled, out of time."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest

from maintainer.actions import locks, vacuum
from maintainer.names import Fragment
from maintainer.plan import upkeep
from maintainer.plan.receipts import Outcome
from tests.db.actions.upkeep import (
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

HALF = f"DELETE FROM {TABLE.sql} WHERE id > 500"
SLOWLY = "SET vacuum_cost_delay = '100ms'; SET vacuum_cost_limit = 1"


def run(ctx, **changes):
    """Vacuum the table as planned."""
    step = upkeep.vacuum_step(TASK, facts(), target(ctx))
    return only(vacuum.run(replace(step, **changes), ctx))


def test_a_locked_table_is_left_after_three_short_tries(database, driver, monkeypatch) -> None:
    """Who waits holds up everybody behind; so we wait briefly, thrice, and name the holder."""
    monkeypatch.setattr(locks, "WAIT", "50ms")
    fill(database)

    with working(database.dsn, driver) as ctx:
        usual = setting(ctx, "lock_timeout")
        with somebody(database, f"LOCK TABLE {TABLE.sql} IN SHARE MODE") as other:
            receipt = run(ctx)
            pid = other.info.backend_pid
        assert setting(ctx, "lock_timeout") == usual
        naps = ctx.clock.naps
        assert run(ctx).outcome is Outcome.DONE

    assert (receipt.outcome, receipt.exit_code) == (Outcome.SKIPPED, 1)
    assert "is locked after 3 tries" in receipt.detail
    assert f"session {pid} (" in receipt.detail
    assert "holds ShareLock" in receipt.detail
    assert len([nap for nap in naps if nap]) >= 2


def test_a_vacuum_that_is_already_running_is_left_to_it(database, driver) -> None:
    """To wait for autovacuum would make the server cancel it; its work is ours."""
    fill(database, rows=20_000)
    database.run(HALF)
    with psycopg.connect(database.dsn, autocommit=True) as other:
        other.execute(SLOWLY)
        pid = other.info.backend_pid

        def slowly() -> None:
            with pytest.raises(psycopg.errors.QueryCanceled):
                other.execute(f"VACUUM {TABLE.sql}".encode())

        with meanwhile(slowly), working(database.dsn, driver) as ctx:
            until(database, f"SELECT 1 FROM pg_stat_progress_vacuum WHERE pid = {pid}")
            try:
                receipt = run(ctx)
            finally:
                database.run(f"SELECT pg_cancel_backend({pid})")

    assert (receipt.outcome, receipt.exit_code) == (Outcome.SKIPPED, 0)
    assert receipt.detail.startswith(f"already running: session {pid}")
    assert "runs VACUUM on it" in receipt.detail


def test_a_cancelled_vacuum_says_why_it_was_stopped(database, driver) -> None:
    """The budget knows why: a signal or the end of the window."""
    receipt = _cancelled(database, driver, lambda ctx: ctx.budget.stop("SIGTERM received"))

    assert (receipt.outcome, receipt.exit_code) == (Outcome.STOPPED, 0)
    assert "SIGTERM received" in receipt.detail
    assert not receipt.finished


def test_a_cancel_that_is_not_ours_is_a_failure(database, driver) -> None:
    """Somebody else's pg_cancel_backend: the work is still to be done."""
    receipt = _cancelled(database, driver, lambda _: None)

    assert (receipt.outcome, receipt.exit_code) == (Outcome.FAILED, 1)
    assert "from outside" in receipt.detail


def _cancelled(database, driver, first):
    fill(database, rows=20_000)
    database.run(HALF)
    with working(database.dsn, driver) as ctx:
        for statement in SLOWLY.split("; "):
            ctx.session.execute(Fragment(statement))
        pid = ctx.session.pid

        def cancel() -> None:
            until(database, f"SELECT 1 FROM pg_stat_progress_vacuum WHERE pid = {pid}")
            first(ctx)
            ctx.session.cancel()

        with meanwhile(cancel):
            return run(ctx)


def test_a_spent_budget_starts_nothing(database, driver) -> None:
    """After the window's end not even a short VACUUM begins."""
    fill(database)

    with working(database.dsn, driver) as ctx:
        ctx.budget.stop("the window has ended")
        receipt = run(ctx)

    assert (receipt.outcome, receipt.detail) == (Outcome.STOPPED, "the window has ended")
    assert database.run("SELECT sum(vacuum_count)::int FROM pg_stat_user_tables") == [(0,)]


def test_a_table_that_is_gone_is_skipped(database, driver) -> None:
    """It was there when the plan was made."""
    with working(database.dsn, driver) as ctx:
        receipt = run(ctx)

    assert (receipt.outcome, receipt.exit_code) == (Outcome.SKIPPED, 0)
    assert "not there any more" in receipt.detail
