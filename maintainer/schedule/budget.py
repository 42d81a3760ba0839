"""Why no further piece of work may start: the window ends, the time is up, somebody said stop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Deadline:
    """A moment at which work must have ended, and its name: `the end of the window nightly`."""

    at: datetime
    why: str


class Budget:
    """Asked between pieces of work, never inside one; `stop` may be called from anywhere."""

    def __init__(self, *deadlines: Deadline) -> None:
        self.deadline = min(deadlines, default=None)
        self._stops: list[str] = []

    def stop(self, reason: str) -> None:
        """Let nothing more start. Takes no lock: safe in a signal handler and in any thread."""
        self._stops.append(reason)

    @property
    def stopped(self) -> str | None:
        """The first reason that was given to stop."""
        return self._stops[0] if self._stops else None

    def until(self, *deadlines: Deadline) -> Budget:
        """A budget with more deadlines that hears the same stop."""
        mine = () if self.deadline is None else (self.deadline,)
        narrower = Budget(*mine, *deadlines)
        narrower._stops = self._stops
        return narrower

    def spent(self, now: datetime) -> str | None:
        """Why nothing more may start, or None."""
        if self._stops:
            return self._stops[0]
        if self.deadline is not None and now >= self.deadline.at:
            return f"{self.deadline.why} has come"
        return None

    def remaining(self, now: datetime) -> timedelta | None:
        """How long until the deadline, never negative; None when there is none."""
        if self.deadline is None:
            return None
        return max(self.deadline.at - now, timedelta())

    def too_short(self, now: datetime, expected: timedelta) -> str | None:
        """Why something that is expected to take so long may not start, or None."""
        if why := self.spent(now):
            return why
        remaining = self.remaining(now)
        if self.deadline is None or remaining is None or expected <= remaining:
            return None
        took, left = _rounded(expected), _rounded(remaining)
        return f"it is expected to take {took}, and {self.deadline.why} comes in {left}"


def _rounded(span: timedelta) -> timedelta:
    return timedelta(seconds=round(span.total_seconds()))
