"""Why nothing more may start."""

from __future__ import annotations

import signal
from datetime import UTC, datetime, timedelta

from maintainer.schedule.budget import Budget, Deadline

NOW = datetime(2025, 11, 22, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
WINDOW = Deadline(NOW + HOUR, "the end of the window nightly")
UNTIL = Deadline(NOW + HOUR / 2, "--until")


def test_without_deadline_and_stop_it_is_never_spent():
    """Nothing ends what has no end."""
    budget = Budget()

    assert budget.spent(NOW + 1000 * HOUR) is None
    assert budget.remaining(NOW) is None
    assert budget.too_short(NOW, 1000 * HOUR) is None


def test_the_first_deadline_counts():
    """The earliest of all deadlines ends the work and says its name."""
    budget = Budget(WINDOW, UNTIL)

    assert budget.deadline == UNTIL
    assert budget.spent(UNTIL.at - timedelta(microseconds=1)) is None
    assert budget.spent(UNTIL.at) == "--until has come"
    assert budget.remaining(NOW) == HOUR / 2
    assert budget.remaining(NOW + HOUR) == timedelta()


def test_what_would_not_end_in_time_does_not_start():
    """An expected duration longer than what is left is a reason."""
    budget = Budget(WINDOW)

    assert budget.too_short(NOW, HOUR) is None
    assert budget.too_short(NOW, HOUR + timedelta(seconds=1)) == (
        "it is expected to take 1:00:01, and the end of the window nightly comes in 1:00:00"
    )
    assert budget.too_short(WINDOW.at, timedelta()) == "the end of the window nightly has come"


def test_a_stop_from_a_signal_handler():
    """A stop is heard at once and its first reason stays."""
    budget = Budget(WINDOW)
    before = signal.signal(signal.SIGUSR1, lambda *_: budget.stop("SIGUSR1"))
    try:
        signal.raise_signal(signal.SIGUSR1)
    finally:
        signal.signal(signal.SIGUSR1, before)
    budget.stop("another")

    assert budget.spent(NOW) == budget.stopped == "SIGUSR1"
    assert budget.too_short(NOW, timedelta()) == "SIGUSR1"


def test_a_narrower_budget_hears_the_same_stop():
    """More deadlines for one step, one stop for all."""
    budget = Budget(WINDOW)
    narrower = budget.until(UNTIL)
    budget.stop("SIGTERM")

    assert narrower.deadline == UNTIL
    assert narrower.spent(NOW) == "SIGTERM"
    assert budget.deadline == WINDOW
