"""A plan for people: what will be done, what is refused, what has nothing to do, and why."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from maintainer.cli.render import words
from maintainer.cli.render.grid import Column, Line, Note, Page, Section
from maintainer.plan import approvals, document
from maintainer.plan.plan import Plan
from maintainer.plan.steps import Hours, KeyRange, Purge, Refuse, Reindex, Skip, Step, Work, kind

STEPS = (
    Column("#", right=True),
    Column("step"),
    Column("table or index"),
    Column("rows", right=True),
    Column("size", right=True),
    Column("cut-off"),
)
DO_NOTES = (Note("reason"), Note("how", "dim"), Note("note", "bold yellow"))
REFUSED_NOTES = (Note("reason", "red"), Note("what to do", "yellow", "→ "))
ROUGH = {"estimated", "stale"}
SKIPPED = (Column("#", right=True), Column("step"), Column("table"))


def page(plan: Plan, approve: str, zone: dt.tzinfo = dt.UTC) -> Page:
    """The whole plan on the clock of a zone; `approve` is the command that takes a FINGERPRINT."""
    token = approvals.fingerprint(plan.refusals)
    return Page(
        head=_head(plan, zone),
        sections=(_work(plan, zone), _refused(plan, zone), _skipped(plan, zone)),
        ending=_ending(plan, token),
        command=f"{approve} {token}" if token else "",
    )


def _head(plan: Plan, zone: dt.tzinfo) -> str:
    target = plan.target
    server = f"PostgreSQL {words.version(target.server_version)}"
    standby = ", a standby" if target.is_standby else ""
    return (
        f"Plan {document.digest(plan)[:12]} for {target.database}"
        f" ({server}{standby}, as {target.role}), {words.moment(plan.made_at, zone)}"
    )


def _work(plan: Plan, zone: dt.tzinfo) -> Section:
    lines = [
        Line(
            (*_head_cells(number, step), *_amounts(step, zone)),
            (step.reason, _how(step, zone), _caution(step)),
        )
        for number, step in enumerate(plan.steps, 1)
        if not isinstance(step, Skip | Refuse)
    ]
    return Section("To do", STEPS, lines, DO_NOTES, "green")


def _head_cells(number: int, step: Step) -> tuple[str, str, str]:
    return str(number), kind(step), str(step.index if isinstance(step, Reindex) else step.table)


def _amounts(step: Work | None, zone: dt.tzinfo) -> tuple[str, str, str]:
    if step is None:
        return words.NONE, words.NONE, words.NONE
    return str(step.estimate.rows), words.size(step.estimate.bytes), _cutoff(step, zone)


def _cutoff(step: Work, zone: dt.tzinfo) -> str:
    if not isinstance(step, Purge):
        return words.NONE
    return words.cutoff(step.cutoff, step.cutoff_at, zone)


def _how(step: Work, zone: dt.tzinfo) -> str:
    parts = (_path(step), f"lock {step.estimate.lock}", _hours(step.hours, zone))
    return ", ".join(part for part in parts if part)


def _hours(hours: Hours, zone: dt.tzinfo) -> str:
    why = f" ({hours.why})" if hours.why else ""
    if not hours.is_open:
        begin = f"before {words.moment(hours.opens_at, zone)}" if hours.opens_at else "yet"
        return f"not {begin}{why}"
    return f"until {words.moment(hours.ends_at, zone)}{why}" if hours.ends_at else ""


def _path(step: Work) -> str:
    if not isinstance(step, Purge):
        return ""
    if isinstance(step.path, KeyRange):
        return f"key range on {step.path.index.name}"
    return "block range"


def _caution(step: Work) -> str:
    if not isinstance(step, Purge):
        return ""
    rollup = f"sums go into {step.rollup.into}" if step.rollup else ""
    archive = "" if step.archived else "deleted for good: the rule says `archive: none`"
    overdue = "overdue by two periods" if step.overdue else ""
    return "; ".join(part for part in (overdue, archive, rollup) if part)


def _refused(plan: Plan, zone: dt.tzinfo) -> Section:
    lines = [
        Line(
            (*_head_cells(number, step), *_amounts(step.would, zone)),
            (_reason(step, step.reason), step.hint),
            "bold red",
        )
        for number, step in enumerate(plan.steps, 1)
        if isinstance(step, Refuse)
    ]
    return Section("Refused", STEPS, lines, REFUSED_NOTES, "red")


def _skipped(plan: Plan, zone: dt.tzinfo) -> Section:
    lines = [
        Line(_head_cells(number, step), (_reason(step, _skip_reason(step, zone)),))
        for number, step in enumerate(plan.steps, 1)
        if isinstance(step, Skip)
    ]
    return Section("Nothing to do", SKIPPED, lines, (Note("reason", "dim"),), is_brief=True)


def _skip_reason(step: Skip, zone: dt.tzinfo) -> str:
    if step.next_at is None:
        return step.reason
    return f"{step.reason}; next {words.moment(step.next_at, zone)}"


def _reason(step: Skip | Refuse, reason: str) -> str:
    """Name the rule where it is not named like its table."""
    return (
        reason if step.rule == getattr(step.table, "name", step.table) else f"{step.rule}: {reason}"
    )


def _ending(plan: Plan, token: str | None) -> list[str]:
    sentences = [_summary(plan)]
    shown = (getattr(step, "would", None) or step for step in plan.steps)
    if any(isinstance(step, Work) and step.estimate.rows.how in ROUGH for step in shown):
        sentences.append(
            "~ is an estimate from the planner's statistics, ~? from old ones; --exact counts."
        )
    if token:
        sentences.append("Look at what is refused; if it is right, say so:")
    return sentences


def _summary(plan: Plan) -> str:
    work = [step for step in plan.steps if isinstance(step, Work)]
    skipped = len(plan.steps) - len(work) - len(plan.refusals)
    if not work and not plan.refusals:
        return f"Nothing to do: {words.plural(skipped, 'step')} skipped."
    parts = [_count_work(work)] if work else []
    parts += [f"{len(plan.refusals)} refused"] if plan.refusals else []
    parts += [f"{skipped} with nothing to do"] if skipped else []
    return f"{'; '.join(parts)}."


def _count_work(work: list[Work]) -> str:
    purged = [step.estimate.rows for step in work if isinstance(step, Purge)]
    counted = Counter(kind(step) for step in work)
    parts = [
        words.plural(amount, name) + (f" of {words.total(purged)}" if name == "purge" else "")
        for name, amount in counted.items()
    ]
    waiting = sum(not step.hours.is_open for step in work)
    wait = f" ({waiting} not before a window opens)" if waiting else ""
    return f"{words.plural(len(work), 'step')} to do: {', '.join(parts)}{wait}"
