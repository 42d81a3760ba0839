"""Names and small files that outlive a power cut, and are never overwritten by accident."""

from __future__ import annotations

import errno
import filecmp
import os
import shutil
from pathlib import Path

from maintainer.errors import RefusedError, UnreachableError


def write(path: Path, text: str) -> None:
    """Write a small file and put its content on disk; its name is the caller's to sync."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def link(path: Path, final: Path) -> None:
    """Give a file a second name. Raises FileExistsError when that name is taken."""
    try:
        final.hardlink_to(path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        _copy(path, final)


def already(path: Path, final: Path) -> bool:
    """Whether a crash came after the link (or copy) and before the unlink."""
    if not final.exists():
        return False
    if final.samefile(path) or filecmp.cmp(path, final, shallow=False):
        return True
    raise UnreachableError(
        f"{final} exists already and is another file", hint="no archive file is ever overwritten"
    )


def make(folder: Path, below: Path) -> None:
    """Make a folder that lies below another; the names on the way are durable when it returns."""
    upwards = (folder, *folder.parents)
    missing = [part for part in upwards if not part.exists()]
    within = [part for part in upwards if part != below and part.is_relative_to(below)]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for part in dict.fromkeys((*missing, *within)):
        sync(part.parent)
    if not folder.resolve().is_relative_to(below.resolve()):
        raise RefusedError(f"{folder} leads out of the archive", hint="remove the symbolic link")


def sync(folder: Path) -> None:
    """Make the names in a folder durable."""
    if os.name != "posix":
        return  # only POSIX can open a folder to sync it
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _copy(path: Path, final: Path) -> None:
    temporary = final.with_name(f"_{final.name}")
    with path.open("rb") as source:
        target = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(target, "wb") as file:
            shutil.copyfileobj(source, file)
            file.flush()
            os.fsync(file.fileno())
    if final.exists():  # a rename would overwrite it
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(final))
    temporary.rename(final)
