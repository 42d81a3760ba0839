"""Whom the server runs as: us, or a user without rights where we are root."""

from __future__ import annotations

import contextlib
import os
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from maintainer.errors import MaintainerError

HARMLESS = "nobody"
WAITING = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Said:
    """How a program ended and what it said."""

    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Account:
    """A user by number; without one it is ours."""

    uid: int | None = None
    gid: int | None = None

    def can_enter(self, folder: Path) -> bool:
        """Whether this user may go to what lies in a folder."""
        if self.uid is None:
            return os.access(folder, os.X_OK)
        ways = (folder, *folder.parents)
        return all(way.stat().st_mode & stat.S_IXOTH for way in ways)

    def own(self, folder: Path) -> None:
        """Give a folder, or a file, to this user."""
        if self.uid is not None and self.gid is not None:
            os.chown(folder, self.uid, self.gid, follow_symlinks=False)

    def run(self, *command: str | Path) -> Said:
        """Run a program to its end, out of reach of the terminal's Ctrl-C.

        A signal waits for the end: a server half started could not be stopped. Raises OSError when
        the program cannot be started.
        """
        with undisturbed(), tempfile.TemporaryFile() as output:
            ended = subprocess.run(  # noqa: S603 - our own words, no shell
                [str(word) for word in command],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=output,  # a pipe would be held open by the server
                stderr=subprocess.STDOUT,
                cwd="/",
                env={"LC_ALL": "C", "PATH": os.defpath},
                start_new_session=True,
                user=self.uid,
                group=self.gid,
                extra_groups=None if self.uid is None else [],
            )
            output.seek(0)
            return Said(ended.returncode, output.read().decode("utf-8", "replace").strip())


def chosen() -> Account:
    """Our own, or one without rights where we are root, as whom PostgreSQL refuses to run.

    Raises MaintainerError where there is none.
    """
    if os.geteuid() != 0:
        return Account()
    import pwd

    try:
        entry = pwd.getpwnam(HARMLESS)
    except KeyError as exc:
        raise MaintainerError(
            f"PostgreSQL does not run as root, and there is no user {HARMLESS} here",
            hint="start the demo as another user",
        ) from exc
    return Account(entry.pw_uid, entry.pw_gid)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Signals wait until the block is over, whichever thread they reach; for the main thread."""
    waiting: list[int] = []

    def hear(number: int, _frame: FrameType | None) -> None:
        waiting.append(number)

    before = {number: signal.signal(number, hear) for number in WAITING}
    try:
        yield
    finally:
        for number, action in before.items():
            signal.signal(number, action)
        for heard in waiting:
            signal.raise_signal(heard)
