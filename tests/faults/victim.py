"""The real command line, ended or halted at one exact point of a segment.

    python -m tests.faults.victim POINT NTH kill|stop -- run --approve …

Nothing of this is in the program itself: its functions are wrapped from outside, and at the NTH
time that it comes to POINT the process sends itself SIGKILL or SIGSTOP.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from itertools import count

from maintainer.archive import durable, folder, readback
from maintainer.cli import main
from maintainer.db import psycopg_driver, wire
from maintainer.db.pg8000_driver import Pg8000Session
from maintainer.db.psycopg_driver import PsycopgSession
from maintainer.journal import ledger
from maintainer.runner import recovery
from maintainer.runner.record import Record

SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}
DRIVERS = (PsycopgSession, Pg8000Session)

Strike = Callable[[], None]


def _before(name: str, *places: object) -> Callable[[Strike], None]:
    """The point just before a function is called."""

    def wrap(place: object, strike: Strike) -> None:
        real = getattr(place, name)

        def wrapped(*given: object, **named: object) -> object:
            strike()
            return real(*given, **named)

        setattr(place, name, wrapped)

    return lambda strike: [wrap(place, strike) for place in places] and None


def _after(name: str, *places: object) -> Callable[[Strike], None]:
    """The point just after a function has returned."""

    def wrap(place: object, strike: Strike) -> None:
        real = getattr(place, name)

        def wrapped(*given: object, **named: object) -> object:
            result = real(*given, **named)
            strike()
            return result

        setattr(place, name, wrapped)

    return lambda strike: [wrap(place, strike) for place in places] and None


def _mid_copy(strike: Strike) -> None:
    """The first rows of a COPY were taken, and the rest was not."""

    def wrap(driver: type) -> None:
        real = driver.copy_out

        def wrapped(session: object, statement: object, sink: Callable[[bytes], object]) -> int:
            pieces = count(1)

            def half(piece: bytes) -> None:
                sink(piece)
                if next(pieces) == 1:
                    strike()

            return real(session, statement, half)

        driver.copy_out = wrapped

    for driver in DRIVERS:
        wrap(driver)


def _in_doubt(strike: Strike) -> None:
    """A segment's COMMIT went to the server, and its answer was not read."""
    armed: list[bool] = []
    record, answered, flush = ledger.record, psycopg_driver._answered, wire.Wire.flush

    def recorded(*given: object) -> object:
        link = record(*given)
        armed.append(True)
        return link

    def hit() -> None:
        if armed:
            armed.clear()
            strike()

    def asked(pgconn: object) -> object:
        yield from psycopg_driver._flushed(pgconn)
        hit()
        return (yield from answered(pgconn))

    def flushed(self: wire.Wire) -> None:
        flush(self)
        hit()

    ledger.record, psycopg_driver._answered, wire.Wire.flush = recorded, asked, flushed


POINTS: dict[str, Callable[[Strike], None]] = {
    "unowned": _before("link", durable),
    "before-copy": _before("copy_out", *DRIVERS),
    "mid-copy": _mid_copy,
    "stored": _after("confirm", readback),
    "recorded": _after("record", ledger),
    "in-doubt": _in_doubt,
    "committed": _before("publish", folder.Folder),
    "linked": _after("link", durable),
    "published": _after("publish", folder.Folder),
    "undescribed": _before("describe", recovery),
    "unended": _before("step_ended", Record),
    "surveyed": _before("begin", Record),
}


def _at(point: str, nth: int, number: signal.Signals) -> None:
    seen = count(1)

    def strike() -> None:
        if next(seen) == nth:
            os.kill(os.getpid(), number)

    POINTS[point](strike)


if __name__ == "__main__":
    asked, times, action, dashes, *arguments = sys.argv[1:]
    if dashes != "--":
        raise SystemExit(__doc__)
    _at(asked, int(times), SIGNALS[action])
    sys.argv[1:] = arguments
    main.main()
