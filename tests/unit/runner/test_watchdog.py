"""What cancels a statement whose time is up, and what does not."""

from __future__ import annotations

import datetime as dt
import threading

import pytest

from maintainer.errors import CancelledError, ConnectionLostError
from maintainer.runner import watchdog
from maintainer.runner.watchdog import watching
from maintainer.schedule.budget import Budget, Deadline

NOW = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)


class Session:
    """A session that remembers; `cancelled` is set when somebody cancels."""

    closed = False

    def __init__(self, late=False, gone=False):
        self.cancelled, self.late, self.gone = threading.Event(), late, gone
        self.cancels, self.executed = 0, []

    def cancel(self):
        """Count it."""
        self.cancels += 1
        self.cancelled.set()
        if self.gone:
            raise ConnectionLostError("gone")

    def execute(self, statement):
        """Remember it."""
        self.executed.append(str(statement))
        if self.late:
            raise CancelledError("too late")


class Clock:
    """Time that passes when it is looked at."""

    def __init__(self, step=1.0):
        self.time, self.step = 0.0, step
        self.looked = threading.Semaphore(0)

    def now(self):
        """The time, told to somebody."""
        self.looked.release()
        return NOW + dt.timedelta(seconds=self.time)

    def monotonic(self):
        """A step later each time."""
        self.time += self.step
        return self.time

    def wait(self, times):
        """Until the watchdog has looked so many times more."""
        for _ in range(times):
            assert self.looked.acquire(timeout=30)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """A watchdog that looks often."""
    monkeypatch.setattr(watchdog, "TICK_SECONDS", 0.001)


def test_while_there_is_time_nothing_is_cancelled():
    """It looks and does nothing, and ends with the block."""
    session, clock = Session(), Clock()

    with watching(session, Budget(Deadline(NOW + dt.timedelta(days=1), "the end")), clock, 0.0):
        clock.wait(3)

    assert (session.cancels, session.executed) == (0, [])
    assert all(thread.name != "watchdog" for thread in threading.enumerate())


def test_once_the_budget_is_spent_the_statement_is_cancelled():
    """And the session is left without a cancel that could hit the next statement."""
    session, budget = Session(), Budget()

    with watching(session, budget, Clock(), 0.0):
        budget.stop("enough")
        assert session.cancelled.wait(30)

    assert len(session.executed) == 1
    assert "pg_sleep" in session.executed[0]


def test_a_cancel_that_came_too_late_is_absorbed():
    """It hits a statement that does nothing."""
    session, budget = Session(late=True), Budget()

    with watching(session, budget, Clock(), 0.0):
        budget.stop("enough")
        assert session.cancelled.wait(30)

    assert len(session.executed) == 1


def test_a_segment_has_time_to_end_by_itself():
    """Nothing is cancelled within the grace; after it, again and again until it helps."""
    session, budget, clock = Session(), Budget(), Clock(step=0.0)
    budget.stop("enough")

    with watching(session, budget, clock, 10.0):
        clock.wait(3)
        assert session.cancels == 0
        clock.step = 5.0
        assert session.cancelled.wait(30)
        clock.wait(5)

    assert session.cancels > 1


def test_a_session_that_is_gone_needs_no_cancel():
    """The watchdog does not die of it, and nothing more is sent."""
    session, budget, clock = Session(gone=True), Budget(), Clock()

    with watching(session, budget, clock, 0.0):
        budget.stop("enough")
        assert session.cancelled.wait(30)
        clock.wait(3)

    assert session.executed == []


def test_a_closed_session_is_left_alone():
    """What failed inside goes on its way."""
    session, budget = Session(), Budget()

    def body():
        with watching(session, budget, Clock(), 0.0):
            budget.stop("enough")
            assert session.cancelled.wait(30)
            session.closed = True
            raise ConnectionLostError("lost")

    with pytest.raises(ConnectionLostError):
        body()

    assert session.executed == []
