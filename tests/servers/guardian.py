"""Stops every server of a test run when the run is over, however it ended.

A process of its own, `python -m tests.servers.guardian FOLDER`, which waits for the end of its
standard input: the pipe closes when the test run ends, is interrupted, or is killed with -9.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from tests.servers import container
from tests.servers.server import Server

PATIENCE = 200  # x 0.1 s


def post(folder: Path) -> subprocess.Popen[bytes]:
    """Start the guardian of a folder, out of the terminal's reach; close its stdin to end all."""
    environ = {key: text for key, text in os.environ.items() if not key.startswith("COVERAGE_")}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.servers.guardian", str(folder)],
        stdin=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        env=environ,
        start_new_session=True,
    )


def clear(folder: Path) -> None:
    """Stop what runs below the folder and remove it."""
    (folder / "closed").touch()
    for record in folder.glob("*.json"):
        if identity := Server.from_json(record.read_text()).container:
            container.stop(identity)
    for _ in range(2):  # a worker may have been about to start one more
        for note in folder.glob("*/data/postmaster.pid"):
            _end(note)
    shutil.rmtree(folder, ignore_errors=True)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that ended and was not collected yet does not."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace")
    except ProcessLookupError:
        return False
    except FileNotFoundError:  # no /proc here, or it ended just now
        return not Path("/proc/self").exists()
    return state.rpartition(")")[2].split()[0] != "Z"


def _end(note: Path) -> None:
    with suppress(OSError, ValueError, IndexError):
        pid = int(note.read_text().split()[0])
        if _is_server_of(note.parent, pid):
            os.kill(pid, signal.SIGQUIT)
            for _ in range(PATIENCE):
                if not is_alive(pid):
                    return
                time.sleep(0.1)
            os.kill(pid, signal.SIGKILL)


def _is_server_of(data_dir: Path, pid: int) -> bool:
    command = Path(f"/proc/{pid}/cmdline")
    return not Path("/proc/self").exists() or str(data_dir).encode() in command.read_bytes()


if __name__ == "__main__":
    sys.stdin.read()
    clear(Path(sys.argv[1]))
