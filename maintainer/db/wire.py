"""A socket to PostgreSQL that goes on reading while it cannot write, with or without TLS."""

from __future__ import annotations

import selectors
import socket
import ssl
import struct

HEAD = struct.Struct("!cI")
RECEIVE_BYTES = 1 << 16
BLOCKED = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
BOTH = selectors.EVENT_READ | selectors.EVENT_WRITE


class WireError(Exception):
    """The connection ended or could not be made."""


class Wire:
    """Whole messages in, bytes out; as pg8000 wants its socket and its file in one."""

    def __init__(self, connected: socket.socket, timeout: float | None) -> None:
        self.socket = connected
        self.timeout = timeout
        self.broken = False
        self.closed = False
        self.peer = _peer(connected)
        self._inbox = bytearray()
        self._at = 0
        self._outbox = bytearray()
        connected.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(connected, selectors.EVENT_READ)

    def makefile(self, mode: str) -> Wire:
        """The file that pg8000 asks a socket for."""
        del mode
        return self

    def message(self) -> tuple[bytes, bytes]:
        """The next message: its code and its body."""
        while (found := self.arrived()) is None:
            self._fill()
        return found

    def arrived(self) -> tuple[bytes, bytes] | None:
        """The next message if all of it is here already."""
        have = len(self._inbox) - self._at
        if have < HEAD.size:
            return None
        code, length = HEAD.unpack_from(self._inbox, self._at)
        if have <= length:
            return None
        start, self._at = self._at + HEAD.size, self._at + 1 + length
        return code, bytes(self._inbox[start : self._at])

    def copied(self) -> bytes:
        """The rows of a COPY that are here already, joined; a loop of its own, for speed."""
        at, end, pieces = self._at, len(self._inbox), []
        with memoryview(self._inbox) as inbox:
            while at + HEAD.size <= end:
                code, length = HEAD.unpack_from(inbox, at)
                if code != b"d" or at + length >= end:
                    break
                pieces.append(inbox[at + HEAD.size : at + 1 + length])
                at += 1 + length
            joined = b"".join(pieces)
            pieces.clear()
        self._at = at
        return joined

    def read(self, size: int) -> bytes:
        """Exactly so many bytes."""
        while len(self._inbox) - self._at < size:
            self._fill()
        start, self._at = self._at, self._at + size
        return bytes(self._inbox[start : self._at])

    def write(self, piece: bytes) -> None:
        """Put bytes into the buffer that `flush` sends."""
        self._outbox += piece

    def flush(self) -> None:
        """Send it all, and read meanwhile: a server that cannot speak does not listen."""
        rest = memoryview(bytes(self._outbox))
        self._outbox.clear()
        while rest:
            try:
                sent = self.socket.send(rest)
            except BLOCKED:
                if not self._receive():
                    self._wait(BOTH)
            except OSError as exc:
                raise WireError(str(exc)) from exc
            else:
                rest = rest[sent:]

    def close(self) -> None:
        """Close the socket; what is still unsent is lost."""
        if not self.closed:
            self.closed = True
            self._selector.close()
            self.socket.close()

    def _fill(self) -> None:
        while not self._receive():
            self._wait(selectors.EVENT_READ)

    def _receive(self) -> bool:
        try:
            piece = self.socket.recv(RECEIVE_BYTES)
        except BLOCKED:
            return False
        except OSError as exc:
            raise WireError(str(exc)) from exc
        if not piece:
            raise WireError("server closed the connection unexpectedly")
        del self._inbox[: self._at]
        self._at = 0
        self._inbox += piece
        return True

    def _wait(self, events: int) -> None:
        self._selector.modify(self.socket, events)
        if not self._selector.select(self.timeout):
            raise WireError("connection timeout expired")


def _peer(connected: socket.socket) -> tuple[str, bool]:
    """The address at the other end ("" for a unix socket), and whether TLS is spoken."""
    name = connected.getpeername() if connected.family != socket.AF_UNIX else ("",)
    return str(name[0]), isinstance(connected, ssl.SSLSocket)
