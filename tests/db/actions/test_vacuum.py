"""VACUUM on a real server: done, refused, and without effect."""

from __future__ import annotations

from dataclasses import replace

import pytest

from maintainer.actions import vacuum
from maintainer.names import Fragment, quote
from maintainer.plan import upkeep
from maintainer.plan.receipts import Outcome
from tests.db.actions.upkeep import (
    TABLE,
    TASK,
    facts,
    fill,
    only,
    somebody,
    target,
    working,
)

HALF = f"DELETE FROM {TABLE.sql} WHERE id > 500"


def run(ctx, **changes):
    """Vacuum the table as planned."""
    step = upkeep.vacuum_step(TASK, facts(), target(ctx))
    return only(vacuum.run(replace(step, **changes), ctx))


def test_dead_rows_are_removed_and_counted(every_database, driver) -> None:
    """The counters of another session prove it, whatever the table is called."""
    fill(every_database)
    every_database.run(HALF)

    with working(every_database.dsn, driver) as ctx:
        receipt = run(ctx)

    assert (receipt.outcome, receipt.rows) == (Outcome.DONE, 500)
    assert (receipt.detail, receipt.hint, receipt.exit_code) == ("", "", 0)
    assert receipt.finished
    assert receipt.before["dead_rows"] == 500
    assert receipt.after["dead_rows"] == 0
    assert receipt.after["vacuums"] == receipt.before["vacuums"] + 1


def test_what_the_same_session_deleted_a_moment_ago_is_counted_once(every_database, driver) -> None:
    """A purge's last rows must not turn up as dead after the VACUUM that removed them."""
    fill(every_database)

    with working(every_database.dsn, driver) as ctx:
        ctx.session.execute(Fragment(f"DELETE FROM {TABLE.sql} WHERE id <= 10"))
        ctx.session.execute(Fragment(HALF))
        receipt = run(ctx)

    assert (receipt.rows, receipt.after["dead_rows"]) == (510, 0)


def test_a_table_without_dead_rows_is_done_too(database, driver) -> None:
    """Nothing to remove is no failure: the server counted the VACUUM."""
    fill(database)

    with working(database.dsn, driver) as ctx:
        receipt = run(ctx)

    assert (receipt.outcome, receipt.rows, receipt.exit_code) == (Outcome.DONE, 0, 0)


def test_a_role_without_privilege_is_refused_with_the_grant(every_database, make_role, driver):
    """The server would warn, report success and do nothing; we say what would mend it."""
    fill(every_database)
    role = make_role(on=every_database.server)

    with working(every_database.dsn_as(role), driver) as ctx:
        receipt = run(ctx)

    assert (receipt.outcome, receipt.exit_code) == (Outcome.REFUSED, 3)
    assert f"the role {role.name} may not vacuum" in receipt.detail
    assert receipt.hint.startswith(("GRANT MAINTAIN ON", "ALTER TABLE"))
    with working(every_database.dsn_as(role), driver) as ctx:
        every_database.run(receipt.hint.split(" (before")[0])
        schema = run(ctx)
        every_database.run(schema.hint)
        last = run(ctx)

    assert (schema.outcome, schema.exit_code) == (Outcome.REFUSED, 3)
    assert schema.hint.startswith("GRANT USAGE ON SCHEMA")
    assert last.outcome is Outcome.DONE


@pytest.mark.parametrize("held", ["snapshot", "xid"])
def test_an_old_snapshot_makes_it_ineffective_and_is_named(every_database, driver, held) -> None:
    """Success with the dead rows still there: by a snapshot, or by a transaction that idles."""
    fill(every_database)
    first = "SELECT pg_current_xact_id()" if held == "xid" else "SELECT 1"
    level = "READ COMMITTED" if held == "xid" else "REPEATABLE READ"

    with working(every_database.dsn, driver) as ctx:
        begin = f"SET TRANSACTION ISOLATION LEVEL {level}"
        with somebody(every_database, begin, first) as other:
            every_database.run(HALF)
            receipt = run(ctx)
            pid = other.info.backend_pid
        again = run(ctx)

    assert (receipt.outcome, receipt.exit_code, receipt.rows) == (Outcome.INEFFECTIVE, 1, 0)
    assert f"500 dead rows cannot be removed yet: session {pid} (user" in receipt.detail
    assert "idle in transaction" in receipt.detail
    assert receipt.hint == "end its transaction, then run it again"
    assert not receipt.finished
    assert (again.outcome, again.rows) == (Outcome.DONE, 500)


def test_what_could_be_removed_counts_although_some_had_to_stay(
    own_server, make_database, driver
) -> None:
    """A snapshot younger than most dead rows: done, and the rest is explained.

    On a server of its own: a snapshot is as old as the oldest transaction of any database.
    """
    database = make_database(own_server)
    fill(database)
    database.run(HALF)

    with working(database.dsn, driver) as ctx:
        begin = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
        with somebody(database, begin, "SELECT 1") as other:
            database.run(f"DELETE FROM {TABLE.sql} WHERE id > 400")
            receipt = run(ctx)
            pid = other.info.backend_pid

    assert (receipt.outcome, receipt.exit_code, receipt.rows) == (Outcome.DONE, 0, 500)
    assert f"100 dead rows cannot be removed yet: session {pid}" in receipt.detail


def test_a_role_that_cannot_see_the_holder_says_so(database, make_role, driver) -> None:
    """Without pg_read_all_stats others' snapshots are hidden; the grant that shows them is named."""
    fill(database)
    role = make_role()
    database.run(f"ALTER TABLE {TABLE.sql} OWNER TO {role.name}")
    database.run(f"GRANT USAGE ON SCHEMA {quote(TABLE.schema)} TO {role.name}")

    with working(database.dsn_as(role), driver) as ctx:
        begin = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
        with somebody(database, begin, "SELECT 1"):
            database.run(HALF)
            receipt = run(ctx)

    assert (receipt.outcome, receipt.exit_code) == (Outcome.INEFFECTIVE, 1)
    assert "this role cannot see who" in receipt.detail
    assert receipt.hint == f'GRANT pg_monitor TO "{role.name}"'


def test_a_success_that_the_counters_do_not_know_is_ineffective(database, driver) -> None:
    """What PostgreSQL skips with a warning is not done; its warning is the reason."""
    fill(database)

    with (
        working(database.dsn, driver) as ctx,
        somebody(database, f"LOCK TABLE {TABLE.sql} IN SHARE MODE"),
    ):
        receipt = run(ctx, statement=Fragment(f"VACUUM (SKIP_LOCKED) {TABLE.sql}"))

    assert (receipt.outcome, receipt.exit_code) == (Outcome.INEFFECTIVE, 1)
    assert "skipping vacuum of" in receipt.detail


def test_without_counters_the_server_is_believed(database, driver) -> None:
    """track_counts off: nothing can be compared, and the receipt says so."""
    fill(database)
    database.run(f'ALTER DATABASE "{database.name}" SET track_counts = off')

    with working(database.dsn, driver) as ctx:
        receipt = run(ctx)

    assert receipt.outcome is Outcome.DONE
    assert "keeps no counter" in receipt.detail
