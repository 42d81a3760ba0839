"""What maintainer needs in a database: its schema, the audit table, the carries, the grants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from maintainer.app import sight, ways
from maintainer.db.session import Session
from maintainer.names import Fragment, TableName, quote
from maintainer.plan import aim as aims
from maintainer.plan import rollups
from maintainer.plan.facts import Facts
from maintainer.policy.model import Policy
from maintainer.sql.literal import literal
from maintainer.sql.statement import named

OURS = (
    "create_owner",
    "create_run",
    "create_step",
    "create_step_index",
    "create_segment",
    "create_event",
    "create_approval",
    "create_rollup",
    "insert_owner",
)
ROLE = "maintainer_runner"


@dataclass(frozen=True, slots=True)
class Need:
    """One statement of `init`, and what it is for."""

    what: str
    statement: Fragment


def init(session: Session, policy: Policy) -> list[str]:
    """Make what is missing, in one transaction; a line for each thing that was done."""
    before = _existing(session)
    facts = sight.facts(session, policy, sight.Wish(undue=True))
    with session.transaction():
        needs = list(_needs(session, policy, facts))
        for need in needs:
            session.execute(need.statement)
    made = sorted(_existing(session) - before)
    return [f"created {name}" for name in made] or ["everything is there already"]


def script(session: Session, policy: Policy) -> str:
    """The same statements and the grants of a runner's role, as text."""
    facts = sight.facts(session, policy, sight.Wish(undue=True))
    needs = [*_needs(session, policy, facts), *_grants(session, policy, facts)]
    return "\n".join(f"-- {need.what}\n{need.statement};\n" for need in needs)


def _needs(session: Session, policy: Policy, facts: Facts) -> Iterator[Need]:
    yield _plain("create_schema")
    for name in OURS:
        yield _plain(name)
    if ways.audit_table(session, policy.audit) is None:
        statement = named("create_audit_table")
        table = _written(policy.audit.table).sql
        yield Need(statement.purpose, statement.fill(table=table))
    for rule in policy.retention.values():
        aim = aims.bare(policy, rule, facts) if rule.rollup else None
        shape = aims.shaped(policy, aim, facts) if isinstance(aim, aims.Aim) else None
        if isinstance(shape, rollups.Shape):
            yield from _carry(shape)


def _plain(name: str) -> Need:
    statement = named(name)
    return Need(statement.purpose, statement.fill())


def _carry(shape: rollups.Shape) -> Iterator[Need]:
    create = named("create_carry")
    columns = rollups.carry_columns(shape)
    yield Need(create.purpose, create.fill(carry=shape.carry.sql, columns=columns))
    insert = named("insert_rollup")
    yield Need(
        insert.purpose,
        insert.fill(
            name=literal(shape.rule.name),
            definition=literal(rollups.definition(shape)),
            carry=literal(str(shape.carry)),
        ),
    )


def _grants(session: Session, policy: Policy, facts: Facts) -> Iterator[Need]:
    role = quote(ROLE)
    audit = ways.audit_table(session, policy.audit)
    audit_name = audit.table if audit else _written(policy.audit.table)
    purged = _tables(policy, facts)
    for schema in sorted({audit_name.schema, *(table.schema for table in purged)}):
        yield _grant("grant_use", role, schema=quote(schema))
    yield _grant("grant_schema", role)
    yield _grant("grant_ledger", role)
    yield _grant("grant_audit", role, table=audit_name.sql)
    for table in sorted(purged):
        yield _grant("grant_purge", role, table=table.sql)
    for rule in policy.retention.values():
        into = facts.resolved.get(rule.rollup.into) if rule.rollup else None
        if into is not None:
            yield _grant("grant_rollup", role, table=into.sql)


def _grant(name: str, role: Fragment, **slots: Fragment) -> Need:
    statement = named(name)
    return Need(statement.purpose, statement.fill(role=role, **slots))


def _tables(policy: Policy, facts: Facts) -> set[TableName]:
    rules = [rule for rule in policy.retention.values() if rule.keep is not None]
    return {facts.resolved[rule.table] for rule in rules if rule.table in facts.resolved}


def _written(name: str) -> TableName:
    schema, dot, table = name.partition(".")
    return TableName(schema, table) if dot else TableName("public", name)


def _existing(session: Session) -> set[str]:
    found = set()
    for schema in ("maintainer", "public"):
        rows = session.execute(named("select_existing_tables").fill(), [schema]).rows
        found |= {f"{schema}.{row[0]!s}" for row in rows}
    return found
