"""A temporary folder for one demo, and whether anything of the demo is left."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

OURS = ("MAINTAINER_", "PG", "DATABASE_URL", "COLUMNS")
PIPES = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
ROW = re.compile(r"\s{2,}")


@dataclass(frozen=True, slots=True)
class Place:
    """The folder that the demo takes for its temporary one."""

    folder: Path

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment of the test run, without what would lead the demo elsewhere."""
        kept = {key: text for key, text in os.environ.items() if not key.startswith(OURS)}
        return {**kept, "TMPDIR": str(self.folder)}

    def play(self, *words: str, **more: object) -> subprocess.CompletedProcess[str]:
        """Run `maintainer demo` to its end."""
        return subprocess.run(
            command(*words), check=False, capture_output=True, text=True, **self._around(more)
        )

    def begin(self, *words: str, **more: object) -> subprocess.Popen[str]:
        """Start `maintainer demo`, its output in a pipe, and Ctrl-C as a terminal would leave it."""
        around = {**PIPES, **self._around(more), "preexec_fn": _heeds_ctrl_c}
        return subprocess.Popen(command(*words), text=True, **around)

    def left(self) -> list[str]:
        """Folders and processes of the demo that are still there."""
        files = [str(path) for path in self.folder.iterdir()]
        return files + [f"process {pid}" for pid in self.processes()]

    def processes(self) -> Iterator[int]:
        """Processes that were started for something in the folder."""
        for line in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                if os.fsencode(self.folder) in line.read_bytes():
                    yield int(line.parent.name)

    def end(self) -> None:
        """Stop what a failed test has left."""
        for pid in self.processes():
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)

    def _around(self, more: Mapping[str, object]) -> dict[str, object]:
        return {"env": self.environ, "cwd": "/", **more}


def fresh() -> Iterator[Place]:
    """A folder with a short name that every user can enter; nothing of it stays."""
    folder = Path(tempfile.mkdtemp(prefix="mt-", dir="/tmp")).resolve()
    folder.chmod(0o755)
    place = Place(folder)
    try:
        yield place
    finally:
        place.end()
        shutil.rmtree(folder, ignore_errors=True)


def command(*words: str) -> list[str]:
    """The command line of the demo, as this interpreter runs it."""
    return [sys.executable, "-m", "maintainer", "demo", *words]


def section(out: str, title: str) -> list[list[str]]:
    """The rows below a title, each split into its cells; the heading of the columns is left out."""
    lines = out.split(f"\n{title}\n", 1)[1].split("\n\n", 1)[0].splitlines()
    return [ROW.split(line.strip()) for line in lines[1:]]


def act(out: str, title: str) -> str:
    """What was printed between one heading and the next."""
    return out.split(f"=== {title}\n", 1)[1].split("\n=== ", 1)[0]


def number(cell: str) -> int:
    """A number with its commas."""
    return int(cell.replace(",", ""))


def _heeds_ctrl_c() -> None:
    """A test run in the background passes on that Ctrl-C is to be ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
