"""SIGTERM, SIGHUP and Ctrl-C ask a run to stop; a second Ctrl-C does not ask."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Protocol

HEARD = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP") if hasattr(signal, name)
)
TOLD = b"\nstopping cleanly; Ctrl-C again stops at once\n"


class Stop(Protocol):
    """What wants to know that somebody said stop."""

    def request(self, number: int) -> None:
        """Take note of the signal."""


@contextlib.contextmanager
def heard(stop: Stop) -> Iterator[None]:
    """Pass the signals on to `stop` while the block lasts."""
    seen: list[int] = []

    def hear(number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGINT and number in seen:
            raise KeyboardInterrupt
        seen.append(number)
        stop.request(number)
        _acknowledge()

    before = {number: signal.signal(number, hear) for number in HEARD}
    try:
        yield
    finally:
        for number, action in before.items():
            signal.signal(number, action)


def _acknowledge() -> None:
    """Tell a person at the terminal; os.write, for a signal may come in the middle of a print."""
    with contextlib.suppress(OSError, ValueError):
        if sys.stderr.isatty():
            os.write(sys.stderr.fileno(), TOLD)
