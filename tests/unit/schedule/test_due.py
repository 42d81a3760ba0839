"""How often, and whether it is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintainer.schedule.due import Every, due, overdue

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2025, 11, 22, 11, 30, tzinfo=UTC)  # a Saturday
YEARS = datetime.fromisoformat("2024-01-01"), datetime.fromisoformat("2027-01-01")
ZONES = ["Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe"]
RHYTHMS = [
    "day", "week", "month", "quarter", "wednesday", "30 3 * * 1", "0 2 * * *", "*/30 * * * *", "15 1 1 * *",
]  # fmt: skip


def local(text: str) -> datetime:
    """A moment by the clock of Amsterdam."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


@pytest.mark.parametrize(
    ("every", "start", "following"),
    [
        ("day", "2025-11-22 00:00", "2025-11-23 00:00"),
        ("week", "2025-11-17 00:00", "2025-11-24 00:00"),
        ("month", "2025-11-01 00:00", "2025-12-01 00:00"),
        ("quarter", "2025-10-01 00:00", "2026-01-01 00:00"),
        ("saturday", "2025-11-22 00:00", "2025-11-29 00:00"),
        ("sun", "2025-11-16 00:00", "2025-11-23 00:00"),
        ("30 3 * * 1", "2025-11-17 03:30", "2025-11-24 03:30"),
        ("0 12 1 * *", "2025-11-01 12:00", "2025-12-01 12:00"),
    ],
)
def test_periods(every, start, following):
    """Periods are calendar periods of the zone; a cron line's run from firing to firing."""
    rhythm = Every.parse(every)

    assert rhythm.period_start(NOW, AMSTERDAM) == local(start)
    assert rhythm.next_period(NOW, AMSTERDAM) == local(following)


@given(
    st.datetimes(*YEARS, timezones=st.just(UTC)),
    st.sampled_from(RHYTHMS),
    st.sampled_from(ZONES),
)
def test_a_moment_lies_in_its_period(now, text, zone):
    """The period begins at or before the moment, the next one after it, and they meet."""
    every = Every.parse(text)
    start, following = every.period_start(now, zone), every.next_period(now, zone)

    assert start <= now < following
    assert every.period_start(start, zone) == start
    assert every.next_period(start, zone) == following
    assert every.period_start(following, zone) == following
    assert every.period_start(following - timedelta(microseconds=1), zone) == start


@pytest.mark.parametrize(
    "text",
    [
        "", "daily", "year", "0 0 30 2 *", "61 * * * *", "* * * * * *", "@daily", "0 0 * * xyz",
        "9" * 5000 + " * * * *", "* * * * " + "1," * 5000,
    ],
)  # fmt: skip
def test_what_is_no_rhythm_is_refused(text):
    """Unknown words, cron lines that cannot be read and those that never fire."""
    with pytest.raises(ValueError, match=r"is not .*; write "):
        Every.parse(text)


def test_what_was_never_finished_is_due():
    """Without a record it is due, with its reason."""
    verdict = due(Every.parse("month"), None, NOW, AMSTERDAM)

    assert verdict.is_due
    assert "never" in verdict.reason
    assert verdict.next_at == local("2025-11-01 00:00")


def test_finished_in_this_period_is_not_due():
    """It rests until the next period begins."""
    verdict = due(Every.parse("month"), local("2025-11-01 00:00"), NOW, AMSTERDAM)

    assert not verdict.is_due
    assert verdict.next_at == local("2025-12-01 00:00")
    assert "2025-11-01 00:00" in verdict.reason


def test_finished_before_this_period_is_due():
    """One minute before the period began is before it, in the zone's time."""
    verdict = due(Every.parse("month"), local("2025-10-31 23:59"), NOW, AMSTERDAM)

    assert verdict.is_due
    assert (
        verdict.reason
        == "last finished 2025-10-31 23:59, before this period began (2025-11-01 00:00)"
    )


@pytest.mark.parametrize(
    ("every", "finished", "expected"),
    [
        ("month", "2025-09-01 00:00", False),
        ("month", "2025-08-31 23:59", True),
        ("day", "2025-11-20 00:00", False),
        ("day", "2025-11-19 23:00", True),
        ("30 3 * * 1", "2025-11-03 03:30", False),
        ("30 3 * * 1", "2025-11-03 03:29", True),
    ],
)
def test_overdue_by_two_periods(every, finished, expected):
    """Two whole periods went by between the one in which it was finished and the current one."""
    assert overdue(Every.parse(every), local(finished), NOW, AMSTERDAM) is expected


def test_what_was_never_finished_has_no_age():
    """Without a moment nothing can be overdue."""
    assert not overdue(Every.parse("day"), None, NOW, AMSTERDAM)


def test_cron_on_the_nights_of_the_clock_change():
    """A time that is skipped fires at the change; one that is shown twice fires the first time."""
    every = Every.parse("30 2 * * *")

    spring = every.next_period(datetime(2025, 3, 29, 12, tzinfo=UTC), AMSTERDAM)
    autumn = every.next_period(datetime(2025, 10, 25, 12, tzinfo=UTC), AMSTERDAM)
    after = every.next_period(autumn, AMSTERDAM)

    assert spring == datetime(2025, 3, 30, 1, 0, tzinfo=UTC)
    assert autumn == datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    assert after == datetime(2025, 10, 27, 1, 30, tzinfo=UTC)
