"""What a run left in the tables, in the archive and on the record, and whether it adds up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from maintainer.archive import readback
from maintainer.archive.folder import SUFFIX
from maintainer.db.session import Param, Session
from maintainer.errors import MaintainerError
from maintainer.sql.statement import load

AUDIT = "public.audit_logs"
USAGE = "public.usage_tracking"
MONTHLY = "public.usage_tracking_monthly"


@dataclass(frozen=True, slots=True)
class Table:
    """How much a table holds."""

    name: str
    rows: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class File:
    """One file of the archive, read from its beginning to its end."""

    path: Path
    table: str
    rows: int
    raw_bytes: int
    stored_bytes: int


@dataclass(frozen=True, slots=True)
class Monthly:
    """What is left of one kind of usage in a month whose own rows are gone."""

    month: str
    organization: str
    resource: str
    unit: str
    quantity: str
    peak: str
    cost: str
    rows: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """Rows of audit_logs that say the same of one table, or of several."""

    action: str
    risk: str
    times: int
    rows: int
    table: str | None
    actor: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Balance:
    """One table before and after; `added` rows were inserted in between."""

    before: Table
    after: Table
    added: int
    archived: int

    @property
    def deleted(self) -> int:
        """Rows that are gone."""
        return self.before.rows + self.added - self.after.rows

    @property
    def is_even(self) -> bool:
        """Whether the archive holds as many rows as are gone."""
        return self.deleted == self.archived


def tables(session: Session) -> list[Table]:
    """Every table of the schema that the policy speaks of."""
    return [Table(*row) for row in _ask(session, "select_tables")]


def files(archive: Path) -> list[File]:
    """Every published file, unpacked and counted. Raises VerificationError for a bad one."""
    paths = sorted(archive.rglob(f"*{SUFFIX}"))
    return [_file(path) for path in paths if path.parent.name[0] != "_"]


def monthly(session: Session) -> list[Monthly]:
    """A few rows of the monthly aggregates."""
    return [Monthly(*row) for row in _ask(session, "select_monthly")]


def summed(session: Session) -> int:
    """How many rows of usage the monthly aggregates stand for."""
    return int(_ask(session, "select_summed")[0][0])


def recorded(session: Session, run: str) -> list[Recorded]:
    """What one run wrote to audit_logs."""
    return [Recorded(*row) for row in _ask(session, "select_record", [run])]


def count(written: Sequence[Recorded]) -> int:
    """How many rows of audit_logs there are behind what is told of them."""
    return sum(recorded.times for recorded in written)


def balances(
    before: Sequence[Table], after: Sequence[Table], stored: Sequence[File], written: int
) -> list[Balance]:
    """Each table from which rows may leave; `written` rows of audit_logs are the run's own."""
    now = {table.name: table for table in after}
    return [
        Balance(
            before=table,
            after=now[table.name],
            added=written if table.name == AUDIT else 0,
            archived=sum(file.rows for file in stored if file.table == table.name),
        )
        for table in before
        if table.name != MONTHLY
    ]


def check(found: Sequence[Balance], summed: int) -> None:
    """Raise MaintainerError when a row is missing, or is both in its table and in the archive."""
    for one in found:
        if not one.is_even:
            raise MaintainerError(
                f"{one.deleted} rows of {one.before.name} are gone, {one.archived} are archived"
            )
        if one.before.name == USAGE and one.deleted and one.before.rows != summed:
            raise MaintainerError(
                f"the monthly rows add up {summed} of {one.before.rows} rows of {USAGE}"
            )


def _file(path: Path) -> File:
    found = readback.read(path)
    table = unquote(path.parents[1].name)
    return File(path, table, found.rows, found.raw_bytes, found.stored_bytes)


def _ask(session: Session, name: str, params: Sequence[Param] = ()) -> Sequence[Any]:
    return session.execute(load("maintainer.demo.sql")[name].fill(), params).rows
