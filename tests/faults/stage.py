"""A small table that has expired, a policy for it, and the command line as people call it."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from maintainer import app
from maintainer.plan import approvals
from maintainer.schedule.clock import SystemClock
from tests.servers import Database

ROOT = Path(__file__).parents[2]
PATIENCE = 60

POLICY = """\
version: 1
timezone: UTC
archive: {name: test, to: "${env:MAINTAINER_ARCHIVE}"}
defaults:
  guard: {max_rows: 100000, max_percent: 100}
  pace: {max_segment_rows: 300}
retention:
"""
RULES = {
    "metrics": "  metrics: {keep: 90 days, by: at, every: day, archive: true}\n",
    "usage": """\
  usage:
    keep: 3 months
    by: day
    align: month
    every: day
    archive: true
    rollup:
      into: usage_monthly
      month: month
      group_by: [tenant, kind]
      sum: [quantity]
      max: {peak: quantity}
      count: usage_rows
""",
}
ROWS = "(SELECT string_agg(md5(g || '.' || n), ' ') FROM generate_series(1, 16) AS n)"
TABLES = {
    "metrics": f"""
CREATE TABLE metrics (id int PRIMARY KEY, at timestamptz, word text, value numeric, more jsonb);
CREATE INDEX ON metrics (at);
INSERT INTO metrics
SELECT g, now() - interval '200 days' + g * interval '1 minute',
       CASE g % 4 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN E'a "quote",\\n\\\\ and a line' ELSE 'ü' END,
       g * 1.10, jsonb_build_object('words', {ROWS})
FROM generate_series(1, 900) AS g;
INSERT INTO metrics SELECT g, now() - interval '1 day', 'young', g FROM generate_series(901, 950) AS g;
INSERT INTO metrics VALUES (951, NULL), (952, 'infinity'), (953, '-infinity')""",
    "usage": f"""
CREATE TABLE usage (id int PRIMARY KEY, tenant int, kind text, day date NOT NULL, quantity numeric, more text);
CREATE INDEX ON usage (day);
CREATE TABLE usage_monthly (tenant int, kind text, month date NOT NULL, quantity numeric, peak numeric,
                            usage_rows bigint);
INSERT INTO usage
SELECT g, nullif(g % 3, 0), CASE g % 2 WHEN 0 THEN 'calls' ELSE 'gb' END,
       (date_trunc('month', now()) - interval '9 months')::date + g / 9, g * 0.25, {ROWS}
FROM generate_series(1, 900) AS g;
INSERT INTO usage SELECT g, 1, 'calls', now()::date - 1, g FROM generate_series(901, 950) AS g""",
}
LATE = {
    "metrics": """
INSERT INTO metrics SELECT g, now() - interval '199 days', 'late', g FROM generate_series(2001, 2020) AS g""",
    "usage": """
INSERT INTO usage SELECT g, 2, 'gb', (now() - interval '7 months')::date, g FROM generate_series(2001, 2020) AS g""",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One database, one policy, one archive, one driver.

    `environ` and `limits` (fsize: bytes of the largest file) are those of its commands.
    """

    database: Database
    folder: Path
    driver: str
    table: str = "metrics"
    dsn: str = ""
    environ: dict[str, str] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=dict)

    @property
    def policy(self) -> Path:
        """The policy's file."""
        return self.folder / "policy.yaml"

    @property
    def archive(self) -> Path:
        """The database's folder in the archive."""
        return self.folder / "archive" / "test"

    def set(self, rules: str = "", policy: str = POLICY) -> str:
        """Make the table, the policy and maintainer's record; the fingerprint of the first run."""
        self.database.run(TABLES[self.table])
        self.database.run(f"CREATE TABLE everything AS TABLE {self.table}")
        return self.ruled(policy + (rules or RULES[self.table]))

    def ruled(self, policy: str) -> str:
        """Write a policy and run init; the fingerprint of the first run, or nothing."""
        self.policy.write_text(policy)
        options = app.Options((self.policy,), self.dsn or self.database.dsn, self.driver)
        environ = {"MAINTAINER_ARCHIVE": f"file:{self.archive.parent}"}
        with app.App(options, environ, SystemClock()) as core:
            core.init()
            return approvals.fingerprint(core.plan().refusals) or ""

    def late(self) -> None:
        """Rows that have expired arrive, as they do while a run is down."""
        self.database.run(LATE[self.table])
        self.database.run(f"INSERT INTO everything SELECT * FROM {self.table} WHERE id > 2000")

    def cli(self, *words: str, timeout: float = PATIENCE) -> Said:
        """Call the command line and wait for its end; no secret may be in what it says."""
        with self.started("maintainer", *words) as process:
            return self.said(process, timeout)

    def victim(self, point: str, nth: int, *words: str) -> Said:
        """Let a command be killed at a point; that it was is checked."""
        with self.started("tests.faults.victim", point, str(nth), "kill", "--", *words) as process:
            said = self.said(process)
        assert said.code == -signal.SIGKILL, f"never came to {point}: {said}"
        return said

    @contextmanager
    def halted(self, point: str, nth: int, *words: str) -> Iterator[subprocess.Popen[str]]:
        """Let a command come to a point and halt there; `go_on` lets it go on."""
        with self.started("tests.faults.victim", point, str(nth), "stop", "--", *words) as process:
            _, status = os.waitpid(process.pid, os.WUNTRACED)
            assert os.WIFSTOPPED(status), f"never came to {point}"
            yield process

    @contextmanager
    def started(self, module: str, *words: str) -> Iterator[subprocess.Popen[str]]:
        """Start a command; whatever happens it does not outlive the block."""
        with subprocess.Popen(
            [sys.executable, "-m", module, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=self._environ(),
        ) as process:
            self._limit(process.pid)
            try:
                yield process
            finally:
                process.kill()

    def said(self, process: subprocess.Popen[str], timeout: float = PATIENCE) -> Said:
        """What a command answers in the end, which holds neither a secret nor a traceback."""
        out, err = process.communicate(timeout=timeout)
        for secret in self._secrets():
            assert secret not in out + err
        assert "Traceback" not in out + err
        return Said(process.returncode, out, err)

    def _limit(self, pid: int) -> None:
        for name, size in self.limits.items():
            resource.prlimit(pid, getattr(resource, f"RLIMIT_{name.upper()}"), (size, size))

    def _environ(self) -> Mapping[str, str]:
        mine = {
            "MAINTAINER_POLICY": str(self.policy),
            "MAINTAINER_ARCHIVE": f"file:{self.archive.parent}",
            "MAINTAINER_DRIVER": self.driver,
            "DATABASE_URL": self.dsn or self.database.dsn,
        }
        clean = {name: text for name, text in os.environ.items() if not name.startswith("PG")}
        return clean | mine | self.environ

    def _secrets(self) -> set[str]:
        return {self.database.server.password, *self.environ.get("PGPASSWORD", "").split()}


def go_on(process: subprocess.Popen[str]) -> None:
    """Let a halted command go on."""
    process.send_signal(signal.SIGCONT)
