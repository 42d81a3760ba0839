"""The seven tables, filled, under the shipped policies."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from maintainer.db import conninfo
from maintainer.db.connect import connect
from maintainer.demo.seed import seed
from maintainer.schedule.clock import SystemClock
from maintainer.schema.apply import apply
from tests.db.purge.night import Night
from tests.servers import Database

POLICIES = Path(__file__).parents[2] / "policies"
ROWS = 4_000


@dataclass
class Shipped(Night):
    """Nights under the shipped policies; `archive` is what they call production."""

    @property
    def archive(self) -> Path:
        """The database's folder in the archive."""
        return self.folder / "archive" / "production"

    @property
    def environ(self) -> dict[str, str]:
        """What the shipped policies are told by the environment."""
        return {
            "DATABASE_URL": self.database.dsn,
            "MAINTAINER_ARCHIVE": f"file:{self.folder / 'archive'}",
            "HOSTNAME": "host",
        }

    def app(self, dsn=None):
        """A fresh core, as each command makes one."""
        from maintainer.app import App, Options

        return App(Options((POLICIES,), dsn, self.driver), self.environ, self.clock)

    def run(self, *tables, **request):
        """A run at whatever hour the test is run."""
        return super().run(*tables, **{"ignore_window": True, "reason": "a test", **request})

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """The command line in a process of its own."""
        command = [
            sys.executable,
            "-m",
            "maintainer",
            "--policy",
            str(POLICIES),
            "--driver",
            self.driver,
        ]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return subprocess.run(
            [*command, *words],
            check=False,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env={**clean, **self.environ, "COLUMNS": "160"},
        )


@pytest.fixture
def shipped(seeded, driver, tmp_path) -> Shipped:
    """The seven tables with some thousand rows, maintainer not yet at home."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    return Shipped(seeded, driver, folder)


@pytest.fixture(scope="module")
def template(server) -> Iterator[Database]:
    """The seven tables, filled once."""
    from tests.servers import fresh_database

    with fresh_database(server) as made:
        session = connect(conninfo.resolve(made.dsn, {}), driver="psycopg")
        apply(session)
        seed(session, ROWS, SystemClock().now())
        session.close()
        yield made


@pytest.fixture
def seeded(template, server) -> Iterator[Database]:
    """A copy of it."""
    import secrets

    from tests.servers import run_sql

    name = f"test_{secrets.token_hex(6)}"
    run_sql(server.dsn(), f'CREATE DATABASE "{name}" TEMPLATE "{template.name}"')
    try:
        yield Database(name, server)
    finally:
        run_sql(server.dsn(), f'DROP DATABASE "{name}" WITH (FORCE)')
