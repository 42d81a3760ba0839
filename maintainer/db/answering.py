"""What both drivers' sessions share: notices and transactions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar

from maintainer.db.session import Notice, Param, Result
from maintainer.errors import ConnectionLostError, DatabaseError
from maintainer.names import Fragment
from maintainer.sql.statement import named

CHUNK_BYTES = 1 << 16
CANCEL_SECONDS = 10


class NotCopyError(ValueError):
    """A statement went through the wrong method; a mistake of ours, not of a person."""


class Answering(ABC):
    """The half of a session that does not depend on the driver."""

    driver: ClassVar[str]

    def __init__(self, pid: int, server_version: int, notices: list[Notice]) -> None:
        self.pid = pid
        self.server_version = server_version
        self.behind_pooler = False
        self._notices = notices
        self._in_transaction = False

    @property
    @abstractmethod
    def closed(self) -> bool:
        """Whether the session is known to be gone."""

    @abstractmethod
    def execute(self, statement: Fragment, params: Sequence[Param] = ()) -> Result:
        """Run one statement."""

    @abstractmethod
    def copy_out(self, statement: Fragment, sink: Callable[[bytes], object]) -> int:
        """Stream COPY … TO STDOUT."""

    @abstractmethod
    def copy_in(self, statement: Fragment, chunks: Iterable[bytes]) -> int:
        """Stream COPY … FROM STDIN."""

    @abstractmethod
    def cancel(self) -> None:
        """Cancel what runs now."""

    @abstractmethod
    def close(self) -> None:
        """End the session."""

    def drain_notices(self) -> list[Notice]:
        """The notices since the last call, oldest first, none lost."""
        drained = self._notices.copy()
        del self._notices[: len(drained)]
        return drained

    @contextmanager
    def transaction(self, *, read_only: bool = False) -> Iterator[None]:
        """BEGIN … COMMIT, or ROLLBACK when the block raises."""
        if self._in_transaction:
            raise ValueError("a transaction is open already")
        self.execute(named("begin_read_only" if read_only else "begin_read_write").fill())
        self._in_transaction = True
        try:
            yield
        except BaseException:
            self._in_transaction = False
            self._roll_back()
            raise
        self._in_transaction = False
        self._commit()

    def _roll_back(self) -> None:
        if self.closed:
            return
        try:
            self.execute(named("rollback").fill())
        except ConnectionLostError:
            return  # what made us roll back says more

    def _commit(self) -> None:
        try:
            answer = self.execute(named("commit").fill())
        except ConnectionLostError as exc:
            raise ConnectionLostError(
                f"{exc.message}; whether the transaction was committed is not known",
                sqlstate=exc.sqlstate,
                hint="the next run finds out before it does anything else",
            ) from exc
        if answer.tag != "COMMIT":
            raise DatabaseError(
                "the transaction had failed before its end and was rolled back", sqlstate="25P02"
            )
