"""One PostgreSQL server, as the tests see it."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

from tests.servers import account


class NoServerError(Exception):
    """There is no server for a test that needs one; a failure, never a skip."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server listens and who rules it; the folders are None when somebody else runs it.

    TCP asks for the password (scram-sha-256); the socket in `socket_dir` trusts everybody.
    """

    version: int
    host: str
    port: int
    superuser: str
    password: str = dataclasses.field(repr=False)
    source: str
    bin_dir: Path | None = None
    data_dir: Path | None = None
    socket_dir: Path | None = None
    container: str = ""

    def dsn(
        self,
        database: str = "postgres",
        user: str | None = None,
        password: str | None = None,
        **options: str | int,
    ) -> str:
        """The key=value conninfo over TCP: as superuser, or as `user` with `password`."""
        from psycopg.conninfo import make_conninfo

        if user is None:
            user, password = self.superuser, password or self.password
        parts = {"host": self.host, "port": self.port, "dbname": database, "user": user}
        return make_conninfo("", **{**parts, "password": password, **options})

    def start(self) -> None:
        """Start a stopped or crashed server, on the port it had."""
        self._pg_ctl("start", "-w", "-t", "120", "-l", self._folder() / "log")

    def stop(self) -> None:
        """Stop at once but cleanly: sessions end, a checkpoint is written."""
        self._pg_ctl("stop", "-w", "-t", "120", "-m", "fast")

    def crash(self) -> None:
        """End as a power cut does for the server: no checkpoint; the next start recovers."""
        self._pg_ctl("stop", "-w", "-t", "120", "-m", "immediate")

    def restart(self) -> None:
        """Stop and start, for settings that need it."""
        self.stop()
        self.start()

    def log(self) -> str:
        """What the server wrote to its log."""
        return (self._folder() / "log").read_text("utf-8", errors="replace")

    def to_json(self) -> str:
        """Everything, for another process."""
        return json.dumps(dataclasses.asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> Server:
        """The server another process wrote down."""
        parts = json.loads(text)
        for key in ("bin_dir", "data_dir", "socket_dir"):
            parts[key] = parts[key] and Path(parts[key])
        return cls(**parts)

    def _folder(self) -> Path:
        if self.data_dir is None:
            raise NoServerError(f"the server from {self.source} is not ours to start or stop")
        return self.data_dir.parent

    def _pg_ctl(self, verb: str, *options: str | Path) -> None:
        folder = self._folder()
        command = [self.bin_dir / "pg_ctl", verb, "-D", self.data_dir, *options]
        if account.run(command, log=folder / "pg_ctl.log") != 0:
            said = [file.read_text()[-2000:] for file in folder.glob("*log")]
            raise NoServerError("\n".join([f"pg_ctl {verb}: {self.source}, {folder}", *said]))
