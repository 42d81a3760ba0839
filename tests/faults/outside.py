"""What must be true after a run, told by the tables, the files and the ledger alone."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import psycopg

from tests.faults.stage import Stage

if sys.version_info >= (3, 14):
    from compression.zstd import decompress
else:
    from backports.zstd import decompress

EXPIRED = {
    "metrics": "isfinite(at) AND at < now() - interval '90 days'",
    "usage": "day < date_trunc('month', now() - interval '3 months')",
}
LOST = """
SELECT count(*) FROM (
  (TABLE everything EXCEPT ALL (TABLE {table} UNION ALL TABLE archived))
  UNION ALL
  ((TABLE {table} UNION ALL TABLE archived) EXCEPT ALL TABLE everything)) AS difference"""
WRONG_MONTHS = """
WITH truth AS (
  SELECT tenant, kind, date_trunc('month', day)::date AS month, sum(quantity) AS quantity,
         max(quantity) AS peak, count(*) AS usage_rows
  FROM everything GROUP BY 1, 2, 3)
SELECT count(*) FROM (
  (TABLE truth EXCEPT ALL TABLE usage_monthly) UNION ALL (TABLE usage_monthly EXCEPT ALL TABLE truth)
) AS difference"""
OPEN = """
SELECT 'run', id FROM maintainer.run WHERE ended_at IS NULL OR outcome IS NULL
UNION ALL SELECT 'step', run FROM maintainer.step WHERE ended_at IS NULL OR outcome IS NULL"""
WRONG_SUMS = """
SELECT s.run, s.row_count, coalesce(sum(g.row_count), 0) FROM maintainer.step AS s
LEFT JOIN maintainer.segment AS g ON g.run = s.run AND g.step = s.number
WHERE s.kind = 'purge' GROUP BY s.run, s.number HAVING s.row_count <> coalesce(sum(g.row_count), 0)"""


def check(stage: Stage) -> int:
    """Nothing is lost, nothing is there twice, nothing is left open; how many rows are archived."""
    segments = {
        uri: (sha256, rows)
        for uri, sha256, rows in stage.database.run(
            "SELECT uri, stored_sha256, row_count FROM maintainer.segment"
        )
    }
    assert set(_files(stage.archive)) == set(segments), "files and ledger differ"
    assert pending(stage) == 0
    stage.database.run(f"DROP TABLE IF EXISTS archived; CREATE TABLE archived (LIKE {stage.table})")
    for uri, (sha256, rows) in segments.items():
        packed = (stage.archive / uri).read_bytes()
        assert hashlib.sha256(packed).hexdigest() == sha256
        assert _load(stage, decompress(packed)) == rows
    assert stage.database.run(LOST.format(table=stage.table)) == [(0,)]
    _check_record(stage)
    _check_manifests(stage, segments)
    return sum(rows for _, rows in segments.values())


def check_done(stage: Stage) -> int:
    """The same, nothing that has expired is left, and each month is what it was."""
    rows = check(stage)
    left = f"SELECT count(*) FROM {stage.table} WHERE {EXPIRED[stage.table]}"
    assert stage.database.run(left) == [(0,)]
    if stage.table == "usage":
        assert stage.database.run(WRONG_MONTHS) == [(0,)]
    return rows


def pending(stage: Stage) -> int:
    """How many files wait for their segment's end."""
    return len(list((stage.archive / "_pending").glob("*")))


def _files(archive: Path) -> list[str]:
    return [str(path.relative_to(archive)) for path in archive.glob("*/archived=*/*.csv.zst")]


def _load(stage: Stage, text: bytes) -> int:
    with psycopg.connect(stage.database.dsn, autocommit=True) as connection:
        cursor = connection.cursor()
        with cursor.copy("COPY archived FROM STDIN WITH (FORMAT csv, HEADER)") as copy:
            copy.write(text)
        return cursor.rowcount


def _check_record(stage: Stage) -> None:
    assert stage.database.run(OPEN) == []
    assert stage.database.run(WRONG_SUMS) == []
    started, ended = (
        stage.database.run(f"SELECT session_id FROM audit_logs WHERE action = 'maintainer.{name}'")
        for name in ("run.started", "run.finished")
    )
    assert set(ended) <= set(started)


def _check_manifests(stage: Stage, segments: dict[str, tuple[str, int]]) -> None:
    named: dict[str, tuple[str, int]] = {}
    for path in stage.archive.glob("*/archived=*/*.manifest.json"):
        for file in json.loads(path.read_text())["files"]:
            uri = str((path.parent / file["name"]).relative_to(stage.archive))
            named[uri] = (file["stored_sha256"], file["rows"])
    assert named == segments, "manifests and ledger differ"
    lines = [
        (str((path.parent / name).relative_to(stage.archive)), sha256)
        for path in stage.archive.glob("*/archived=*/*.SHA256SUMS")
        for sha256, name in (line.split("  ") for line in path.read_text().splitlines())
    ]
    assert dict(lines) == {uri: sha256 for uri, (sha256, _) in segments.items()}
