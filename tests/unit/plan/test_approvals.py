"""A person's yes: what a fingerprint stands for, and whether it fits."""

from __future__ import annotations

import re

import pytest
from hypothesis import given as example_of
from hypothesis import strategies as st

from maintainer.plan import approvals
from maintainer.plan.facts import Approval
from maintainer.plan.steps import Refuse
from tests.unit.plan import given

rows = st.integers(0, 10**11)


def refuse(rule: str = "events", seed: str = "seed", backlog: int = 1_000) -> Refuse:
    """A refusal that a person may approve."""
    return Refuse(rule, given.EVENTS, "", "", seed=seed, ceiling=approvals.ceiling(backlog))


def hard(rule: str = "views") -> Refuse:
    """A refusal that no approval can change."""
    return Refuse(rule, given.EVENTS, "it is a view", "")


@pytest.mark.parametrize(
    ("backlog", "allowed"),
    [
        (0, 1),
        (1, 2),
        (4, 5),
        (5, 10),
        (8, 10),
        (9, 20),
        (400, 500),
        (401, 1_000),
        (10**9, 2 * 10**9),
    ],
)
def test_a_ceiling_is_the_next_round_number_with_room_for_a_night(
    backlog: int, allowed: int
) -> None:
    """A quarter more than was seen, rounded up to 1, 2, 5, 10 and so on."""
    assert approvals.ceiling(backlog) == allowed


@example_of(rows)
def test_a_ceiling_has_room_and_is_no_blank_cheque(backlog: int) -> None:
    """At least a quarter more than was seen, at most about three times as much."""
    allowed = approvals.ceiling(backlog)

    assert 4 * allowed >= 5 * backlog
    assert allowed <= max(2, 3.2 * backlog)


@example_of(rows, rows)
def test_a_larger_backlog_never_has_a_smaller_ceiling(one: int, other: int) -> None:
    """The scale goes up."""
    low, high = sorted((one, other))

    assert approvals.ceiling(low) <= approvals.ceiling(high)


def test_a_fingerprint_reads_well_and_says_its_size() -> None:
    """Twelve hex digits, and a sign for the ceiling: 10 ** 3 is the tenth on the scale."""
    assert re.fullmatch(r"[0-9a-f]{12}-9", approvals.token("seed", 1_000))
    assert approvals.token("seed", 1_000) != approvals.token("seed", 2_000)
    assert approvals.token("seed", 1_000) != approvals.token("other", 1_000)


@example_of(st.lists(rows, min_size=1, max_size=8))
def test_the_fingerprint_of_a_plan_approves_all_it_refuses(backlogs: list[int]) -> None:
    """Each rule up to its own ceiling, by one word on the command line."""
    asked = [refuse(f"rule{n}", f"seed{n}", backlog) for n, backlog in enumerate(backlogs)]

    text = approvals.fingerprint(asked)
    assert text is not None

    assert approvals.granted([text], reversed(asked)) == {
        one.rule: Approval(one.seed, one.ceiling) for one in asked
    }


@example_of(rows, st.integers(-1_000, 10**6))
def test_a_fingerprint_still_fits_when_the_backlog_has_changed(seen: int, more: int) -> None:
    """What it approves is the ceiling that was shown, and never that of the larger backlog."""
    text = approvals.fingerprint([refuse(backlog=seen)])
    assert text is not None

    found = approvals.granted([text], [refuse(backlog=max(0, seen + more))])

    assert found == {"events": Approval("seed", approvals.ceiling(seen))}


def test_refusals_that_nothing_can_change_are_no_part_of_it() -> None:
    """A fingerprint is not asked for a view."""
    asked = [refuse(), hard()]

    assert approvals.fingerprint([hard()]) is None
    assert approvals.fingerprint(asked) == approvals.fingerprint([refuse()])
    assert set(approvals.granted([approvals.fingerprint(asked)], asked)) == {"events"}


def test_one_rule_of_several_can_be_approved_by_its_own_token() -> None:
    """Who agrees with one rule need not agree with all."""
    asked = [refuse("a", "seed a"), refuse("b", "seed b", 50)]

    found = approvals.granted([approvals.token("seed b", asked[1].ceiling)], asked)

    assert found == {"b": Approval("seed b", 100)}


def test_several_fingerprints_add_up() -> None:
    """`--approve` may be given more than once; what fits nothing is left out."""
    asked = [refuse("a", "seed a"), refuse("b", "seed b")]
    tokens = [approvals.token(one.seed, one.ceiling) for one in asked]

    assert set(approvals.granted([*tokens, "0123456789ab-9"], asked)) == {"a", "b"}


@pytest.mark.parametrize(
    "now",
    [
        [refuse(seed="another database")],
        [refuse(seed="the same rule with another where")],
        [refuse(), refuse("other", "other")],
        [hard()],
        [],
    ],
    ids=[
        "another database",
        "another rule",
        "one more refusal",
        "no approvable refusal",
        "nothing",
    ],
)
def test_a_fingerprint_of_something_else_approves_nothing(now: list[Refuse]) -> None:
    """Except where one rule's own token is that very fingerprint."""
    text = approvals.fingerprint([refuse()])
    assert text is not None

    found = approvals.granted([text], now)

    assert set(found) <= {"events"} & {one.rule for one in now if one.seed == "seed"}


def test_a_fingerprint_of_several_rules_does_not_fit_when_one_has_changed() -> None:
    """All were looked at together; half of it is not what was agreed to."""
    asked = [refuse("a", "seed a"), refuse("b", "seed b")]
    text = approvals.fingerprint(asked)
    assert text is not None

    assert approvals.granted([text], [asked[0], refuse("b", "changed")]) == {}
    assert approvals.granted([text], asked[:1]) == {}


@pytest.mark.parametrize(
    "text", ["", "-", "abc", "0123456789ab-", "0123456789ab-!", "0123456789ab-A", "é-é", "a-b-c"]
)
def test_nonsense_approves_nothing(text: str) -> None:
    """A typing error is no yes."""
    assert approvals.granted([text], [refuse()]) == {}


@example_of(st.text(max_size=30))
def test_no_text_at_all_breaks_it(text: str) -> None:
    """What people paste is never a traceback."""
    assert approvals.granted([text], [refuse(), refuse("b", "b")]) == {}


@example_of(st.sampled_from(approvals.SIGNS))
def test_a_larger_ceiling_cannot_be_written_into_a_fingerprint(sign: str) -> None:
    """The sign is part of what was hashed."""
    text = approvals.token("seed", 1_000)

    found = approvals.granted([text[:-1] + sign], [refuse(backlog=800)])

    assert found == ({"events": Approval("seed", 1_000)} if sign == text[-1] else {})
