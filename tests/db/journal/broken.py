"""Runs that broke off: what they leave in the ledger and in the archive."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from maintainer.archive.folder import Folder
from tests.db.purge.night import Night

RULE = (
    "events: {keep: 90 days, by: at, every: day, archive: true, pace: {max_segment_rows: 100},"
    " guard: {max_percent: 100, max_rows: 100000}}"
)
TABLE = "CREATE TABLE events (id int PRIMARY KEY, at timestamptz); CREATE INDEX ON events (at)"
EXPIRED = """
INSERT INTO events SELECT n, now() - interval '200 days' + n * interval '1 minute'
FROM generate_series({first}, {last}) AS n"""


class KilledError(BaseException):
    """The process ends here: nothing that could clean up is run."""


def kept(night: Night) -> Night:
    """A night that is at home, with two segments of rows that have expired."""
    night.database.run(f"{TABLE}; {EXPIRED.format(first=1, last=200)}")
    return night.policy(RULE).init()


def more(night: Night, first: int, last: int) -> None:
    """A day goes by, and rows expire."""
    night.database.run("UPDATE maintainer.step SET ended_at = ended_at - interval '1 day'")
    night.database.run(EXPIRED.format(first=first, last=last))


def killed(night: Night, *, at: int = 2, before: Callable[[], object] = lambda: None) -> Path:
    """A run that is killed between a segment's COMMIT and its file's name; the file that waits."""
    calls, publish = count(1), Folder.publish

    def called(*given: object) -> None:
        if next(calls) == at:
            before()
            raise KilledError
        publish(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Folder, "publish", called)
        with pytest.raises(KilledError):
            night.approved()
    (waiting,) = (night.archive / "_pending").glob("*.csv.zst")
    return waiting


def forget_segment(night: Night, path: Path) -> None:
    """The ledger of a clone that was taken before a segment's COMMIT."""
    number = int(path.name.removesuffix(".csv.zst").rpartition("-")[2])
    night.database.run(f"DELETE FROM maintainer.segment WHERE number = {number}")


def snapshot(night: Night) -> dict[str, bytes]:
    """Every file of the archive."""
    return {
        str(path.relative_to(night.archive)): path.read_bytes()
        for path in sorted(night.archive.rglob("*"))
        if path.is_file()
    }
