"""psycopg 3 behind the session protocol, by its libpq layer: `$1` and `%` stay what they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TypeVar

import psycopg
from psycopg import errors
from psycopg.abc import PQGen
from psycopg.conninfo import make_conninfo
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.waiting import Ready, Wait

from maintainer.db import faults, libpq, values
from maintainer.db.answering import CANCEL_SECONDS, CHUNK_BYTES, Answering, NotCopyError
from maintainer.db.conninfo import ConnInfo, Host
from maintainer.db.session import Notice, Param, Result
from maintainer.errors import ConnectionLostError, DatabaseError
from maintainer.names import Fragment

T = TypeVar("T")
COPYING = (ExecStatus.COPY_IN, ExecStatus.COPY_OUT, ExecStatus.COPY_BOTH)
DONE = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK, ExecStatus.EMPTY_QUERY)
PREAMBLE = re.compile(r"^(connection failed: )?(connection to server [^\n]*? failed: )?(FATAL: +)?")


def open_session(conninfo: ConnInfo, host: Host, application_name: str) -> PsycopgSession:
    """Connect to one host. Raises ConnectionFailedError."""
    words = libpq.words(conninfo, host, application_name)
    try:
        connection = psycopg.Connection.connect(
            make_conninfo("", **words), autocommit=True, prepare_threshold=None
        )
    except (psycopg.Error, OSError) as exc:
        reason = PREAMBLE.sub("", str(exc).split("\n\tIs the server")[0])
        state = getattr(exc, "sqlstate", None) or ""
        raise faults.unconnected(conninfo, host, reason, state) from exc
    return PsycopgSession(connection)


class PsycopgSession(Answering):
    """A session through libpq."""

    driver = "psycopg"

    def __init__(self, connection: psycopg.Connection) -> None:
        super().__init__(connection.pgconn.backend_pid, connection.pgconn.server_version, [])
        self._connection = connection
        self._pgconn = connection.pgconn
        connection.add_notice_handler(self._keep)

    @property
    def closed(self) -> bool:
        """Whether the session is known to be gone."""
        return self._connection.closed

    def execute(self, statement: Fragment, params: Sequence[Param] = ()) -> Result:
        """Run one statement by the extended protocol."""
        answer = self._ask(statement, [values.encode(param) for param in params])
        if answer.status in COPYING:
            self._abandon()
            raise NotCopyError("COPY with the client goes through copy_out and copy_in")
        return _outcome(answer)

    def copy_out(self, statement: Fragment, sink: Callable[[bytes], object]) -> int:
        """Stream COPY … TO STDOUT into `sink` in pieces of about 64 kB."""
        self._begin(statement, ExecStatus.COPY_OUT)
        try:
            more = True
            while more:
                piece, more = self._wait(_chunk(self._pgconn))
                if piece:
                    sink(piece)
        except BaseException:
            self._abandon()
            raise
        return _rows(self._checked(self._wait(_answered(self._pgconn))))

    def copy_in(self, statement: Fragment, chunks: Iterable[bytes]) -> int:
        """Stream COPY … FROM STDIN; what is not sent yet is never more than a piece."""
        self._begin(statement, ExecStatus.COPY_IN)
        try:
            for piece in chunks:
                for at in range(0, len(piece), CHUNK_BYTES):
                    self._wait(_put(self._pgconn, piece[at : at + CHUNK_BYTES]))
        except BaseException:
            with suppress(DatabaseError):
                self._wait(_ended(self._pgconn, b"the client gave up"))
            raise
        return _rows(self._checked(self._wait(_ended(self._pgconn, None))))

    def cancel(self) -> None:
        """Cancel what runs now, over a connection of its own, encrypted like this one."""
        try:
            self._connection.cancel_safe(timeout=CANCEL_SECONDS)
        except psycopg.Error as exc:
            raise DatabaseError(f"the statement could not be cancelled: {exc}") from exc

    def close(self) -> None:
        """End the session."""
        self._connection.close()

    def _begin(self, statement: Fragment, wanted: ExecStatus) -> None:
        answer = self._ask(statement, [])
        if answer.status != wanted:
            self._abandon()
            raise NotCopyError("this statement is no COPY in this direction")

    def _ask(self, statement: Fragment, params: list[bytes | None]) -> PGresult:
        text = values.statement(statement)
        try:
            self._pgconn.send_query_params(text, params or None)
        except psycopg.OperationalError as exc:
            self.close()
            raise faults.lost(exc) from exc
        return self._checked(self._wait(_answered(self._pgconn)))

    def _wait(self, talk: PQGen[T]) -> T:
        try:
            return self._connection.wait(talk)
        except psycopg.OperationalError as exc:
            self.close()
            raise faults.lost(exc) from exc
        except BaseException:
            self._abandon()
            raise

    def _checked(self, answer: PGresult) -> PGresult:
        if answer.status in DONE or answer.status in COPYING:
            return answer
        cause = errors.error_from_result(answer, "utf-8")
        error = faults.refused(_said(cause)) if cause.sqlstate else faults.lost(cause)
        if isinstance(error, ConnectionLostError):
            self.close()
        raise error from cause

    def _abandon(self) -> None:
        """Cancel on the server and read to the end of the answer, so that the session goes on."""
        if self.closed or self._pgconn.transaction_status != TransactionStatus.ACTIVE:
            return
        try:
            self.cancel()
            self._connection.wait(_drained(self._pgconn))
        except (psycopg.Error, DatabaseError):
            self.close()

    def _keep(self, said: errors.Diagnostic) -> None:
        severity = said.severity_nonlocalized or said.severity or ""
        self._notices.append(Notice(severity, said.sqlstate or "", said.message_primary or ""))


def _outcome(answer: PGresult) -> Result:
    width = range(answer.nfields)
    return values.outcome(
        answer.command_status or b"",
        [answer.fname(column) or b"" for column in width],
        [answer.ftype(column) for column in width],
        [[answer.get_value(row, column) for column in width] for row in range(answer.ntuples)],
    )


def _rows(answer: PGresult) -> int:
    return values.split_tag(answer.command_status or b"")[1]


def _said(cause: psycopg.Error) -> faults.Said:
    diag = cause.diag
    return faults.Said(
        diag.sqlstate or "",
        diag.message_primary or str(cause),
        diag.message_detail or "",
        diag.message_hint or "",
        diag.source_function or "",
    )


# The exchanges with libpq are generators, for which psycopg waits without holding up signals.


def _flushed(pgconn: PGconn) -> PQGen[None]:
    while pgconn.flush():
        if (yield Wait.RW) & Ready.R:
            pgconn.consume_input()


def _result(pgconn: PGconn) -> PQGen[PGresult | None]:
    while pgconn.is_busy():
        if (yield Wait.R):
            pgconn.consume_input()
    return pgconn.get_result()


def _answered(pgconn: PGconn) -> PQGen[PGresult]:
    yield from _flushed(pgconn)
    first = yield from _result(pgconn)
    if first is None:
        raise psycopg.OperationalError("the server gave no answer")
    while first.status not in COPYING and (yield from _result(pgconn)) is not None:
        continue
    return first


def _chunk(pgconn: PGconn) -> PQGen[tuple[bytes, bool]]:
    """Rows of a COPY, joined to about a chunk, and whether there may be more."""
    pieces: list[memoryview] = []
    size = 0
    while size < CHUNK_BYTES:
        count, piece = pgconn.get_copy_data(1)
        if count < 0:
            return b"".join(pieces), False
        if count:
            pieces.append(piece)
            size += count
        elif (yield Wait.R):
            pgconn.consume_input()
    return b"".join(pieces), True


def _put(pgconn: PGconn, piece: bytes) -> PQGen[None]:
    while pgconn.put_copy_data(piece) == 0:
        yield from _flushed(pgconn)
    yield from _flushed(pgconn)


def _ended(pgconn: PGconn, error: bytes | None) -> PQGen[PGresult]:
    while pgconn.put_copy_end(error) == 0:
        yield from _flushed(pgconn)
    return (yield from _answered(pgconn))


def _drained(pgconn: PGconn) -> PQGen[None]:
    yield from _flushed(pgconn)
    while (result := (yield from _result(pgconn))) is not None:
        if result.status == ExecStatus.COPY_IN:
            pgconn.put_copy_end(b"the client gave up")
            yield from _flushed(pgconn)
        while result.status == ExecStatus.COPY_OUT and (yield from _chunk(pgconn))[1]:
            continue
