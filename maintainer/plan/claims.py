"""Which tables a rule has for itself: its rollup's months, and the rows that a rollup adds up."""

from __future__ import annotations

from collections.abc import Iterator

from maintainer.names import TableName
from maintainer.plan.facts import Facts
from maintainer.plan.obstacles import No
from maintainer.policy.model import Policy, Rule


def to_fill(policy: Policy, rule: Rule, into: TableName, facts: Facts) -> No | None:
    """What a table is beside the months of this rule's rollup, which would be rewritten."""
    for name, what in _spoken_for(policy, rule):
        if facts.resolved.get(name) == into:
            return No(f"its rollup would rewrite {into}, {what}", "give it a table of its own")
    return None


def _spoken_for(policy: Policy, rule: Rule) -> Iterator[tuple[str, str]]:
    """Names that people wrote of tables, and what each table is."""
    yield policy.audit.table, "which is the audit table"
    for other in policy.retention.values():
        yield other.table, f"which is the table of rule {other.name}"
        if other.rollup is not None and other.name != rule.name:
            yield other.rollup.into, f"which the rollup of rule {other.name} fills"
    for hold in policy.holds:
        yield from ((name, f"which hold {hold.name} names") for name in hold.tables)


def to_purge(policy: Policy, rule: Rule, table: TableName, facts: Facts) -> No | None:
    """The rollup of another rule, out of whose sums this rule's rows would go in silence."""
    for other in policy.retention.values():
        summed = other.rollup is not None and facts.resolved.get(other.table) == table
        if summed and other.name != rule.name:
            reason = f"the rollup of rule {other.name} adds up {table}: what another rule removes"
            return No(f"{reason} would be missing from its sums", "keep one rule for the table")
    return None
