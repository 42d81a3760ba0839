"""When a run stops, what it leaves due, and when a rule is due again."""

from __future__ import annotations

import datetime as dt
import signal

import pytest

from maintainer.actions import segment
from maintainer.plan.receipts import Outcome
from tests.db.purge.night import QuickClock, check_books, last

ROWS = """
CREATE TABLE events (id int PRIMARY KEY, at timestamptz);
INSERT INTO events SELECT n, '2020-01-01'::timestamptz + n * interval '1 minute' FROM generate_series(1, 200) AS n;
CREATE INDEX ON events (at)"""
RULE = "events: {{keep: 90 days, by: at, every: {every}, archive: true, pace: {{max_segment_rows: 50}}{more}}}"


class LeapingClock(QuickClock):
    """A clock that anybody can put forward."""

    ahead = dt.timedelta()

    def now(self):
        """The present moment, and a bit."""
        return super().now() + self.ahead


@pytest.fixture
def full(night):
    """Four segments' worth of old rows."""
    night.clock = LeapingClock()
    night.database.run(ROWS)
    return night.policy(RULE.format(every="day", more="")).init()


def after_segments(night, number, act, monkeypatch):
    """Do something when so many segments were committed, before the next may start."""
    record, count = segment.publish, []

    def published(*args):
        record(*args)
        count.append(1)
        if len(count) == number:
            act()

    monkeypatch.setattr("maintainer.actions.purge.publish", published)


def put_forward(clock, **much):
    """Put the clock forward."""
    clock.ahead = dt.timedelta(**much)


def count(night):
    """Rows in the table."""
    return night.database.run("SELECT count(*) FROM events")[0][0]


def test_until_stops_between_two_segments_and_leaves_the_rule_due(full, monkeypatch):
    """Exit 0, what is left is said, and the next run takes it without a person."""
    until = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    after_segments(full, 2, lambda: put_forward(full.clock, hours=2), monkeypatch)
    report = full.approved(until=until)
    monkeypatch.undo()

    receipt = last(report)
    assert (report.exit_code, receipt.outcome, receipt.finished) == (0, Outcome.STOPPED, False)
    assert (receipt.rows, count(full)) == (100, 100)
    assert "--until has come" in receipt.detail
    assert "100 rows are still due" in receipt.detail
    assert "--until has come" in report.stopped
    put_forward(full.clock, hours=0)
    assert (last(full.run()).rows, count(full)) == (100, 0)
    check_books(full)


def test_the_end_of_the_window_stops_between_two_segments(full, monkeypatch):
    """The window is open by the database's clock; its end comes; the rule is still due."""
    ((day, hour),) = full.database.run(
        "SELECT lower(to_char(now() AT TIME ZONE 'UTC', 'Dy')), to_char(now() AT TIME ZONE 'UTC', 'HH24:00')"
    )
    full.policy(
        RULE.format(every="day", more=", window: now"),
        more=f'windows:\n  now: {{days: [{day}], from: "{hour}", for: 3h}}',
    )
    after_segments(full, 1, lambda: put_forward(full.clock, hours=3), monkeypatch)

    report = full.approved()

    assert (report.exit_code, last(report).outcome, last(report).finished) == (
        0,
        Outcome.STOPPED,
        False,
    )
    assert "window" in last(report).detail
    assert count(full) == 150
    assert full.database.run("SELECT finished, row_count FROM maintainer.step") == [(False, 50)]
    check_books(full)


def test_what_cannot_end_in_time_is_not_started(full, monkeypatch):
    """A segment that would take longer than the window lasts does not begin."""
    until = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)

    class SlowClock(LeapingClock):
        """By this clock every segment takes fifty minutes."""

        time = 0.0

        def monotonic(self):
            """Half an hour later each time somebody looks."""
            self.time += 3000.0
            return self.time

    full.clock = SlowClock()
    after_segments(full, 1, lambda: put_forward(full.clock, minutes=50), monkeypatch)

    receipt = last(full.approved(until=until))

    assert (receipt.outcome, receipt.rows) == (Outcome.STOPPED, 50)
    assert "it is expected to take" in receipt.detail


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_stops_between_two_segments(full, number, code, monkeypatch):
    """State is consistent, the exit code says which signal it was, and the next run goes on."""
    from maintainer.app import StopSignal

    after_segments(full, 1, lambda: full.stop.request(number), monkeypatch)
    report = full.approved()
    monkeypatch.undo()

    assert (report.exit_code, last(report).outcome) == (code, Outcome.STOPPED)
    assert count(full) == 150
    assert full.database.run("SELECT outcome, exit_code FROM maintainer.run") == [("stopped", code)]
    check_books(full)
    full.stop = StopSignal()
    assert (last(full.run()).finished, count(full)) == (True, 0)


def test_a_closed_window_starts_nothing(full):
    """Exit 0; not even a refusal is one; the reason names the window; nothing is finished."""
    ((day,),) = full.database.run("SELECT lower(to_char(now() + interval '3 days', 'Dy'))")
    full.policy(
        RULE.format(every="day", more=", window: later"),
        more=f'windows:\n  later: {{days: [{day}], from: "01:00", for: 1h}}',
    )

    report = full.run()

    assert (report.exit_code, last(report).outcome) == (0, Outcome.SKIPPED)
    assert "outside of later" in last(report).detail
    assert count(full) == 200
    assert full.database.run("SELECT * FROM maintainer.step") == []
    overridden = full.approved(ignore_window=True, reason="agreed")
    assert (overridden.exit_code, count(full)) == (0, 0)
    assert ("maintainer.window.overridden", "critical") in full.audit("action, risk_level")


def test_a_blackout_wins_over_the_window(full):
    """Nothing is done on those days, and the reason is said."""
    today = full.database.run("SELECT now()::date::text")[0][0]
    tomorrow = full.database.run("SELECT (now()::date + 1)::text")[0][0]
    full.policy(
        RULE.format(every="day", more=""),
        more=f"blackouts:\n  - {{from: {today}, to: {tomorrow}, reason: Black Friday}}",
    )

    report = full.run()

    assert (report.exit_code, last(report).outcome) == (0, Outcome.SKIPPED)
    assert "Black Friday" in last(report).detail


@pytest.mark.parametrize(
    ("every", "due"),
    [("day", "1 day"), ("week", "7 days"), ("month", "1 month"), ("quarter", "3 months")],
)
def test_a_rule_is_due_once_in_a_period_by_the_record(full, every, due):
    """Finished in this period it is not due, whoever asks; finished in the last one it is."""
    full.policy(RULE.format(every=every, more=""))
    full.approved()
    assert "not due" in last(full.run()).detail

    full.database.run(f"UPDATE maintainer.step SET ended_at = ended_at - interval '{due}'")
    full.database.run("INSERT INTO events VALUES (500, '2020-01-01')")

    assert last(full.run()).rows == 1


@pytest.mark.parametrize("outcome", ["failed", "stopped"])
def test_what_was_not_finished_is_still_due(full, outcome, monkeypatch):
    """A run that failed or was stopped leaves its rule due in the same period."""
    from maintainer.errors import UnreachableError

    def fail():
        if outcome == "failed":
            raise UnreachableError("no")
        full.stop.request(signal.SIGTERM)

    after_segments(full, 1, fail, monkeypatch)
    full.approved()
    monkeypatch.undo()
    full.stop = type(full.stop)()

    assert last(full.run()).rows == 150


def test_a_rule_that_finds_nothing_is_finished(full):
    """Nothing was due: it is not looked at again in this period; its first deletion still asks."""
    full.database.run("UPDATE events SET at = now()")

    assert last(full.run()).outcome is Outcome.SKIPPED
    assert full.database.run("SELECT finished, row_count FROM maintainer.step") == [(True, 0)]
    assert "not due" in last(full.run()).detail
    full.database.run("UPDATE maintainer.step SET ended_at = ended_at - interval '1 day'")
    full.database.run("UPDATE events SET at = '2020-01-01' WHERE id = 1")

    assert full.run().exit_code == 3
    assert (last(full.approved()).rows, count(full)) == (1, 199)


def test_two_runs_at_once_are_refused(full):
    """One run per database: the second names the first and changes nothing."""
    from maintainer.db import conninfo, locks
    from maintainer.db.connect import connect
    from maintainer.errors import LockHeldError

    first = connect(conninfo.resolve(full.database.dsn, {}), driver=full.driver)
    with locks.held_run_lock(first), pytest.raises(LockHeldError, match=f"process {first.pid}"):
        full.run()
    first.close()

    assert full.database.run("SELECT * FROM maintainer.run") == []


def test_a_spoiled_file_is_said_even_when_somebody_said_stop(full, monkeypatch):
    """Being stopped hides no other failure: exit 6 and a page, not a clean end."""
    from maintainer.archive import readback
    from tests.db.purge.test_failures import nth, spoil

    def spoil_and_stop(path, _found):
        spoil(path)
        full.stop.request(signal.SIGTERM)

    monkeypatch.setattr(readback, "confirm", nth(2, spoil_and_stop)(readback.confirm))
    report = full.approved()

    assert (report.exit_code, last(report).outcome) == (6, Outcome.FAILED)
    assert count(full) == 150


def test_a_long_statement_is_cancelled_on_the_server(full):
    """Somebody says stop while a segment waits for a lock: cancelled, rolled back, and a clean end."""
    import psycopg

    from maintainer.runner import walk

    with psycopg.connect(full.database.dsn) as lock, pytest.MonkeyPatch.context() as patch:
        patch.setattr(walk, "SEGMENT_GRACE", 0.0)
        lock.execute("SELECT FROM events WHERE id = 1 FOR UPDATE")
        remove = segment._remove

        def stopped(*args):
            full.stop.request(signal.SIGTERM)
            return remove(*args)

        patch.setattr(segment, "_remove", stopped)
        report = full.approved()

    assert (report.exit_code, last(report).outcome) == (143, Outcome.STOPPED)
    assert "stopped by SIGTERM" in last(report).detail
    assert (count(full), full.pending(), full.files()) == (200, [], [])
