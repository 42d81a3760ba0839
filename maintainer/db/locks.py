"""Two advisory locks of the database: one run at a time, and proof that no segment is open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from maintainer.db.session import Session
from maintainer.errors import (
    DatabaseError,
    LockHeldError,
    LockTimeoutError,
    UnreachableError,
)
from maintainer.sql.statement import named

# the first eight bytes of sha256("maintainer.run"), ("maintainer.segments") and
# ("maintainer.events"), as bigint
RUN = 3_267_568_813_648_441_446
SEGMENTS = -3_563_978_437_186_182_725
EVENTS = 664_644_458_279_710_434


@contextmanager
def held_run_lock(session: Session, wait: float = 0) -> Iterator[None]:
    """Hold the run lock for the block; `wait` is how many seconds another run may take to end.

    Raises LockHeldError that names the holder.
    """
    if not _taken(session, RUN, round(wait * 1000)):
        raise LockHeldError(
            f"another run is at work on this database: {_holders(session, RUN)}",
            hint="wait for it to end; if it is dead, the server ends its session within a minute",
        )
    try:
        yield
    finally:
        _release_if_open(session, RUN)


def share_segments(session: Session) -> None:
    """Hold the segments lock, with other segments, until the transaction ends."""
    session.execute(named("share_lock").fill(), [SEGMENTS])


def exclude_segments(session: Session, timeout_ms: int) -> None:
    """Take the segments lock alone: from now on no transaction of a segment is open.

    It stays until `release`. Raises UnreachableError that names who holds it.
    """
    if not _taken(session, SEGMENTS, timeout_ms):
        raise UnreachableError(
            "a segment's transaction is still open, so what it did is not known: "
            + _holders(session, SEGMENTS),
            hint="wait until that session has ended, or end it with pg_terminate_backend; "
            "nothing was touched",
        )


def release(session: Session) -> None:
    """Give the segments lock back."""
    _release_if_open(session, SEGMENTS)


def _taken(session: Session, key: int, timeout_ms: int) -> bool:
    if session.execute(named("try_lock").fill(), [key]).rows == [(True,)]:
        return True
    if timeout_ms <= 0:
        return False
    try:
        session.execute(named("wait_for_lock").fill(), [key, f"{timeout_ms}ms"])
    except LockTimeoutError:
        return False
    return True


def _release_if_open(session: Session, key: int) -> None:
    if session.closed:
        return
    session.execute(named("release_lock").fill(), [key])


def _holders(session: Session, key: int) -> str:
    try:
        rows = session.execute(named("select_advisory_holders").fill(), [key]).rows
    except DatabaseError:  # in a transaction that the timeout has failed
        rows = []
    if not rows:
        return "its session ended just now"
    return ", ".join(_described(*map(str, row)) for row in rows)


def _described(pid: str, application: str, user: str, since: str) -> str:
    return f"process {pid} ({application}, user {user}, since {since})"
