"""What the role that runs maintainer must be allowed, as statements for a DBA."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from maintainer.app import ways
from maintainer.db.session import Session
from maintainer.names import Fragment, TableName, quote
from maintainer.plan import unfit
from maintainer.plan.facts import Facts
from maintainer.policy.model import Policy
from maintainer.sql.literal import literal
from maintainer.sql.statement import named

ROLE = "maintainer_runner"
OWNERS = (
    "Before PostgreSQL 17 only owners may do upkeep, and owners may do anything to a table. "
    "Without these the upkeep is refused and the retention is carried out:"
)
OTHERS = (
    "Upkeep names all tables. These schemas are not of this policy; their tables are skipped until:"
)
SIGHT = "VACUUM can say whose session keeps old rows alive, if the role may see sessions:"


@dataclass(frozen=True, slots=True)
class Need:
    """One statement of `init`, and what it is for."""

    what: str
    statement: Fragment

    def __str__(self) -> str:
        return f"-- {self.what}\n{self.statement};\n"


@dataclass(frozen=True, slots=True)
class Advice:
    """Something to decide: what it is about, and statements that are printed and not run."""

    what: str
    statements: tuple[Fragment, ...] = ()

    def __str__(self) -> str:
        lines = [" ".join(self.what.split()), *(f"{one};" for one in self.statements)]
        return "".join(f"-- {line}\n" for line in lines)


def rights(session: Session, policy: Policy, facts: Facts) -> Iterator[Need | Advice]:
    """The role and its grants; everything they name must be there before they are run."""
    audit = ways.audit_table(session, policy.audit)
    recorded = audit.table if audit else written(policy.audit.table)
    purged, filled, upkept = _purged(policy, facts), _filled(policy, facts), _upkept(policy, facts)
    schemas = {recorded.schema, *(table.schema for table in (*purged, *filled, *upkept))}
    yield _need("create_role", name=literal(ROLE))
    yield _need("let_role_see_all_rows")
    for schema in sorted(schemas | _searched(session, policy)):
        yield _need("grant_use", schema=quote(schema))
    yield _need("grant_schema")
    yield _need("grant_ledger")
    yield _need("grant_audit", table=recorded.sql)
    for table in purged:
        yield _need("grant_purge", table=table.sql)
    for table in filled:
        yield _need("grant_rollup", table=table.sql)
    if policy.upkeep:
        yield from _upkeep(session, policy, facts, schemas)


def written(name: str) -> TableName:
    """A table that is not there yet, as people write it."""
    schema, dot, table = name.partition(".")
    return TableName(schema, table) if dot else TableName("public", name)


def _need(name: str, /, **slots: Fragment) -> Need:
    statement = named(name)
    if "{role}" in statement.text:
        slots["role"] = quote(ROLE)
    return Need(statement.purpose, statement.fill(**slots))


def _purged(policy: Policy, facts: Facts) -> list[TableName]:
    return _found((rule.table for rule in policy.retention.values() if rule.keep), facts)


def _filled(policy: Policy, facts: Facts) -> list[TableName]:
    return _found((rule.rollup.into for rule in policy.retention.values() if rule.rollup), facts)


def _upkept(policy: Policy, facts: Facts) -> list[TableName]:
    tasks = [task for task in policy.upkeep.values() if task.tables != "all"]
    return _found((name for task in tasks for name in task.tables), facts)


def _found(names: Iterable[str], facts: Facts) -> list[TableName]:
    return sorted({facts.resolved[name] for name in names if name in facts.resolved})


def _searched(session: Session, policy: Policy) -> set[str]:
    """The schemas in which predicates are to find their words."""
    names = sorted({name for rule in policy.retention.values() for name in rule.search_path})
    rows = session.execute(named("select_schemas").fill(), [names]).rows
    return {str(row[0]) for row in rows}


def _upkeep(
    session: Session, policy: Policy, facts: Facts, schemas: set[str]
) -> Iterator[Need | Advice]:
    takes_all = any(task.tables == "all" for task in policy.upkeep.values())
    tables = set(_upkept(policy, facts))
    if takes_all:
        tables |= {table for table in facts.tables if table.schema in schemas}
    if facts.target.server_version < unfit.MAINTAIN_SINCE:
        yield Advice(OWNERS, _ownership(session, facts, tables))
    elif takes_all:
        for schema in sorted(schemas):
            yield _need("grant_maintain_all", schema=quote(schema))
        yield from _elsewhere({table.schema for table in facts.tables} - schemas)
    else:
        for table in sorted(tables):
            statement = named("grant_maintain").fill(table=table.sql, role=quote(ROLE))
            yield Need("The runner's role does the upkeep of a table.", statement)
    if any(task.do == "vacuum" for task in policy.upkeep.values()):
        yield Advice(SIGHT, (named("grant_monitor").fill(role=quote(ROLE)),))


def _ownership(session: Session, facts: Facts, tables: Iterable[TableName]) -> tuple[Fragment, ...]:
    oids = [facts.tables[table].oid for table in tables]
    rows = session.execute(named("select_owners").fill(), [oids]).rows
    statements = (
        unfit.ownership(TableName(str(schema), str(name)), ROLE, str(owner))
        for schema, name, owner in rows
    )
    return tuple(dict.fromkeys(statements))


def _elsewhere(schemas: set[str]) -> Iterator[Advice]:
    if schemas:
        role = quote(ROLE)
        grants = [
            named(name).fill(schema=quote(schema), role=role)
            for schema in sorted(schemas)
            for name in ("grant_use", "grant_maintain_all")
        ]
        yield Advice(OTHERS, tuple(grants))
