"""One database's folder in a local archive: pending files, published files, and whose it is."""

from __future__ import annotations

import datetime as dt
import errno
import filecmp
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote as percent

from maintainer.archive.faults import reached
from maintainer.errors import RefusedError, UnreachableError, UsageError, VerificationError
from maintainer.names import TableName

SUFFIX = ".csv.zst"
PENDING = "_pending"
OWNER = "archive.json"
PENDING_NAME = re.compile(r"(?P<run>[0-9a-z-]+)-(?P<number>\d{6,})\.csv\.zst")
LONGEST = 200
SCHEME = "file:"


@dataclass(frozen=True, slots=True)
class Owner:
    """Which database an archive folder belongs to; a clone has another one."""

    id: str
    database: str
    system_identifier: str | None


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
        """Give a pending file its final name, which must not be taken; durable when it returns."""
        final = self.root / uri
        with reached(final):
            _make(final.parent, self.root)
            if not _already(path, final):
                _link(path, final)
            path.unlink()
            _sync(final.parent)
            _sync(path.parent)

    def remove(self, pending: Pending) -> None:
        """Remove a pending file whose rows are still in their table."""
        with reached(pending.path):
            pending.path.unlink(missing_ok=True)
            _sync(pending.path.parent)

    def free_bytes(self) -> int:
        """How much room there is."""
        with reached(self.root):
            return shutil.disk_usage(self.root).free

    def sync_pending(self) -> None:
        """Make the names in the pending folder durable."""
        with reached(self.root):
            _sync(self.root / PENDING)

    def replace(self, uri: str, text: str) -> None:
        """Write a small file whole or not at all."""
        final = self.root / uri
        with reached(final):
            _make(final.parent, self.root)
            temporary = final.with_name(f"_{final.name}.{os.getpid()}")
            _write(temporary, text)
            temporary.replace(final)
            _sync(final.parent)


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


def claim(root: Path, owner: Owner) -> Folder:
    """Open a database's folder, making it on first use.

    Raises RefusedError when it belongs to another database, UnreachableError when it cannot be
    written.
    """
    with reached(root):
        root.parent.mkdir(parents=True, exist_ok=True)
        _make(root / PENDING, root.parent)
        if not (root / OWNER).exists():
            _write_owner(root, owner)
    _compare(root, owner)
    probe = root / PENDING / f"_probe.{os.getpid()}"
    with reached(root):
        _write(probe, "")
        probe.unlink()
    return Folder(root)


def _write_owner(root: Path, owner: Owner) -> None:
    made = (PENDING, f"_{OWNER}.")  # also what was left by one who was killed right here
    if any(not entry.name.startswith(made) for entry in root.iterdir()):
        raise RefusedError(
            f"{root} holds files but no {OWNER}: nobody knows whose they are",
            hint="give this database an archive name of its own",
        )
    temporary = root / f"_{OWNER}.{os.getpid()}"
    _write(temporary, json.dumps({"layout": 1, **asdict(owner)}, indent=2) + "\n")
    try:
        _link(temporary, root / OWNER)
    except FileExistsError:
        pass  # another process was first; _compare decides
    finally:
        temporary.unlink()
    _sync(root)


def _compare(root: Path, owner: Owner) -> None:
    with reached(root):
        text = (root / OWNER).read_text("utf-8")
    try:
        found = json.loads(text)
        other = {name: found[name] for name in asdict(owner)}
    except (ValueError, KeyError, TypeError) as error:
        raise VerificationError(f"{root / OWNER} cannot be read: {error}") from error
    if other != asdict(owner):
        raise RefusedError(
            f"{root} belongs to database {other['database']} (owner {other['id']}), "
            f"not to {owner.database} (owner {owner.id})",
            hint="a clone must not touch its original's archive: give it a name of its own",
        )


def _already(path: Path, final: Path) -> bool:
    """Whether a crash came after the link (or copy) and before the unlink."""
    if not final.exists():
        return False
    if final.samefile(path) or filecmp.cmp(path, final, shallow=False):
        return True
    raise UnreachableError(
        f"{final} exists already and is another file", hint="no archive file is ever overwritten"
    )


def _link(path: Path, final: Path) -> None:
    try:
        final.hardlink_to(path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        _copy(path, final)


def _copy(path: Path, final: Path) -> None:
    temporary = final.with_name(f"_{final.name}")
    target = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with path.open("rb") as source, os.fdopen(target, "wb") as file:
        shutil.copyfileobj(source, file)
        file.flush()
        os.fsync(file.fileno())
    if final.exists():  # a rename would overwrite it
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(final))
    temporary.rename(final)


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _make(folder: Path, below: Path) -> None:
    missing = [part for part in (folder, *folder.parents) if not part.exists()]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for part in missing:
        if part.parent.exists():
            _sync(part.parent)
    if not folder.resolve().is_relative_to(below.resolve()):
        raise RefusedError(f"{folder} leads out of the archive", hint="remove the symbolic link")


def _sync(folder: Path) -> None:
    if os.name != "posix":
        return  # only POSIX can open a folder to sync it
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
