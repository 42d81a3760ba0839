"""Invalid copies of an index that an interrupted rebuild left behind: found, removed, or named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from maintainer.actions import within
from maintainer.actions.context import Context
from maintainer.errors import CancelledError, ConflictError, DatabaseError, LockTimeoutError
from maintainer.names import TableName
from maintainer.sql.statement import named

Which = Callable[[int], bool]

WAIT = "5s"
PAUSES_SECONDS = (0.0, 1.0, 2.0)
STOP_LOOKS = 40
STOP_LOOK_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Leftover:
    """An index that serves nobody and still costs room and writes."""

    oid: int
    name: TableName


@dataclass(frozen=True, slots=True)
class Swept:
    """What became of the leftovers; `unknown` says why nobody could look."""

    removed: tuple[Leftover, ...] = ()
    remaining: tuple[Leftover, ...] = ()
    unknown: str = ""

    @property
    def detail(self) -> str:
        """What was removed, for people; empty when nothing was."""
        names = ", ".join(str(leftover.name) for leftover in self.removed)
        return f"removed what an interrupted rebuild had left: {names}" if names else ""

    @property
    def hint(self) -> str:
        """What a person must do about the rest; empty when there is none."""
        if self.unknown:
            return (
                f"it may have left an invalid index that the next rebuild removes ({self.unknown})"
            )
        return "; ".join(_drop(leftover) for leftover in self.remaining)


def find(ctx: Context, index: TableName, which: Which) -> tuple[Leftover, ...]:
    """The leftovers of this index that nobody is at work on."""
    rows = ctx.watch().execute(named("select_leftovers").fill(), (index.schema, index.name)).rows
    found = (
        Leftover(int(str(oid)), TableName(str(schema), str(name))) for oid, schema, name in rows
    )
    return tuple(leftover for leftover in found if which(leftover.oid))


def anyone(oid: int) -> bool:
    """Whichever it is."""
    return oid > 0


def remove(ctx: Context, index: TableName, which: Which) -> Swept:
    """Drop them; each try looks again, so that nothing is dropped that has changed."""
    seen: dict[int, Leftover] = {}
    left = find(ctx, index, which)
    for seconds in PAUSES_SECONDS:
        seen.update((leftover.oid, leftover) for leftover in left)
        if not left:
            break
        ctx.clock.sleep(seconds)
        for leftover in left:
            _try_drop(ctx, leftover)
        left = find(ctx, index, which)
    gone = tuple(leftover for oid, leftover in seen.items() if oid not in {x.oid for x in left})
    return Swept(gone, left)


def sweep(ctx: Context, index: TableName, table_oid: int, which: Which) -> Swept:
    """After a rebuild that failed: see it end on the server, then remove what it left."""
    try:
        _see_end(ctx, table_oid)
        return remove(ctx, index, which)
    except DatabaseError as error:
        return Swept(unknown=error.message)


def _see_end(ctx: Context, table_oid: int) -> None:
    """The backend may still be building when its client has lost or left it."""
    for _ in range(STOP_LOOKS):
        cancel = named("cancel_rebuild").fill()
        if not ctx.watch().execute(cancel, (ctx.session.pid, table_oid)).rows:
            return
        ctx.clock.sleep(STOP_LOOK_SECONDS)


def _try_drop(ctx: Context, leftover: Leftover) -> None:
    watch = ctx.watch()
    try:
        with within.settings(watch, lock_timeout=WAIT, statement_timeout="0"):
            watch.execute(named("drop_leftover").fill(index=leftover.name.sql))
    except (LockTimeoutError, ConflictError, CancelledError):
        return  # the next look finds it again


def _drop(leftover: Leftover) -> str:
    statement = named("drop_leftover").fill(index=leftover.name.sql)
    return f"an invalid index is left; the next rebuild removes it, or now: {statement}"
