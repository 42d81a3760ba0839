"""From policy and facts to a plan."""

from __future__ import annotations

import datetime as dt

import pytest

from maintainer.plan import document, planner
from maintainer.plan.facts import Approval, Facts
from maintainer.plan.planner import Choice
from maintainer.plan.steps import Purge, Refuse, Skip, kind
from maintainer.policy.model import Policy
from tests.unit.plan import given

BOTH = """\
upkeep:
  rebuild:    {do: reindex, tables: [usage, events], every: month}
  statistics: {do: analyze, tables: all, every: week}
  churn:      {do: vacuum, tables: [public.events], every: month}
retention:
  old-usage: {table: usage, keep: 1 year, by: at, archive: true}
  events:    {keep: 90 days, by: at, archive: none}
  invoices:  {keep: forever, reason: law}
holds:
  - {name: case-1, tables: [usage], where: tenant = 7}
"""
EXPIRED = {"old-usage": given.expiry(10), "events": given.expiry(10)}


def seen(**changes) -> Facts:
    """Two tables in which ten rows have expired."""
    tables = given.table(), given.table(given.USAGE, indexes=(given.index("usage_at_idx"),))
    return given.facts(*tables, **{"expiries": EXPIRED} | changes)


def told(choice: Choice = planner.EVERYTHING, facts: Facts | None = None) -> list[tuple[str, ...]]:
    """The kind, rule and table of each step."""
    made = planner.plan(given.policy(BOTH), facts or seen(), choice)
    return [(kind(step), step.rule, getattr(step.table, "name", step.table)) for step in made.steps]


def asked(policy: Policy, facts: Facts, **how) -> dict[str, bool]:
    """The rules whose rows the server is asked about, and whether exactly."""
    how = {"counting": "count", "undue": False, "choice": planner.EVERYTHING} | how
    return {q.rule: q.exact for q in planner.questions(policy, facts, how.pop("choice"), **how)}


def test_first_what_leaves_then_upkeep_and_reindex_last() -> None:
    """Vacuum and statistics after the purge that needs them; rebuilding when the rest is done."""
    assert told() == [
        ("purge", "old-usage", "usage"),
        ("purge", "events", "events"),
        ("purge", "invoices", "invoices"),
        ("vacuum", "churn", "events"),
        ("analyze", "statistics", "events"),
        ("analyze", "statistics", "usage"),
        ("reindex", "rebuild", "usage"),
        ("reindex", "rebuild", "events"),
    ]


@pytest.mark.parametrize("name", ["events", "public.events"])
def test_a_table_is_chosen_by_either_of_its_names(name: str) -> None:
    """Its rules and its upkeep, also that of tasks which name it otherwise or name all tables."""
    assert told(Choice((name,))) == [
        ("purge", "events", "events"),
        ("vacuum", "churn", "events"),
        ("analyze", "statistics", "events"),
        ("reindex", "rebuild", "events"),
    ]


def test_a_table_is_chosen_for_tasks_over_all_tables_by_its_short_name() -> None:
    """No rule needs to name it in full for that."""
    made = given.policy("upkeep: {statistics: {do: analyze, tables: all, every: week}}")
    facts = seen(resolved={"events": given.EVENTS})

    steps = planner.plan(made, facts, Choice(("events",))).steps

    assert [step.table for step in steps] == [given.EVENTS]


def test_a_rule_is_chosen_by_its_own_name() -> None:
    """The others of its table are left out, and so is upkeep."""
    facts = seen(unresolved={"old-usage": "there is no table old-usage"})

    assert told(Choice(("old-usage",)), facts) == [("purge", "old-usage", "usage")]


def test_several_may_be_chosen() -> None:
    """What any of the names means."""
    chosen = told(Choice(("old-usage", "events"), only="retention"))

    assert [rule for _, rule, _ in chosen] == ["old-usage", "events"]


def test_a_name_that_the_policy_does_not_know_chooses_nothing_else() -> None:
    """A table without rules has no steps but those for all tables."""
    other = given.table(given.MONTHLY)
    facts = given.facts(*seen().tables.values(), other, expiries=EXPIRED)

    assert told(Choice(("usage_monthly",)), facts) == [("analyze", "statistics", "usage_monthly")]


def test_one_part_may_be_chosen() -> None:
    """`--only retention` and `--only upkeep` together are everything."""
    retention, upkeep = told(Choice(only="retention")), told(Choice(only="upkeep"))

    assert retention + upkeep == told()
    assert {word for word, *_ in retention} == {"purge"}


def test_an_empty_policy_is_an_empty_plan() -> None:
    """And no work."""
    made = planner.plan(Policy(timezone="UTC"), given.facts())

    assert made.steps == ()
    assert not made.has_work


def test_a_plan_says_from_what_it_was_made() -> None:
    """The clock of the database, the database itself, and the policy."""
    policy = given.policy(BOTH)
    made = planner.plan(policy, seen())

    assert (made.made_at, made.target) == (given.NOW, given.TARGET)
    assert made.policy_fingerprint == policy.fingerprint
    assert [step.rule for step in made.refusals] == ["old-usage", "events"]
    assert made.has_work


def test_a_plan_of_skips_has_no_work() -> None:
    """Nothing would be changed and nothing is in the way."""
    made = planner.plan(given.policy(BOTH), seen(), Choice(("invoices",), only="retention"))

    assert [type(step) for step in made.steps] == [Skip]
    assert not made.has_work


def test_the_same_policy_and_facts_make_the_same_plan() -> None:
    """Deciding is pure; the digest says so."""
    policy = given.policy(BOTH)

    assert document.digest(planner.plan(policy, seen())) == document.digest(
        planner.plan(policy, seen())
    )


def test_a_hold_touches_the_rules_of_its_table_and_no_other() -> None:
    """Its predicate stands in what deletes from usage, and nowhere else."""
    first, second, *_ = planner.plan(given.policy(BOTH), seen()).refusals

    assert "(tenant = 7\n) IS NOT TRUE" in first.would.path.purge.shown()
    assert "tenant" not in second.would.path.purge.shown()


def test_approvals_let_the_rules_through_that_they_are_for() -> None:
    """The others stay refused."""
    policy = given.policy(BOTH)
    first, _ = planner.plan(policy, seen()).refusals

    made = planner.plan(policy, seen(approvals=(Approval(first.seed, first.ceiling),)))

    assert [type(step) for step in made.steps[:2]] == [Purge, Refuse]


def test_every_name_of_the_policy_is_looked_up() -> None:
    """Tables of rules, holds, rollups and tasks, as they are written; `all` is no name."""
    always = {"public.audit_logs"}
    both = {"usage", "events", "public.events", "invoices"}

    assert planner.names(given.policy(BOTH)) == both | always
    assert planner.names(given.policy(given.ROLLUP)) == {"usage", "usage_monthly"} | always


def test_only_rules_that_could_delete_are_asked_about() -> None:
    """Not those that keep for ever, are not due, are not chosen or cannot be carried out."""
    policy = given.policy(BOTH)
    finished = given.finished(given.policy(), dt.timedelta())

    assert asked(policy, seen()) == {"old-usage": True, "events": True}
    assert asked(policy, seen(past=finished)) == {"old-usage": True}
    assert asked(policy, seen(), choice=Choice(("events",))) == {"events": True}
    assert asked(policy, seen(), choice=Choice(only="upkeep")) == {}
    view = given.facts(given.table(kind="v"), given.table(given.USAGE))
    assert asked(policy, view) == {"old-usage": True}


def test_status_asks_about_what_is_not_due_as_well() -> None:
    """It says how much is waiting for the next time."""
    finished = given.finished(given.policy(), dt.timedelta())

    assert set(asked(given.policy(BOTH), seen(past=finished), undue=True)) == {
        "old-usage",
        "events",
    }


def test_rows_are_counted_as_it_was_wished() -> None:
    """A run counts what its window lets it do; outside of it an estimate will do."""
    policy = given.policy(given.RULE.replace("archive: true", "archive: true, window: nightly"))
    noon = given.facts(now=given.NOON)

    assert asked(policy, noon, counting="count if open") == {"events": False}
    assert asked(policy, given.facts(), counting="count if open") == {"events": True}
    assert asked(policy, noon, counting="count") == {"events": True}
    assert asked(policy, given.facts(), counting="estimate") == {"events": False}
