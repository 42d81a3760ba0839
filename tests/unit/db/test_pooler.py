"""A transaction pooler is recognised by what it does, a session pooler is let in."""

from __future__ import annotations

import pytest

from maintainer.db.answering import Answering
from maintainer.db.connect import _refuse_pooler
from maintainer.db.session import Result
from maintainer.errors import RefusedError


class Pooled(Answering):
    """A client of a pooler: it is served by the processes in `served`, one statement each."""

    driver = "psycopg"

    def __init__(self, *served: int) -> None:
        super().__init__(served[0], 180000, [])
        self.behind_pooler = True
        self._served = list(served)
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed

    def execute(self, statement, params=()):  # noqa: ARG002 - a fake needs none
        """Transactions are only acknowledged; the rest is asked for the process."""
        if "pg_backend_pid" not in statement:
            return Result((), [], statement.split()[0], -1)
        pid = self._served.pop(0) if len(self._served) > 1 else self._served[0]
        return Result(("pid",), [(pid,)], "SELECT", 1)

    def close(self) -> None:
        """Remember it."""
        self._closed = True

    def copy_out(self, statement, sink):
        """Not used here."""
        raise NotImplementedError

    copy_in = copy_out

    def cancel(self) -> None:
        """Nothing to cancel."""


def test_a_session_pooler_is_let_in():
    """Two clients are two processes, and each keeps its own."""
    first, second = Pooled(1), Pooled(2)

    _refuse_pooler(first, lambda: second)

    assert (first.closed, second.closed) == (False, True)


@pytest.mark.parametrize(("first", "second"), [(Pooled(1), Pooled(1)), (Pooled(1, 1), Pooled(2))])
def test_a_transaction_pooler_is_refused(first, second):
    """Another client was given our process, or we were given another."""
    first._served = [3] if second._served == [2] else first._served

    with pytest.raises(RefusedError, match="transaction pooler"):
        _refuse_pooler(first, lambda: second)

    assert first.closed
    assert second.closed


def test_a_direct_connection_costs_no_second_one():
    """Nobody is asked where nothing is odd."""
    session = Pooled(1)
    session.behind_pooler = False

    _refuse_pooler(session, lambda: pytest.fail("a second connection was made"))
