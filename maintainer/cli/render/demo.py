"""What the demo shows between its acts: the tables, the archive, the record, the way on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from shlex import quote

from maintainer.cli.render import words
from maintainer.cli.render.grid import Column, Line, Page, Section
from maintainer.demo.server import Server
from maintainer.demo.show import Balance, File, Monthly, Recorded, Table

STOCK = (Column("table"), Column("rows", right=True), Column("size", right=True))
BALANCE = (
    Column("table"),
    Column("rows before", right=True),
    Column("deleted", right=True),
    Column("archived", right=True),
    Column("rows after", right=True),
    Column("size before", right=True),
    Column("size after", right=True),
)
MONTHLY = (
    Column("month"),
    Column("organization"),
    Column("resource"),
    Column("quantity", right=True),
    Column("peak", right=True),
    Column("unit"),
    Column("cost", right=True),
    Column("from rows", right=True),
)
FILES = (
    Column("folder"),
    Column("files", right=True),
    Column("rows", right=True),
    Column("size", right=True),
    Column("stored", right=True),
)
RECORD = (
    Column("action"),
    Column("risk"),
    Column("times", right=True),
    Column("table"),
    Column("rows", right=True),
)


ENDED = """\
The server is stopped and its folder is gone. To keep it and try for yourself:

    maintainer demo --keep

On a database of your own, begin with what changes nothing:

    maintainer --policy FOLDER --dsn DSN init --print-sql
    maintainer --policy FOLDER --dsn DSN dry-run"""
KEPT = """\
PostgreSQL goes on running. Tell your shell where it is:

    export MAINTAINER_DSN='{dsn}'
    export MAINTAINER_ARCHIVE='file:{archive}'
    export MAINTAINER_POLICY={policies}

Five commands to try:

    maintainer status
    maintainer dry-run --exact
    maintainer vacuum audit_logs --analyze
    maintainer reindex performance_analytics --dry-run
    maintainer run --ignore-window --reason 'to see it once more'

When you have seen enough, stop it and remove its data and the archive:

    kill -INT $(head -n 1 {folder}/data/postmaster.pid); sleep 2; rm -r {folder}"""


def stock(tables: Sequence[Table], seconds: float) -> Page:
    """What there is before anything is done."""
    lines = [Line((t.name, f"{t.rows:,}", words.size(t.size_bytes))) for t in tables]
    ending = f"That is what twelve tenants did in nine years, written in {words.seconds(seconds)}."
    return Page("", [Section("", STOCK, lines)], [ending])


def balance(balances: Sequence[Balance]) -> Page:
    """Each table before and after, and whether the archive makes up for what is gone."""
    lines = [Line(tuple(_balance(one)), style=_colour(one)) for one in balances]
    ending = [
        "In every table as many rows are gone as were read back from its archive files just now."
        if all(one.is_even for one in balances)
        else "The archive does NOT make up for what is gone."
    ]
    ending.append("New rows fill the room of deleted ones; what shrinks at once are the indexes.")
    return Page("", [Section("Rows", BALANCE, lines)], ending)


def _balance(one: Balance) -> Iterator[str]:
    yield one.before.name
    yield from (f"{rows:,}" for rows in (one.before.rows, one.deleted, one.archived))
    yield f"{one.after.rows:,}"
    yield from (words.size(table.size_bytes) for table in (one.before, one.after))


def _colour(one: Balance) -> str:
    if not one.is_even:
        return "bold red"
    return "green" if one.deleted else "dim"


def monthly(rows: Sequence[Monthly], summed: int) -> Page:
    """A few of the aggregates, and how much they stand for."""
    lines = [
        Line(
            (
                r.month[:7],
                r.organization,
                r.resource,
                r.quantity,
                r.peak,
                r.unit,
                r.cost,
                str(r.rows),
            )
        )
        for r in rows
    ]
    ending = (
        f"The monthly rows add up {words.plural(summed, 'row')} of usage: all there ever were."
        if summed
        else "No usage is old enough to leave: there is nothing to add up."
    )
    return Page("", [Section("Usage by month, such as", MONTHLY, lines)], [ending])


def files(found: Sequence[File], root: Path) -> Page:
    """The archive by folder, with one file as an example."""
    lines = [_folder(folder, list(group), root) for folder, group in groupby(found, _parent)]
    ending = [f"These folders are below {root}"]
    if found:
        ending.append(
            "Each has a manifest and SHA256SUMS beside its files, the first of which is "
            f"{found[0].path.name}. zstdcat reads them without us."
        )
    return Page("", [Section("Archive", FILES, lines)], ending)


def _parent(file: File) -> Path:
    return file.path.parent


def _folder(folder: Path, group: Sequence[File], root: Path) -> Line:
    rows = sum(file.rows for file in group)
    sizes = (sum(file.raw_bytes for file in group), sum(file.stored_bytes for file in group))
    name = folder.relative_to(root).as_posix()
    return Line((name, str(len(group)), f"{rows:,}", *map(words.size, sizes)))


def record(written: Sequence[Recorded]) -> Page:
    """What audit_logs says of the run."""
    lines = [
        Line((r.action, r.risk, str(r.times), r.table or words.NONE, _some(r.rows)))
        for r in written
    ]
    who = ", ".join(sorted({r.actor for r in written}))
    rows = words.plural(sum(r.times for r in written), "row")
    ending = f"Each of the {rows} says who it was ({who}), why, and by which policy."
    return Page("", [Section("On the record, in audit_logs", RECORD, lines)], [ending])


def _some(rows: int) -> str:
    return f"{rows:,}" if rows else words.NONE


def kept(server: Server, policies: Path) -> str:
    """What to type while the server goes on running."""
    return KEPT.format(
        dsn=server.dsn(),
        archive=server.archive,
        policies=quote(str(policies)),
        folder=server.folder,
    )
