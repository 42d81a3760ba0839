"""archive.json: which archive a folder is, whose, and how far its database's record had come."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from maintainer.archive import durable
from maintainer.archive.faults import reached
from maintainer.archive.folder import PENDING, Folder
from maintainer.errors import RefusedError, VerificationError
from maintainer.plan.head import Head

NAME = "archive.json"


@dataclass(frozen=True, slots=True)
class Owner:
    """Which database an archive folder belongs to; a clone has another one."""

    id: str
    database: str
    system_identifier: str | None


@dataclass(frozen=True, slots=True)
class Deed:
    """What archive.json says. `head` may be behind the database's record, never ahead of it."""

    archive: str
    owner: Owner
    head: Head | None = None


def is_founded(root: Path) -> bool:
    """Whether there is an archive."""
    with reached(root):
        return (root / NAME).exists()


def claim(root: Path, owner: Owner) -> Folder:
    """Open a database's folder, making it on first use.

    Raises RefusedError when it belongs to another database, UnreachableError when it cannot be
    written.
    """
    with reached(root):
        if (root / NAME).exists():
            durable.make(root / PENDING, root)
        else:
            root.parent.mkdir(parents=True, exist_ok=True)
            durable.make(root / PENDING, root.parent)
            _found(root, owner)
    _compare(root, read(root).owner, owner)
    probe = root / PENDING / f"_probe.{os.getpid()}"
    with reached(root):
        durable.write(probe, "")
        probe.unlink()
    return Folder(root)


def read(root: Path) -> Deed:
    """What archive.json says. Raises VerificationError when it cannot be read."""
    with reached(root):
        text = (root / NAME).read_text("utf-8")
    try:
        found = json.loads(text)
        owner = Owner(found["id"], found["database"], found["system_identifier"])
        return Deed(str(found["archive"]), owner, _head(found.get("head")))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise VerificationError(
            f"{root / NAME} cannot be read: {error}",
            hint="put it back as it was; without it nobody knows whose the files are",
        ) from error


def keep(folder: Folder, head: Head | None) -> None:
    """Write down how far the record has come; only what is committed may be given here."""
    deed = read(folder.root)
    if deed.head != head:
        folder.replace(NAME, _text(Deed(deed.archive, deed.owner, head)))


def _head(found: Any) -> Head | None:
    if found is None:
        return None
    number, timeline = int(found["event"]), found["timeline"]
    return Head(str(found["run"]), number, str(found["hash"]), timeline)


def _text(deed: Deed) -> str:
    """One line for each thing, so that a person can change one."""
    head = asdict(deed.head) if deed.head else None
    lines = {"layout": 1, "archive": deed.archive, "head": head, **asdict(deed.owner)}
    inner = ",\n".join(f"  {json.dumps(name)}: {json.dumps(said)}" for name, said in lines.items())
    return f"{{\n{inner}\n}}\n"


def _found(root: Path, owner: Owner) -> None:
    made = (PENDING, f"_{NAME}.")  # also what was left by one who was killed right here
    if any(not entry.name.startswith(made) for entry in root.iterdir()):
        raise RefusedError(
            f"{root} holds files but no {NAME}: nobody knows whose they are",
            hint="give this database an archive name of its own",
        )
    temporary = root / f"_{NAME}.{os.getpid()}"
    durable.write(temporary, _text(Deed(secrets.token_hex(8), owner)))
    try:
        durable.link(temporary, root / NAME)
    except FileExistsError:
        pass  # another process was first; _compare decides
    finally:
        temporary.unlink()
    durable.sync(root)


def _compare(root: Path, found: Owner, owner: Owner) -> None:
    if found == owner:
        return
    lines = [name for name in asdict(owner) if asdict(found)[name] != asdict(owner)[name]]
    raise RefusedError(
        f"{root} belongs to database {found.database} (owner {found.id}), "
        f"not to {owner.database} (owner {owner.id})",
        hint="a clone must not touch its original's archive: give it a name of its own; if this "
        f"database has taken over for good, correct {', '.join(lines)} in {root / NAME}",
    )
