"""The hours in which work may be done, and the days on which it may not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from maintainer.schedule.calendar import as_zone, instant, wall

DAY = timedelta(days=1)
LONGEST = 8  # days back at which a window that still lasts may have begun
NEAR, FAR = 15, 400  # days ahead: first a fortnight is looked at, then more than a year


@dataclass(frozen=True, slots=True)
class Window:
    """Hours that begin on some weekdays (Monday is 0) and last until a time or for a while."""

    days: tuple[int, ...]
    start: time
    until: time | timedelta
    timezone: str | None = None

    def span(self, day: date, zone: ZoneInfo) -> Span:
        """From when to when it is open when it begins on that day."""
        begins_at = instant(datetime.combine(day, self.start), zone)
        if isinstance(self.until, timedelta):
            return begins_at, begins_at + self.until
        end = datetime.combine(day, self.until)
        return begins_at, instant(end if self.until > self.start else end + DAY, zone)


@dataclass(frozen=True, slots=True)
class Blackout:
    """Days, first and last included, on which nothing is done."""

    first: date
    last: date
    reason: str

    def covers(self, day: date) -> bool:
        """Whether nothing is done on that day."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class YearlyBlackout:
    """Days of every year, as (month, day), on which nothing is done; may run over New Year."""

    first: tuple[int, int]
    last: tuple[int, int]
    reason: str

    def covers(self, day: date) -> bool:
        """Whether nothing is done on that day."""
        at = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= at <= self.last
        return at >= self.first or at <= self.last


@dataclass(frozen=True, slots=True)
class Opening:
    """Work may be done until `ends_at` (None: as far as can be seen), in the window `name`."""

    name: str
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Closed:
    """No work may be done, why, and when it may again (None: not within a year)."""

    reason: str
    next_at: datetime | None


Span = tuple[datetime, datetime]
AnyBlackout = Blackout | YearlyBlackout

ANY_TIME: Mapping[str, Window] = {"any time": Window(tuple(range(7)), time(), time())}


def open_window(
    windows: Mapping[str, Window],
    blackouts: Sequence[AnyBlackout],
    now: datetime,
    timezone: str | ZoneInfo,
) -> Opening | Closed:
    """Say whether work may be done now; no windows at all means at any time but a blackout.

    Windows that adjoin or overlap count as one: it ends where the last of them does.
    """
    zone = as_zone(timezone)
    today = wall(now, zone).date()
    free = _free(windows, blackouts, today, NEAR, zone)
    for name, (begins_at, ends_at) in free:
        if begins_at <= now < ends_at:
            end = _reach(free, ends_at)
            return Opening(name, end if end < _midnight(today + NEAR * DAY, zone) else None)
    later = _begins(free, now) or _begins(_free(windows, blackouts, today, FAR, zone), now)
    return Closed(_why_closed(windows, blackouts, today), min(later, default=None))


def _free(
    windows: Mapping[str, Window],
    blackouts: Sequence[AnyBlackout],
    today: date,
    ahead: int,
    zone: ZoneInfo,
) -> list[tuple[str, Span]]:
    """What the blackouts leave of the windows around today, by their beginning."""
    days = [today + number * DAY for number in range(-LONGEST, ahead)]
    dark = [
        (_midnight(day, zone), _midnight(day + DAY, zone))
        for day in (*days, *(days[-1] + number * DAY for number in range(1, LONGEST)))
        if any(blackout.covers(day) for blackout in blackouts)
    ]
    found = [
        (name, rest)
        for name, window in (windows or ANY_TIME).items()
        for day in days
        if day.weekday() in window.days
        for rest in _without(window.span(day, as_zone(window.timezone or zone)), dark)
    ]
    return sorted(found, key=lambda item: (item[1], item[0]))


def _without(span: Span, dark: list[Span]) -> Iterator[Span]:
    """The parts of a span that no dark span covers; these are in order and apart."""
    begins_at, ends_at = span
    for dark_from, dark_to in dark:
        if dark_to <= begins_at or dark_from >= ends_at:
            continue
        if begins_at < dark_from:
            yield begins_at, dark_from
        begins_at = dark_to
    if begins_at < ends_at:
        yield begins_at, ends_at


def _reach(free: list[tuple[str, Span]], end: datetime) -> datetime:
    """The latest end that follows without a gap."""
    for _, (begins_at, ends_at) in free:
        if begins_at <= end:
            end = max(end, ends_at)
    return end


def _begins(free: list[tuple[str, Span]], now: datetime) -> list[datetime]:
    return [begins_at for _, (begins_at, _) in free if begins_at > now]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return instant(datetime.combine(day, time()), zone)


def _why_closed(
    windows: Mapping[str, Window], blackouts: Sequence[AnyBlackout], today: date
) -> str:
    for blackout in blackouts:
        if blackout.covers(today):
            return f"blackout: {blackout.reason}"
    return f"outside of {', '.join(windows)}"
