"""One database's folder in a local archive: pending files and published files."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote as percent

from maintainer.archive import durable
from maintainer.archive.faults import published, reached
from maintainer.errors import UsageError, VerificationError
from maintainer.names import TableName

SUFFIX = ".csv.zst"
PENDING = "_pending"
VOID = "_void"
PENDING_NAME = re.compile(r"(?P<run>[0-9a-z-]+)-(?P<number>\d{6,})\.csv\.zst")
LONGEST = 200
SCHEME = "file:"


@dataclass(frozen=True, slots=True)
class Pending:
    """A file that was not published: which run and segment it is of."""

    run: str
    number: int
    path: Path


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder `name` below the archive's root."""

    root: Path

    def pending(self, run: str, number: int) -> Path:
        """Where a segment's file is written before its rows are gone."""
        return self.root / PENDING / f"{run}-{number:06d}{SUFFIX}"

    def pendings(self) -> Iterator[Pending]:
        """Files that an earlier run left unpublished."""
        with reached(self.root):
            names = sorted(path.name for path in (self.root / PENDING).iterdir())
        for name in names:
            if match := PENDING_NAME.fullmatch(name):
                yield Pending(match["run"], int(match["number"]), self.root / PENDING / name)

    def publish(self, path: Path, uri: str) -> None:
        """Give a pending file its final name, which must not be taken; durable when it returns.

        The final name is durable before the pending one goes. Raises UnreachableError, which says
        that the rows are in the pending file; VerificationError when that one is gone.
        """
        final = self.root / uri
        with reached(path):
            if not path.exists():
                raise VerificationError(
                    f"{path} is gone: its rows have left their table",
                    hint=f"look for it in {self.root / VOID} and put it back in {PENDING}; "
                    "the next run publishes it",
                )
        with published(path, final):
            durable.make(final.parent, self.root)
            if not durable.already(path, final):
                durable.link(path, final)
            durable.sync(final.parent)
            path.unlink()
            durable.sync(path.parent)

    def void(self, pending: Pending) -> Path:
        """Set a pending file aside, where it is no archive file any more; where that is."""
        place = self.root / VOID
        with reached(pending.path):
            durable.make(place, self.root)
            aside = place / pending.path.name
            if aside.exists():
                aside = place / f"{secrets.token_hex(4)}-{pending.path.name}"
            pending.path.rename(aside)
            durable.sync(place)
            durable.sync(pending.path.parent)
        return aside

    def holds(self, path: Path, stored_bytes: int) -> bool:
        """Whether a file is there and has that size."""
        with reached(path):
            try:
                return path.stat().st_size == stored_bytes
            except (FileNotFoundError, NotADirectoryError):
                return False

    def free_bytes(self) -> int:
        """How much room there is."""
        with reached(self.root):
            return shutil.disk_usage(self.root).free

    def sync_pending(self) -> None:
        """Make the names in the pending folder durable."""
        with reached(self.root):
            durable.sync(self.root / PENDING)

    def replace(self, uri: str, text: str) -> None:
        """Write a small file whole or not at all; one that says so already is left alone."""
        final = self.root / uri
        with reached(final):
            durable.make(final.parent, self.root)
            if not final.is_file() or final.read_bytes() != text.encode():
                temporary = final.with_name(f"_{final.name}.{os.getpid()}")
                durable.write(temporary, text)
                temporary.replace(final)
            durable.sync(final.parent)


def uri(table: TableName, day: dt.date, run: str, number: int) -> str:
    """The final name of a segment's file below the folder."""
    return f"{place(table, day)}/{run}-{number:06d}{SUFFIX}"


def place(table: TableName, day: dt.date) -> str:
    """The folder of one table and day; whatever a name holds, it stays one level deep."""
    name = f"{_safe(table.schema)}.{_safe(table.name)}"
    if len(name) > LONGEST:
        name = (
            f"{name[:LONGEST].rpartition('%')[0]}-{hashlib.sha256(name.encode()).hexdigest()[:16]}"
        )
    if name[0] == "_":
        name = f"%5F{name[1:]}"
    return f"{name}/archived={day.isoformat()}"


def _safe(name: str) -> str:
    """A name as a part of a file's name; a dot in it is not the dot between schema and table."""
    return percent(name, safe="").replace(".", "%2E")


def located(to: str, name: str) -> Path:
    """The folder that `archive: to:` and `name:` mean, relative to the current folder."""
    if not to.startswith(SCHEME):
        raise UsageError(f"archive to {to!r} is not a folder", hint="write file:/path/to/archive")
    path = to.removeprefix(SCHEME)
    if path.startswith("//"):
        path = "/" + path.lstrip("/")
    return (Path(path).expanduser() / name).absolute()
