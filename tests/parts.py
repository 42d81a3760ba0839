"""Parts that pip does not bring: .ci/run installs and requires them, elsewhere a test is skipped."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.servers import Server, run_sql
from tests.servers.pool import requires_all


def need(there: object, what: str) -> None:
    """Go on where a part is there; otherwise fail under MAINTAINER_REQUIRE=all, and skip elsewhere."""
    if there:
        return
    if requires_all():
        pytest.fail(f"{what} is required here and missing")
    pytest.skip(f"{what} is not on this machine")


def need_program(name: str) -> Path:
    """The path of a program such as psql or zstdcat."""
    path = shutil.which(name)
    need(path, name)
    return Path(path)


def need_extension(server: Server, name: str) -> None:
    """An extension the server can create, such as citext (the embedded wheel has no contrib)."""
    known = run_sql(server.dsn(), f"SELECT 1 FROM pg_available_extensions WHERE name = '{name}'")
    need(known, f"extension {name} of PostgreSQL {server.version} from {server.source}")
