"""Decide about the tables of one upkeep task: what is due, and the steps for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from maintainer.names import TableName
from maintainer.plan import unfit, upkeep
from maintainer.plan.facts import Facts, TableFacts
from maintainer.plan.hours import hours
from maintainer.plan.obstacles import No
from maintainer.plan.reach import found
from maintainer.plan.steps import Hours, Refuse, Skip, Step
from maintainer.policy.model import Policy, Upkeep
from maintainer.schedule.due import due


def decide(
    policy: Policy, task: Upkeep, facts: Facts, wanted: Iterable[str | TableName]
) -> Iterator[Step]:
    """The steps of one task over some tables: those it names as people do, or those seen."""
    when = hours(policy, task.windows, facts)
    tables: dict[TableName, TableFacts] = {}
    made: list[Step] = []
    for name in wanted:
        table = found(name, facts) if isinstance(name, str) else facts.tables[name]
        if isinstance(table, No):
            made.append(Refuse(task.name, name, table.reason, table.hint, kind=task.do))
        elif table.table not in tables:
            tables[table.table] = table
            made += _due(policy, task, facts, table, when)
    answered = _over_all(task, facts, tables.values(), made) if task.tables == "all" else made
    yield from (replace(one, hours=when) if isinstance(one, Refuse) else one for one in answered)


def _due(
    policy: Policy, task: Upkeep, facts: Facts, table: TableFacts, when: Hours
) -> Iterator[Step]:
    past = facts.past.get((task.name, table.table))
    check = due(task.every, past.finished_at if past else None, facts.now, policy.timezone)
    if check.is_due:
        about = upkeep.Task(task.name, check.reason, when)
        yield from steps(task.do, about, table, facts, task.options)
    else:
        reason = f"not due: {check.reason}"
        yield Skip(task.name, table.table, reason, next_at=check.next_at, kind=task.do)


def steps(
    do: str, about: upkeep.Task, table: TableFacts, facts: Facts, options: Any
) -> Iterator[Step]:
    """The steps for one table; what is done to a partitioned one is done to its partitions."""
    target = facts.target
    match do:
        case "vacuum":
            yield upkeep.vacuum_step(about, table, target, upkeep.VacuumOptions(**options))
        case "analyze":
            yield upkeep.analyze_step(about, table, target)
        case _:
            yield from upkeep.reindex_steps(about, table, target)


def _over_all(
    task: Upkeep, facts: Facts, tables: Iterable[TableFacts], made: Iterable[Step]
) -> Iterator[Step]:
    """Pass over what belongs to somebody else; that nothing at all can be done is refused."""
    refused = []
    for step in made:
        if isinstance(step, Refuse):
            refused.append(step)
            yield Skip(step.rule, step.table, f"{step.reason}; {step.hint}", kind=step.kind)
        else:
            yield step
    fit = (unfit.against(task.name, table, facts.target, task.do) is None for table in tables)
    if refused and not any(fit):
        yield _none(task, facts, refused)


def _none(task: Upkeep, facts: Facts, refused: list[Refuse]) -> Refuse:
    reason, hint = refused[0].reason, refused[0].hint
    if any(one.reason != reason for one in refused):
        reason = f"the role {facts.target.role} may {task.do} none of the {len(refused)} tables"
        hint = f"{hint}, and so for the others: maintainer init --print-sql prints the grants"
    return Refuse(task.name, "all tables", reason, hint, kind=task.do)
