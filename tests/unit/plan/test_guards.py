"""What a rule must not do before a person has said yes."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from maintainer.plan import guards
from maintainer.plan.facts import UNKNOWN, Count, Past
from maintainer.plan.steps import Settled
from tests.unit.plan import given

FEW, MANY = Count(10, "exact"), Count(1_000, "exact")


def rule(keep: str = "90 days", more: str = "", guard: str = "{max_rows: 100, max_percent: 10}"):
    """A rule of EVENTS with a small guard."""
    return given.rule(
        given.policy(
            f"retention: {{events: {{keep: {keep}, by: at, archive: true, guard: {guard}{more}}}}}"
        )
    )


def objections(
    of=None, rows: Count = FEW, total: Count = MANY, now: dt.datetime = given.NOW, **past
) -> list[str]:
    """What is said against a rule that finished before under the same terms, changed as asked."""
    of = of or rule()
    settled = Settled(str(of.keep), guards.scope(of, given.EVENTS))
    before = {"finished_at": given.NOW, "keep": settled.keep, "scope": settled.scope}
    return list(guards.objections(of, settled, Past(**before | past), rows, total, now))


def test_a_rule_that_finished_before_and_takes_few_rows_needs_nobody() -> None:
    """The usual night."""
    assert objections() == []


@pytest.mark.parametrize(
    "past",
    [
        None,
        Past(),
        Past(None, "90 days", "scope"),
        Past(given.NOW),
    ],
)
def test_a_first_run_needs_an_approval(past: Past | None) -> None:
    """Also when it began before and never finished, or looked and never deleted."""
    settled = Settled("90 days", guards.scope(rule(), given.EVENTS))

    found = list(guards.objections(rule(), settled, past, FEW, MANY, given.NOW))

    assert found == ["it runs for the first time"]


@pytest.mark.parametrize(
    "change",
    [
        *({"where": "x"}, {"zone": "UTC"}, {"archive": False}, {"by": "other"}, {"align": "day"}),
        {"search_path": ("other",)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whatever_else_decides_which_rows_go_needs_an_approval_when_it_changes(change) -> None:
    """A new `where` may take other rows, without `align` they leave earlier."""
    (found,) = objections(replace(rule(), **change), scope=guards.scope(rule(), given.EVENTS))

    assert found == (
        "its by, zone, align, where, search_path, table or archive has changed since it last finished"
    )


def test_the_same_rule_on_another_table_is_another_scope() -> None:
    """A rule whose table was renamed or moved is looked at by a person."""
    assert guards.scope(rule(), given.EVENTS) != guards.scope(rule(), given.USAGE)


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("90 days", "89 days"),
        ("3 months", "2 months"),
        ("1 year", "11 months"),
        ("13 weeks", "90 days"),
        ("1 year", "52 weeks"),
        ("7 years", "1 day"),
    ],
)
def test_a_shorter_keep_needs_an_approval(before: str, now: str) -> None:
    """Across units, by the calendar of today."""
    (found,) = objections(rule(now), keep=before)

    assert found.startswith(f"its keep has become shorter ({before} before, ")


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("89 days", "90 days"),
        ("11 months", "1 year"),
        ("90 days", "13 weeks"),
        ("12 months", "1 year"),
        ("1 week", "7 days"),
        ("52 weeks", "1 year"),
    ],
)
def test_a_longer_or_equal_keep_needs_nobody(before: str, now: str) -> None:
    """Nothing leaves earlier."""
    assert objections(rule(now), keep=before) == []


def test_whether_a_keep_is_shorter_depends_on_the_day() -> None:
    """In March, 3 months reach back over February: 90 days; in August they are 92."""
    march = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)
    august = dt.datetime(2026, 8, 4, 12, tzinfo=dt.UTC)

    assert objections(rule("90 days"), keep="3 months", now=march) == []
    assert objections(rule("90 days"), keep="3 months", now=august)


def test_a_rule_that_kept_for_ever_needs_an_approval() -> None:
    """Any length is shorter than for ever."""
    (found,) = objections(keep="forever")

    assert "forever before, 90 days now" in found


def test_a_rule_that_now_keeps_for_ever_is_no_shorter() -> None:
    """Nothing goes at all."""
    of = given.rule(given.policy("retention: {events: {keep: forever, reason: law}}"))

    assert objections(of, keep="90 days") == []


@pytest.mark.parametrize(("rows", "is_fine"), [(99, True), (100, True), (101, False)])
def test_max_rows_is_the_largest_number_that_may_go(rows: int, is_fine: bool) -> None:
    """Exactly as many are fine."""
    found = objections(rows=Count(rows, "exact"), total=Count(1_000_000, "exact"))

    assert (found == []) is is_fine
    assert is_fine or found == ["101 rows are more than guard max_rows 100"]


@pytest.mark.parametrize(("rows", "is_fine"), [(10, True), (11, False)])
def test_max_percent_is_the_largest_share_that_may_go(rows: int, is_fine: bool) -> None:
    """Of all rows of the table; exactly as much is fine."""
    found = objections(rows=Count(rows, "exact"), total=Count(100, "exact"))

    assert (found == []) is is_fine
    assert is_fine or found == ["11 % of the table is more than guard max_percent 10"]


def test_a_share_just_above_the_limit_does_not_read_like_the_limit() -> None:
    """Nobody would understand that 10 % is more than 10."""
    (found,) = objections(rows=Count(1_004, "exact"), total=Count(10_000, "exact"), of=rule(
        guard="{max_rows: 5000, max_percent: 10}"
    ))  # fmt: skip

    assert found == "10.04 % of the table is more than guard max_percent 10"


def test_both_limits_are_told_at_once() -> None:
    """A person sees all that is approved."""
    found = objections(rows=Count(500, "exact"), total=MANY, finished_at=None)

    assert [text.split()[0] for text in found] == ["it", "500", "50"]


def test_more_rows_than_the_table_was_thought_to_have_are_the_whole_table() -> None:
    """Statistics may be behind; a share is never more than everything."""
    found = objections(rows=Count(50, "exact"), total=Count(0, "estimated"))

    assert found == ["100 % of the table is more than guard max_percent 10"]


def test_an_unknown_number_of_rows_is_refused() -> None:
    """What cannot be counted cannot be within a limit."""
    assert objections(rows=UNKNOWN) == ["it is unknown how many rows would go"]


def test_an_unknown_table_is_refused() -> None:
    """A share of an unknown whole is unknown."""
    assert objections(total=UNKNOWN) == ["it is unknown how many rows the table has"]


def test_nothing_is_more_than_nothing() -> None:
    """An empty table has no share that could be too large."""
    assert objections(rows=Count(0, "exact"), total=Count(0, "exact")) == []


def test_a_count_that_stopped_at_the_limit_is_above_it() -> None:
    """One more than max_rows is counted, and the refusal says that there may be more."""
    (found, _) = objections(rows=Count(101, "exact", at_least=True), total=Count(101, "exact"))

    assert found == "101+ rows are more than guard max_rows 100"
