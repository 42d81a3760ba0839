"""How fast rows are archived and deleted, as a ratio to what the server can do at all."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.filled import clone, fill
from tests.servers import Server, run_sql
from tests.servers.benchmark import benchmark_server

LIMIT = "server's limit: psql COPY (DELETE … RETURNING *), discarded"
STATEMENT = (
    'COPY (DELETE FROM performance_analytics WHERE "timestamp" < '
    "date_trunc('day', now()) - interval '90 days' RETURNING *) TO STDOUT (FORMAT csv, HEADER)"
)
POLICY = """
version: 1
timezone: UTC
archive: {name: bench, to: "${env:MAINTAINER_ARCHIVE}"}
defaults: {pace: full, guard: {max_rows: 1000000000, max_percent: 100}}
retention:
  performance_analytics: {keep: 90 days, by: timestamp, align: day, every: day, archive: true}
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One measurement: seconds of wall clock, and the peak resident memory of the process."""

    name: str
    rows: int
    seconds: float
    peak_mb: float


def measure(rows: int, expired: float, order: str, repeat: int) -> list[Run]:
    """Interleaved: every contender once, then again."""
    with benchmark_server() as server, tempfile.TemporaryDirectory() as place:
        count = fill(server, rows, expired, order)
        runs = []
        for number in range(repeat):
            for name in (LIMIT, "psycopg", "pg8000"):
                with clone(server) as database:
                    runs.append(_run(server, name, database, Path(place) / f"{number}", count))
        return runs


def _run(server: Server, name: str, database: str, folder: Path, count: int) -> Run:
    if name == LIMIT:
        seconds, peak = _timed(_psql(server, database), dict(os.environ))
        return Run(name, count, seconds, peak)
    environ = _environ(server, database, folder / name)
    policy = folder / "policy.yaml"
    policy.parent.mkdir(parents=True, exist_ok=True)
    policy.write_text(POLICY)
    maintainer = [sys.executable, "-m", "maintainer", "--policy", str(policy), "--driver", name]
    subprocess.run([*maintainer, "init"], env=environ, check=True, stdout=subprocess.DEVNULL)
    plan = subprocess.run(
        [*maintainer, "-o", "json", "dry-run"], env=environ, check=True, capture_output=True
    )
    token = plan.stdout.split(b'"fingerprint": "')[1].split(b'"')[0].decode()
    run = [*maintainer, "-q", "run", "--approve", token]
    seconds, peak = _timed(run, environ)
    left = run_sql(server.dsn(database), "SELECT sum(row_count) FROM maintainer.segment")
    if left != [(count,)]:
        raise SystemExit(f"{name} removed {left} rows instead of {count}")
    shutil.rmtree(folder / name)
    return Run(f"maintainer, csv.zst, read back, {name}", count, seconds, peak)


def _timed(command: list[str], environ: dict[str, str]) -> tuple[float, float]:
    began = time.monotonic()
    process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    if status != 0:
        raise SystemExit(f"{command[:6]} ended with {os.waitstatus_to_exitcode(status)}")
    return seconds, usage.ru_maxrss / 1024


def _psql(server: Server, database: str) -> list[str]:
    psql = shutil.which("psql") or str(server.bin_dir / "psql")
    return [psql, "-X", "-q", server.dsn(database), "-c", STATEMENT]


def _environ(server: Server, database: str, archive: Path) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": server.dsn(database),
        "MAINTAINER_ARCHIVE": f"file:{archive}",
    }


def document(runs: list[Run]) -> dict[str, object]:
    """The medians, and each contender's ratio to the limit."""
    limit = _rate(runs, LIMIT)
    names = dict.fromkeys(run.name for run in runs if run.name != LIMIT)
    return {
        "rows": runs[0].rows,
        "limit_rows_per_s": round(limit),
        "contenders": [
            {
                "name": name,
                "rows_per_s": round(_rate(runs, name)),
                "ratio": round(_rate(runs, name) / limit, 3),
                "peak_rss_mb": round(max(run.peak_mb for run in runs if run.name == name), 1),
            }
            for name in names
        ],
    }


def table(runs: list[Run]) -> str:
    """The same for people."""
    made = document(runs)
    lines = [f"{'':58}{'k rows/s':>10}{'x limit':>9}{'peak MB':>9}"]
    lines.append(f"{LIMIT:58}{made['limit_rows_per_s'] / 1000:10.0f}{1:9.2f}{'':>9}")
    lines += [
        f"{one['name']:58}{one['rows_per_s'] / 1000:10.0f}{one['ratio']:9.2f}"
        f"{one['peak_rss_mb']:9.0f}"
        for one in made["contenders"]
    ]
    return "\n".join(lines)


def _rate(runs: list[Run], name: str) -> float:
    return statistics.median(run.rows / run.seconds for run in runs if run.name == name)
