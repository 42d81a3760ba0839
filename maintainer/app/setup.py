"""What maintainer needs in a database: its schema, the audit table, the carries, the grants."""

from __future__ import annotations

from collections.abc import Iterator

from maintainer.app import rights, sight, ways
from maintainer.app.rights import Advice, Need
from maintainer.db.session import Session
from maintainer.plan import aim as aims
from maintainer.plan import rollups
from maintainer.plan.facts import Facts
from maintainer.policy.model import Policy, Rule
from maintainer.sql.literal import literal
from maintainer.sql.statement import named

OURS = (
    "create_owner",
    "create_archive",
    "create_run",
    "create_step",
    "create_step_index",
    "create_segment",
    "create_event",
    "create_approval",
    "create_rollup",
    "insert_owner",
)


def init(session: Session, policy: Policy) -> list[str]:
    """Make what is missing, in one transaction; a line for each thing that was done."""
    before = _existing(session)
    facts = sight.facts(session, policy, sight.Wish(undue=True))
    with session.transaction():
        for need in list(_needs(session, policy, facts)):
            if isinstance(need, Need):
                session.execute(need.statement)
    made = sorted(_existing(session) - before)
    return [f"created {name}" for name in made] or ["everything is there already"]


def script(session: Session, policy: Policy) -> str:
    """The same statements and the grants of a runner's role, as text."""
    facts = sight.facts(session, policy, sight.Wish(undue=True))
    needs = [*_needs(session, policy, facts), *rights.rights(session, policy, facts)]
    return "\n".join(map(str, needs))


def _needs(session: Session, policy: Policy, facts: Facts) -> Iterator[Need | Advice]:
    yield _plain("create_schema")
    for name in OURS:
        yield _plain(name)
    if ways.audit_table(session, policy.audit) is None:
        statement = named("create_audit_table")
        table = rights.written(policy.audit.table).sql
        yield Need(statement.purpose, statement.fill(table=table))
    for rule in policy.retention.values():
        if rule.rollup:
            yield from _rollup(policy, rule, facts)


def _rollup(policy: Policy, rule: Rule, facts: Facts) -> Iterator[Need | Advice]:
    aim = aims.bare(policy, rule, facts)
    shape = aims.shaped(policy, aim, facts) if isinstance(aim, aims.Aim) else aim
    if isinstance(shape, rollups.Shape):
        yield from _carry(shape)
    else:
        yield Advice(f"rollup {rule.name} has no carry yet: {shape.reason}; {shape.hint}")


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


def _existing(session: Session) -> set[str]:
    found = set()
    for schema in ("maintainer", "public"):
        rows = session.execute(named("select_existing_tables").fill(), [schema]).rows
        found |= {f"{schema}.{row[0]!s}" for row in rows}
    return found
