"""Calendar arithmetic on wall-clock time, and the way from wall-clock time to a moment."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Unit = Literal["days", "weeks", "months", "years"]
Align = Literal["day", "week", "month", "quarter", "year"]

MONTHS = {"months": 1, "years": 12}
DAYS = {"days": 1, "weeks": 7}
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A length of calendar time: 90 days, 13 months, 7 years."""

    count: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError(f"a span of {self.count} {self.unit} keeps nothing")

    def __str__(self) -> str:
        return f"{self.count} {self.unit if self.count != 1 else self.unit[:-1]}"

    def before(self, local: datetime) -> datetime:
        """The wall-clock time this long before another; 31 March less a month is 28 February."""
        if self.unit in DAYS:
            return local - timedelta(days=self.count * DAYS[self.unit])
        return shift_months(local, -self.count * MONTHS[self.unit])


def cutoff(now: datetime, keep: Span, timezone: str | ZoneInfo, align: Align | None) -> datetime:
    """The moment before which rows have expired, in UTC; a row exactly at it stays."""
    zone = as_zone(timezone)
    return instant(local_cutoff(now, keep, zone, align), zone)


def local_cutoff(
    now: datetime, keep: Span, timezone: str | ZoneInfo, align: Align | None
) -> datetime:
    """The cut-off as wall-clock time without zone; its date is what `date` columns compare with."""
    local = keep.before(wall(now, as_zone(timezone)))
    return local if align is None else floor(local, align)


def floor(local: datetime, align: Align) -> datetime:
    """The wall-clock time at which the day, week, month, quarter or year began."""
    midnight = datetime.combine(local.date(), time())
    match align:
        case "day":
            return midnight
        case "week":
            return midnight - timedelta(days=midnight.weekday())
        case "month":
            return midnight.replace(day=1)
        case "quarter":
            return midnight.replace(month=(local.month - 1) // 3 * 3 + 1, day=1)
        case "year":
            return midnight.replace(month=1, day=1)


def shift_months(local: datetime, months: int) -> datetime:
    """Move by months; a day that the month does not have becomes its last, as in PostgreSQL."""
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return local.replace(year=year, month=month + 1, day=min(local.day, last))


def wall(moment: datetime, zone: ZoneInfo) -> datetime:
    """What the clock on the wall shows at a moment, without zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def instant(local: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which the clock on the wall first shows a time or, skipping it, a later one.

    It never runs backwards and takes the earliest reading, so that a cut-off keeps rows longer.
    """
    first = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if wall(first, zone) == local:
        return first
    return _change(local.replace(tzinfo=zone, fold=1).astimezone(UTC), first, zone)


def as_zone(timezone: str | ZoneInfo) -> ZoneInfo:
    """The zone of an IANA name. Raises ValueError when there is none of that name."""
    if isinstance(timezone, ZoneInfo):
        return timezone
    try:
        return ZoneInfo(timezone)
    except (KeyError, ValueError, OSError) as exc:
        raise ValueError(f"there is no time zone {timezone!r}") from exc


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The second at which the clock is put forward, between two moments around it."""
    old = before.astimezone(zone).utcoffset()
    while after - before > SECOND:
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
