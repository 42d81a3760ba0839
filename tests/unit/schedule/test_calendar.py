"""Cut-offs by calendar arithmetic."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil import tz as oracle_tz
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from maintainer.schedule.calendar import Span, as_zone, cutoff, floor, instant, local_cutoff, wall

ZONES = ["Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe"]
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def at(text: str) -> datetime:
    """A moment or, without offset, a time on the wall."""
    return datetime.fromisoformat(text)


moments = st.datetimes(at("1990-01-01"), at("2060-01-01"), timezones=st.just(UTC))
spans = st.builds(
    Span, st.integers(1, 400), st.sampled_from(["days", "weeks", "months"])
) | st.builds(Span, st.integers(1, 20), st.just("years"))
aligns = st.sampled_from([None, "day", "week", "month", "quarter", "year"])


@given(moments, spans, st.sampled_from(ZONES))
def test_the_cutoff_agrees_with_dateutil(now, keep, name):
    """Calendar arithmetic on local time, as python-dateutil does it, except where rows stay longer."""
    zone = oracle_tz.gettz(name)
    local = now.astimezone(zone).replace(tzinfo=None, fold=0)
    expected = local - relativedelta(**{keep.unit: keep.count})

    got = cutoff(now, keep, name, None)

    oracle = oracle_tz.resolve_imaginary(expected.replace(tzinfo=zone))
    assert local_cutoff(now, keep, name, None) == expected
    assert got <= oracle.astimezone(UTC)
    if oracle_tz.datetime_exists(expected, zone):
        assert got == oracle.astimezone(UTC)


@given(moments, spans, st.sampled_from(ZONES), aligns)
def test_alignment_only_keeps_rows_longer(now, keep, name, align):
    """An aligned cut-off is never later than the plain one."""
    assert cutoff(now, keep, name, align) <= cutoff(now, keep, name, None)


@given(
    moments, st.timedeltas(timedelta(), timedelta(days=3)), spans, st.sampled_from(ZONES), aligns
)
def test_the_cutoff_never_moves_back(now, later, keep, name, align):
    """As time goes on no cut-off moves back, but for clock changes and days that a month lacks."""
    zone = ZoneInfo(name)
    even = align is not None or keep.unit in {"days", "weeks"}
    if even and wall(now, zone) <= wall(now + later, zone):
        assert cutoff(now, keep, name, align) <= cutoff(now + later, keep, name, align)


@given(st.datetimes(at("1990-01-01"), at("2060-01-01")), st.sampled_from(ZONES))
def test_an_instant_is_the_first_at_which_the_wall_shows_it(local, name):
    """One microsecond before the instant, the clock on the wall has not shown the time yet."""
    zone = ZoneInfo(name)
    moment = instant(local, zone)

    assert wall(moment, zone) >= local
    assert wall(moment - timedelta(microseconds=1), zone) < local


@pytest.mark.parametrize(
    ("now", "keep", "local"),
    [
        ("2025-03-31T12:00:00+00:00", Span(1, "months"), "2025-02-28 14:00"),
        ("2024-02-29T12:00:00+00:00", Span(1, "years"), "2023-02-28 13:00"),
        ("2024-03-31T12:00:00+00:00", Span(13, "months"), "2023-02-28 14:00"),
        ("2025-11-22T12:00:00+00:00", Span(90, "days"), "2025-08-24 13:00"),
        ("2025-11-22T12:00:00+00:00", Span(2, "weeks"), "2025-11-08 13:00"),
    ],
)
def test_a_day_that_the_month_lacks_becomes_its_last(now, keep, local):
    """Months and years are clamped to the end of the month as PostgreSQL's intervals are."""
    assert local_cutoff(at(now), keep, AMSTERDAM, None) == at(local)


@pytest.mark.parametrize(
    ("align", "local"),
    [
        ("day", "2025-11-22 00:00"),
        ("week", "2025-11-17 00:00"),
        ("month", "2025-11-01 00:00"),
        ("quarter", "2025-10-01 00:00"),
        ("year", "2025-01-01 00:00"),
    ],
)
def test_floors(align, local):
    """Weeks begin on Monday; quarters in January, April, July and October."""
    assert floor(at("2025-11-22 17:45:12.5"), align) == at(local)


def test_a_cutoff_inside_the_skipped_hour_is_the_moment_of_the_change():
    """02:30 does not exist on 30 March 2025 in Amsterdam: rows stay until 01:00 UTC, not 01:30."""
    now = at("2025-06-28T02:30:00+02:00")

    assert cutoff(now, Span(90, "days"), AMSTERDAM, None) == at("2025-03-30T01:00:00+00:00")


def test_a_cutoff_inside_the_hour_shown_twice_is_the_first():
    """02:30 comes twice on 26 October 2025 in Amsterdam: the first keeps rows longer."""
    now = at("2026-01-24T02:30:00+01:00")

    assert cutoff(now, Span(90, "days"), AMSTERDAM, None) == at("2025-10-26T00:30:00+00:00")


def test_the_clock_of_lord_howe_moves_by_half_an_hour():
    """A gap of thirty minutes is found to the second."""
    zone = ZoneInfo("Australia/Lord_Howe")

    assert instant(at("2025-10-05 02:15"), zone) == at("2025-10-05T02:30:00+11:00")


def test_spans_read_well():
    """A span says its count and unit, in the singular where it is one."""
    assert [str(Span(1, "days")), str(Span(13, "months"))] == ["1 day", "13 months"]


def test_a_span_of_nothing_is_refused():
    """Zero would delete everything."""
    with pytest.raises(ValueError, match="keeps nothing"):
        Span(0, "days")


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "Europe", "\0", "x" * 999])
def test_no_such_zone(name):
    """Whatever is not the name of a zone is a ValueError that says so."""
    with pytest.raises(ValueError, match="there is no time zone"):
        as_zone(name)


def test_a_moment_without_zone_is_refused():
    """A naive time is never taken for UTC."""
    with pytest.raises(ValueError, match="has no time zone"):
        cutoff(at("2025-01-01"), Span(1, "days"), "UTC", None)
