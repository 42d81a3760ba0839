"""How often something is to be done, and whether it is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from maintainer.schedule import cron
from maintainer.schedule.calendar import Align, as_zone, floor, instant, shift_months, wall

Kind = Literal["day", "week", "month", "quarter", "weekday", "cron"]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CALENDAR: dict[str, Align] = {"day": "day", "week": "week", "month": "month", "quarter": "quarter"}
CRON_FIELDS = 5
EXPECTED = "write day, week, month, quarter, a weekday, or a cron line such as '30 3 * * 1'"
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Every:
    """A rhythm of calendar periods: a day, week, month, quarter, weekday, or a cron line."""

    text: str
    kind: Kind

    @classmethod
    def parse(cls, text: str) -> Every:
        """Read a rhythm. Raises ValueError, worded to follow what was read."""
        word = " ".join(text.split()).lower()
        if word in CALENDAR:
            return cls(word, CALENDAR[word])  # type: ignore[arg-type]  # no rhythm is a year
        if (weekday := _weekday(word)) is not None:
            return cls(weekday, "weekday")
        if len(word.split()) != CRON_FIELDS:
            raise ValueError(f"is not how often something can be done; {EXPECTED}")
        cron.check(word)
        return cls(word, "cron")

    def __str__(self) -> str:
        return self.text

    def period_start(self, now: datetime, timezone: str | ZoneInfo) -> datetime:
        """When the period that holds `now` began."""
        zone = as_zone(timezone)
        if self.kind == "cron":
            return cron.last_fire(self.text, now, zone)
        return instant(self._local_start(now, zone), zone)

    def next_period(self, now: datetime, timezone: str | ZoneInfo) -> datetime:
        """When the period after the one that holds `now` begins."""
        zone = as_zone(timezone)
        if self.kind == "cron":
            return cron.next_fire(self.text, now, zone)
        return instant(self._local_next(self._local_start(now, zone)), zone)

    def _local_start(self, now: datetime, zone: ZoneInfo) -> datetime:
        local = wall(now, zone)
        if self.kind != "weekday":
            return floor(local, CALENDAR[self.text])
        passed = (local.weekday() - WEEKDAYS.index(self.text)) % 7
        return floor(local, "day") - timedelta(days=passed)

    def _local_next(self, start: datetime) -> datetime:
        match self.kind:
            case "month":
                return shift_months(start, 1)
            case "quarter":
                return shift_months(start, 3)
            case kind:
                return start + timedelta(days=1 if kind == "day" else 7)


@dataclass(frozen=True, slots=True)
class Due:
    """Whether something is due, why, and the moment from which it is (or will be) due."""

    is_due: bool
    reason: str
    next_at: datetime


def due(every: Every, finished_at: datetime | None, now: datetime, timezone: str | ZoneInfo) -> Due:
    """Decide by the record: due unless it was finished in the current period."""
    zone = as_zone(timezone)
    start = every.period_start(now, zone)
    if finished_at is None:
        return Due(is_due=True, reason="it has never been finished", next_at=start)
    finished, began = (f"{at.astimezone(zone):%Y-%m-%d %H:%M}" for at in (finished_at, start))
    if finished_at < start:
        reason = f"last finished {finished}, before this period began ({began})"
        return Due(is_due=True, reason=reason, next_at=start)
    reason = f"finished {finished}, in this period (every {every}, since {began})"
    return Due(is_due=False, reason=reason, next_at=every.next_period(now, zone))


def overdue(
    every: Every, finished_at: datetime | None, now: datetime, timezone: str | ZoneInfo
) -> bool:
    """Whether two whole periods have passed since the one in which it was last finished.

    What was never finished has no age: give the moment since when it should have been.
    """
    if finished_at is None:
        return False
    start = every.period_start(now, timezone)
    for _ in range(2):
        start = every.period_start(start - INSTANT, timezone)
    return finished_at < start


def _weekday(word: str) -> str | None:
    return next((day for day in WEEKDAYS if word in {day, day[:3]}), None)
