"""When the policy's windows allow a step."""

from __future__ import annotations

import datetime as dt

from maintainer.plan.hours import hours
from maintainer.plan.steps import ANY_TIME, Hours
from tests.unit.plan import given

BLACKOUT = given.RULE + "\nblackouts: [{from: 2026-03-04, to: 2026-03-05, reason: Carnival}]\n"


def test_an_open_window_says_its_name_and_its_end() -> None:
    """Nothing is begun that would not end in time."""
    made = hours(given.policy(), ("nightly",), given.facts())

    assert made == Hours(ends_at=dt.datetime(2026, 3, 4, 4, 0, tzinfo=dt.UTC), why="nightly")


def test_a_closed_window_says_when_it_opens() -> None:
    """By the clock of the database and not of this machine."""
    made = hours(given.policy(), ("nightly",), given.facts(now=given.NOON))

    assert made == Hours(
        is_open=False,
        opens_at=dt.datetime(2026, 3, 5, 0, 0, tzinfo=dt.UTC),
        why="outside of nightly",
    )


def test_only_the_windows_that_are_asked_for_count() -> None:
    """A rule that names one window is not let in by another."""
    both = given.BASE + '  always: {from: "00:00", for: 24h}\n'
    seen = given.facts(now=given.NOON)

    assert not hours(given.policy(base=both), ("nightly",), seen).is_open
    assert hours(given.policy(base=both), ("nightly", "always"), seen).is_open


def test_no_window_is_any_time() -> None:
    """Without an end that could be seen."""
    made = hours(given.policy(), (), given.facts(now=given.NOON))

    assert (made.is_open, made.ends_at) == (True, None)


def test_a_blackout_closes_every_window() -> None:
    """Also where no window is asked for."""
    for windows in ((), ("nightly",)):
        made = hours(given.policy(BLACKOUT), windows, given.facts())

        assert (made.is_open, made.why) == (False, "blackout: Carnival")
        assert made.opens_at is not None
        assert made.opens_at >= dt.datetime(2026, 3, 5, 23, 0, tzinfo=dt.UTC)


def test_who_overrides_the_windows_may_work_at_any_time() -> None:
    """Blackouts too: the override is on the record."""
    seen = given.facts(now=given.NOON, ignore_windows=True)

    assert hours(given.policy(BLACKOUT), ("nightly",), seen) == ANY_TIME


def test_an_earlier_moment_to_look_from_opens_no_window() -> None:
    """`--as-of` a night does not let a run begin at noon."""
    seen = given.facts(now=given.NOON, as_of=given.NOW)

    assert not hours(given.policy(), ("nightly",), seen).is_open
