"""Who hears what happens: the log, and on a terminal the progress bars."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from maintainer.cli.call import Call

if TYPE_CHECKING:
    from rich.console import Console

    from maintainer.observe.event import Observer


@contextlib.contextmanager
def observing(call: Call) -> Iterator[Observer]:
    """An observer for one run, in the form the options and the terminal ask for."""
    from rich.console import Console

    console = Console(stderr=True)
    if call.logs_json or call.quiet or not console.is_terminal:
        yield _log(call, console, logging.WARNING if call.quiet else logging.INFO)
        return
    with _drawing(call, console) as observer:
        yield observer


@contextlib.contextmanager
def _drawing(call: Call, console: Console) -> Iterator[Observer]:
    """Bars; they tell what is going well, so the log above them keeps to what is not."""
    from maintainer.observe.event import everyone
    from maintainer.observe.progress import Bars

    with Bars(console) as bars:
        yield everyone(_log(call, console, logging.WARNING), bars)


def _log(call: Call, console: Console, level: int) -> Observer:
    from maintainer.observe import logs
    from maintainer.schedule.clock import SystemClock

    clock = SystemClock()
    look: logs.Look = "json" if call.logs_json else "console"
    colors = console.is_terminal and not console.no_color
    grade = logging.DEBUG if call.verbose else level
    log = logs.logger(_Stderr(), look, grade, clock, colors=colors)
    return logs.observer(log, clock)


class _Stderr:
    """Whatever stderr is at the moment: while bars are drawn, rich stands in for it."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()
