"""Decide about the tables of one upkeep task: what is due, and the steps for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from maintainer.names import TableName
from maintainer.plan import upkeep
from maintainer.plan.aim import found
from maintainer.plan.facts import Facts, TableFacts
from maintainer.plan.hours import hours
from maintainer.plan.obstacles import No
from maintainer.plan.steps import Hours, Refuse, Skip, Step
from maintainer.policy.model import Policy, Upkeep
from maintainer.schedule.due import due


def decide(
    policy: Policy, task: Upkeep, facts: Facts, wanted: Iterable[str | TableName]
) -> Iterator[Step]:
    """The steps of one task over some tables: those it names as people do, or those seen."""
    when = hours(policy, task.windows, facts)
    for name in wanted:
        table = found(name, facts) if isinstance(name, str) else facts.tables[name]
        if isinstance(table, No):
            yield Refuse(task.name, name, table.reason, table.hint, hours=when, kind=task.do)
            continue
        past = facts.past.get((task.name, table.table))
        check = due(task.every, past.finished_at if past else None, facts.now, policy.timezone)
        if not check.is_due:
            reason = f"not due: {check.reason}"
            yield Skip(task.name, table.table, reason, next_at=check.next_at, kind=task.do)
            continue
        about = upkeep.Task(task.name, check.reason, when)
        for step in steps(task.do, about, table, facts, task.options):
            yield _answered(step, task, when)


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


def _answered(step: Step, task: Upkeep, when: Hours) -> Step:
    """A task for all tables passes over what the role may not touch; a named table is refused."""
    if not isinstance(step, Refuse):
        return step
    if task.tables == "all":
        return Skip(step.rule, step.table, f"{step.reason}; {step.hint}", kind=step.kind)
    return replace(step, hours=when)
