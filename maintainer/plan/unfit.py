"""Why upkeep is not done to a table, decided from its facts: kind, owner, server version."""

from __future__ import annotations

from typing import Literal

from maintainer.names import Fragment, TableName, quote
from maintainer.plan.facts import TableFacts, Target
from maintainer.plan.steps import Refuse, Skip
from maintainer.sql.statement import named

Kind = Literal["analyze", "vacuum", "reindex"]

MAINTAIN_SINCE = 170000
CORRUPTS = range(140000, 140004)
SYSTEM = frozenset({"pg_catalog", "pg_toast"})
UPKEPT = {"analyze": frozenset("rmp"), "vacuum": frozenset("rmt"), "reindex": frozenset("rmt")}
KINDS = {"v": "a view", "f": "a foreign table", "S": "a sequence", "c": "a composite type"}
SOME_OWNER = Fragment("<the owner of the table>")


def against(rule: str, facts: TableFacts, target: Target, kind: Kind) -> Skip | Refuse | None:
    """What stands against this kind of upkeep of a table, or None."""
    if kind == "reindex" and (no := for_reindex(rule, facts, target)):
        return no
    return by_kind(rule, facts, kind) or by_privilege(rule, facts, target, kind)


def by_kind(rule: str, facts: TableFacts, kind: Kind) -> Skip | None:
    """Nothing to do to this kind of relation."""
    if facts.persistence == "t":
        why = "it is a temporary table of some session"
    elif facts.kind in UPKEPT[kind]:
        return None
    elif facts.kind == "p":
        why = f"it is partitioned: {kind} is done to each of its partitions"
    else:
        why = f"it is {KINDS.get(facts.kind, 'not a table')}: there is nothing to {kind}"
    return Skip(rule, facts.table, why, kind=kind)


def by_privilege(rule: str, facts: TableFacts, target: Target, kind: Kind) -> Refuse | None:
    """The role may not do it."""
    if not facts.can_maintain:
        why = forbidden(facts.table, target.role, kind)
        hint = mend(facts.table, target.role, target.server_version)
    elif not facts.can_use:
        why, hint = closed(facts.table, target.role)
    else:
        return None
    return Refuse(rule, facts.table, why, hint, kind=kind)


def for_reindex(rule: str, facts: TableFacts, target: Target) -> Refuse | None:
    """No index of this table can be rebuilt concurrently."""
    if target.server_version in CORRUPTS:
        version = f"14.{target.server_version - CORRUPTS.start}"
        why = f"PostgreSQL {version} can corrupt an index that it rebuilds concurrently"
        hint = "upgrade the server to 14.4 or later; a minor upgrade moves no data"
        return Refuse(rule, facts.table, why, hint, kind="reindex")
    if facts.table.schema in SYSTEM:
        why = "it belongs to the system: its indexes cannot be rebuilt concurrently"
        return Refuse(rule, facts.table, why, "leave it out of the policy", kind="reindex")
    return None


def forbidden(table: TableName, role: str, kind: Kind) -> str:
    """That the role may not, for people."""
    return f"the role {role} may not {kind} {table}"


def closed(table: TableName, role: str) -> tuple[str, str]:
    """That the role may not use the table's schema, for people, and the statement that lets it."""
    grant = named("grant_usage").fill(schema=quote(table.schema), role=quote(role))
    return f"the role {role} may not use the schema {table.schema}", grant


def mend(table: TableName, role: str, server_version: int, owner: str | None = None) -> str:
    """The statement that would let the role do it; `owner` is empty when it is a superuser."""
    if server_version >= MAINTAIN_SINCE:
        return named("grant_maintain").fill(table=table.sql, role=quote(role))
    statement = ownership(table, role, owner)
    return f"{statement} (before PostgreSQL 17 only owners may)"


def ownership(table: TableName, role: str, owner: str | None = None) -> Fragment:
    """What makes a role as good as the owner; `owner` is empty when it is a superuser."""
    if owner == "":  # never hand out a superuser's rights
        return named("change_owner").fill(table=table.sql, role=quote(role))
    whose = SOME_OWNER if owner is None else quote(owner)
    return named("grant_ownership").fill(owner=whose, role=quote(role))
