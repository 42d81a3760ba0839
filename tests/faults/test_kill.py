"""kill -9 at every point of a segment: the next run puts everything right."""

from __future__ import annotations

import pytest

from tests.faults import outside

SECOND = 2
POINTS = {
    "before-copy": ("recovery.voided",),
    "mid-copy": ("recovery.voided",),
    "stored": ("recovery.voided",),
    "recorded": ("recovery.voided",),
    "in-doubt": ("recovery.voided", "recovery.published"),
    "committed": ("recovery.published",),
}
OTHERS = {"unowned": 1, "linked": 3, "undescribed": 1, "unended": 1}


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
    assert outside.check_done(stage) == 920
    recovered = tuple(
        name for name in ("recovery.voided", "recovery.published") if name in said.err
    )
    assert recovered == POINTS[point] or (len(recovered) == 1 and recovered[0] in POINTS[point])
    assert "recovery.closed" in said.err


@pytest.mark.parametrize("point", OTHERS)
def test_kill_elsewhere(stage, uncovered, point) -> None:
    """While the archive is claimed, halfway through publishing, before manifest or step's end."""
    approval = stage.set()

    stage.victim(point, OTHERS[point], "run", "--approve", approval)
    said = stage.cli("run", "--approve", approval)

    assert said.code == 0, said
    assert outside.check_done(stage) == 900


def test_kill_again_and_again(make_stage, uncovered) -> None:
    """A run that recovers may be killed too, and so may the one after it."""
    stage = make_stage("usage")
    approval = stage.set()

    stage.victim("committed", 1, "run", "--approve", approval)
    stage.victim("linked", 1, "run")  # while it publishes what the first one left
    stage.victim("in-doubt", 1, "run")
    stage.late()
    said = stage.cli("run")

    assert said.code == 0, said
    assert outside.check_done(stage) == 920
