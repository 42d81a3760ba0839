"""The clock of this machine."""

from __future__ import annotations

from datetime import UTC

from maintainer.schedule.clock import Clock, SystemClock


def test_the_system_clock_answers_the_protocol():
    """Its moments are aware and in UTC, its seconds do not run backwards, no wait is no wait."""
    clock: Clock = SystemClock()
    first = clock.monotonic()
    clock.sleep(-1)

    assert clock.now().tzinfo is UTC
    assert clock.monotonic() >= first
