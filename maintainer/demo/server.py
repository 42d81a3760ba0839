"""An embedded PostgreSQL of the demo's own, with all it has in one temporary folder."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from maintainer.app.link import Link
from maintainer.demo import account as accounts
from maintainer.demo import programs
from maintainer.demo.account import Account, Said
from maintainer.errors import MaintainerError
from maintainer.policy.model import Database
from maintainer.sql.statement import load

SUPERUSER = "postgres"
DATABASE = "demo"
PREFIX = "maintainer-demo-"
PLAIN = re.compile(r"[A-Za-z0-9/._-]{1,80}")  # a socket's name has room for 104 bytes on a Mac
LAST_LINES = 8
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",  # nobody reaches it but through the socket in its own closed folder
    "shared_buffers": "128MB",
    "max_wal_size": "4GB",
    "dynamic_shared_memory_type": "mmap",  # containers have little /dev/shm
    "timezone": "UTC",
    "log_timezone": "UTC",
}


@dataclass(frozen=True, slots=True)
class Server:
    """A running PostgreSQL, and the folder that holds its data and the archive."""

    folder: Path
    bin_dir: Path
    account: Account

    @property
    def data_dir(self) -> Path:
        """The cluster; the socket is in it, for it is closed to everybody else."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.data_dir / "server.log"

    @property
    def archive(self) -> Path:
        """Where archive files go."""
        return self.folder / "archive"

    @property
    def environ(self) -> Mapping[str, str]:
        """What the shipped policy asks the environment for, and nothing else."""
        return {"DATABASE_URL": self.dsn(), "MAINTAINER_ARCHIVE": f"file:{self.archive}"}

    def dsn(self, database: str = DATABASE) -> str:
        """The URL of a database; there is no password."""
        return f"postgresql://{SUPERUSER}@/{database}?host={self.data_dir}"

    def stop(self) -> None:
        """Stop it at once and remove its folder; nobody wants the data back."""
        if (self.data_dir / "postmaster.pid").exists():
            self.pg_ctl("stop", "-m", "immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def pg_ctl(self, verb: str, *options: str | Path) -> Said:
        """Let PostgreSQL's own program start or stop it."""
        command = (self.bin_dir / "pg_ctl", verb, "-D", self.data_dir, "-w", "-t", "60")
        return self.account.run(*command, *options)


def start() -> Server:
    """Start one in a new folder; what was begun is undone when it fails.

    Raises UsageError when the embedded PostgreSQL is not installed, MaintainerError.
    """
    installed = programs.found()
    account = accounts.chosen()
    server = Server(_folder(account), installed, account)
    try:
        bin_dir = programs.within_reach(installed, account, server.folder / "programs")
        server = replace(server, bin_dir=bin_dir)
        _initialize(server)
        _check(server, server.pg_ctl("start", "-l", server.log))
        _make_database(server)
    except BaseException:
        server.stop()
        raise
    return server


def _folder(account: Account) -> Path:
    """A new folder which the account can reach, with a name that a socket in it can bear."""
    for parent in (None, "/tmp", "/var/tmp"):  # noqa: S108 - mkdtemp makes a new one
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent)).resolve()
        if PLAIN.fullmatch(str(folder)) and account.can_enter(folder.parent):
            folder.chmod(0o700 if account.uid is None else 0o711)
            return folder
        folder.rmdir()
    raise MaintainerError(
        "there is no temporary folder that the server's user can reach",
        hint="set TMPDIR to a folder with a short and plain name that is open to all users",
    )


def _initialize(server: Server) -> None:
    server.data_dir.mkdir(mode=0o700)
    server.account.own(server.data_dir)
    settings = {**SETTINGS, "unix_socket_directories": str(server.data_dir)}
    said = server.account.run(
        *(server.bin_dir / "initdb", "-D", server.data_dir, "-U", SUPERUSER),
        *("--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"),
        *(word for name in settings for word in ("-c", f"{name}={settings[name]}")),
    )
    _check(server, said)


def _make_database(server: Server) -> None:
    with closing(Link(server.dsn(SUPERUSER), None, Database(), {})) as link:
        link.session().execute(load("maintainer.demo.sql")["create_database"].fill())


def _check(server: Server, said: Said) -> None:
    if said.code:
        log = server.log.read_text("utf-8", "replace") if server.log.exists() else ""
        words = "\n".join(f"{said.text}\n{log}".splitlines()[-LAST_LINES:])
        raise MaintainerError(f"the PostgreSQL of the demo did not start:\n{words}")
