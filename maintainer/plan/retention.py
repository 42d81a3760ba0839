"""Decide what age takes from one table: a purge, or the reason why there is none."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, replace

from maintainer.names import TableName, quote
from maintainer.plan import approvals, guards, paths, rollups
from maintainer.plan.aim import Aim
from maintainer.plan.facts import Count, Expiry, Facts, Past
from maintainer.plan.hours import hours
from maintainer.plan.obstacles import No
from maintainer.plan.steps import ANY_TIME, Estimate, Hours, Limits, Purge, Refuse, Settled, Skip
from maintainer.policy.model import Pace, Policy, Rule
from maintainer.schedule.calendar import as_zone
from maintainer.schedule.due import due, overdue


@dataclass(frozen=True, slots=True)
class Case:
    """One rule, and everything it is decided from."""

    policy: Policy
    rule: Rule
    facts: Facts
    hours: Hours = ANY_TIME

    @property
    def table(self) -> TableName | str:
        """The table if it was found, else as it was written."""
        return self.facts.resolved.get(self.rule.table, self.rule.table)

    @property
    def past(self) -> Past | None:
        """What the record says about this rule on this table."""
        known = self.facts.resolved.get(self.rule.table)
        return self.facts.past.get((self.rule.name, known)) if known else None

    def refuse(self, reason: str, hint: str) -> Refuse:
        """No, and what would change it."""
        return Refuse(self.rule.name, self.table, reason, hint, hours=self.hours)


def not_now(policy: Policy, rule: Rule, facts: Facts) -> Skip | None:
    """Why a rule need not be looked at: it keeps for ever, or it is not due."""
    case = Case(policy, rule, facts)
    if rule.keep is None:
        return Skip(rule.name, case.table, f"kept for ever: {rule.reason}")
    finished_at = case.past.finished_at if case.past else None
    when = due(rule.every, finished_at, facts.now, policy.timezone)
    if when.is_due:
        return None
    return Skip(rule.name, case.table, f"not due: {when.reason}", next_at=when.next_at)


def decide(policy: Policy, rule: Rule, facts: Facts, aim: Aim | No) -> Purge | Skip | Refuse:
    """Decide about a rule that is due."""
    when = hours(policy, rule.windows, facts)
    case = Case(policy, rule, facts, when)
    if isinstance(aim, No):
        return case.refuse(aim.reason, aim.hint)
    expiry = facts.expiries.get(rule.name, Expiry())
    if expiry.fault:
        return case.refuse(expiry.fault, "correct the policy; nothing is deleted until then")
    settled = Settled(str(rule.keep), guards.scope(rule, aim.table.table))
    if expiry.expired.value == 0 and expiry.expired.how == "exact":
        proven = None if facts.as_of or not when.is_open else settled
        return Skip(rule.name, case.table, _none_left(case, aim, expiry.held), settles=proven)
    purge = _purge(case, aim, expiry, settled)
    return purge if isinstance(purge, Refuse) else _guarded(case, purge, expiry, settled)


def _none_left(case: Case, aim: Aim, held: Count) -> str:
    which = "row that its where takes" if case.rule.where else "row"
    day = _day(case, aim)
    if held.value:
        return f"every {which} older than {day} is held: {held} rows"
    return f"no {which} is older than {day}"


def _day(case: Case, aim: Aim) -> dt.date:
    """The day of the cut-off on the policy's wall."""
    return aim.cutoff.at.astimezone(as_zone(case.policy.timezone)).date()


def _purge(case: Case, aim: Aim, expiry: Expiry, settled: Settled) -> Purge | Refuse:
    path = paths.choose(aim.walk, case.facts.target.server_version)
    if path is None:
        return case.refuse(
            f"it is partitioned and no index leads with {aim.walk.by}",
            f"CREATE INDEX ON {aim.table.table.sql} ({quote(aim.walk.by)})",
        )
    how, why = path
    oldest = f"; oldest {expiry.oldest}" if expiry.oldest else ""
    rows, row_bytes = expiry.expired, _row_bytes(aim, expiry)
    return Purge(
        rule=case.rule.name,
        table=aim.table.table,
        oid=aim.table.oid,
        by=aim.walk.by,
        by_type=aim.walk.type,
        columns=aim.table.columns,
        keep=str(case.rule.keep),
        cutoff_at=aim.cutoff.at,
        cutoff=aim.cutoff.text,
        lock=paths.lock(aim.walk),
        shape=aim.table.shape,
        path=how,
        remaining=paths.remaining(aim.walk),
        oddities=paths.oddities(aim.walk, case.rule.zone or case.policy.timezone),
        search_path=aim.search_path,
        archived=case.rule.archive,
        limits=_limits(case.rule.pace),
        ceiling=case.rule.guard.max_rows,
        row_bytes=row_bytes,
        table_rows=expiry.total.value or aim.table.rows.value or 0,
        rollup=rollups.rollup(aim.shape, _day(case, aim).replace(day=1)) if aim.shape else None,
        settled=None if case.facts.as_of else settled,
        reason=f"{why}{oldest}{_held(expiry.held)}",
        estimate=Estimate(rows, (rows.value or 0) * row_bytes),
        hours=case.hours,
        overdue=_is_overdue(case),
    )


def _row_bytes(aim: Aim, expiry: Expiry) -> int:
    total = expiry.total.value or aim.table.rows.value or 0
    return aim.table.heap_bytes // total if total else 0


def _limits(pace: Pace) -> Limits:
    return Limits(pace.max_segment_seconds, pace.max_segment_rows, pace.max_segment_bytes)


def _is_overdue(case: Case) -> bool:
    finished_at = case.past.finished_at if case.past else None
    return overdue(case.rule.every, finished_at, case.facts.now, case.policy.timezone)


def _held(held: Count) -> str:
    return f"; {held} rows held" if held.value else ""


def _guarded(case: Case, purge: Purge, expiry: Expiry, settled: Settled) -> Purge | Refuse:
    rows, total = expiry.expired, expiry.total
    against = list(guards.objections(case.rule, settled, case.past, rows, total, case.facts.now))
    if not against:
        return purge
    if rows.value is None:
        return case.refuse("; ".join(against), "ANALYZE the table, then look again")
    seed = _seed(case)
    allowed = approvals.largest(one for one in case.facts.approvals if one.seed == seed)
    if allowed and rows.value <= allowed.left:
        reason = f"{purge.reason}; approved up to {approvals.said(allowed)}"
        return replace(purge, ceiling=allowed.left, reason=reason)
    if allowed:
        against.append(approvals.exceeded(allowed))
    return _approvable(case, purge, "; ".join(against), seed, approvals.ceiling(rows.value))


def _approvable(case: Case, purge: Purge, reason: str, seed: str, ceiling: int) -> Refuse:
    token = approvals.token(seed, ceiling)
    return Refuse(
        case.rule.name,
        purge.table,
        reason,
        f"if that is meant, approve it: --approve {token}",
        seed=seed,
        ceiling=ceiling,
        token=token,
        would=purge,
        hours=case.hours,
    )


def _seed(case: Case) -> str:
    target = case.facts.target
    parts = [case.policy.rule_fingerprint(case.rule), target.database, target.system_identifier]
    return hashlib.sha256(repr(parts).encode()).hexdigest()
