"""What an action may use while it carries out its step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from maintainer.archive.folder import Folder
from maintainer.db.session import Session
from maintainer.errors import MaintainerError
from maintainer.schedule.budget import Budget
from maintainer.schedule.clock import Clock


class Numbers:
    """The numbers of a run's segments, from 1."""

    def __init__(self) -> None:
        self._next = count(1)

    def take(self) -> int:
        """The next number."""
        return next(self._next)


@dataclass(frozen=True, slots=True)
class Context:
    """The tools of one step.

    `session` does the work; `watch` opens (once) a second session for what must be seen from
    outside, such as counters; `archive` is the folder, or why there is none; `encoding` is the
    client's, `day` the run's UTC date.
    """

    run: str
    step: int
    session: Session
    watch: Callable[[], Session]
    clock: Clock
    budget: Budget
    numbers: Numbers
    day: dt.date
    archive: Folder | MaintainerError | None = None
    encoding: str = "utf-8"
