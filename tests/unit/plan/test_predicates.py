"""How predicates become one condition."""

from __future__ import annotations

import pytest

from maintainer.names import Fragment
from maintainer.plan import predicates

OLD = Fragment("t.a < 1")


def test_old_is_finite_and_before_the_cutoff() -> None:
    """The column is quoted, the cut-off is a literal of its type, -infinity never goes."""
    made = predicates.past('We"ird', "date", "2026-01-01")

    assert made == (
        """t."We""ird" < '2026-01-01'::date AND t."We""ird" > CAST('-infinity' AS date)"""
    )


def test_a_where_takes_only_what_it_is_true_for() -> None:
    """NULL does not take a row."""
    assert predicates.expired(OLD, "x = 1", []) == "t.a < 1\n    AND (x = 1\n) IS TRUE"


def test_a_hold_keeps_only_what_it_is_true_for() -> None:
    """NULL does not keep a row, and a hold that is true does, whatever the rule's where says."""
    made = predicates.expired(OLD, "x = 1", ["y = 2"])

    assert made == "t.a < 1\n    AND (y = 2\n) IS NOT TRUE\n    AND (x = 1\n) IS TRUE"


def test_every_hold_keeps_for_itself() -> None:
    """Several holds are several conditions: one that is NULL cannot undo another."""
    made = predicates.kept_by_none(["a", "b", "c"])

    assert made == "(a\n) IS NOT TRUE\n    AND (b\n) IS NOT TRUE\n    AND (c\n) IS NOT TRUE"


def test_without_hold_and_where_only_age_decides() -> None:
    """Nothing is added."""
    assert predicates.expired(OLD, None, []) == OLD
    assert predicates.kept_by_none([]) is None


@pytest.mark.parametrize("text", ["x = 1 -- old ones", "-- a hold\ny = 2 --"])
def test_a_comment_at_the_end_cannot_swallow_what_follows(text: str) -> None:
    """The closing parenthesis stands on a line of its own."""
    for line in predicates.expired(OLD, text, [text]).splitlines():
        code = line.partition("--")[0]
        assert ")" not in line or ")" in code

    ends = [line for line in predicates.expired(OLD, text, [text]).splitlines() if line[:1] == ")"]
    assert [end.rstrip() for end in ends] == [") IS NOT TRUE", ") IS TRUE"]


def test_a_predicate_with_braces_stays_as_it_was_written() -> None:
    """JSON and arrays have braces too; none of them is a slot."""
    made = predicates.expired(OLD, """tags @> '{first}' AND doc @> '{"by": 1}'""", ["a = '{by}'"])

    assert """(tags @> '{first}' AND doc @> '{"by": 1}'\n) IS TRUE""" in made
    assert "(a = '{by}'\n) IS NOT TRUE" in made
