"""Rebuilding an index in the tests: the table, the interruption, and what is left of it."""

from __future__ import annotations

from dataclasses import replace

from maintainer.actions import reindex
from maintainer.names import quote
from maintainer.plan import upkeep
from tests.db.actions.upkeep import (
    INDEX,
    TABLE,
    TASK,
    facts,
    fill,
    meanwhile,
    only,
    somebody,
    target,
    until,
    working,
)

INVALID = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
COUNT = """SELECT count(*) FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid
           WHERE c.relname LIKE 'ü%'"""
TABLE_OID = "SELECT oid::bigint FROM pg_class WHERE relname LIKE 'ü%'"
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
