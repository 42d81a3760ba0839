"""Vacuum, analyze and reindex for people on call: through the same steps, actions and receipts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from maintainer import settings
from maintainer.app import carry_out, ways
from maintainer.db.session import Session
from maintainer.errors import DatabaseError, RefusedError
from maintainer.journal import ledger
from maintainer.plan import upkeep
from maintainer.plan.facts import TableFacts, Target
from maintainer.plan.plan import Plan
from maintainer.plan.receipts import Report
from maintainer.plan.steps import Refuse, Step
from maintainer.policy.model import Policy
from maintainer.runner.record import Record
from maintainer.runner.walk import Walk
from maintainer.survey import look

RULE = "by hand"
NO_POLICY = "none: by hand"


@dataclass(frozen=True, slots=True)
class Work:
    """What somebody wants done now, and why."""

    kind: Literal["vacuum", "analyze", "reindex"]
    names: tuple[str, ...]
    options: Mapping[str, bool] = field(default_factory=dict)
    reason: str | None = None


def plan(session: Session, work: Work) -> Plan:
    """The steps for some tables or indexes, whether they are due or not."""
    with session.transaction(read_only=True):
        target, now = look.target(session)
        if target.is_standby:
            raise RefusedError("this server is a standby", hint="connect to the primary")
        steps = tuple(_steps(session, work, target))
    return Plan(now, target, NO_POLICY, steps)


def run(policy: Policy, work: Work, tools: carry_out.Tools) -> Report:
    """Carry it out. A record that cannot be written is said and does not stop the work."""
    session = tools.link.session()
    made = plan(session, work)
    run_id = carry_out.new_id(made.made_at)
    walk = Walk(
        run=run_id,
        plan=made,
        session=session,
        watch=tools.link.watch,
        clock=tools.clock,
        stop=tools.stop,
        budget=tools.stop.budget,
        observe=tools.observe,
        record=_record(session, policy, made, work, tools, run_id),
    )
    return walk.report()


def _record(
    session: Session, policy: Policy, made: Plan, work: Work, tools: carry_out.Tools, run_id: str
) -> Record | None:
    try:
        if not ledger.is_there(session):
            carry_out.unrecorded(tools.observe, "maintainer init has not been run here")
            return None
        audit = ways.audit(session, policy.audit, settings.actor(tools.environ), run_id)
        row = carry_out.row_of(made, run_id, audit.actor, work.reason, ledger.BY_HAND)
        record = Record(session, row, audit)
        record.begin(len(made.steps), ())
    except (RefusedError, DatabaseError) as error:
        carry_out.unrecorded(tools.observe, error.message)
        return None
    return record


def _steps(session: Session, work: Work, target: Target) -> Iterator[Step]:
    present = look.relations(session)
    task = upkeep.Task(RULE, work.reason or "asked for by hand")
    for name in work.names:
        found, lost = look.resolve([name], present)
        if name in lost:
            indexed = _by_index(session, name, target) if work.kind == "reindex" else None
            yield from indexed or [Refuse(RULE, name, lost[name], SPELLING, kind=work.kind)]
            continue
        tables = look.tables(session, [found[name]], target.server_version)
        yield from _table_steps(work, task, next(iter(tables.values())), target)


def _table_steps(
    work: Work, task: upkeep.Task, table: TableFacts, target: Target
) -> Iterator[Step]:
    match work.kind:
        case "vacuum":
            freeze = bool(work.options.get("freeze"))
            yield upkeep.vacuum_step(task, table, target, upkeep.VacuumOptions(freeze=freeze))
            if work.options.get("analyze"):
                yield upkeep.analyze_step(task, table, target)
        case "analyze":
            yield upkeep.analyze_step(task, table, target)
        case _:
            yield from upkeep.reindex_steps(task, table, target)


SPELLING = "name it as schema.table, exactly as it is spelled"


def _by_index(session: Session, name: str, target: Target) -> list[Step]:
    """The one step for an index that was named instead of a table."""
    relation = look.owner_of_index(session, name)
    if relation is None:
        return []
    table, index = relation
    facts = next(iter(look.tables(session, [table], target.server_version).values()))
    task = upkeep.Task(RULE, "asked for by hand")
    return [
        step
        for step in upkeep.reindex_steps(task, facts, target)
        if getattr(step, "index", None) == index or index.name in getattr(step, "reason", "")
    ]
