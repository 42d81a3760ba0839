"""What the survey saw: plain values the planner decides from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from maintainer.names import TableName

How = Literal["exact", "estimated", "stale", "unknown"]


@dataclass(frozen=True, slots=True)
class Count:
    """A number of rows and how it is known; `value` is None only when it is unknown.

    `stale` is an estimate from statistics that are missing or older than many changes;
    `at_least` says that counting stopped at a limit.
    """

    value: int | None
    how: How
    at_least: bool = False

    def __str__(self) -> str:
        if self.value is None:
            return "unknown"
        sign = {"exact": "", "estimated": "~", "stale": "~?"}.get(self.how, "")
        return f"{sign}{self.value:,}{'+' if self.at_least else ''}"


UNKNOWN = Count(None, "unknown")


@dataclass(frozen=True, slots=True)
class Column:
    """A live column: `type` as format_type writes it, `schemas` where its type's parts live."""

    name: str
    type: str
    schemas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Index:
    """An index: `keys` are column names in order, None for an expression."""

    name: TableName
    method: str
    keys: tuple[str | None, ...]
    bytes: int
    is_valid: bool = True
    is_partial: bool = False
    is_exclusion: bool = False


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A constraint of another table that refers to this one; `on_delete` as SQL spells it."""

    name: str
    table: TableName
    on_delete: str


@dataclass(frozen=True, slots=True)
class TableFacts:
    """One table as it is now. `kind` is pg_class.relkind, `persistence` is relpersistence.

    `can_use` is the right to its schema, `can_maintain` that to VACUUM and ANALYZE it.
    `shape` hashes all that a DELETE depends on, so that a later look can tell a difference.
    """

    table: TableName
    oid: int
    kind: str
    persistence: str
    columns: tuple[Column, ...]
    indexes: tuple[Index, ...] = ()
    inbound: tuple[ForeignKey, ...] = ()
    delete_triggers: tuple[str, ...] = ()
    delete_rules: tuple[str, ...] = ()
    children: tuple[TableName, ...] = ()
    is_partition: bool = False
    can_use: bool = True
    can_select: bool = True
    can_delete: bool = True
    can_maintain: bool = True
    can_write: bool = True
    hides_rows: bool = False
    heap_bytes: int = 0
    total_bytes: int = 0
    rows: Count = UNKNOWN
    dead_rows: int = 0
    shape: str = ""
    foreign_partitions: tuple[TableName, ...] = ()

    def column(self, name: str) -> Column | None:
        """The column of that name, if there is one."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True, slots=True)
class Expiry:
    """What one rule would take from its table; `oldest_at` is None when no finite time was found.

    `fault` says why the rule's predicates or times cannot be used; then nothing else is known.
    """

    expired: Count = UNKNOWN
    held: Count = UNKNOWN
    total: Count = UNKNOWN
    oldest: str | None = None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """What the record says about one rule or task on one table.

    `finished_at`: when nothing due was left for the last time. `keep` and `scope` (a hash of what
    else decides which rows go): those it had when it last deleted rows or was approved, and came
    to its end; None when it only ever looked.
    """

    finished_at: dt.datetime | None = None
    keep: str | None = None
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class Approval:
    """A person's yes to one refused rule, up to a number of rows; `used` have gone under it."""

    seed: str
    ceiling: int
    used: int = 0

    @property
    def left(self) -> int:
        """How many rows may still go."""
        return max(self.ceiling - self.used, 0)


@dataclass(frozen=True, slots=True)
class Target:
    """Which database this is; what cannot be read is None."""

    database: str
    server_version: int
    system_identifier: str | None
    timeline: int | None
    is_standby: bool
    encoding: str
    role: str


@dataclass(frozen=True, slots=True)
class Facts:
    """All the planner knows: one look at the database.

    `now` is the database's clock; `as_of` an earlier moment to reckon cut-offs from.
    """

    target: Target
    now: dt.datetime
    tables: Mapping[TableName, TableFacts] = field(default_factory=dict)
    resolved: Mapping[str, TableName] = field(default_factory=dict)
    unresolved: Mapping[str, str] = field(default_factory=dict)
    expiries: Mapping[str, Expiry] = field(default_factory=dict)
    past: Mapping[tuple[str, TableName], Past] = field(default_factory=dict)
    approvals: tuple[Approval, ...] = ()
    carries: Mapping[str, str] = field(default_factory=dict)
    as_of: dt.datetime | None = None
    ignore_windows: bool = False
    has_ledger: bool = False
