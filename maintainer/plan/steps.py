"""The steps a plan is made of; each holds the very SQL that will run and the reason for it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from maintainer.names import Fragment, TableName
from maintainer.plan.facts import Column, Count
from maintainer.sql.statement import Prepared


@dataclass(frozen=True, slots=True)
class Limits:
    """How big one segment may become: whichever is reached first ends its growth."""

    seconds: float
    rows: int
    stored_bytes: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a step is expected to touch; `lock` is the table lock it takes, by its SQL name."""

    rows: Count
    bytes: int | None = None
    lock: str = "ROW EXCLUSIVE"


@dataclass(frozen=True, slots=True)
class KeyRange:
    """Walk the index that leads with the time column: `probe` finds a segment's two ends."""

    index: TableName
    probe: Prepared
    purge: Prepared


@dataclass(frozen=True, slots=True)
class BlockRange:
    """Walk the heap from its first block to its last."""

    purge: Prepared


Path = KeyRange | BlockRange


@dataclass(frozen=True, slots=True)
class Rollup:
    """Keep the monthly table equal to raw rows plus carry, before and after a purge.

    `first_month` finds where to start, `rewrite` renews the monthly table from there on and counts
    the rows that it left alone because they are somebody else's, `check` counts the groups of
    closed months that break the law, `carried` adds up what a run carried.
    """

    name: str
    into: TableName
    first_month: Prepared
    rewrite: Prepared
    check: Prepared
    carried: Prepared


@dataclass(frozen=True, slots=True)
class Settled:
    """What the record keeps of a rule when nothing due was left: see `facts.Past`."""

    keep: str
    scope: str


@dataclass(frozen=True, slots=True)
class Hours:
    """When a step may run: now if `is_open`, and not after `ends_at` (None: no end).

    `opens_at` is when a closed window opens, `why` the window's name or why it is closed.
    """

    is_open: bool = True
    opens_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    why: str = ""


ANY_TIME = Hours()


@dataclass(frozen=True, slots=True)
class Purge:
    """Archive and delete what has expired in one table, a segment to a transaction.

    `cutoff` is `cutoff_at` as text of the time column's type `by_type`; `ceiling` rows end the
    step; `settled` is None when the run looks at a past moment and proves nothing about today.
    Each segment takes `lock` and sees that the table still has its `shape`; `table_rows` is how
    many rows the table is thought to have (0: unknown).
    """

    rule: str
    table: TableName
    oid: int
    by: str
    by_type: str
    keep: str
    cutoff_at: dt.datetime
    cutoff: str
    columns: tuple[Column, ...]
    lock: Fragment
    shape: str
    path: Path
    remaining: Prepared
    oddities: Fragment
    search_path: tuple[str, ...]
    archived: bool
    limits: Limits
    ceiling: int
    row_bytes: int
    table_rows: int
    rollup: Rollup | None
    settled: Settled | None
    reason: str
    estimate: Estimate
    hours: Hours = ANY_TIME
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Analyze:
    """Renew the planner's statistics of one table."""

    rule: str
    table: TableName
    statement: Fragment
    reason: str
    estimate: Estimate
    hours: Hours = ANY_TIME
    search_path: tuple[str, ...] = ("pg_catalog",)


@dataclass(frozen=True, slots=True)
class Vacuum:
    """Make the room of dead rows usable again in one table."""

    rule: str
    table: TableName
    statement: Fragment
    reason: str
    estimate: Estimate
    hours: Hours = ANY_TIME


@dataclass(frozen=True, slots=True)
class Reindex:
    """Rebuild one index while the table stays in use; `table` is the table it belongs to."""

    rule: str
    table: TableName
    index: TableName
    statement: Fragment
    reason: str
    estimate: Estimate
    hours: Hours = ANY_TIME
    search_path: tuple[str, ...] = ("pg_catalog",)


@dataclass(frozen=True, slots=True)
class Skip:
    """Nothing to do here, and why; `next_at` is when it will be looked at again, if known.

    `settles` tells that the rule was due and nothing was left to do: the record keeps that.
    """

    rule: str
    table: TableName | str
    reason: str
    next_at: dt.datetime | None = None
    settles: Settled | None = None
    kind: Literal["purge", "analyze", "vacuum", "reindex"] = "purge"


@dataclass(frozen=True, slots=True)
class Refuse:
    """It must not be done: why, and what would change that.

    Where a person's approval can change it, `token` gives it; `seed` hashes the rule and its
    database, `ceiling` is the number of rows that the token allows. `would` is the step it stands
    in for.
    """

    rule: str
    table: TableName | str
    reason: str
    hint: str
    seed: str = ""
    ceiling: int = 0
    token: str | None = None
    would: Purge | None = None
    hours: Hours = ANY_TIME
    kind: Literal["purge", "analyze", "vacuum", "reindex"] = "purge"


Work = Purge | Analyze | Vacuum | Reindex
Step = Work | Skip | Refuse

KINDS: dict[type, str] = {Purge: "purge", Analyze: "analyze", Vacuum: "vacuum", Reindex: "reindex"}


def kind(step: Step) -> str:
    """The word for a step in tables, records and metrics."""
    return step.kind if isinstance(step, Skip | Refuse) else KINDS[type(step)]
