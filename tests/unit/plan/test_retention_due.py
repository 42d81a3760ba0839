"""Which rules need not be looked at now."""

from __future__ import annotations

import datetime as dt

from maintainer.plan import retention
from maintainer.plan.steps import Skip
from tests.unit.plan import given


def test_a_rule_that_keeps_for_ever_is_never_looked_at() -> None:
    """Its reason is the policy's."""
    made = given.policy("retention: {events: {keep: forever, reason: the law}}")

    skip = retention.not_now(made, given.rule(made), given.facts())

    assert skip == Skip("events", given.EVENTS, "kept for ever: the law")


def test_a_rule_that_finished_in_this_period_is_not_due() -> None:
    """The plan says when it will be."""
    made = given.policy()
    seen = given.facts(past=given.finished(made, dt.timedelta(hours=1)))

    skip = retention.not_now(made, given.rule(made), seen)

    assert skip is not None
    assert skip.reason.startswith("not due: finished 2026-03-04 01:30, in this period (every day")
    assert skip.next_at == dt.datetime(2026, 3, 4, 23, 0, tzinfo=dt.UTC)
    assert skip.settles is None


def test_what_finished_on_another_table_does_not_count() -> None:
    """The record is kept by rule and table."""
    made = given.policy()
    past = {("events", given.USAGE): next(iter(given.finished(made, dt.timedelta()).values()))}

    assert retention.not_now(made, given.rule(made), given.facts(past=past)) is None


def test_a_rule_without_its_table_is_looked_at_and_not_skipped() -> None:
    """Its refusal must be seen; the name stands as it was written."""
    made = given.policy()
    seen = given.facts(resolved={}, unresolved={"events": "there is no table events"})

    assert retention.not_now(made, given.rule(made), seen) is None
    step = retention.decide(made, given.rule(made), seen, given.refused(made, seen))
    assert step.table == "events"
