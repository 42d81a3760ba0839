"""How every rule stands: what is due, since when, and what is in the way."""

from __future__ import annotations

import datetime as dt

from maintainer.app import sight
from maintainer.app.requests import StatusLine
from maintainer.db.session import Session
from maintainer.journal import ledger
from maintainer.names import TableName
from maintainer.plan import aim as aims
from maintainer.plan import planner
from maintainer.plan.facts import Count, Expiry, Facts
from maintainer.plan.obstacles import No
from maintainer.policy.model import Policy, Rule
from maintainer.schedule.due import due


def lines(session: Session, policy: Policy) -> list[StatusLine]:
    """One line for each rule of retention, in the order of the policy."""
    wish = sight.Wish(planner.Choice(only="retention"), undue=True)
    facts = sight.facts(session, policy, wish)
    last = ledger.last_steps(session) if facts.has_ledger else {}
    return [_line(policy, rule, facts, last) for rule in policy.retention.values()]


def _line(
    policy: Policy,
    rule: Rule,
    facts: Facts,
    last: dict[tuple[str, TableName], ledger.LastStep],
) -> StatusLine:
    table = facts.resolved.get(rule.table)
    step = last.get((rule.name, table)) if table else None
    aim = None if rule.keep is None else aims.take(policy, rule, facts)
    seen = facts.expiries.get(rule.name, Expiry())
    return StatusLine(
        rule=rule.name,
        table=table or rule.table,
        keep=str(rule.keep) if rule.keep else "forever",
        cutoff_at=aim.cutoff.at if isinstance(aim, aims.Aim) else None,
        oldest=seen.oldest,
        rows_due=Count(0, "exact") if rule.keep is None else seen.expired,
        last_run_at=step.started_at if step else None,
        last_outcome=(step.outcome or "running") if step else None,
        next_due_at=_next(policy, rule, facts),
        note=_note(rule, aim, seen),
    )


def _next(policy: Policy, rule: Rule, facts: Facts) -> dt.datetime | None:
    if rule.keep is None:
        return None
    table = facts.resolved.get(rule.table)
    past = facts.past.get((rule.name, table)) if table else None
    return due(rule.every, past.finished_at if past else None, facts.now, policy.timezone).next_at


def _note(rule: Rule, aim: aims.Aim | No | None, seen: Expiry) -> str:
    if rule.keep is None:
        return rule.reason or ""
    if isinstance(aim, No):
        return f"{aim.reason}: {aim.hint}"
    return seen.fault or ""
