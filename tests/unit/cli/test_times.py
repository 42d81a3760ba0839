"""Moments on the command line."""

from __future__ import annotations

import datetime as dt

import click
import pytest

from maintainer.cli import times

AMSTERDAM = "Europe/Amsterdam"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-03-01", "2026-02-28T23:00:00+00:00"),
        ("2026-07-01T05:00", "2026-07-01T03:00:00+00:00"),
        ("2026-07-01 05:00:00", "2026-07-01T03:00:00+00:00"),
        ("2026-07-01T05:00Z", "2026-07-01T05:00:00+00:00"),
        ("2026-07-01T05:00+09:00", "2026-06-30T20:00:00+00:00"),
        ("2026-03-29T02:30", "2026-03-29T01:00:00+00:00"),
    ],
)
def test_a_time_without_a_zone_is_on_the_clock_of_the_policy(text: str, meant: str) -> None:
    """One that the clock skips is the moment at which it is put forward."""
    at = times.moment(times.read(text), AMSTERDAM)

    assert at.isoformat() == meant


def test_no_time_is_no_moment() -> None:
    """The option was not used."""
    assert times.moment(None, AMSTERDAM) is None
    assert times.past(None, AMSTERDAM) is None


@pytest.mark.parametrize("text", ["05:00", "tomorrow", "", "2026-13-01"])
def test_what_is_no_time_is_answered_with_an_example(text: str) -> None:
    """The message says what to write."""
    with pytest.raises(click.BadParameter, match="write ISO 8601, such as"):
        times.read(text)


def test_only_the_past_can_be_looked_at() -> None:
    """A cut-off of the future would take what is still kept."""
    with pytest.raises(click.UsageError, match="has not come yet"):
        times.past(dt.datetime(9999, 1, 1, tzinfo=dt.UTC), AMSTERDAM)
