"""SIGTERM and Ctrl-C while a run is under way."""

from __future__ import annotations

import os
import signal

import pytest

from maintainer.cli import signals


class Stop:
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.requests: list[int] = []

    def request(self, number: int) -> None:
        """Take note."""
        self.requests.append(number)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_asks_the_run_to_stop(number: int) -> None:
    """The work goes on until it is at a place to stop."""
    stop = Stop()

    with signals.heard(stop):
        os.kill(os.getpid(), number)

    assert stop.requests == [number]


def test_a_second_ctrl_c_does_not_ask() -> None:
    """Somebody who presses it twice wants out."""
    stop = Stop()

    with signals.heard(stop):
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)

    assert stop.requests == [signal.SIGINT]


def test_sigterm_and_one_ctrl_c_both_ask() -> None:
    """Kubernetes' signal is no first Ctrl-C."""
    stop = Stop()

    with signals.heard(stop):
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)

    assert stop.requests == [signal.SIGTERM, signal.SIGINT]


def test_afterwards_signals_mean_what_they_meant() -> None:
    """Nothing stays behind, not even when the block fails."""
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)

    with pytest.raises(ValueError, match="broken"), signals.heard(Stop()):
        raise ValueError("broken")

    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
