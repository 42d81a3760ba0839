"""When a cron line fires, on the clock on the wall of a zone."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from maintainer.schedule.calendar import instant, wall

ANY_YEAR = datetime(2024, 1, 1)  # noqa: DTZ001 - wall-clock time has no zone
LONGEST_LINE = 200  # cut there, a longer line is not one any more, or means the same
CLOCK_CHANGE = timedelta(hours=25)  # more than any clock was ever changed at once


def check(line: str) -> None:
    """Raise ValueError, worded to follow the line, when it is no cron line or never fires."""
    try:
        next(CronSim(line[:LONGEST_LINE], ANY_YEAR))
    except (CronSimError, ValueError, StopIteration, OverflowError):
        hint = "write minute, hour, day, month, weekday, such as '30 3 * * 1'"
        raise ValueError(f"is not a cron line that ever fires; {hint}") from None


def last_fire(line: str, now: datetime, zone: ZoneInfo) -> datetime:
    """When it last fired, at `now` or before.

    Counted on the wall: what the clock skips fires when it is put forward, what it shows twice
    fires the first time.
    """
    late = wall(now, zone).replace(microsecond=0) + CLOCK_CHANGE
    return next(at for f in CronSim(line, late, reverse=True) if (at := instant(f, zone)) <= now)


def next_fire(line: str, now: datetime, zone: ZoneInfo) -> datetime:
    """When it fires next, after `now`."""
    early = wall(now, zone).replace(microsecond=0) - CLOCK_CHANGE
    return next(at for f in CronSim(line, early) if (at := instant(f, zone)) > now)
