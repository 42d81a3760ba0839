"""The cut-off in the form of the column it is compared with."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given as example_of
from hypothesis import strategies as st

from maintainer.plan import times
from maintainer.schedule.calendar import local_cutoff
from tests.unit.plan import given

ZONES = ["Europe/Amsterdam", "America/New_York", "Pacific/Apia", "Africa/Cairo", "UTC"]


def rule(keep: str, more: str = ""):
    """A rule that keeps so long."""
    return given.rule(
        given.policy(f"retention: {{events: {{keep: {keep}, by: at, archive: true{more}}}}}")
    )


@pytest.mark.parametrize(
    ("spelled", "short"),
    [
        ("timestamp with time zone", "timestamptz"),
        ("timestamp(0) with time zone", "timestamptz"),
        ("timestamp(6) without time zone", "timestamp"),
        ("timestamp without time zone", "timestamp"),
        ("date", "date"),
        ("date[]", None),
        ("timestamp with time zone[]", None),
        ("time with time zone", None),
        ("public.date", None),
        ("bigint", None),
    ],
)
def test_three_types_have_an_age(spelled: str, short: str | None) -> None:
    """Their precision does not matter; arrays and types of the same name elsewhere have none."""
    assert times.short_type(spelled) == short


def test_a_timestamptz_is_compared_with_the_moment_itself() -> None:
    """Written in UTC, so that no server setting can change it."""
    made = times.cutoff_for(rule("90 days"), "timestamptz", given.NOW, "Europe/Amsterdam")

    assert made.text == "2025-12-04 01:30:00+00:00"
    assert made.at == dt.datetime(2025, 12, 4, 1, 30, tzinfo=dt.UTC)


def test_a_date_is_compared_with_the_day_on_the_policy_s_wall() -> None:
    """At half past midnight in Amsterdam it is still yesterday in UTC."""
    now = dt.datetime(2026, 3, 3, 23, 30, tzinfo=dt.UTC)

    assert times.cutoff_for(rule("1 day"), "date", now, "Europe/Amsterdam").text == "2026-03-03"
    assert times.cutoff_for(rule("1 day"), "date", now, "UTC").text == "2026-03-02"


def test_a_timestamp_is_compared_on_the_wall_of_its_own_zone() -> None:
    """The policy's clock decides the moment, the column's zone how it is written."""
    of = rule("1 day", ", zone: Asia/Tokyo, align: day")

    made = times.cutoff_for(of, "timestamp", given.NOW, "Europe/Amsterdam")

    assert made.at == dt.datetime(2026, 3, 2, 23, 0, tzinfo=dt.UTC)
    assert made.text == "2026-03-03 08:00:00"


def test_a_day_with_23_hours_is_a_day() -> None:
    """On the day after the clock went forward, a day ago is the same time on the wall."""
    now = dt.datetime(2026, 3, 30, 1, 30, tzinfo=dt.UTC)  # 03:30, the day before it went to 3

    made = times.cutoff_for(rule("1 day"), "timestamptz", now, "Europe/Amsterdam")

    assert (
        made.at.astimezone(ZoneInfo("Europe/Amsterdam")).isoformat() == "2026-03-29T03:30:00+02:00"
    )
    assert now - made.at == dt.timedelta(days=1)


def test_a_time_that_the_clock_skipped_becomes_the_one_after_it() -> None:
    """02:30 was not on the wall that night: the cut-off is 03:00, when the clock went on."""
    now = dt.datetime(2026, 3, 30, 0, 30, tzinfo=dt.UTC)

    made = times.cutoff_for(rule("1 day"), "timestamptz", now, "Europe/Amsterdam")

    assert made.text == "2026-03-29 01:00:00+00:00"


@pytest.mark.parametrize(
    ("at", "text"),
    [
        ("2026-10-24T23:59:00", "2026-10-25 01:59:00"),
        ("2026-10-25T00:30:00", "2026-10-25 01:30:00"),
        ("2026-10-25T01:30:00", "2026-10-25 02:30:00"),
        ("2026-10-25T02:00:00", "2026-10-25 03:00:00"),
    ],
)
def test_an_hour_that_comes_twice_goes_only_when_both_are_old(at: str, text: str) -> None:
    """Half past two without zone may be of the second hour: in the first it does not go yet."""
    cutoff = dt.datetime.fromisoformat(at).replace(tzinfo=dt.UTC)
    of = rule("1 week", ", zone: Europe/Amsterdam")

    made = times.cutoff_for(of, "timestamp", cutoff + dt.timedelta(weeks=1), "UTC")

    assert (made.at, made.text) == (cutoff, text)


def test_microseconds_stay() -> None:
    """A row exactly at the cut-off stays, to the microsecond."""
    now = given.NOW.replace(microsecond=1)

    assert times.cutoff_for(rule("1 day"), "timestamptz", now, "UTC").text.endswith(".000001+00:00")


def test_a_rule_that_keeps_for_ever_has_no_cutoff() -> None:
    """Asking for it is a mistake of the program."""
    of = given.rule(given.policy("retention: {events: {keep: forever, reason: law}}"))

    with pytest.raises(ValueError, match="keeps for ever"):
        times.cutoff_for(of, "date", given.NOW, "UTC")


@example_of(
    st.integers(0, 4_000_000_000).map(lambda second: dt.datetime.fromtimestamp(second, dt.UTC)),
    st.sampled_from(["1 day", "90 days", "13 months", "7 years"]),
    st.sampled_from(ZONES),
    st.sampled_from(["", ", align: day", ", align: month"]),
)
def test_a_date_column_is_compared_with_the_local_date(now, keep, zone, align) -> None:
    """On any day in any zone, also where a whole day was skipped: rows never leave early."""
    of = rule(keep, align)

    made = times.cutoff_for(of, "date", now, zone)

    assert made.text == local_cutoff(now, of.keep, zone, of.align).date().isoformat()


def test_a_date_that_a_zone_skipped_is_kept() -> None:
    """Samoa had no 30 December 2011; a row that bears the date is not older than the cut-off."""
    now = dt.datetime(2012, 1, 30, 12, 0, tzinfo=ZoneInfo("Pacific/Apia"))

    assert times.cutoff_for(rule("1 month"), "date", now, "Pacific/Apia").text == "2011-12-30"
