"""Settings of a session that hold for one statement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from maintainer.db.session import Session
from maintainer.errors import CancelledError, ConnectionLostError, MaintainerError
from maintainer.names import comma, quote
from maintainer.sql.statement import named


@contextmanager
def settings(session: Session, **values: str) -> Iterator[None]:
    """Change settings of the session, and put back what was there, also after our errors.

    Not SET LOCAL: VACUUM and a concurrent REINDEX cannot run in a transaction. After a bare Ctrl-C
    the session may be in mid-answer and is left alone.
    """
    before = {name: _read(session, name) for name in values}
    try:
        _change(session, values)
        yield
    except MaintainerError:
        _restore(session, before)
        raise
    _restore(session, before)


def schemas(names: tuple[str, ...]) -> str:
    """A search_path as the setting spells it."""
    return str(comma([quote(name) for name in names]))


def _read(session: Session, name: str) -> str:
    return str(session.execute(named("read_setting").fill(), (name,)).rows[0][0])


def _change(session: Session, values: Mapping[str, str]) -> None:
    for name, value in values.items():
        session.execute(named("change_setting").fill(), (name, value))


def _restore(session: Session, values: Mapping[str, str]) -> None:
    if session.closed:
        return
    with suppress(ConnectionLostError):
        try:
            _change(session, values)
        except CancelledError:  # a cancel that came too late for the statement it was meant for
            _change(session, values)
