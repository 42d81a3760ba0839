"""The policy as the rest of the program knows it: complete, checked, frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import SecretStr

from maintainer.policy import fingerprint
from maintainer.schedule.calendar import Align, Span
from maintainer.schedule.due import Every
from maintainer.schedule.window import AnyBlackout, Window


@dataclass(frozen=True, slots=True)
class Expect:
    """What the target must be; None leaves it open."""

    database: str | None = None
    standby: bool | None = None


@dataclass(frozen=True, slots=True)
class Database:
    """How the policy's database is reached."""

    dsn: SecretStr | None = None
    driver: Literal["auto", "psycopg", "pg8000"] = "auto"
    expect: Expect = field(default_factory=Expect)


@dataclass(frozen=True, slots=True)
class Audit:
    """The table of the record; `columns` maps the usual names to those it has."""

    table: str = "public.audit_logs"
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Archive:
    """Where archived rows go: the folder `name` below `to`, which is `file:` and a path."""

    name: str
    to: str
    format: Literal["csv.zst"] = "csv.zst"
    verify: Literal["readback"] = "readback"


@dataclass(frozen=True, slots=True)
class Pace:
    """How big one segment may become; bytes are those that are stored, compressed."""

    max_segment_seconds: float
    max_segment_rows: int
    max_segment_bytes: int


@dataclass(frozen=True, slots=True)
class Guard:
    """How much a rule may remove without being approved: rows, and percent of its table."""

    max_rows: int = 20_000_000
    max_percent: float = 50.0


@dataclass(frozen=True, slots=True)
class Rollup:
    """The monthly aggregate of what a rule removes.

    `group_by` holds (column, expression), `sum` and `max` (column of the target, column read).
    """

    name: str
    into: str
    month: str
    group_by: tuple[tuple[str, str], ...]
    sum: tuple[tuple[str, str], ...] = ()
    max: tuple[tuple[str, str], ...] = ()
    count: str | None = None


PACES: Mapping[str, Pace] = {
    "gentle": Pace(5.0, 50_000, 8 << 20),
    "normal": Pace(10.0, 250_000, 32 << 20),
    "full": Pace(10.0, 2_000_000, 32 << 20),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """How long the rows of one table stay; `keep` None is for ever, no `windows` any time."""

    name: str
    table: str
    keep: Span | None
    every: Every
    reason: str | None = None
    by: str = ""
    zone: str | None = None
    align: Align | None = None
    archive: bool = True
    where: str | None = None
    windows: tuple[str, ...] = ()
    pace: Pace = PACES["gentle"]
    guard: Guard = field(default_factory=Guard)
    search_path: tuple[str, ...] = ()
    rollup: Rollup | None = None


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What is done regularly for the health of some tables, or of all."""

    name: str
    do: Literal["analyze", "vacuum", "reindex"]
    tables: Literal["all"] | tuple[str, ...]
    every: Every
    windows: tuple[str, ...] = ()
    options: Mapping[str, bool | int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hold:
    """Rows that stay whatever their age."""

    name: str
    tables: tuple[str, ...]
    where: str = "true"
    ticket: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything that was decided."""

    timezone: str
    version: int = 1
    database: Database = field(default_factory=Database)
    audit: Audit = field(default_factory=Audit)
    windows: Mapping[str, Window] = field(default_factory=dict)
    blackouts: tuple[AnyBlackout, ...] = ()
    archive: Archive | None = None
    retention: Mapping[str, Rule] = field(default_factory=dict)
    upkeep: Mapping[str, Upkeep] = field(default_factory=dict)
    holds: tuple[Hold, ...] = ()

    @property
    def fingerprint(self) -> str:
        """What tells this policy from every other; the connection string is not part of it."""
        return fingerprint.of(self)

    def rule_fingerprint(self, rule: Rule) -> str:
        """What tells apart all that decides which rows a rule removes, and where they go."""
        name = self.archive.name if rule.archive and self.archive else None
        decided = {
            part: getattr(rule, part)
            for part in (
                *("name", "table", "keep", "by", "zone", "align"),
                *("where", "search_path", "guard"),
            )
        }
        return fingerprint.of({**decided, "archive": name, "timezone": self.timezone})
