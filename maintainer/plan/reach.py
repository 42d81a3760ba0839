"""What names reach: a table by what people call it, and the rows of a table by a hold."""

from __future__ import annotations

from maintainer.names import TableName
from maintainer.plan.facts import Facts, TableFacts
from maintainer.plan.obstacles import NOT_A_TABLE, No
from maintainer.policy.model import Hold, Policy

UNTIL_THEN = "until then no rule deletes anything"


def found(name: str, facts: Facts) -> TableFacts | No:
    """The one table that people mean by a name."""
    if name in facts.unresolved:
        return No(facts.unresolved[name], "name it as schema.table, exactly as it is spelled")
    gone = No(f"{name} has just been dropped", "look again, or take it out of the policy")
    return facts.tables.get(facts.resolved[name], gone)


def holds(policy: Policy, facts: Facts, table: TableName) -> tuple[Hold, ...]:
    """The holds that name a table."""
    return tuple(
        hold
        for hold in policy.holds
        if any(facts.resolved.get(name) == table for name in hold.tables)
    )


def short(policy: Policy, facts: Facts, table: TableFacts) -> No | None:
    """The hold that may mean rows of a table and would not reach them; None: there is none."""
    for hold in policy.holds:
        for name in hold.tables:
            if no := _short(f"hold {hold.name} names", name, found(name, facts), table):
                return no
    return None


def _short(hold: str, name: str, named: TableFacts | No, table: TableFacts) -> No | None:
    if isinstance(named, No):
        reason = f"{hold} a table that is not there: {name}"
        return No(reason, f"correct the hold; {UNTIL_THEN}")
    if named.table == table.table:
        return None
    if named.is_partition:
        return _partition(f"{hold} a partition: {name}", table)
    if named.kind in NOT_A_TABLE:
        reason = f"{hold} {NOT_A_TABLE[named.kind]}: {name}"
        return No(reason, f"name the tables that hold the rows; {UNTIL_THEN}")
    return _parent(f"{hold} a table with inheritance children: {name}", named, table)


def _partition(reason: str, table: TableFacts) -> No | None:
    """Rows leave a partition through the partitioned table, whichever that is."""
    if table.kind != "p":
        return None
    hint = "name the partitioned table in the hold; until then no partitioned table is purged"
    return No(reason, hint)


def _parent(reason: str, named: TableFacts, table: TableFacts) -> No | None:
    """Whoever reads a parent reads its children too, however far down they are."""
    if not named.children or table.kind == "p":
        return None
    return No(reason, f"name each table that holds the rows instead; {UNTIL_THEN}")
