"""Which tables a rule has for itself, seen after every name has found its table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from maintainer.names import TableName
from maintainer.plan import aim as aims
from maintainer.plan import rollups
from maintainer.plan.facts import Facts
from maintainer.plan.obstacles import No
from maintainer.policy.model import Audit, Hold, Policy, Rule
from tests.unit.plan import given

ROLLUP = given.policy(given.ROLLUP)
RULE = given.rule(ROLLUP)


def seen() -> Facts:
    """Facts in which ROLLUP can be carried out, and spellings that mean its two tables."""
    plain = given.facts(given.usage(), given.monthly())
    spelled = {"the months": given.MONTHLY, "the usage": given.USAGE}
    facts = replace(plain, resolved={**plain.resolved, **spelled})
    aim = aims.bare(ROLLUP, RULE, facts)
    assert isinstance(aim, aims.Aim)
    shape = aims.shaped(ROLLUP, aim, facts)
    assert isinstance(shape, rollups.Shape)
    return replace(facts, carries={"usage_monthly": rollups.definition(shape)})


def with_rules(*rules: Rule) -> Policy:
    """The policy with the rollup and some rules more."""
    return replace(ROLLUP, retention={rule.name: rule for rule in (RULE, *rules)})


def rolled(rule: Rule, **changes: object) -> Rule:
    """A rule with a rollup, the rollup changed."""
    assert rule.rollup is not None
    return replace(rule, rollup=replace(rule.rollup, **changes))


OTHERS = {
    "which is the audit table": replace(ROLLUP, audit=Audit("the months")),
    "which is the table of rule usage": with_rules(rolled(RULE, into="the usage")),
    "which is the table of rule books": with_rules(
        Rule("books", "the months", None, RULE.every, reason="law")
    ),
    "which is the table of rule months": with_rules(
        replace(RULE, name="months", table="the months", rollup=None)
    ),
    "which the rollup of rule more fills": with_rules(
        replace(rolled(RULE, into="the months", name="more"), name="more", table="events")
    ),
    "which hold trial names": replace(ROLLUP, holds=(Hold("trial", ("the months",)),)),
}


@pytest.mark.parametrize("what", OTHERS)
def test_a_rollup_never_rewrites_a_table_that_is_something_else(what: str) -> None:
    """Not by any spelling of its name: all rows of it but the sums would be in danger."""
    facts = seen()
    table = given.USAGE if what.endswith("rule usage") else given.MONTHLY

    no = given.refused(OTHERS[what], facts)

    assert no == No(f"its rollup would rewrite {table}, {what}", "give it a table of its own")


def test_the_audit_table_is_not_given_the_columns_it_lacks() -> None:
    """What is wrong with it comes before what is missing in it."""
    into = given.monthly("rows", "part")
    facts = replace(seen(), tables={given.USAGE: given.usage(), given.MONTHLY: into})

    assert "audit table" in given.refused(replace(ROLLUP, audit=Audit("the months")), facts).reason


def test_a_rollup_of_an_unresolved_audit_table_is_carried_out() -> None:
    """It is not there yet, so it is not the months."""
    assert given.take(ROLLUP, seen()).shape is not None


def test_a_table_whose_rows_are_added_up_has_one_rule() -> None:
    """Rows that the other rule removes would be in no sum; the rule with the rollup goes on."""
    other = replace(RULE, name="other", table="the usage", where="hour = 1", rollup=None)
    made = with_rules(other)

    no = aims.take(made, other, seen())

    assert isinstance(no, No)
    assert no.reason.startswith(f"the rollup of rule usage adds up {given.USAGE}: ")
    assert given.take(made, seen()).shape is not None


def test_of_two_rollups_of_a_table_neither_is_carried_out() -> None:
    """Each would lack what the other's rule removes."""
    other = replace(rolled(RULE, into="other", name="other"), name="other", table="the usage")
    facts = seen()
    more = TableName("public", "other")
    facts = replace(
        facts,
        tables={**facts.tables, more: given.monthly(table=more)},
        resolved={**facts.resolved, "other": more},
    )

    for rule in (RULE, other):
        no = aims.take(with_rules(other), rule, facts)
        assert isinstance(no, No)
        assert "would be missing from its sums" in no.reason
