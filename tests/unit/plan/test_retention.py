"""What age takes from one table, or why it takes nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from maintainer.plan import retention
from maintainer.plan.facts import Count, Expiry
from maintainer.plan.obstacles import No
from maintainer.plan.steps import Hours, KeyRange, Purge, Refuse, Settled, Skip
from tests.unit.plan import given
from tests.unit.plan.given import decide

NIGHTLY = given.RULE.replace("archive: true", "archive: true, window: nightly")
HELD = given.RULE + "\nholds: [{name: case-1, tables: [events], where: x}]\n"


def test_what_has_expired_is_purged() -> None:
    """The step holds all that the run needs, and why."""
    step = decide(expiries={"events": given.expiry(10, oldest="2025-01-01 00:00:00+00")})

    assert isinstance(step, Purge)
    assert isinstance(step.path, KeyRange)
    assert (step.rule, step.table, step.oid) == ("events", given.EVENTS, 16400)
    assert (step.by, step.by_type, step.keep) == ("at", "timestamptz", "90 days")
    assert (step.cutoff, step.cutoff_at) == (
        "2025-12-04 01:30:00+00:00",
        dt.datetime(2025, 12, 4, 1, 30, tzinfo=dt.UTC),
    )
    assert step.reason == "by key on events_at_idx; oldest 2025-01-01 00:00:00+00"
    assert step.search_path == ("pg_catalog", "public", "pg_temp")
    assert (step.ceiling, step.archived) == (20_000_000, True)
    assert step.settled == Settled(
        "90 days", given.finished(given.policy())["events", given.EVENTS].scope
    )


def test_the_estimate_is_the_rows_and_their_share_of_the_table() -> None:
    """1,000 rows fill 100,000 bytes, so 10 of them 1,000."""
    step = decide()

    assert (step.estimate.rows, step.estimate.bytes, step.row_bytes) == (
        Count(10, "exact"),
        1_000,
        100,
    )


def test_an_empty_table_has_no_row_size() -> None:
    """Nothing is divided by no rows."""
    empty = given.facts(given.table(rows=Count(0, "estimated"), heap_bytes=0))

    step = decide(empty, expiries={"events": given.expiry(10, total=0)}, past={})

    assert isinstance(step, Refuse)
    assert step.would is not None
    assert step.would.row_bytes == 0


def test_the_pace_and_the_guard_of_the_policy_limit_the_step() -> None:
    """Numbers of the policy arrive where they are obeyed."""
    made = given.policy(
        "retention: {events: {keep: 90 days, by: at, archive: true, guard: {max_rows: 77}, "
        "pace: {max_segment_rows: 5, max_segment_seconds: 2, max_segment_bytes: 64 KiB}}}"
    )

    step = decide(made=made)

    assert (step.limits.seconds, step.limits.rows, step.limits.stored_bytes) == (2, 5, 65_536)
    assert step.ceiling == 77


def test_a_young_table_is_skipped_and_settles_the_rule() -> None:
    """It was due, it was looked at, nothing was left: that is on the record."""
    step = decide(expiries={"events": given.expiry(0)})

    assert isinstance(step, Skip)
    assert step.reason == "no row is older than 2025-12-04"
    assert step.settles == Settled(
        "90 days", given.finished(given.policy())["events", given.EVENTS].scope
    )


def test_a_skip_names_the_day_on_the_policy_s_wall() -> None:
    """Whole months end at midnight in Amsterdam, which is the day before in UTC."""
    made = given.policy(
        "retention: {events: {keep: 13 months, align: month, by: at, archive: true}}"
    )

    step = decide(given.facts(given.table(by="date")), made, expiries={"events": given.expiry(0)})

    assert step.reason == "no row is older than 2025-02-01"


def test_rows_that_are_held_are_told_where_nothing_else_is_left() -> None:
    """That no row is older would be wrong while a hold keeps some."""
    step = decide(
        made=given.policy(HELD),
        expiries={"events": given.expiry(0, held=Count(7, "exact"))},
    )

    assert step.reason == "every row older than 2025-12-04 is held: 7 rows"


def test_rows_that_a_where_leaves_are_not_called_young() -> None:
    """Older rows may well be there."""
    made = given.policy(given.RULE.replace("{keep", "{where: x, keep"))

    step = decide(made=made, expiries={"events": given.expiry(0)})

    assert step.reason == "no row that its where takes is older than 2025-12-04"


def test_a_look_at_a_past_moment_settles_nothing() -> None:
    """What was not due then may be due now."""
    earlier = given.NOW - dt.timedelta(days=10)

    young = decide(expiries={"events": given.expiry(0)}, as_of=earlier)
    old = decide(as_of=earlier)

    assert isinstance(young, Skip)
    assert young.settles is None
    assert isinstance(old, Purge)
    assert old.settled is None


def test_a_look_outside_the_window_settles_nothing() -> None:
    """The night may find other rows; the rule stays due until then."""
    step = decide(made=given.policy(NIGHTLY), now=given.NOON, expiries={"events": given.expiry(0)})

    assert isinstance(step, Skip)
    assert step.settles is None


def test_an_estimate_of_no_rows_proves_nothing() -> None:
    """Only a count says that nothing is left."""
    step = decide(expiries={"events": given.expiry(0, how="estimated")})

    assert isinstance(step, Purge)


def test_a_closed_window_is_part_of_the_step() -> None:
    """The plan shows what will be done, and from when on."""
    step = decide(made=given.policy(NIGHTLY), now=given.NOON)

    assert isinstance(step, Purge)
    assert step.hours == Hours(
        is_open=False,
        opens_at=dt.datetime(2026, 3, 5, 0, 0, tzinfo=dt.UTC),
        why="outside of nightly",
    )


def test_what_cannot_be_carried_out_is_refused_with_its_hours() -> None:
    """A run at noon does not report what would be refused at night."""
    made = given.policy(NIGHTLY)

    step = retention.decide(
        made, given.rule(made), given.facts(now=given.NOON), No("it is a view", "name a table")
    )

    assert isinstance(step, Refuse)
    assert (step.reason, step.hint, step.seed, step.token) == (
        "it is a view",
        "name a table",
        "",
        None,
    )
    assert not step.hours.is_open


def test_a_predicate_that_the_server_does_not_accept_is_refused() -> None:
    """And no approval can change that."""
    step = decide(expiries={"events": Expiry(fault="its where is not accepted by the server")})

    assert isinstance(step, Refuse)
    assert step.reason == "its where is not accepted by the server"
    assert (step.seed, step.token, step.would) == ("", None, None)


def test_rows_that_are_held_are_told() -> None:
    """The report of what stays begins in the plan."""
    step = decide(
        made=given.policy(HELD), expiries={"events": given.expiry(10, held=Count(7, "exact"))}
    )

    assert step.reason == "by key on events_at_idx; 7 rows held"


def test_a_partitioned_table_without_index_is_refused_with_the_index_it_needs() -> None:
    """The names in the statement are quoted as they are spelled."""
    made = given.policy(given.RULE.replace("by: at", "by: At"))
    columns = given.table(columns=(replace(given.table().columns[1], name="At"),)).columns
    seen = given.facts(given.table(kind="p", columns=columns, indexes=()))

    step = decide(seen, made)

    assert isinstance(step, Refuse)
    assert step.reason == "it is partitioned and no index leads with At"
    assert step.hint == 'CREATE INDEX ON "public"."events" ("At")'


@pytest.mark.parametrize(("ago", "is_overdue"), [(1, False), (2, False), (3, True)])
def test_a_rule_that_was_missed_for_two_periods_is_overdue(ago: int, is_overdue: bool) -> None:
    """Finished yesterday or the day before is not yet late."""
    step = decide(past=given.finished(given.policy(), dt.timedelta(days=ago)))

    assert step.overdue is is_overdue
