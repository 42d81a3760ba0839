"""How somebody outside asks a run to end."""

from __future__ import annotations

import datetime as dt
import signal

from maintainer.runner.stop import StopSignal
from maintainer.schedule.budget import Deadline

NOW = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)


def test_nobody_has_asked_yet():
    """No signal, nothing spent."""
    stop = StopSignal()

    assert (stop.number, stop.budget.spent(NOW)) == (0, None)


def test_the_first_signal_counts():
    """The exit code is that of the first, and so is the reason."""
    stop = StopSignal()

    stop.request(signal.SIGTERM)
    stop.request(signal.SIGINT)

    assert stop.number == signal.SIGTERM
    assert stop.budget.spent(NOW) == "stopped by SIGTERM"


def test_a_narrower_budget_hears_it_too():
    """Also one that was made before somebody asked, and before its own deadline."""
    stop = StopSignal()
    narrower = stop.budget.until(Deadline(NOW + dt.timedelta(hours=1), "the end"))

    stop.request(signal.SIGINT)

    assert narrower.spent(NOW) == "stopped by SIGINT"
