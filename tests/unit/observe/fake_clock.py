"""A clock that moves when it is told to."""

from __future__ import annotations

import datetime as dt


class FakeClock:
    """Begins at half past one on 2 March 2026."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> dt.datetime:
        """The moment, in UTC."""
        return dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC) + dt.timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        """Seconds since the beginning."""
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Move on without waiting."""
        self.seconds += seconds
