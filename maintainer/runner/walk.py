"""Walk a plan: each step is begun on the record, carried out, and ended on the record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from maintainer.actions import registry
from maintainer.actions.context import Context, Numbers
from maintainer.archive.folder import Folder
from maintainer.db import locks
from maintainer.db.session import Session
from maintainer.errors import (
    CancelledError,
    ConflictError,
    ConnectionLostError,
    LockTimeoutError,
    MaintainerError,
)
from maintainer.observe.event import Event, Observer
from maintainer.plan.plan import Plan
from maintainer.plan.receipts import Outcome, Receipt, Report
from maintainer.plan.steps import Purge, Refuse, Skip, Step, Work, kind
from maintainer.runner import recovery
from maintainer.runner.record import Record
from maintainer.runner.stop import StopSignal
from maintainer.runner.watchdog import watching
from maintainer.schedule.budget import Budget, Deadline
from maintainer.schedule.clock import Clock

SEGMENT_GRACE = 10.0  # seconds in which a segment may still end by itself
LOST_WAIT = 5.0  # seconds until the server has noticed that our session is gone
PASSING = (CancelledError, ConflictError, LockTimeoutError)  # when time is up, that is the reason


@dataclass(slots=True)
class Walk:
    """One run of one plan, begun on the record; without one only work by hand goes on."""

    run: str
    plan: Plan
    session: Session
    watch: Callable[[], Session]
    clock: Clock
    stop: StopSignal
    budget: Budget
    observe: Observer
    record: Record | None = None
    archive: Folder | MaintainerError | None = None
    _numbers: Numbers = field(default_factory=Numbers)
    _lost: str = ""

    def report(self) -> Report:
        """Carry out the plan. Raises MaintainerError only when its own record cannot be written."""
        began = self.clock.monotonic()
        self._tell("run.started", steps=len(self.plan.steps))
        receipts = tuple(self._receipts())
        stopped = self._lost or self.budget.spent(self.clock.now()) or ""
        report = Report(self.run, receipts, stopped, self.stop.number)
        self._end(report, self.clock.monotonic() - began)
        return report

    def _receipts(self) -> Iterator[Receipt]:
        undone: set[tuple[str, object]] = set()
        for number, step in enumerate(self.plan.steps, 1):
            group = (step.rule, step.table)
            last = not any((s.rule, s.table) == group for s in self.plan.steps[number:])
            receipt = self._step(number, step, clean=last and group not in undone)
            if receipt.outcome is not Outcome.DONE:
                undone.add(group)
            yield receipt

    def _step(self, number: int, step: Step, *, clean: bool) -> Receipt:
        if isinstance(step, Skip):
            return self._skip(number, step)
        if why := self._not_now(step):
            return replace(why, exit_code=_overdue(step, why))
        if isinstance(step, Refuse):
            return self._refuse(step)
        return self._work(number, step, clean=clean)

    def _skip(self, number: int, step: Skip) -> Receipt:
        if step.settles is not None and self.record is not None and not self._lost:
            self.record.settled(number, step)
        return Receipt(step, Outcome.SKIPPED, detail=step.reason)

    def _not_now(self, step: Work | Refuse) -> Receipt | None:
        if not step.hours.is_open:
            return Receipt(step, Outcome.SKIPPED, detail=step.hours.why)
        if why := self._lost or self._budget(step).spent(self.clock.now()):
            return Receipt(step, Outcome.STOPPED, detail=why)
        return None

    def _refuse(self, step: Refuse) -> Receipt:
        receipt = Receipt(step, Outcome.REFUSED, detail=step.reason, hint=step.hint, exit_code=3)
        if self.record is not None:
            self.record.refused(receipt)
        self._tell("step.refused", **_names(step), reason=step.reason)
        return receipt

    def _work(self, number: int, step: Work, *, clean: bool) -> Receipt:
        if self.record is not None:
            self.record.step_begun(number, step)
        rows = step.estimate.rows.value
        self._tell("step.started", number=number, **_names(step), estimate=rows)
        receipt = self._tried(number, step)
        if isinstance(step, Purge):
            receipt = self._described(receipt)
        else:
            receipt = replace(receipt, finished=clean and receipt.outcome is Outcome.DONE)
        receipt = replace(receipt, exit_code=receipt.exit_code or _overdue(step, receipt))
        if self.record is not None and not self._lost:
            self.record.step_ended(number, receipt)
        self._tell("step.finished", number=number, **_names(step), **_sums(receipt))
        return receipt

    def _described(self, receipt: Receipt) -> Receipt:
        """Write the manifests; where that fails the next run does it, and this step has failed."""
        if not isinstance(self.archive, Folder) or self._lost:
            return receipt
        try:
            recovery.describe(self.session, self.archive, self.run)
        except MaintainerError as error:
            detail = "; ".join(part for part in (receipt.detail, error.message) if part)
            code = receipt.exit_code or error.exit_code
            return replace(
                receipt, outcome=Outcome.FAILED, detail=detail, hint=error.hint, exit_code=code
            )
        return receipt

    def _tried(self, number: int, step: Work) -> Receipt:
        parts: list[Receipt] = []
        began = self.clock.monotonic()
        budget = self._budget(step)
        grace = SEGMENT_GRACE if isinstance(step, Purge) else 0.0
        try:
            with watching(self.session, budget, self.clock, grace):
                for receipt in registry.run(step, self._context(number, budget)):
                    parts.append(receipt)
                    self._progress(step, parts)
        except ConnectionLostError as error:
            self._lose(error.message)
            parts.append(_failed(step, parts, error))
        except MaintainerError as error:
            why = budget.spent(self.clock.now()) if isinstance(error, PASSING) else None
            parts.append(_failed(step, parts, error, why=why))
        if self.session.closed and not self._lost:
            self._lose(parts[-1].detail)
        return replace(parts[-1], seconds=self.clock.monotonic() - began)

    def _lose(self, why: str) -> None:
        """Find out at once, through a new session, what became of the segment in flight."""
        self._lost = f"the database was lost: {why}"
        try:
            session = self.watch()
            folder = self.archive if isinstance(self.archive, Folder) else None
            with locks.held_run_lock(session, LOST_WAIT):
                recovery.recover(session, folder, self.observe)
        except MaintainerError as again:
            self._tell("recovery.postponed", reason=again.message)

    def _context(self, number: int, budget: Budget) -> Context:
        return Context(
            run=self.run,
            step=number,
            session=self.session,
            watch=self.watch,
            clock=self.clock,
            budget=budget,
            numbers=self._numbers,
            day=self.plan.made_at.astimezone(dt.UTC).date(),
            archive=self.archive,
        )

    def _budget(self, step: Work | Refuse) -> Budget:
        hours = step.hours
        if hours.ends_at is None:
            return self.budget
        return self.budget.until(Deadline(hours.ends_at, f"the end of the window {hours.why}"))

    def _progress(self, step: Work, parts: list[Receipt]) -> None:
        receipt = parts[-1]
        if receipt.outcome is Outcome.PROGRESS:
            total = sum(part.rows for part in parts)
            self._tell("segment.committed", **_names(step), rows_total=total, **_sums(receipt))

    def _end(self, report: Report, seconds: float) -> None:
        outcome = "stopped" if report.stopped else ("done" if report.exit_code == 0 else "failed")
        rows = sum(one.rows for one in report.receipts if isinstance(one.step, Purge))
        if self.record is not None and not self._lost:
            self.record.end(outcome, report.exit_code, {"rows": rows, "why": report.stopped})
        code = report.exit_code
        self._tell("run.finished", outcome=outcome, exit_code=code, rows=rows, seconds=seconds)

    def _tell(self, name: str, **fields: object) -> None:
        self.observe(Event(name, {"run": self.run, **fields}))


def _names(step: Work | Refuse) -> dict[str, object]:
    return {"kind": kind(step), "rule": step.rule, "table": str(step.table)}


def _sums(receipt: Receipt) -> dict[str, object]:
    return {
        "outcome": receipt.outcome.value,
        "rows": receipt.rows,
        "raw_bytes": receipt.raw_bytes,
        "stored_bytes": receipt.stored_bytes,
        "seconds": receipt.seconds,
        "detail": receipt.detail,
    }


def _overdue(step: Work | Refuse, receipt: Receipt) -> int:
    late = isinstance(step, Purge) and step.overdue and not receipt.finished
    return 1 if late else 0


def _failed(
    step: Work, parts: list[Receipt], error: MaintainerError, why: str | None = None
) -> Receipt:
    """The final receipt of a step that ended with an error: what was committed before counts."""
    outcome = Outcome.STOPPED if why else Outcome.FAILED
    if error.exit_code == 3 and not why:  # noqa: PLR2004 - the exit code of a refusal
        outcome = Outcome.REFUSED
    return Receipt(
        step,
        outcome,
        rows=sum(part.rows for part in parts),
        raw_bytes=sum(part.raw_bytes for part in parts),
        stored_bytes=sum(part.stored_bytes for part in parts),
        detail=why or error.message,
        hint=error.hint,
        exit_code=0 if why else error.exit_code,
    )
