"""From policy and facts to a plan. Pure: no session, no clock, no log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from maintainer.names import TableName
from maintainer.plan import aim as aims
from maintainer.plan import retention, tasks
from maintainer.plan.facts import Facts
from maintainer.plan.hours import hours
from maintainer.plan.plan import Plan
from maintainer.plan.questions import Question, ask
from maintainer.plan.steps import Step
from maintainer.policy.model import Policy, Rule, Upkeep

Part = Literal["retention", "upkeep"]
Counting = Literal["estimate", "count", "count if open"]


@dataclass(frozen=True, slots=True)
class Choice:
    """Which part of the policy is asked for: some tables (none: all) and one part (None: both)."""

    tables: tuple[str, ...] = ()
    only: Part | None = None


EVERYTHING = Choice()


def names(policy: Policy) -> set[str]:
    """Every table that the policy names, as it is written there."""
    wanted = {policy.audit.table, *(rule.table for rule in policy.retention.values())}
    wanted |= {rule.rollup.into for rule in policy.retention.values() if rule.rollup}
    wanted |= {name for hold in policy.holds for name in hold.tables}
    for task in policy.upkeep.values():
        wanted |= set(() if task.tables == "all" else task.tables)
    return wanted


def questions(
    policy: Policy, facts: Facts, choice: Choice, *, counting: Counting, undue: bool
) -> Iterator[Question]:
    """What must be asked of the server before `plan` can decide; `undue`: also if it is not due."""
    for rule in _rules(policy, facts, choice):
        if rule.keep is None or (not undue and retention.not_now(policy, rule, facts)):
            continue
        aim = aims.take(policy, rule, facts)
        if isinstance(aim, aims.Aim):
            is_open = hours(policy, rule.windows, facts).is_open
            exact = counting == "count" or (counting == "count if open" and is_open)
            yield ask(aim, exact=exact)


def plan(policy: Policy, facts: Facts, choice: Choice = EVERYTHING) -> Plan:
    """Decide about every rule and task: first what leaves, then upkeep, REINDEX last."""
    steps = [*_retention(policy, facts, choice), *_upkeep(policy, facts, choice)]
    return Plan(facts.now, facts.target, policy.fingerprint, tuple(steps))


def _retention(policy: Policy, facts: Facts, choice: Choice) -> Iterator[Step]:
    for rule in _rules(policy, facts, choice):
        if skip := retention.not_now(policy, rule, facts):
            yield skip
        else:
            yield retention.decide(policy, rule, facts, aims.take(policy, rule, facts))


def _upkeep(policy: Policy, facts: Facts, choice: Choice) -> Iterator[Step]:
    if choice.only == "retention":
        return
    for do in ("vacuum", "analyze", "reindex"):
        for task in policy.upkeep.values():
            if task.do == do:
                yield from tasks.decide(policy, task, facts, _wanted(task, facts, choice))


def _rules(policy: Policy, facts: Facts, choice: Choice) -> Iterator[Rule]:
    if choice.only == "upkeep":
        return
    for rule in policy.retention.values():
        if not choice.tables or _chosen(rule.table, facts, choice) or rule.name in choice.tables:
            yield rule


def _wanted(task: Upkeep, facts: Facts, choice: Choice) -> Iterable[str | TableName]:
    if task.tables != "all":
        return [name for name in task.tables if not choice.tables or _chosen(name, facts, choice)]
    chosen = {facts.resolved.get(name) for name in choice.tables}
    return [table for table in sorted(facts.tables) if not choice.tables or table in chosen]


def _chosen(name: str, facts: Facts, choice: Choice) -> bool:
    known = facts.resolved.get(name)
    return name in choice.tables or any(
        known is not None and facts.resolved.get(chosen) == known for chosen in choice.tables
    )
