"""Every run and step on the record: ledger, chain of events and audit table in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from maintainer.db.session import Session
from maintainer.journal import events, ledger
from maintainer.journal.audit import Audit, Entry
from maintainer.plan.receipts import Outcome, Receipt
from maintainer.plan.steps import Purge, Skip, Work, kind

RISK = {"analyze": "low", "vacuum": "low", "reindex": "medium", "purge": "high"}


@dataclass(frozen=True, slots=True)
class Override:
    """Something a person allowed against the policy: a window, or a guard."""

    what: str
    detail: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Record:
    """The record of one run. Each method is a transaction of its own and raises DatabaseError."""

    session: Session
    run: ledger.RunRow
    audit: Audit

    def begin(self, steps: int, overrides: Iterable[Override]) -> None:
        """The run begins: before this has been written nothing is changed."""
        facts = {"steps": steps, "plan": self.run.plan_digest}
        with self.session.transaction():
            ledger.begin_run(self.session, self.run)
            self._write("run.started", "low", metadata=facts)
        for override in overrides:
            with self.session.transaction():
                self._write(f"{override.what}.overridden", "critical", metadata=override.detail)

    def step_begun(self, number: int, step: Work) -> None:
        """A step begins."""
        with self.session.transaction():
            ledger.begin_step(self.session, self.run.id, number, step)

    def step_ended(self, number: int, receipt: Receipt) -> None:
        """A step is over."""
        with self.session.transaction():
            ledger.end_step(self.session, self.run.id, number, receipt)
            self._step(receipt)

    def refused(self, receipt: Receipt) -> None:
        """A step was refused: nothing of it was begun."""
        with self.session.transaction():
            self._step(receipt)

    def settled(self, number: int, skip: Skip) -> None:
        """A rule was looked at and had nothing to do: from now on that counts as finished."""
        with self.session.transaction():
            ledger.settle(self.session, self.run.id, number, skip)

    def end(self, outcome: str, exit_code: int, sums: Mapping[str, object]) -> None:
        """The run is over."""
        with self.session.transaction():
            ledger.end_run(self.session, self.run.id, outcome, exit_code)
            detail = {"outcome": outcome, "exit_code": exit_code, **sums}
            self._write("run.finished", "low", metadata=detail)

    def _step(self, receipt: Receipt) -> None:
        step = receipt.step
        facts: dict[str, object] = {"rule": step.rule, "table": str(step.table)}
        facts |= {"detail": receipt.detail} if receipt.detail else {}
        if isinstance(step, Purge):
            facts |= {"cutoff": step.cutoff, "by": step.by, "keep": step.keep}
        sums = {"rows": receipt.rows, "stored_bytes": receipt.stored_bytes}
        name = f"{kind(step)}.{receipt.outcome}"
        risk = RISK[kind(step)] if receipt.outcome is not Outcome.REFUSED else "medium"
        self._write(
            name, risk, before=receipt.before, after=sums | dict(receipt.after), metadata=facts
        )

    def _write(
        self,
        name: str,
        risk: str,
        *,
        before: Mapping[str, object] | None = None,
        after: Mapping[str, object] | None = None,
        metadata: Mapping[str, object],
    ) -> None:
        link = events.append(self.session, self.run.id, name, {**metadata, **(after or {})})
        facts = {
            **metadata,
            "reason": self.run.reason,
            "policy": self.run.policy_fingerprint,
            "event": link.number,
            "hash": link.hash,
        }
        entry = Entry(
            f"maintainer.{name}",
            risk,
            before or {},
            after or {},
            facts,
            "table" if "table" in metadata else "database",
        )
        self.audit.write(self.session, entry)
