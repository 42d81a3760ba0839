"""What is asked of the core, and what it answers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from maintainer.names import TableName
from maintainer.plan.facts import Count
from maintainer.plan.planner import Choice, Part


@dataclass(frozen=True, slots=True)
class Options:
    """Which policy and which database; a `dsn` or `driver` given here wins over the policy's."""

    policy_paths: tuple[Path, ...]
    dsn: str | None = None
    driver: str | None = None


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What one run is asked to do. `as_of` and `until` are aware moments."""

    tables: tuple[str, ...] = ()
    only: Part | None = None
    as_of: dt.datetime | None = None
    ignore_window: bool = False
    reason: str | None = None
    approve: tuple[str, ...] = ()
    until: dt.datetime | None = None

    @property
    def choice(self) -> Choice:
        """The part of the policy that is asked for."""
        return Choice(self.tables, self.only)


@dataclass(frozen=True, slots=True)
class StatusLine:
    """How one rule stands on its table; moments are aware, `note` says what is in the way."""

    rule: str
    table: TableName | str
    keep: str
    cutoff_at: dt.datetime | None
    oldest: str | None
    rows_due: Count
    last_run_at: dt.datetime | None
    last_outcome: str | None
    next_due_at: dt.datetime | None
    note: str = ""
