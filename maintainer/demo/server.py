"""An embedded PostgreSQL of the demo's own, with all it has in one temporary folder."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from maintainer.app.link import Link
from maintainer.demo import account, programs
from maintainer.demo.account import Account
from maintainer.errors import MaintainerError
from maintainer.policy.model import Database
from maintainer.sql.statement import load

SUPERUSER = "postgres"
DATABASE = "demo"
PREFIX = "maintainer-demo-"
LONGEST_SOCKET = 100  # of the 104 to 108 bytes that systems allow
LAST_WORDS = 600
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
            self._pg_ctl("stop", "-m", "immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _make(self) -> None:
        self.data_dir.mkdir(mode=0o700)
        self.account.own(self.data_dir)
        settings = {**SETTINGS, "unix_socket_directories": str(self.data_dir)}
        options = [word for name in settings for word in ("-c", f"{name}={settings[name]}")]
        self._done(
            self.account.run(
                *(self.bin_dir / "initdb", "-D", self.data_dir, "-U", SUPERUSER),
                *("--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"),
                *options,
            )
        )
        self._done(self._pg_ctl("start", "-l", self.log))
        self._make_database()

    def _make_database(self) -> None:
        link = Link(self.dsn(SUPERUSER), None, Database(), {})
        try:
            link.session().execute(load("maintainer.demo.sql")["create_database"].fill())
        finally:
            link.close()

    def _pg_ctl(self, verb: str, *options: str | Path) -> account.Said:
        command = (self.bin_dir / "pg_ctl", verb, "-D", self.data_dir, "-w", "-t", "60")
        return self.account.run(*command, *options)

    def _done(self, said: account.Said) -> None:
        if said.code:
            log = self.log.read_text("utf-8", "replace") if self.log.exists() else ""
            raise MaintainerError(
                f"the PostgreSQL of the demo did not start: {(said.text + log)[-LAST_WORDS:]}"
            )


def start() -> Server:
    """Start one in a new folder. What was begun is undone when it fails or is interrupted.

    Raises UsageError when the embedded PostgreSQL is not installed, MaintainerError.
    """
    installed = programs.found()
    chosen = account.chosen()
    folder = _folder(chosen)
    server = Server(folder, installed, chosen)
    try:
        server = Server(folder, programs.within_reach(installed, chosen, folder / "programs"), chosen)
        server._make()
    except BaseException:
        server.stop()
        raise
    return server


def _folder(account: Account) -> Path:
    """A new folder that the account can reach and whose socket has a name short enough."""
    for parent in (None, "/tmp", "/var/tmp"):  # noqa: S108 - mkdtemp makes a new one
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent)).resolve()
        if len(f"{folder}/data/.s.PGSQL.5432") <= LONGEST_SOCKET and account.can_enter(folder.parent):
            folder.chmod(0o711 if account.uid is not None else 0o700)
            return folder
        folder.rmdir()
    raise MaintainerError(
        "there is no temporary folder that the server's user can reach",
        hint="set TMPDIR to a folder with a short name that is open to all users",
    )
