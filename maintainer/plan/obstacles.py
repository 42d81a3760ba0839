"""What a DELETE would trip over in silence: such a table is refused by name, with the way out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from maintainer.names import quote
from maintainer.plan.facts import TableFacts

HARMLESS = frozenset({"NO ACTION", "RESTRICT"})
NOT_A_TABLE = {"v": "a view", "m": "a materialized view", "f": "a foreign table"}


@dataclass(frozen=True, slots=True)
class No:
    """A reason against, and what would change it."""

    reason: str
    hint: str


def to_delete(facts: TableFacts) -> No | None:
    """The first thing that stands against deleting from this table, or None."""
    return next(_obstacles(facts), None)


def _obstacles(facts: TableFacts) -> Iterator[No]:
    if facts.kind in NOT_A_TABLE:
        yield No(f"it is {NOT_A_TABLE[facts.kind]}", "name the table that holds the rows")
    if facts.persistence == "t":
        yield No("it is a temporary table", "it ends with its session; take it out of the policy")
    yield from _inheritance(facts)
    for rule in facts.delete_rules:
        yield No(
            f"rule {rule} rewrites DELETE, so that rows could be archived and not deleted",
            "drop or disable the rule",
        )
    for trigger in facts.delete_triggers:
        yield No(
            f"trigger {trigger} fires on DELETE and may keep rows or change others",
            "drop the trigger, or disable it while maintainer runs",
        )
    for key in facts.inbound:
        if key.on_delete not in HARMLESS:
            yield No(
                f"foreign key {key.name} of {key.table} is ON DELETE {key.on_delete} and would "
                "change rows that no archive holds",
                "make it ON DELETE RESTRICT or NO ACTION",
            )
    yield from _rights(facts)


def _inheritance(facts: TableFacts) -> Iterator[No]:
    if facts.children:
        yield No(
            f"it has inheritance children ({', '.join(map(str, facts.children))})",
            "detach them with NO INHERIT, or name each child in the policy",
        )
    if facts.is_partition:
        yield No("it is a partition", "name the partitioned table in the policy")
    for leaf in facts.foreign_partitions:
        yield No(
            f"its partition {leaf} is a foreign table: another server commits by itself",
            "detach it; its rows are purged on the server that holds them",
        )


def _rights(facts: TableFacts) -> Iterator[No]:
    held = {"SELECT": facts.can_select, "DELETE": facts.can_delete}
    lacking = [word for word, is_held in held.items() if not is_held]
    reasons, grants = [], []
    if not facts.can_use:
        reasons.append(f"no USAGE privilege on schema {facts.table.schema}")
        grants.append(f"GRANT USAGE ON SCHEMA {quote(facts.table.schema)} TO the role")
    if lacking:
        reasons.append(f"no {' and no '.join(lacking)} privilege on it")
        grants.append(f"GRANT {', '.join(lacking)} ON {facts.table.sql} TO the role")
    if reasons:
        yield No(f"the role has {' and '.join(reasons)}", "; ".join(grants))
    if facts.hides_rows:
        yield No(
            "row level security would hide rows from this role",
            "run as a role with BYPASSRLS, or as the owner of a table without FORCE",
        )
