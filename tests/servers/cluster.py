"""A new cluster: initdb, the settings tests want, a free port, start."""

from __future__ import annotations

import secrets
import socket
from pathlib import Path

from tests.servers import account
from tests.servers.server import NoServerError, Server

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "max_prepared_transactions": "10",
    "shared_buffers": "32MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "wal_level": "logical",
}
ATTEMPTS = 5


def create(
    version: int, bin_dir: Path, folder: Path, source: str, settings: dict[str, str]
) -> Server:
    """Make and start a cluster in an existing folder; fsync stays on unless a test says otherwise.

    Raises NoServerError with what the programs said.
    """
    account.own(folder)
    password = secrets.token_urlsafe(12)
    _initdb(bin_dir, folder, password)
    for attempt in range(ATTEMPTS):
        server = Server(
            version=version,
            host="127.0.0.1",
            port=_free_port(),
            superuser="postgres",
            password=password,
            source=source,
            bin_dir=bin_dir,
            data_dir=folder / "data",
            socket_dir=folder,
        )
        _configure(server, settings)
        try:
            server.start()
        except NoServerError:  # somebody may have taken the port in between
            if attempt == ATTEMPTS - 1 or "in use" not in server.log():
                raise
        else:
            return server
    raise AssertionError


def _initdb(bin_dir: Path, folder: Path, password: str) -> None:
    secret = folder / "password"
    secret.write_text(password)
    account.own(secret)
    secret.chmod(0o400)
    options = [
        "--username=postgres",
        f"--pwfile={secret}",
        "--auth-local=trust",
        "--auth-host=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
    ]
    log = folder / "initdb.log"
    if account.run([bin_dir / "initdb", "-D", folder / "data", *options], log=log) != 0:
        raise NoServerError(f"initdb of {bin_dir}: {log.read_text()}")


def _configure(server: Server, settings: dict[str, str]) -> None:
    own = {"port": str(server.port), "unix_socket_directories": str(server.socket_dir)}
    lines = [f"{key} = '{value}'\n" for key, value in {**SETTINGS, **own, **settings}.items()]
    file = server.data_dir / "postgresql.auto.conf"
    file.write_text("".join(lines))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
