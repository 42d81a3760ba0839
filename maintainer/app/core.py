"""The core behind every command: options in, plans and reports out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from maintainer.app import by_hand, carry_out, setup, sight, standing
from maintainer.app.link import Link
from maintainer.app.requests import Options, RunRequest, StatusLine
from maintainer.db.session import Session
from maintainer.errors import PolicyError
from maintainer.observe.event import Observer
from maintainer.plan import planner
from maintainer.plan.plan import Plan
from maintainer.plan.planner import Choice, Part
from maintainer.plan.receipts import Report
from maintainer.policy.load import load
from maintainer.policy.model import Policy
from maintainer.runner.stop import StopSignal
from maintainer.schedule.clock import Clock

Kind = Literal["vacuum", "analyze", "reindex"]


class App:
    """One policy and one database. A context manager: sessions are closed at its end."""

    def __init__(self, options: Options, environ: Mapping[str, str], clock: Clock) -> None:
        self._options, self._environ, self._clock = options, environ, clock
        self._policy: Policy | None = None
        self._link: Link | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._link is not None:
            self._link.close()

    def policy(self) -> Policy:
        """The policy, loaded and checked once. Raises PolicyError."""
        if self._policy is None:
            self._policy = load(self._options.policy_paths, self._environ)
        return self._policy

    def plan(
        self,
        tables: tuple[str, ...] = (),
        only: Part | None = None,
        as_of: dt.datetime | None = None,
        *,
        exact: bool = False,
    ) -> Plan:
        """What a run would do, decided read-only."""
        policy = self.policy()
        wish = sight.Wish(Choice(tables, only), "count" if exact else "estimate", as_of)
        facts = sight.facts(self._linked(policy).session(), policy, wish)
        return planner.plan(policy, facts, wish.choice)

    def run(
        self,
        request: RunRequest,
        show: Callable[[Plan], None],
        observer: Observer,
        stop: StopSignal,
    ) -> Report:
        """Plan, show the plan, and carry out that very plan."""
        policy = self.policy()
        tools = carry_out.Tools(self._linked(policy), self._clock, self._environ, observer, stop)
        return carry_out.run(policy, request, tools, show)

    def plan_by_hand(self, kind: Kind, names: tuple[str, ...], options: Mapping[str, bool]) -> Plan:
        """What one of the commands for people on call would do."""
        policy = self._policy_if_there()
        work = by_hand.Work(kind, names, options)
        return by_hand.plan(self._linked(policy).session(), work)

    def by_hand(
        self,
        kind: Kind,
        names: tuple[str, ...],
        reason: str | None,
        options: Mapping[str, bool],
        observer: Observer,
        stop: StopSignal,
    ) -> Report:
        """Vacuum, analyze or reindex now, with a record if there is a place for it."""
        policy = self._policy_if_there()
        tools = carry_out.Tools(self._linked(policy), self._clock, self._environ, observer, stop)
        return by_hand.run(policy, by_hand.Work(kind, names, options, reason), tools)

    def init(self) -> list[str]:
        """Make what maintainer needs in the database; a line for each thing done."""
        policy = self.policy()
        return setup.init(self._linked(policy).session(), policy)

    def init_sql(self) -> str:
        """The statements of `init` and the grants of a runner's role, for a DBA to read."""
        policy = self.policy()
        return setup.script(self._linked(policy).session(), policy)

    def status(self) -> list[StatusLine]:
        """How every rule stands."""
        policy = self.policy()
        return standing.lines(self._linked(policy).session(), policy)

    def session(self) -> Session:
        """A session with the same database, for what is no matter of the policy."""
        return self._linked(self._policy_if_there()).session()

    def _linked(self, policy: Policy) -> Link:
        if self._link is None:
            database = policy.database
            self._link = Link(self._options.dsn, self._options.driver, database, self._environ)
        return self._link

    def _policy_if_there(self) -> Policy:
        """The policy, or an empty one: work by hand needs nothing but a database."""
        if not any(Path(path).exists() for path in self._options.policy_paths):
            return Policy(timezone="UTC")
        try:
            return self.policy()
        except PolicyError:
            if self._options.dsn is None:
                raise
            return Policy(timezone="UTC")
