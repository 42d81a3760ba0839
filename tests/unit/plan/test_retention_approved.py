"""When a rule asks for an approval, and what an approval lets it do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from maintainer.plan import approvals
from maintainer.plan.facts import UNKNOWN, Approval, Count, Expiry
from maintainer.plan.steps import Purge, Refuse
from tests.unit.plan import given
from tests.unit.plan.given import decide


def asked(**changes) -> Refuse:
    """The refusal of a first run over `rows`, 10 by default."""
    step = decide(past={}, **changes)
    assert isinstance(step, Refuse)
    return step


def test_a_first_run_is_refused_with_the_fingerprint_to_approve() -> None:
    """The refusal shows the very step that it stands in for."""
    step = asked()

    assert step.reason == "it runs for the first time"
    assert step.ceiling == approvals.ceiling(10)
    assert step.token == approvals.token(step.seed, step.ceiling)
    assert step.hint == f"if that is meant, approve it: --approve {step.token}"
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


def test_what_has_gone_under_an_approval_is_subtracted() -> None:
    """The ceiling is for the backlog, not for each night; exactly what is left may go."""
    approval = Approval(asked().seed, 50, used=20)

    step = decide(past={}, approvals=(approval,), expiries={"events": given.expiry(30)})
    beyond = asked(approvals=(approval,), expiries={"events": given.expiry(31)})

    assert isinstance(step, Purge)
    assert step.ceiling == 30
    assert step.reason.endswith("; approved up to 50 rows, 30 of them left")
    assert "more than the 30 rows left of 50 approved" in beyond.reason


def test_an_approval_that_is_used_up_is_not_there_any_more_but_said() -> None:
    """The refusal says what became of it."""
    step = asked(approvals=(Approval(asked().seed, 50, used=60),))

    assert "more than the 0 rows left of 50 approved" in step.reason


def test_the_approval_with_most_left_counts() -> None:
    """A new one is not hidden by a larger one that is used up."""
    seed = asked().seed
    given_before = (Approval(seed, 5_000, used=5_000), Approval(seed, 50))

    step = decide(past={}, approvals=given_before)

    assert isinstance(step, Purge)
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
        given.RULE.replace("{keep", "{search_path: [other], keep"),
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
