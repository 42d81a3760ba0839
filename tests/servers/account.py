"""The operating system's user that PostgreSQL runs as; PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

CANDIDATES = ("postgres", "pgserver", "nobody")


@cache
def name() -> str | None:
    """The user to become, or None where we are an ordinary user already."""
    if os.geteuid() != 0:
        return None
    import pwd

    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((candidate for candidate in CANDIDATES if candidate in known), None)


def run(command: Sequence[str | Path], *, log: Path | None = None) -> int:
    """Run a program of PostgreSQL as that user; its output goes to the log, its exit code back."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    with (log or Path(os.devnull)).open("a") as output:
        return subprocess.run(
            [str(part) for part in command],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={**clean, "LC_ALL": "C"},
            **_identity(),
        ).returncode


def own(path: Path) -> Path:
    """Hand a file or folder to that user."""
    if (user := name()) is not None:
        shutil.chown(path, user, _gid(user))
    return path


def may(permission: str, path: Path) -> bool:
    """Whether that user may read (`-r`), write (`-w`) or enter (`-x`) a path."""
    return run(["test", permission, path]) == 0


def workplace() -> Path:
    """Make a folder for servers that this user can reach (TMPDIR may belong to us alone)."""
    for parent in (None, "/tmp", "/var/tmp"):
        folder = Path(tempfile.mkdtemp(prefix="maintainer-", dir=parent)).resolve()
        folder.chmod(0o755)
        if may("-x", folder):
            return folder
        folder.rmdir()
    raise PermissionError(f"no temporary folder that the user {name()} can reach")


def _identity() -> dict[str, object]:
    user = name()
    return {} if user is None else {"user": user, "group": _gid(user), "extra_groups": []}


def _gid(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid
