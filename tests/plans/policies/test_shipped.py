"""What the shipped policies do to the seven tables, as a person reads it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from maintainer.cli.render import grid, sql
from maintainer.cli.render import plan as render
from maintainer.plan import document, planner
from maintainer.plan.facts import Approval, Count, Facts
from maintainer.plan.plan import Plan
from maintainer.plan.steps import Purge, Refuse, Skip
from maintainer.policy.load import load
from maintainer.policy.model import Policy
from tests.plans import golden
from tests.plans.policies import seven

POLICIES = Path(__file__).parents[3] / "policies"
HOLD = """\
holds:
  - name: case-2026-17
    tables: [audit_logs]
    where: organization_id = '5f0e9a52-6a5e-4b3f-8a43-0d2f9c9a7c11' -- the claimant
    ticket: LEGAL-1042
"""


@pytest.fixture(scope="module")
def policy() -> Policy:
    """The policies as they are shipped, with nothing in the environment."""
    return load([POLICIES], {})


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    """The same with a hold in a file beside them."""
    file = tmp_path_factory.mktemp("policies") / "90-holds.yaml"
    file.write_text(HOLD, "utf-8")
    return load([POLICIES, file], {})


def kept(case: str, plan: Plan, *, accept: bool) -> None:
    """Compare the plan's page with the one that is kept; its digest changes with every statement."""
    page = render.page(plan, "maintainer run --approve", ZoneInfo("Europe/Amsterdam"))
    text = grid.plain(page).replace(document.digest(plan)[:12], "(digest)")
    golden.check(f"policies/{case}.txt", text + "\n", accept=accept)


def test_a_night_like_any_other(policy: Policy, accept: bool) -> None:
    """Three purges within their guards, then statistics, VACUUM and one REINDEX after another."""
    plan = planner.plan(policy, seven.look(policy))

    kept("a-night", plan, accept=accept)


def test_the_statements_of_a_night(policy: Policy, accept: bool) -> None:
    """Every statement that will run, as a DBA reviews it."""
    plan = planner.plan(policy, seven.look(policy), planner.Choice(only="retention"))

    golden.check("policies/a-night.sql", sql.script(plan) + "\n", accept=accept)


def test_the_first_night(policy: Policy, accept: bool) -> None:
    """Nothing leaves before a person has said yes to all three; upkeep needs nobody."""
    backlog = {
        "audit_logs": seven.expiry("audit_logs", 1_800_000),
        "performance_analytics": seven.expiry("performance_analytics", 4_074_000),
        "usage_tracking": seven.expiry("usage_tracking", 1_650_000),
    }

    plan = planner.plan(policy, seven.look(policy, past={}, expiries=backlog))

    kept("first-night", plan, accept=accept)


def test_the_first_night_approved(policy: Policy) -> None:
    """With the approvals of its fingerprint, that very plan is carried out."""
    seen = seven.look(policy, past={})
    refused = planner.plan(policy, seen).refusals
    given = tuple(Approval(one.seed, one.ceiling) for one in refused)

    plan = planner.plan(policy, replace(seen, approvals=given))

    purges = [step for step in plan.steps if isinstance(step, Purge)]
    assert len(purges) == len(refused) == 3
    assert plan.refusals == ()
    for step, refusal in zip(purges, refused, strict=True):
        assert step.path == refusal.would.path
        assert step.ceiling == refusal.ceiling


def test_at_noon(policy: Policy, accept: bool) -> None:
    """Outside of its windows the same is shown, by estimates, and when it may begin."""
    noon = seven.NIGHT.replace(hour=11)
    guesses: Mapping[str, object] = {
        rule: seven.expiry(rule, rows, expired=Count(rows, "estimated"))
        for rule, rows in seven.EXPIRED.items()
    }

    plan = planner.plan(policy, seven.look(policy, now=noon, expiries=guesses))

    kept("at-noon", plan, accept=accept)


def test_a_second_run(policy: Policy, accept: bool) -> None:
    """An hour after everything was finished nothing is due, and each line says until when."""
    an_hour_ago = seven.NIGHT - dt.timedelta(hours=1)

    plan = planner.plan(
        policy, seven.look(policy, past=seven.done(policy, an_hour_ago), expiries={})
    )

    assert all(isinstance(step, Skip) for step in plan.steps)
    kept("second-run", plan, accept=accept)


def test_a_hold(held: Policy, accept: bool) -> None:
    """What is held is counted, and the hold stands in the statement that deletes."""
    seen = _with(seven.look(held), "audit_logs", held=Count(7_120, "exact"))

    plan = planner.plan(held, seen)

    first = plan.steps[0]
    assert isinstance(first, Purge)
    assert "-- the claimant\n) IS NOT TRUE" in first.path.purge.shown()
    kept("a-hold", plan, accept=accept)


def test_a_hold_on_everything_that_is_left(held: Policy, accept: bool) -> None:
    """The table is not called young."""
    seen = _with(
        seven.look(held), "audit_logs", expired=Count(0, "exact"), held=Count(7_120, "exact")
    )

    plan = planner.plan(held, seen, planner.Choice(("audit_logs",), only="retention"))

    kept("all-held", plan, accept=accept)


def test_a_shortened_keep(policy: Policy, accept: bool) -> None:
    """The rule whose keep was longer before is refused, the others go on."""
    past = dict(seven.done(policy))
    key = ("performance_analytics", seven.name("performance_analytics"))
    past[key] = replace(past[key], keep="4 months")

    plan = planner.plan(policy, seven.look(policy, past=past), planner.Choice(only="retention"))

    kept("shorter-keep", plan, accept=accept)


def test_a_missing_table(policy: Policy, accept: bool) -> None:
    """Its rule is refused by name; tasks over all tables do not miss it."""
    plan = planner.plan(policy, seven.look(policy, without=["usage_tracking"]))

    assert [step.rule for step in plan.steps if isinstance(step, Refuse)] == ["usage_tracking"]
    kept("missing-table", plan, accept=accept)


def test_before_init(policy: Policy, accept: bool) -> None:
    """Without a record everything is new, and the rollup asks for its carry."""
    plan = planner.plan(
        policy,
        seven.look(policy, past={}, carries={}, has_ledger=False),
        planner.Choice(only="retention"),
    )

    kept("before-init", plan, accept=accept)


def _with(seen: Facts, rule: str, **changes: Count) -> Facts:
    changed = replace(seen.expiries[rule], **changes)
    return replace(seen, expiries={**seen.expiries, rule: changed})
