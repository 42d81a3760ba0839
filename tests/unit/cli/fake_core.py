"""A core that has a plan and a report in its pockets and remembers what it was asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from maintainer.cli.call import Call
from maintainer.errors import MaintainerError
from maintainer.observe.event import Event, Observer
from maintainer.plan.plan import Plan
from maintainer.plan.receipts import Outcome, Receipt, Report
from maintainer.policy.model import Policy
from tests.plans import build

PLAN = build.plan(build.purge(), build.skip())
REPORT = Report("r1", (Receipt(build.purge(), Outcome.DONE, rows=3, raw_bytes=90, stored_bytes=9),))


@dataclass
class FakeCore:
    """Answers every question of the command line."""

    plan_made: Plan = PLAN
    report: Report = REPORT
    error: MaintainerError | None = None
    states: list[object] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    asked: list[object] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.asked.append("closed")

    def policy(self) -> Policy:
        """A policy on Dutch time."""
        return Policy("Europe/Amsterdam")

    def plan(self, tables: tuple[str, ...] = (), **asked: object) -> Plan:
        """The plan in the pocket."""
        self._asked("plan", tables, asked)
        return self.plan_made

    def run(
        self, request: object, show: Callable[[Plan], None], observer: Observer, stop: object
    ) -> Report:
        """Show the plan, tell one event, hand over the report."""
        self._asked("run", request, stop)
        show(self.plan_made)
        observer(Event("run.started", {"run": "r1", "steps": 2}))
        return self.report

    def plan_by_hand(self, *asked: object) -> Plan:
        """The plan in the pocket."""
        self._asked("plan_by_hand", *asked)
        return self.plan_made

    def by_hand(
        self, kind: str, names: object, reason: object, options: object, *_: object
    ) -> Report:
        """The report in the pocket."""
        self._asked("by_hand", kind, names, reason, options)
        return self.report

    def init(self) -> list[str]:
        """Two things were done."""
        return ["made schema maintainer", "audit_logs is there already"]

    def init_sql(self) -> str:
        """What would be run."""
        return "the SQL"

    def status(self) -> list[object]:
        """The states in the pocket."""
        return self.states

    def _asked(self, *what: object) -> None:
        self.asked.append(what)
        if self.error is not None:
            raise self.error
