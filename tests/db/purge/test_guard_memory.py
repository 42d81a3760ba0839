"""What the guards remember: only what was really deleted, or allowed, counts as done before."""

from __future__ import annotations

import signal

import pytest

from maintainer.plan.receipts import Outcome
from maintainer.runner.stop import StopSignal
from tests.db.purge.night import last, outcomes
from tests.db.purge.test_guards import ROWS, YESTERDAY, count, rule, settled

YOUNG = "DELETE FROM events WHERE id >= 150"
OLD = "INSERT INTO events SELECT n, now() - interval '900 days' FROM generate_series({}, {}) AS n"


class Stopping(list):
    """Events; the first committed segment asks the run to stop."""

    def __init__(self, stop: StopSignal) -> None:
        super().__init__()
        self.stop = stop

    def append(self, event) -> None:
        """Remember it."""
        super().append(event)
        if event.name == "segment.committed":
            self.stop.request(signal.SIGTERM)


def another_night(night):
    """A day has passed."""
    night.database.run(YESTERDAY)
    night.stop, night.events = StopSignal(), []


def stopped_half_way(night, **more):
    """A first run of 201 rows, approved up to 500, that came to its first 50."""
    night.database.run(ROWS)
    night.policy(rule(pace="{max_segment_rows: 50}", **more)).init()
    night.events = Stopping(night.stop)
    report = night.approved()
    assert (last(report).outcome, last(report).rows) == (Outcome.STOPPED, 50)
    another_night(night)


def test_looking_at_a_young_table_is_no_first_run(night):
    """The rule is done for the day, but its first rows still need a person."""
    night.database.run(f"{ROWS}; {YOUNG}")
    night.policy(rule()).init()
    assert night.run().exit_code == 0
    assert last(night.run()).detail.startswith("not due: finished")
    another_night(night)
    night.database.run(OLD.format(1, 10).replace("1, 10", "501, 510"))

    report = night.run()

    assert (report.exit_code, count(night)) == (3, 149 + 10)
    assert "it runs for the first time" in last(report).detail
    assert (night.approved().exit_code, count(night)) == (0, 149)


def test_looking_does_not_accept_a_shorter_keep(night):
    """What nobody has approved is still shorter when its first rows expire."""
    settled(night)
    night.policy(rule("390 days"))
    night.database.run("DELETE FROM events WHERE id >= 380")
    assert night.run().exit_code == 0
    another_night(night)
    night.database.run(OLD.format(501, 503))

    report = night.run()

    assert (report.exit_code, count(night)) == (3, 379 + 3)
    assert "its keep has become shorter (395 days before, 390 days now)" in last(report).detail


@pytest.mark.parametrize(
    "more", [{"where": "\"kind = 'a'\""}, {"search_path": "[public]"}], ids=["where", "search_path"]
)
def test_looking_does_not_accept_another_meaning(night, more):
    """Neither another `where` nor another place in which its words are looked up."""
    settled(night)
    night.policy(rule("395 days", **more))
    night.database.run("DELETE FROM events WHERE id >= 380")
    assert night.run().exit_code == 0
    another_night(night)
    night.database.run(OLD.format(501, 503))

    report = night.run()

    assert report.exit_code == 3
    assert "has changed since it last finished" in last(report).detail


def test_a_longer_keep_that_only_looked_asks_nobody_when_it_is_taken_back(night):
    """Rows that were deleted before at this age may go at this age."""
    settled(night)
    for keep in ("500 days", "395 days"):
        night.policy(rule(keep))
        assert night.run().exit_code == 0
        another_night(night)
    night.database.run(OLD.format(501, 503))

    assert night.run().exit_code == 0


def test_a_shorter_keep_that_never_came_to_its_end_was_not_done_before(night):
    """It was approved, stopped half-way and taken back; the approval has expired since."""
    settled(night)
    night.policy(rule("390 days", pace="{max_segment_rows: 2}"))
    night.events = Stopping(night.stop)
    assert last(night.approved()).outcome is Outcome.STOPPED
    another_night(night)
    night.policy(rule("395 days"))
    assert night.run().exit_code == 0
    another_night(night)
    night.database.run("UPDATE maintainer.approval SET expires_at = now()")
    night.policy(rule("390 days"))

    report = night.run()

    assert report.exit_code == 3
    assert "its keep has become shorter (395 days before, 390 days now)" in last(report).detail


def test_a_run_that_was_killed_at_its_very_end_is_remembered(night):
    """Its rows are gone; the next look finds nothing and finishes it."""
    settled(night)
    night.database.run(
        "UPDATE maintainer.step SET finished = false, outcome = 'interrupted' WHERE row_count > 0"
    )
    assert last(night.run()).outcome is Outcome.SKIPPED
    another_night(night)
    night.database.run(OLD.format(501, 503))

    assert night.run().exit_code == 0


def test_what_was_approved_is_remembered_even_if_nothing_was_left_to_delete(night):
    """Somebody else was faster."""
    night.database.run(ROWS)
    night.policy(rule()).init()
    night.shown = lambda _plan: night.database.run(YOUNG)
    report = night.approved()
    assert (last(report).rows, last(report).finished) == (0, True)
    night.shown = lambda _plan: None
    another_night(night)
    night.database.run(OLD.format(501, 503))

    assert night.run().exit_code == 0


def test_an_approval_is_for_the_backlog_and_not_for_each_night(night):
    """The second night goes on under what the first has left, and says how much that is."""
    stopped_half_way(night)
    night.database.run(OLD.format(501, 799))

    report = night.run()

    assert (report.exit_code, last(report).rows, count(night)) == (0, 450, 199)
    (purge,) = night.plans[-1].steps
    assert purge.ceiling == 450
    assert "approved up to 500 rows, 450 of them left" in purge.reason


def test_an_approval_that_is_used_up_needs_another(night):
    """One row more than what is left: nothing goes until somebody looks again."""
    stopped_half_way(night)
    night.database.run(OLD.format(501, 800))

    report = night.run()

    assert (report.exit_code, count(night)) == (3, 350 + 300)
    assert "more than the 450 rows left of 500 approved" in last(report).detail
    assert (night.approved().exit_code, count(night)) == (0, 199)


def test_each_rule_uses_up_its_own_approval(night):
    """What one table lost is not counted against another's approval."""
    night.database.run(ROWS + "; CREATE TABLE more AS SELECT * FROM events")
    one = rule(pace="{max_segment_rows: 50}")
    night.policy(one, one.replace("events:", "more:")).init()
    night.events = Stopping(night.stop)
    assert outcomes(night.approved()) == {"events": Outcome.STOPPED, "more": Outcome.STOPPED}
    another_night(night)

    plan = night.plan()

    assert [step.ceiling for step in plan.steps] == [450, 500]
