"""What the tests of upkeep share: a context on a real database, steps, and people in the way."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from maintainer.actions.context import Context, Numbers
from maintainer.db import conninfo
from maintainer.db.connect import connect
from maintainer.names import TableName, quote
from maintainer.plan import upkeep
from maintainer.plan.facts import Index, TableFacts, Target
from maintainer.schedule.budget import Budget
from maintainer.schedule.clock import SystemClock
from maintainer.sql.statement import named
from tests.servers import Database

TASK = upkeep.Task(rule="by hand", reason="asked for")
LONG = "ü" * 30 + "\"'%"  # 63 bytes with a quote, an apostrophe and a per cent sign
APP = 'My "app"'
TABLE = TableName(APP, LONG)
INDEX = TableName(APP, "i" + LONG[1:] + "x")


class QuickClock(SystemClock):
    """A clock that naps briefly and remembers for how long it was asked to."""

    def __init__(self) -> None:
        self.naps: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Nap no longer than the statistics of old servers need."""
        self.naps.append(seconds)
        super().sleep(min(seconds, 0.6))


@contextmanager
def working(dsn: str, driver: str) -> Iterator[Context]:
    """A context with two sessions of its own."""
    sessions = [connect(conninfo.resolve(dsn, {}), driver=driver)]

    def watch():
        if len(sessions) == 1:
            sessions.append(connect(conninfo.resolve(dsn, {}), driver=driver))
        return sessions[1]

    try:
        yield Context(
            run="run",
            step=1,
            session=sessions[0],
            watch=watch,
            clock=QuickClock(),
            budget=Budget(),
            numbers=Numbers(),
            day=dt.date(2026, 1, 2),
        )
    finally:
        for session in sessions:
            session.close()


@contextmanager
def somebody(database: Database, *statements: str) -> Iterator[psycopg.Connection]:
    """Another session inside a transaction in which the statements have run."""
    with psycopg.connect(database.dsn) as other:
        for statement in statements:
            other.execute(statement.encode())
        yield other
        other.rollback()


@contextmanager
def meanwhile(work: Callable[[], object]) -> Iterator[None]:
    """Do something in a thread, and see that it went well."""
    failures: list[BaseException] = []

    def guarded() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - shown to the test below
            failures.append(error)

    thread = threading.Thread(target=guarded)
    thread.start()
    try:
        yield
    finally:
        thread.join()
    assert failures == []


def until(database: Database, query: str) -> list[tuple]:
    """Ask again until there is a row; the test's own timeout is the server's patience."""
    for _ in range(1000):
        if rows := database.run(query):
            return rows
        SystemClock().sleep(0.02)
    raise AssertionError(f"nothing came of {query}")


def target(ctx: Context) -> Target:
    """The server and the role of a context."""
    role = str(ctx.session.execute(named("select_sight").fill()).rows[0][1])
    version = ctx.session.server_version
    return Target("app", version, None, None, is_standby=False, encoding="UTF8", role=role)


def facts(table: TableName = TABLE, *indexes: TableName, kind: str = "r") -> TableFacts:
    """Facts enough for a step."""
    return TableFacts(
        table=table,
        oid=0,
        kind=kind,
        persistence="p",
        columns=(),
        indexes=tuple(Index(name, "btree", ("id",), 0) for name in indexes),
    )


def only(receipts):
    """The one receipt of a step."""
    (receipt,) = receipts
    return receipt


def setting(ctx: Context, name: str) -> str:
    """A setting of the session that works."""
    return str(ctx.session.execute(named("read_setting").fill(), (name,)).rows[0][0])


def fill(database: Database, table: TableName = TABLE, rows: int = 1000) -> None:
    """Create a table that autovacuum leaves alone, with rows."""
    database.run(f"""
        CREATE SCHEMA IF NOT EXISTS {quote(table.schema)};
        CREATE TABLE {table.sql} (id int, word text) WITH (autovacuum_enabled = off);
        INSERT INTO {table.sql} SELECT n, 'word ' || n FROM generate_series(1, {rows}) AS n""")


def fill_with_expression(database: Database) -> bool:
    """Add an index on a function that calls another by its bare name; whether that needs a path.

    From 17 on the server allows only a path of its own, so there the function pins one.
    """
    fill(database)
    is_old = database.server.version < 17
    pinned = "" if is_old else f"SET search_path = {quote(TABLE.schema)}"
    database.run(f"""
        SET search_path = {quote(TABLE.schema)};
        CREATE FUNCTION called(x int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT x + 1';
        CREATE FUNCTION calling(x int) RETURNS int IMMUTABLE LANGUAGE plpgsql {pinned}
          AS 'BEGIN RETURN called(x); END';
        CREATE INDEX {quote(INDEX.name)} ON {TABLE.sql} (calling(id))""")
    return is_old
