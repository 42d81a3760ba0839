"""A hold reaches the rows that it means, or says which rules it stops."""

from __future__ import annotations

from dataclasses import replace

import pytest

from maintainer.names import TableName
from maintainer.plan import reach
from maintainer.plan.facts import TableFacts
from maintainer.policy.model import Hold
from tests.unit.plan import given

NAMED = TableName("public", "named")
HELD = replace(given.policy(), holds=(Hold("trial", ("named",)),))
PLAIN, PARTITIONED = given.table(), given.table(kind="p")


def short(table: TableFacts, **named: object) -> str | None:
    """Why a hold on another relation stops the rules of a table."""
    facts = given.facts(table, given.table(NAMED, **named))
    no = reach.short(HELD, facts, table)
    assert no is None or no.hint
    return no.reason if no else None


@pytest.mark.parametrize("table", [PLAIN, PARTITIONED])
def test_a_hold_on_another_table_stops_nothing(table: TableFacts) -> None:
    """It is a table like any other, with a rule of its own or none."""
    assert short(table) is None
    assert short(table, kind="p") is None


@pytest.mark.parametrize("kind", ["r", "p", "f"])
def test_a_hold_on_a_partition_stops_the_partitioned_tables_alone(kind: str) -> None:
    """Nobody else's rows are in a partition."""
    assert short(PARTITIONED, kind=kind, is_partition=True) == (
        "hold trial names a partition: named"
    )
    assert short(PLAIN, kind=kind, is_partition=True) is None


@pytest.mark.parametrize(
    ("kind", "what"), [("v", "a view"), ("m", "a materialized view"), ("f", "a foreign table")]
)
@pytest.mark.parametrize("table", [PLAIN, PARTITIONED])
def test_a_hold_on_what_is_no_table_stops_every_rule(
    kind: str, what: str, table: TableFacts
) -> None:
    """The rows it means are somewhere else."""
    assert short(table, kind=kind) == f"hold trial names {what}: named"


def test_a_hold_on_a_parent_stops_every_table_that_may_be_its_child() -> None:
    """A partitioned table is nobody's child."""
    children = (TableName("public", "child"),)

    assert short(PLAIN, children=children) == (
        "hold trial names a table with inheritance children: named"
    )
    assert short(PARTITIONED, children=children) is None


def test_a_hold_on_a_table_that_has_just_been_dropped_stops_every_rule() -> None:
    """As one that was never there."""
    facts = given.facts(PLAIN)
    facts = replace(facts, resolved={**facts.resolved, "named": NAMED})

    no = reach.short(HELD, facts, PLAIN)

    assert no is not None
    assert no.reason == "hold trial names a table that is not there: named"


@pytest.mark.parametrize("changes", [{}, {"is_partition": True}, {"children": (NAMED,)}])
def test_a_hold_on_the_very_table_reaches_it(changes: dict) -> None:
    """Whatever else stands against deleting from it."""
    table = given.table(**changes)
    made = replace(given.policy(), holds=(Hold("trial", ("public.events",)),))

    assert reach.short(made, given.facts(table), table) is None
    assert reach.holds(made, given.facts(table), table.table) == made.holds
