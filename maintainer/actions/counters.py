"""What the server counts of a table, read from another session: proof that something happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

from maintainer.actions.context import Context
from maintainer.actions.ending import NotNeededError
from maintainer.names import TableName
from maintainer.sql.statement import named

COLLECTOR_UNTIL = 150000  # before 15 counters pass through another process, by UDP
LOOKS = 10
LOOK_SECONDS = 0.25
FLUSH_SECONDS = 0.6
PARENTS_SINCE = 140000


@dataclass(frozen=True, slots=True)
class Counters:
    """The counters of one table; `is_counting` is the server's track_counts."""

    is_counting: bool
    kind: str
    last_vacuum: str
    last_analyze: str
    vacuums: int
    analyzes: int
    live_rows: int
    dead_rows: int
    changed_rows: int
    heap_bytes: int
    total_bytes: int
    xid_age: int

    def shown(self) -> dict[str, object]:
        """As a receipt carries them."""
        return {name: value for name, value in asdict(self).items() if name not in HIDDEN}


HIDDEN = frozenset({"is_counting", "kind"})


def read(ctx: Context, table: TableName) -> Counters:
    """The counters as another session sees them; raises NotNeededError when the table is gone."""
    statement = named("select_counters").fill()
    rows = ctx.watch().execute(statement, (table.schema, table.name)).rows
    if not rows:
        raise NotNeededError(f"{table} is not there any more")
    is_counting, kind, last_vacuum, last_analyze, *numbers = rows[0]
    counted = [int(str(number)) for number in numbers]
    return Counters(bool(is_counting), str(kind), str(last_vacuum), str(last_analyze), *counted)


def moved(ctx: Context, table: TableName, has_moved: Callable[[Counters], bool]) -> Counters:
    """The counters once `has_moved` agrees; before 15 they come late, so look for some seconds."""
    now = read(ctx, table)
    for _ in range(LOOKS if ctx.session.server_version < COLLECTOR_UNTIL else 0):
        if has_moved(now):
            break
        ctx.clock.sleep(LOOK_SECONDS)
        now = read(ctx, table)
    return now


def settle(ctx: Context) -> None:
    """Let what this session deleted be counted now: later it would look like new dead rows."""
    if ctx.session.server_version >= COLLECTOR_UNTIL:
        ctx.session.execute(named("flush_statistics").fill())
        return
    for _ in range(2):  # once for the backend's own report, once for the collector's file
        ctx.clock.sleep(FLUSH_SECONDS)
        ctx.session.execute(named("select_sight").fill())


def counts(ctx: Context, seen: Counters) -> bool:
    """Whether the server counts at all for this table."""
    is_parent = seen.kind == "p"
    return seen.is_counting and not (is_parent and ctx.session.server_version < PARENTS_SINCE)
