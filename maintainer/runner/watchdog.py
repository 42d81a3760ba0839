"""Cancels a statement on the server when its time is up or somebody says stop."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from maintainer.db.session import Session
from maintainer.errors import CancelledError, MaintainerError
from maintainer.names import Fragment
from maintainer.schedule.budget import Budget
from maintainer.schedule.clock import Clock
from maintainer.sql.statement import named

TICK_SECONDS = 0.2
AGAIN_SECONDS = 2.0


@contextmanager
def watching(session: Session, budget: Budget, clock: Clock, grace: float) -> Iterator[None]:
    """Cancel what `session` runs once the budget has been spent for `grace` seconds."""
    watch = _Watch(session, budget, clock, grace)
    watch.start()
    try:
        yield
    finally:
        watch.end()


class _Watch(threading.Thread):
    def __init__(self, session: Session, budget: Budget, clock: Clock, grace: float) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._session, self._budget, self._clock = session, budget, clock
        self._cancel_at = grace
        self._spent_since: float | None = None
        self._over = threading.Event()
        self._cancelled = False

    def run(self) -> None:
        while not self._over.wait(TICK_SECONDS):
            if not self._budget.spent(self._clock.now()):
                continue
            moment = self._clock.monotonic()
            self._spent_since = moment if self._spent_since is None else self._spent_since
            if moment - self._spent_since >= self._cancel_at:
                self._cancel()
                self._cancel_at += AGAIN_SECONDS

    def end(self) -> None:
        self._over.set()
        self.join()
        if self._cancelled and not self._session.closed:
            _absorb(self._session)

    def _cancel(self) -> None:
        try:
            self._session.cancel()
        except MaintainerError:
            return  # the session is gone: there is nothing to cancel
        self._cancelled = True


def _absorb(session: Session) -> None:
    """Let a cancel that came too late hit a statement that does nothing."""
    nothing: Fragment = named("do_nothing").fill()
    try:
        session.execute(nothing)
    except CancelledError:
        return
