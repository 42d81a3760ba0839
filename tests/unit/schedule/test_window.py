"""Windows and blackouts."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from maintainer.schedule.calendar import wall
from maintainer.schedule.window import (
    Blackout,
    Closed,
    Opening,
    Window,
    YearlyBlackout,
    open_window,
)

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
ZONES = ["Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe"]
EVERY_DAY = tuple(range(7))
NIGHT = Window(EVERY_DAY, time(22, 30), time(5, 30))
WEEKNIGHTS = Window((0, 1, 2, 3, 4), time(1), time(5))
XMAS = YearlyBlackout((12, 24), (12, 26), "Christmas")


def local(text: str) -> datetime:
    """A moment by the clock of Amsterdam."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


def look(now: str, *blackouts, **windows: Window) -> Opening | Closed:
    """Ask at a time in Amsterdam."""
    return open_window(windows, blackouts, local(now), AMSTERDAM)


@pytest.mark.parametrize(
    ("evening", "hours"),
    [(date(2025, 3, 29), 6), (date(2025, 10, 25), 8), (date(2025, 7, 1), 7)],
)
def test_a_night_in_amsterdam(evening, hours):
    """22:30-05:30 lasts six hours when the clock is put forward, eight when it is put back."""
    begins_at, ends_at = NIGHT.span(evening, AMSTERDAM)

    assert ends_at - begins_at == timedelta(hours=hours)


def test_a_length_is_counted_in_real_hours():
    """`for: 9h` lasts nine hours on the night of the change too."""
    begins_at, ends_at = Window(EVERY_DAY, time(), timedelta(hours=9)).span(
        date(2025, 3, 30), AMSTERDAM
    )

    assert ends_at - begins_at == timedelta(hours=9)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2025-11-21 01:00", Opening("nightly", local("2025-11-21 05:00"))),
        ("2025-11-21 04:59:59", Opening("nightly", local("2025-11-21 05:00"))),
        ("2025-11-21 05:00", Closed("outside of nightly", local("2025-11-24 01:00"))),
        ("2025-11-22 02:00", Closed("outside of nightly", local("2025-11-24 01:00"))),
        ("2025-11-24 00:59", Closed("outside of nightly", local("2025-11-24 01:00"))),
    ],
)
def test_open_from_its_beginning_until_before_its_end(now, expected):
    """`days` are those on which a window begins; the end is outside."""
    assert look(now, nightly=WEEKNIGHTS) == expected


def test_days_name_the_day_on_which_a_window_begins():
    """Friday's window is still open on Saturday morning; Sunday's does not exist."""
    window = Window((4,), time(22, 30), time(5, 30))

    assert look("2025-11-22 05:00", friday=window) == Opening("friday", local("2025-11-22 05:30"))
    assert isinstance(look("2025-11-21 05:00", friday=window), Closed)


def test_a_window_of_its_own_zone():
    """A window with a zone of its own is read in that zone."""
    window = Window(EVERY_DAY, time(0), timedelta(hours=1), "UTC")

    assert look("2025-11-22 01:30", utc=window) == Opening("utc", local("2025-11-22 02:00"))


def test_adjoining_and_overlapping_windows_are_one():
    """The end is the latest that is reached without a gap."""
    found = look(
        "2025-11-22 01:30",
        a=Window(EVERY_DAY, time(1), time(2)),
        b=Window(EVERY_DAY, time(2), time(4)),
        c=Window(EVERY_DAY, time(3), time(6)),
        d=Window(EVERY_DAY, time(6, 1), time(7)),
    )

    assert found == Opening("a", local("2025-11-22 06:00"))


def test_windows_without_any_gap_have_no_end():
    """All day every day is as good as any time."""
    assert look("2025-11-22 01:30", all=Window(EVERY_DAY, time(), time())) == Opening("all", None)


def test_no_windows_mean_any_time():
    """Without windows only a blackout closes."""
    assert look("2025-11-22 14:00") == Opening("any time", None)


def test_no_windows_end_at_the_next_blackout():
    """A blackout cuts even what has no windows."""
    found = look("2025-12-23 14:00", XMAS)

    assert found == Opening("any time", local("2025-12-24 00:00"))


def test_a_blackout_wins_over_a_window():
    """In a blackout everything is closed, with its reason, until the next window after it."""
    friday = Blackout(date(2025, 11, 27), date(2025, 12, 1), "Black Friday")

    assert look("2025-11-28 02:00", friday, nightly=WEEKNIGHTS) == Closed(
        "blackout: Black Friday", local("2025-12-02 01:00")
    )


def test_a_blackout_cuts_a_window_that_crosses_midnight():
    """A window ends where a blackout begins and begins again where it ends."""
    one_day = Blackout(date(2025, 11, 22), date(2025, 11, 22), "fair")

    assert look("2025-11-21 23:00", one_day, n=NIGHT) == Opening("n", local("2025-11-22 00:00"))
    assert look("2025-11-22 12:00", one_day, n=NIGHT) == Closed(
        "blackout: fair", local("2025-11-23 00:00")
    )


@pytest.mark.parametrize(
    ("day", "covered"),
    [("2025-12-23", False), ("2025-12-24", True), ("2026-12-26", True), ("2026-12-27", False)],
)
def test_a_yearly_blackout_comes_every_year(day, covered):
    """First and last day are included, in each year."""
    assert XMAS.covers(date.fromisoformat(day)) is covered


def test_a_yearly_blackout_runs_over_new_year():
    """The last day may lie before the first."""
    holidays = YearlyBlackout((12, 28), (1, 3), "holidays")

    covered = [holidays.covers(date(2025, *at)) for at in ((12, 27), (12, 28), (1, 3), (1, 4))]
    assert covered == [False, True, True, False]


def test_a_long_blackout_is_seen_through():
    """The next opening is found months ahead; beyond a year it is unknown."""
    season = Blackout(date(2025, 11, 1), date(2026, 2, 28), "season")
    decade = Blackout(date(2025, 11, 1), date(2035, 1, 1), "decade")

    assert look("2025-11-22 12:00", season, n=NIGHT) == Closed(
        "blackout: season", local("2026-03-01 00:00")
    )
    assert look("2025-11-22 12:00", decade, n=NIGHT) == Closed("blackout: decade", None)


def test_a_window_that_the_clock_skips_does_not_open():
    """02:00-03:00 does not exist when the clock is put forward."""
    found = look("2025-03-30 03:00", n=Window(EVERY_DAY, time(2), time(3)))

    assert found == Closed("outside of n", local("2025-03-31 02:00"))


changes = st.sampled_from(
    [date(2025, 3, 30), date(2025, 10, 26), date(2025, 3, 9), date(2025, 11, 2),
     date(2025, 4, 6), date(2025, 10, 5)]
)  # fmt: skip
clocks = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))


@given(changes, st.integers(-3000, 3000), clocks, clocks, st.sampled_from(ZONES))
@example(date(2025, 10, 26), 60, time(22, 30), time(5, 30), "Europe/Amsterdam")
def test_open_is_what_the_wall_says_around_clock_changes(day, minutes, start, end, name):
    """Outside the hours that are shown twice, a window is open exactly when the wall is within it."""
    zone = ZoneInfo(name)
    now = datetime.combine(day, time(), UTC) + timedelta(minutes=minutes)
    shown = wall(now, zone)
    within = start <= shown.time() < end if start < end else not end <= shown.time() < start
    found = open_window({"w": Window(EVERY_DAY, start, end)}, (), now, zone)

    twice = any(wall(now + timedelta(minutes=m), zone) == shown + timedelta(minutes=m + d)
                for m in range(-90, 91, 15) for d in (-60, -30, 30, 60))  # fmt: skip
    if not twice:
        assert isinstance(found, Opening) is within
    if isinstance(found, Opening) and found.ends_at is not None:
        assert now < found.ends_at
        just_before = found.ends_at - timedelta(microseconds=1)
        assert isinstance(
            open_window({"w": Window(EVERY_DAY, start, end)}, (), just_before, zone), Opening
        )
        assert isinstance(
            open_window({"w": Window(EVERY_DAY, start, end)}, (), found.ends_at, zone), Closed
        )
    if isinstance(found, Closed):
        assert found.next_at is not None
        assert found.next_at > now
