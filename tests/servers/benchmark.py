"""A server of one's own with settings fit for measuring, without pytest around it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import cluster
from tests.servers.installation import found
from tests.servers.server import NoServerError, Server

SETTINGS = {"shared_buffers": "1GB", "max_wal_size": "8GB", "wal_level": "replica"}


@contextmanager
def benchmark_server() -> Iterator[Server]:
    """The newest PostgreSQL at hand, fsync on, stopped and removed at the end."""
    installations = found()
    if not installations:
        raise NoServerError("no PostgreSQL programs on this machine")
    version, installation = max(installations.items())
    with tempfile.TemporaryDirectory(prefix="maintainer-bench-") as place:
        Path(place).chmod(0o755)
        programs = installation.within_reach(Path(place) / "programs")
        folder = Path(place) / "cluster"
        folder.mkdir()
        server = cluster.create(version, programs, folder, installation.source, SETTINGS)
        try:
            yield server
        finally:
            server.stop()
