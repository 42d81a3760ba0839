"""What the tests of bad input share: one clear message, the right code, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.faults.stage import Said, Stage
from tests.servers import Database

DONE, USAGE, REFUSED, BUSY, UNREACHED = 0, 2, 3, 4, 5
WHOLE = "SELECT (SELECT count(*) FROM (TABLE everything EXCEPT ALL TABLE metrics) AS d), count(*) FROM metrics"


def staged(database: Database, folder: Path, driver: str = "psycopg") -> tuple[Stage, str]:
    """A stage that is ready for its first run, and the fingerprint to approve it with."""
    folder.mkdir(exist_ok=True)
    stage = Stage(database, folder, driver)
    return stage, stage.set()


def elsewhere(stage: Stage, dsn: str) -> Stage:
    """The same, on another database or as another role."""
    return replace(stage, environ=stage.environ | {"DATABASE_URL": dsn})


def one_error(said: Said, code: int, *words: str) -> None:
    """Exactly one error, with what to do, says all the words; stdout has no report of a run."""
    assert said.code == code, said
    lines = said.err.splitlines()
    assert [line.startswith("error: ") for line in lines].count(True) == 1, said
    assert any(line.startswith("hint: ") for line in lines), said
    for word in words:
        assert word in said.err, said


def one_failure(said: Said, code: int, *words: str) -> None:
    """The report of the run has one step that failed or was refused, and says all the words."""
    assert said.code == code, said
    _, _, report = f"\n{said.out}".rpartition("\nRun ")
    (line,) = (line for line in report.splitlines() if line.startswith(("failed ", "refused ")))
    for word in words:
        assert word in line, said


def untouched(stage: Stage) -> None:
    """No row has gone, and the archive holds none."""
    assert stage.database.run(WHOLE) == [(0, 953)]
    assert list(stage.archive.glob("*/archived=*/*.zst")) == []
