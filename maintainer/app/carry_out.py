"""One run: lock, recovery, plan, and the walk through it."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from maintainer import __version__, settings
from maintainer.app import sight, ways
from maintainer.app.link import Link
from maintainer.app.requests import RunRequest
from maintainer.archive.folder import Folder
from maintainer.db import locks
from maintainer.db.session import Session
from maintainer.errors import (
    CancelledError,
    MaintainerError,
    RefusedError,
    UnreachableError,
    VerificationError,
)
from maintainer.journal import ledger
from maintainer.observe.event import Event, Observer
from maintainer.plan import approvals, document, planner
from maintainer.plan.facts import Approval, Facts, Target
from maintainer.plan.plan import Plan
from maintainer.plan.receipts import Report
from maintainer.policy.model import Policy
from maintainer.runner import recovery
from maintainer.runner.record import Override, Record
from maintainer.runner.stop import StopSignal
from maintainer.runner.walk import Walk
from maintainer.runner.watchdog import watching
from maintainer.schedule.budget import Budget, Deadline
from maintainer.schedule.clock import Clock
from maintainer.survey import look

LOCK_WAIT = 3.0  # seconds: a killed run's session needs a moment to vanish


@dataclass(frozen=True, slots=True)
class Tools:
    """What a run works with, beside its policy."""

    link: Link
    clock: Clock
    environ: Mapping[str, str]
    observe: Observer
    stop: StopSignal


@dataclass(frozen=True, slots=True)
class _Ready:
    """All that is known before the first change."""

    plan: Plan
    run_id: str
    archive: Folder | MaintainerError | None
    approved: Mapping[str, Approval]


def run(policy: Policy, request: RunRequest, tools: Tools, show: Callable[[Plan], None]) -> Report:
    """Take the lock, clean up after whoever was killed, plan, show, and walk."""
    session = tools.link.session()
    with locks.held_run_lock(session, LOCK_WAIT):
        try:
            with watching(session, tools.stop.budget, tools.clock, grace=0.0):
                ready = _prepare(session, policy, request, tools)
        except CancelledError:
            if not tools.stop.number:
                raise
            return Report("", (), tools.stop.budget.stopped or "", tools.stop.number)
        record = _begun(session, policy, request, tools, ready, show)
        walk = Walk(
            run=ready.run_id,
            plan=ready.plan,
            session=session,
            watch=tools.link.watch,
            clock=tools.clock,
            stop=tools.stop,
            budget=budget(request.until, tools.stop),
            observe=tools.observe,
            record=record,
            archive=ready.archive,
        )
        report = walk.report()
        ways.anchor(session, ready.archive)
        return report


def _prepare(session: Session, policy: Policy, request: RunRequest, tools: Tools) -> _Ready:
    archive = _recovered(session, policy, tools)
    wish = sight.Wish(request.choice, "count if open", request.as_of, request.ignore_window)
    facts, given = _approved(policy, request, sight.facts(session, policy, wish))
    plan = planner.plan(policy, facts, request.choice)
    return _Ready(plan, new_id(facts.now), archive, given)


def _begun(
    session: Session,
    policy: Policy,
    request: RunRequest,
    tools: Tools,
    ready: _Ready,
    show: Callable[[Plan], None],
) -> Record:
    """Show the plan, and put the run on the record before its first change."""
    audit = ways.audit(session, policy.audit, settings.actor(tools.environ), ready.run_id)
    row = row_of(ready.plan, ready.run_id, audit.actor, request.reason)
    show(ready.plan)
    record = Record(session, row, audit)
    record.begin(len(ready.plan.steps), _overrides(request, list(ready.approved)))
    for rule, approval in ready.approved.items():
        ledger.approve(session, rule, approval, row)
    return record


def _recovered(session: Session, policy: Policy, tools: Tools) -> Folder | MaintainerError | None:
    """Refuse what cannot work, open the archive, and recover.

    An archive that cannot be opened is kept as the reason why no step archives; the others go on.
    """
    with session.transaction(read_only=True):
        target, _ = look.target(session)
        sight.check(target, policy.database.expect)
        if target.is_standby:
            raise RefusedError(
                "this server is a standby: nothing can be changed on it",
                hint="connect to the primary; target_session_attrs=read-write finds it",
            )
        if not ledger.is_there(session):
            raise RefusedError("maintainer has no record in this database yet", hint=ways.INIT)
    archive = _opened(session, policy, target)
    return recovery.recover(session, archive, tools.observe)


def _opened(session: Session, policy: Policy, target: Target) -> Folder | MaintainerError | None:
    if policy.archive is None:
        return None
    try:
        return ways.archive(session, policy.archive, target)
    except (UnreachableError, RefusedError, VerificationError) as error:
        return error


def _approved(
    policy: Policy, request: RunRequest, facts: Facts
) -> tuple[Facts, dict[str, Approval]]:
    """The facts with what `--approve` adds to them. Raises RefusedError when it fits nothing."""
    if not request.approve:
        return facts, {}
    refusals = planner.plan(policy, facts, request.choice).refusals
    given = approvals.granted(request.approve, refusals)
    wanted = approvals.fingerprint(refusals)
    if not given and wanted is not None:
        raise RefusedError(
            f"{', '.join(request.approve)} approves nothing of this plan",
            hint=f"the policy, the database or the number of rows has changed; this plan's "
            f"fingerprint is {wanted}: preview it first",
        )
    return replace(facts, approvals=(*facts.approvals, *given.values())), given


def row_of(
    plan: Plan, run_id: str, actor: str, reason: str | None, kind: str = ledger.RUN
) -> ledger.RunRow:
    """What the record says of a run when it begins."""
    return ledger.RunRow(
        id=run_id,
        kind=kind,
        actor=actor,
        reason=reason,
        version=__version__,
        policy_fingerprint=plan.policy_fingerprint,
        plan_digest=document.digest(plan),
        system_identifier=plan.target.system_identifier,
        timeline=plan.target.timeline,
    )


def budget(until: dt.datetime | None, stop: StopSignal) -> Budget:
    """The time a run has, and the ear for whoever wants to stop it."""
    return stop.budget.until(Deadline(until, "--until has come")) if until else stop.budget


def new_id(now: dt.datetime) -> str:
    """A name for a run that sorts by time; nothing in it can be guessed from another."""
    return f"{now.astimezone(dt.UTC):%Y%m%dt%H%M%S}-{secrets.token_hex(4)}"


def _overrides(request: RunRequest, approved: list[str]) -> list[Override]:
    made = []
    if request.ignore_window:
        made.append(Override("window", {"reason": request.reason}))
    if approved:
        detail = {"rules": sorted(approved), "fingerprints": list(request.approve)}
        made.append(Override("guard", detail))
    return made


def unrecorded(observe: Observer, why: str) -> None:
    """Say that work by hand goes on without a record."""
    observe(Event("record.missing", {"reason": why}))
