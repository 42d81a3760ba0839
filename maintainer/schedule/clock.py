"""The only place that reads the time of day, measures time, or waits."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What tells the time; a test brings its own."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds that never run backwards, for measuring how long something took."""

    def sleep(self, seconds: float) -> None:
        """Wait that long."""


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never run backwards, for measuring how long something took."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait that long; a negative time is no wait."""
        time.sleep(max(0.0, seconds))
