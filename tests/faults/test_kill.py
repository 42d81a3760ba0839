"""kill -9 at every point of a segment: the next run puts everything right."""

from __future__ import annotations

import pytest

from tests.faults import outside

POINTS = ("before-copy", "mid-copy", "stored", "recorded", "in-doubt", "committed")
SECOND = 2


@pytest.mark.parametrize("table", ["metrics", "usage"])
@pytest.mark.parametrize("point", POINTS)
def test_kill(make_stage, uncovered, point, table) -> None:
    """Before = remaining + archived, each row once, whatever the point in the second segment."""
    stage = make_stage(table)
    approval = stage.set()

    stage.victim(point, SECOND, "run", "--approve", approval)
    stage.late()
    said = stage.cli("run")

    assert said.code == 0, said
    assert outside.check_done(stage) > 900 / 2
