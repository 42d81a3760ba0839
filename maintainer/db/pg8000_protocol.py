"""What pg8000's protocol does differently for us; the driver mixes it into pg8000's class."""

# ruff: noqa: N802 - the names are those of pg8000

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from maintainer.db.answering import CHUNK_BYTES, NotCopyError
from maintainer.db.messages import binding, columns, fields, message, said
from maintainer.db.session import Notice
from maintainer.db.wire import Wire, WireError

CLEARTEXT, MD5, SASL, SASL_END = 3, 5, 10, 12
SYNC = message(b"S")


@dataclass(slots=True)
class Exchange:
    """One statement under way: what comes back, and where rows of a COPY go or come from."""

    sink: Callable[[bytes], object] | None = None
    chunks: Iterable[bytes] | None = None
    names: list[bytes] = field(default_factory=list)
    oids: list[int] = field(default_factory=list)
    rows: list[list[bytes | None]] = field(default_factory=list)
    buffer: bytearray = field(default_factory=bytearray)
    tag: bytes = b""
    copied: bool = False
    error: Exception | None = None
    failure: BaseException | None = None


class Protocol:
    """Values, tags and every notice come out as they are; COPY is bounded in memory."""

    binding: str
    told: list[Notice]
    bound: bool
    parameter_statuses: dict[str, str]
    message_types: dict[bytes, Callable[[bytes, Any], None]]
    password: bytes | None
    on_failure: Callable[[], None]
    auth: Any
    _sock: Wire
    _usock: Any

    def exchange(self, text: bytes, params: list[bytes | None], talk: Exchange) -> None:
        """One statement in one round trip, as libpq does it."""
        for code, body in (
            (b"P", b"\0" + text + b"\0\0\0"),
            (b"B", binding(params)),
            (b"D", b"P\0"),
            (b"E", b"\0\0\0\0\0"),
        ):
            self._sock.write(message(code, body))
        self._sock.write(SYNC)
        self._sock.flush()
        self.handle_messages(talk)

    def handle_messages(self, context: Exchange) -> None:
        """Read to the end of the answer; the server's last words count before the broken wire."""
        code = b""
        try:
            while code != b"Z":
                code, body = self._sock.message()
                self.message_types[code](body, context)
        except WireError:
            self._sock.broken = True
            if context.error is None:
                raise
        if context.error is not None:
            raise context.error

    def handle_AUTHENTICATION_REQUEST(self, data: bytes, context: Any) -> None:
        """As pg8000 does; the TLS socket it looks for is inside our wire."""
        (code,) = struct.unpack_from("!I", data)
        if code in {CLEARTEXT, MD5, SASL} and self.password is None:
            raise WireError("no password supplied")
        wire = self._usock
        self._usock = None if self.binding == "disable" else wire.socket
        try:
            super().handle_AUTHENTICATION_REQUEST(data, context)  # type: ignore[misc]  # pg8000's
        finally:
            self._usock = wire
        if code == SASL_END:
            self.bound = self.auth.mechanism_name.endswith("-PLUS")

    def handle_PARAMETER_STATUS(self, data: bytes, _context: Any) -> None:
        """Only kept: statements are UTF-8 whatever the server calls its encoding."""
        key, value, *_ = data.split(b"\0")
        self.parameter_statuses[key.decode("ascii")] = value.decode("utf-8", "replace")

    def handle_NOTICE_RESPONSE(self, data: bytes, _context: Any) -> None:
        """Keep all of them, where pg8000 keeps the last hundred."""
        parts = said(data)
        severity = parts.get("V") or parts.get("S", "")
        self.told.append(Notice(severity, parts.get("C", ""), parts.get("M", "")))

    def handle_ROW_DESCRIPTION(self, data: bytes, context: Exchange) -> None:
        """Names and types as bytes and numbers."""
        context.names, context.oids = columns(data)

    def handle_DATA_ROW(self, data: bytes, context: Exchange) -> None:
        """Keep the bytes; `values` reads them."""
        context.rows.append(fields(data))

    def handle_COMMAND_COMPLETE(self, data: bytes, context: Exchange) -> None:
        """Keep the command tag."""
        context.tag = data[:-1]

    def handle_COPY_OUT_RESPONSE(self, _data: bytes, context: Exchange) -> None:
        """Without a sink the statement went through the wrong method."""
        context.copied = True
        if context.sink is None:
            self._fail(context, NotCopyError("COPY TO STDOUT goes through copy_out"))

    def handle_COPY_DATA(self, data: bytes, context: Exchange) -> None:
        """Join rows to chunks for the sink."""
        context.buffer += data
        context.buffer += self._sock.copied()
        if len(context.buffer) >= CHUNK_BYTES:
            self._hand_over(context)

    def handle_COPY_DONE(self, _data: bytes, context: Exchange) -> None:
        """The last chunk."""
        self._hand_over(context)

    def handle_COPY_IN_RESPONSE(self, _data: bytes, context: Exchange) -> None:
        """Send the chunks until they end, they fail, or the server has had enough."""
        context.copied = True
        end = message(b"c")
        try:
            self._put_all(context)
        except WireError:
            raise
        except BaseException as exc:  # noqa: BLE001 - raised again when the server knows
            context.failure = exc
            end = message(b"f", b"the client gave up\0")
        self._sock.write(end + SYNC)
        self._sock.flush()

    def _put_all(self, context: Exchange) -> None:
        if context.chunks is None:
            raise NotCopyError("COPY FROM STDIN goes through copy_in")
        for chunk in context.chunks:
            for at in range(0, len(chunk), CHUNK_BYTES):
                self._sock.write(message(b"d", chunk[at : at + CHUNK_BYTES]))
                self._sock.flush()
                while (news := self._sock.arrived()) is not None:
                    self.message_types[news[0]](news[1], context)
                if context.error is not None:
                    return

    def _hand_over(self, context: Exchange) -> None:
        piece, context.buffer = bytes(context.buffer), bytearray()
        if context.sink is None or context.failure is not None or not piece:
            return
        try:
            context.sink(piece)
        except BaseException as exc:  # noqa: BLE001 - raised again at the end of the answer
            self._fail(context, exc)

    def _fail(self, context: Exchange, failure: BaseException) -> None:
        context.failure = failure
        self.on_failure()
