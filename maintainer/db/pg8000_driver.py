"""pg8000 behind the session protocol: no libpq, and the same types, notices and errors."""

from __future__ import annotations

import ssl
import struct
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from pg8000.core import CoreConnection
from pg8000.exceptions import DatabaseError as Refusal
from pg8000.exceptions import InterfaceError
from scramp import ScramException

from maintainer.db import faults, values
from maintainer.db.answering import CANCEL_SECONDS, Answering, NotCopyError
from maintainer.db.conninfo import ConnInfo, Host
from maintainer.db.dial import dial, send_cancel
from maintainer.db.messages import message
from maintainer.db.pg8000_protocol import Exchange, Protocol
from maintainer.db.pg8000_words import attempts, check, server_version, startup
from maintainer.db.session import Param, Result
from maintainer.db.wire import Wire, WireError
from maintainer.errors import ConnectionFailedError, ConnectionLostError, DatabaseError
from maintainer.names import Fragment

BROKEN = (WireError, OSError, InterfaceError, ScramException)
MAY_WANT_TLS_OR_NOT = "28000"  # what pg_hba.conf answers when a line is missing


def open_session(conninfo: ConnInfo, host: Host, application_name: str) -> Pg8000Session:
    """Connect to one host. Raises ConnectionFailedError, and UsageError for what pg8000 has not."""
    check(conninfo)
    *earlier, last = attempts(conninfo, host)
    for encrypted in earlier:
        try:
            return _open(conninfo, host, application_name, encrypted)
        except ConnectionFailedError as exc:
            cause = exc.__cause__
            if exc.sqlstate != MAY_WANT_TLS_OR_NOT and not isinstance(cause, ssl.SSLError):
                raise
    return _open(conninfo, host, application_name, last)


def _open(
    conninfo: ConnInfo, host: Host, application_name: str, encrypted: bool | None
) -> Pg8000Session:
    try:
        wire = dial(conninfo, host, encrypted=encrypted)
        core = Core(wire, conninfo, host, application_name)
    except Refusal as exc:
        said = _said(exc)
        raise faults.unconnected(conninfo, host, said.message, said.sqlstate) from exc
    except BROKEN as exc:
        raise faults.unconnected(conninfo, host, _reason(exc), "") from exc
    except (LookupError, struct.error) as exc:
        raise faults.unconnected(conninfo, host, "this is not PostgreSQL's answer", "") from exc
    wire.timeout = None
    return Pg8000Session(core, wire, conninfo, host)


class Core(Protocol, CoreConnection):  # type: ignore[misc]  # pg8000 has no types
    """pg8000's connection on our wire."""

    def __init__(self, wire: Wire, conninfo: ConnInfo, host: Host, application_name: str) -> None:
        self.told = []
        self.binding = conninfo.channel_binding
        self.bound = False
        super().__init__(sock=wire, ssl_context=False, **startup(conninfo, host, application_name))
        if self.binding == "require" and not self.bound:
            self.close()
            raise WireError("channel_binding=require, and the server did not bind the channel")

    @property
    def key(self) -> bytes:
        """What a cancel request must show: process id and secret."""
        return bytes(self._backend_key_data)

    def close(self) -> None:
        """Say goodbye if the server still listens, and close the socket."""
        with suppress(WireError, OSError):
            self._usock.write(message(b"X"))
            self._usock.flush()
        self._usock.close()


class Pg8000Session(Answering):
    """A session through pg8000."""

    driver = "pg8000"

    def __init__(self, core: Core, wire: Wire, conninfo: ConnInfo, host: Host) -> None:
        (pid,) = struct.unpack_from("!i", core.key)
        super().__init__(pid, server_version(core.parameter_statuses["server_version"]), core.told)
        self._core = core
        self._wire = wire
        self._conninfo = conninfo
        self._host = host
        core.on_failure = self._cancel_or_close

    @property
    def closed(self) -> bool:
        """Whether the session is known to be gone."""
        return self._wire.closed

    def execute(self, statement: Fragment, params: Sequence[Param] = ()) -> Result:
        """Run one statement by the extended protocol."""
        talk = self._talk(statement, [values.encode(param) for param in params], Exchange())
        return values.outcome(talk.tag, talk.names, talk.oids, talk.rows)

    def copy_out(self, statement: Fragment, sink: Callable[[bytes], object]) -> int:
        """Stream COPY … TO STDOUT into `sink` in pieces of about 64 kB."""
        return self._copy(statement, Exchange(sink=sink))

    def copy_in(self, statement: Fragment, chunks: Iterable[bytes]) -> int:
        """Stream COPY … FROM STDIN; what is not sent yet is never more than a piece."""
        return self._copy(statement, Exchange(chunks=chunks))

    def cancel(self) -> None:
        """Cancel what runs now, over a connection of its own, encrypted like this one."""
        if self.closed:
            return
        try:
            send_cancel(self._conninfo, self._host, self._wire.peer, self._core.key, CANCEL_SECONDS)
        except BROKEN as exc:
            raise DatabaseError(f"the statement could not be cancelled: {_reason(exc)}") from exc

    def close(self) -> None:
        """End the session."""
        if not self.closed:
            self._core.close()

    def _copy(self, statement: Fragment, talk: Exchange) -> int:
        self._talk(statement, [], talk)
        if not talk.copied:
            raise NotCopyError("this statement is no COPY in this direction")
        return values.split_tag(talk.tag)[1]

    def _talk(self, statement: Fragment, params: list[bytes | None], talk: Exchange) -> Exchange:
        text = values.statement(statement)
        if self.closed:
            raise faults.lost("the connection is closed")
        try:
            self._core.exchange(text, params, talk)
        except Refusal as exc:
            if talk.failure is None:
                raise self._refused(exc) from exc
        except BROKEN as exc:
            self.close()
            if talk.failure is None:
                raise faults.lost(_reason(exc)) from exc
        except BaseException:
            self._cancel_or_close()
            self.close()  # in the middle of an answer: nobody could go on here
            raise
        if talk.failure is not None:
            raise talk.failure
        return talk

    def _refused(self, exc: Refusal) -> DatabaseError:
        error = faults.refused(_said(exc))
        if isinstance(error, ConnectionLostError) or self._wire.broken:
            self.close()
        return error

    def _cancel_or_close(self) -> None:
        try:
            self.cancel()
        except DatabaseError:
            self.close()


def _said(exc: Refusal) -> faults.Said:
    parts = exc.args[0]
    return faults.Said(
        parts.get("C", ""),
        parts.get("M", ""),
        parts.get("D", ""),
        parts.get("H", ""),
        parts.get("R", ""),
    )


def _reason(exc: BaseException) -> str:
    return str(exc.__cause__ or exc) or type(exc).__name__
