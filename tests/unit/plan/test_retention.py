"""What age takes from one table, or why it takes nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from maintainer.plan import approvals, retention
from maintainer.plan.facts import UNKNOWN, Approval, Count, Expiry, Facts
from maintainer.plan.obstacles import No
from maintainer.plan.steps import Hours, KeyRange, Purge, Refuse, Settled, Skip
from maintainer.policy.model import Policy
from tests.unit.plan import given

NIGHTLY = given.RULE.replace("archive: true", "archive: true, window: nightly")
HELD = given.RULE + "\nholds: [{name: case-1, tables: [events], where: x}]\n"


def decide(seen: Facts | None = None, made: Policy | None = None, **changes):
    """Decide about EVENTS as it usually is, changed as asked."""
    made = made or given.policy()
    usual = {"past": given.finished(made), "expiries": {"events": given.expiry(10)}}
    seen = replace(seen or given.facts(), **usual | changes)
    return retention.decide(made, given.rule(made), seen, given.take(made, seen))


def asked(**changes) -> Refuse:
    """The refusal of a first run over `rows`, 10 by default."""
    step = decide(past={}, **changes)
    assert isinstance(step, Refuse)
    return step


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
    """ "No row is older" would be wrong while a hold keeps them."""
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


def test_a_first_run_is_refused_with_the_fingerprint_to_approve() -> None:
    """The refusal shows the very step that it stands in for."""
    step = asked()

    assert step.reason == "it runs for the first time"
    assert step.ceiling == approvals.ceiling(10)
    assert step.token == approvals.token(step.seed, step.ceiling)
    assert step.hint == f"if that is meant: maintainer run --approve {step.token}"
    assert step.would == decide()


def test_an_unknown_number_of_rows_cannot_be_approved() -> None:
    """Nobody can say yes to a number that nobody knows."""
    step = asked(expiries={"events": Expiry(expired=UNKNOWN, total=Count(1, "exact"))})

    assert "it is unknown how many rows would go" in step.reason
    assert (step.seed, step.token) == ("", None)
    assert "ANALYZE" in step.hint


def test_a_rule_nobody_looked_at_is_refused() -> None:
    """Without an answer of the server everything is unknown."""
    step = decide(expiries={})

    assert isinstance(step, Refuse)
    assert step.seed == ""


def test_an_approved_first_run_is_a_purge_with_the_approved_ceiling() -> None:
    """The approval lowers the limit to what was looked at."""
    refusal = asked()

    step = decide(past={}, approvals=(Approval(refusal.seed, refusal.ceiling),))

    assert isinstance(step, Purge)
    assert step.ceiling == refusal.ceiling == 20
    assert step.reason == "by key on events_at_idx; approved up to 20 rows"


def test_an_approval_above_the_guard_lifts_it() -> None:
    """The approval is the limit then."""
    made = given.policy(given.GUARDED)
    many = {"expiries": {"events": given.expiry(900)}, "made": made}
    refusal = decide(**many)
    assert isinstance(refusal, Refuse)

    step = decide(**many, approvals=(Approval(refusal.seed, refusal.ceiling),))

    assert isinstance(step, Purge)
    assert step.ceiling == 2_000


def test_an_approval_for_fewer_rows_does_not_fit() -> None:
    """More rows than were looked at need another look."""
    refusal = asked()

    step = asked(
        expiries={"events": given.expiry(21)}, approvals=(Approval(refusal.seed, refusal.ceiling),)
    )

    assert "more than the 20 rows approved" in step.reason
    assert step.ceiling == 50


def test_the_largest_of_several_approvals_counts() -> None:
    """A second look approved more."""
    seed = asked().seed
    given_before = (Approval(seed, 5), Approval(seed, 50), Approval(seed, 1))

    step = decide(past={}, approvals=given_before, expiries={"events": given.expiry(21)})

    assert isinstance(step, Purge)
    assert step.ceiling == 50


@pytest.mark.parametrize(
    "target",
    [
        replace(given.TARGET, database="other"),
        replace(given.TARGET, system_identifier="1"),
        replace(given.TARGET, system_identifier=None),
    ],
)
def test_an_approval_is_for_one_database(target) -> None:
    """A clone or a staging database needs its own."""
    assert asked(target=target).seed != asked().seed


def test_an_approval_is_for_one_way_of_reaching_one_database() -> None:
    """Role, version and timeline may change without a new look."""
    target = replace(given.TARGET, role="other", server_version=170000, timeline=2)

    assert asked(target=target).seed == asked().seed


@pytest.mark.parametrize(
    "other",
    [
        given.RULE.replace("90 days", "89 days"),
        given.RULE.replace("{keep", "{where: x, keep"),
        given.RULE.replace("archive: true", "archive: none"),
        given.RULE.replace("{keep", "{align: month, keep"),
        given.RULE.replace("{keep", "{guard: {max_rows: 3}, keep"),
    ],
)
def test_an_approval_is_for_one_rule_as_it_is_written(other: str) -> None:
    """Another keep, where, archive, align or guard is another decision."""
    assert asked(made=given.policy(other)).seed != asked().seed


def test_a_rule_within_its_guard_needs_no_approval_even_if_one_is_there() -> None:
    """The guard is the limit, not what was once approved."""
    step = decide(approvals=(Approval(asked().seed, 50),))

    assert isinstance(step, Purge)
    assert step.ceiling == 20_000_000


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
