"""From a policy and a session to the facts the planner needs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from maintainer.db.session import Session
from maintainer.errors import RefusedError
from maintainer.journal import ledger
from maintainer.plan import planner
from maintainer.plan.facts import Facts, Target
from maintainer.plan.planner import Choice, Counting
from maintainer.policy.model import Expect, Policy
from maintainer.survey import expiry, look

TABLES = frozenset("rpm")


@dataclass(frozen=True, slots=True)
class Wish:
    """What to look at and how closely.

    `counting` says whether rows are counted or estimated, `undue` also looks at rules that are not
    due.
    """

    choice: Choice = planner.EVERYTHING
    counting: Counting = "estimate"
    as_of: dt.datetime | None = None
    ignore_windows: bool = False
    undue: bool = False


def facts(session: Session, policy: Policy, wish: Wish) -> Facts:
    """Look at the database, read-only; everything the plan is decided from.

    Raises RefusedError when it is not the database that the policy expects.
    """
    with session.transaction(read_only=True):
        seen = _seen(session, policy, wish)
    asked = planner.questions(policy, seen, wish.choice, counting=wish.counting, undue=wish.undue)
    expiries = {}
    for question in asked:
        table = seen.resolved[policy.retention[question.rule].table]
        expiries[question.rule] = expiry.answer(session, question, seen.tables[table])
    return replace(seen, expiries=expiries)


def _seen(session: Session, policy: Policy, wish: Wish) -> Facts:
    target, now = look.target(session)
    check(target, policy.database.expect)
    present = look.relations(session)
    found, lost = look.resolve({*planner.names(policy), *wish.choice.tables}, present)
    _check_choice(wish.choice, policy, lost)
    wanted = {relation.oid: relation for relation in found.values()}
    if _wants_all(policy, wish.choice):
        wanted |= {one.oid: one for one in present if one.kind in TABLES}
    known = ledger.is_there(session)
    return Facts(
        target=target,
        now=now,
        tables=look.tables(session, list(wanted.values()), target.server_version),
        resolved={name: relation.name for name, relation in found.items()},
        unresolved=lost,
        past=ledger.past(session) if known else {},
        approvals=ledger.approvals(session) if known else (),
        carries=ledger.carries(session) if known else {},
        as_of=wish.as_of,
        ignore_windows=wish.ignore_windows,
        has_ledger=known,
    )


def check(target: Target, expect: Expect) -> None:
    """Refuse the wrong target."""
    if expect.database not in {None, target.database}:
        raise RefusedError(
            f"this is database {target.database}, the policy expects {expect.database}",
            hint="correct DATABASE_URL, or database: expect: in the policy",
        )
    if expect.standby is not None and expect.standby != target.is_standby:
        is_, other = ("a standby", "a primary") if target.is_standby else ("a primary", "a standby")
        raise RefusedError(
            f"this server is {is_}, the policy expects {other}",
            hint="correct DATABASE_URL, or database: expect: in the policy",
        )


def _check_choice(choice: Choice, policy: Policy, lost: Iterable[str]) -> None:
    strange = [name for name in choice.tables if name in set(lost) - set(policy.retention)]
    if strange:
        raise RefusedError(
            f"there is no table or rule {', '.join(strange)}",
            hint="name a table as schema.table, exactly as it is spelled",
        )


def _wants_all(policy: Policy, choice: Choice) -> bool:
    return choice.only != "retention" and any(t.tables == "all" for t in policy.upkeep.values())
