"""Who else is at work on a table, and taking a lock politely: a short wait, some tries."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from maintainer.actions import ending, within
from maintainer.actions.context import Context
from maintainer.errors import LockTimeoutError
from maintainer.names import TableName
from maintainer.sql.statement import named

WAIT = "2s"
TRIES = 3
PAUSE_SECONDS = 1.0
INDEX_BUILD = "an index build"


@dataclass(frozen=True, slots=True)
class Holder:
    """A session with a lock that upkeep must wait for; `doing` is empty when it is not upkeep."""

    pid: int
    mode: str
    doing: str
    is_autovacuum: bool
    user: str
    application: str

    def __str__(self) -> str:
        who = "autovacuum" if self.is_autovacuum else self.user
        named_so = f", {self.application}" if self.application else ""
        whose = f" ({who}{named_so})" if who else ""
        what = f" runs {self.doing} on it" if self.doing else f" holds {self.mode} on it"
        return f"session {self.pid}{whose}{what}"


def holders(ctx: Context, oid: int) -> list[Holder]:
    """Who holds a lock on the table that VACUUM, ANALYZE and REINDEX conflict with."""
    statement = named("select_lock_holders").fill()
    rows = ctx.watch().execute(statement, (oid, ctx.session.pid)).rows
    return [
        Holder(int(str(pid)), str(mode), str(doing), bool(auto), str(user), str(application))
        for pid, mode, doing, auto, user, application in rows
    ]


def taking(ctx: Context, table: TableName, oid: int, work: Callable[[], object]) -> None:
    """Do `work` when its lock can be had within some short waits.

    Raises NotNeededError when somebody else already does upkeep: to wait for autovacuum would
    make the server cancel it. Raises BusyError, with a name, when the lock cannot be had.
    """
    for attempt in range(1, TRIES + 1):
        _make_way(holders(ctx, oid))
        try:
            with within.settings(ctx.session, lock_timeout=WAIT, statement_timeout="0"):
                work()
        except LockTimeoutError as error:
            if attempt == TRIES:
                raise busy(table, holders(ctx, oid)) from error
            pause(ctx, attempt)
        else:
            return


def awaiting(ctx: Context, table: TableName, oid: int) -> None:
    """Come back when nobody holds such a lock on the table; raises BusyError after some looks."""
    for attempt in range(1, TRIES + 1):
        found = holders(ctx, oid)
        if not found:
            return
        if building := [holder for holder in found if holder.doing == INDEX_BUILD]:
            raise ending.BusyError(f"{building[0]}; one index of a table is rebuilt at a time")
        if attempt < TRIES:
            pause(ctx, attempt)
    raise busy(table, found)


def busy(table: TableName, found: list[Holder]) -> ending.BusyError:
    """The error that names who is in the way."""
    who = "; ".join(str(holder) for holder in found) or "who held it has just left"
    return ending.BusyError(
        f"{table} is locked after {TRIES} tries: {who}",
        hint="the next run tries again; a session that idles in a transaction should be ended",
    )


def pause(ctx: Context, attempt: int) -> None:
    """Wait before the next try, longer each time and never in step with others."""
    ending.go_on(ctx)
    ctx.clock.sleep(PAUSE_SECONDS * attempt * random.uniform(0.5, 1.5))  # noqa: S311 - not a secret


def _make_way(found: list[Holder]) -> None:
    for holder in found:
        if holder.doing and holder.doing != INDEX_BUILD:
            raise ending.NotNeededError(f"already running: {holder}")
