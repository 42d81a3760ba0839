"""A proxy between client and server that understands the protocol just enough to fail on time.

    with Proxy(server.host, server.port) as proxy:
        dsn = server.dsn(database.name, host=proxy.host, port=proxy.port)
        proxy.fault = answer_to_commit_lost
        ...
        assert proxy.struck.wait(10)

A cut strikes once; whoever connects afterwards gets through. TLS is answered with no.
"""

from __future__ import annotations

import asyncio
import enum
import re
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

SSL_OR_GSS = (80877103, 80877104)
END = None  # of a queue
COMMIT = re.compile(rb"(?:^|;)\s*(?:COMMIT|END)\b(?!\s+PREPARED)", re.IGNORECASE)


class Verdict(enum.Enum):
    """What becomes of one message."""

    PASS = enum.auto()
    SWALLOW = enum.auto()  # it never arrives, and nobody is told
    CUT = enum.auto()  # it never arrives, and both ends see the line drop


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the protocol; `kind` is empty for the first of a connection."""

    from_client: bool
    kind: bytes
    body: bytes

    @property
    def raw(self) -> bytes:
        """As it goes over the line."""
        return self.kind + (len(self.body) + 4).to_bytes(4, "big") + self.body


Fault = Callable[[Message], Verdict]


def let_pass(message: Message) -> Verdict:
    """Nothing is wrong."""
    return Verdict.PASS


def black_hole(message: Message) -> Verdict:
    """The line is there and nothing comes through, in either direction."""
    return Verdict.SWALLOW


def commit_lost(message: Message) -> Verdict:
    """The line drops as COMMIT is sent: the server never gets it and rolls back."""
    is_statement = message.from_client and message.kind in {b"Q", b"P"}
    text = message.body.partition(b"\0")[2] if message.kind == b"P" else message.body
    return Verdict.CUT if is_statement and COMMIT.search(text) else Verdict.PASS


def answer_to_commit_lost(message: Message) -> Verdict:
    """The line drops after COMMIT was carried out: the client never hears of it."""
    is_answer = not message.from_client and message.kind == b"C"
    return Verdict.CUT if is_answer and message.body == b"COMMIT\0" else Verdict.PASS


def copy_cut_after(size: int) -> Fault:
    """The line drops in the middle of a COPY, when so many bytes of rows went either way."""
    seen = 0

    def fault(message: Message) -> Verdict:
        nonlocal seen
        if message.kind == b"d":
            seen += len(message.body)
        return Verdict.CUT if seen > size else Verdict.PASS

    return fault


class Proxy:
    """Listens on a port of its own while the block lasts; `latency` is in seconds, each way."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self.host = "127.0.0.1"
        self.port = 0
        self.latency = 0.0
        self.fault: Fault = let_pass
        self.struck = threading.Event()
        self._lines: set[Line] = set()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(10):
            raise TimeoutError("the proxy does not listen")
        return self

    def __exit__(self, *exc: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    def cut(self) -> None:
        """Drop every connection now."""
        self._loop.call_soon_threadsafe(self._cut)

    def judge(self, message: Message) -> Verdict:
        """What the present fault makes of a message; a cut is used up by it."""
        verdict = self.fault(message)
        if verdict is not Verdict.PASS:
            if verdict is Verdict.CUT:
                self.fault = let_pass
            self.struck.set()
        return verdict

    def _cut(self) -> None:
        for line in list(self._lines):
            line.cut()

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        listener = await asyncio.start_server(self._connect, self.host, 0)
        self.port = listener.sockets[0].getsockname()[1]
        self._ready.set()
        await self._over.wait()
        listener.close()
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            self._cut()
            await asyncio.wait(others, timeout=0.1)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = Line(self, writer)
        self._lines.add(line)
        try:
            await line.carry(reader, self._server)
        finally:
            line.cut()
            self._lines.discard(line)


class Line:
    """One connection through the proxy."""

    def __init__(self, proxy: Proxy, client: asyncio.StreamWriter) -> None:
        self._proxy = proxy
        self._client = client
        self._ends = [client]

    def cut(self) -> None:
        """Drop both ends at once; what was under way is lost."""
        for end in self._ends:
            end.transport.abort()

    async def carry(self, client: asyncio.StreamReader, address: tuple[str, int]) -> None:
        """Carry messages both ways until one end has had enough."""
        with suppress(OSError, asyncio.IncompleteReadError):
            first = await self._greet(client)
            reader, writer = await asyncio.open_connection(*address)
            self._ends.append(writer)
            up, down = asyncio.Queue(1000), asyncio.Queue(1000)
            await self._judge(first, up)
            await self._carry_until_one_ends(
                [self._write(up, writer), self._write(down, self._client)],
                [self._read(client, up, True), self._read(reader, down, False)],
            )

    async def _carry_until_one_ends(
        self, writing: list[Coroutine], reading: list[Coroutine]
    ) -> None:
        """A writer ends when its reader has and all of it is delivered, or when nobody takes it."""
        writers, readers = (
            [asyncio.create_task(way) for way in ways] for ways in (writing, reading)
        )
        await asyncio.wait(writers, return_when=asyncio.FIRST_COMPLETED)
        for task in [*writers, *readers]:
            task.cancel()
        await asyncio.gather(*writers, *readers, return_exceptions=True)

    async def _greet(self, client: asyncio.StreamReader) -> Message:
        while True:
            message = await self._message(client, b"", True)
            if int.from_bytes(message.body[:4], "big") not in SSL_OR_GSS:
                return message
            self._client.write(b"N")

    async def _message(
        self, reader: asyncio.StreamReader, kind: bytes, from_client: bool
    ) -> Message:
        size = int.from_bytes(await reader.readexactly(4), "big")
        return Message(from_client, kind, await reader.readexactly(size - 4))

    async def _read(
        self, reader: asyncio.StreamReader, queue: asyncio.Queue, from_client: bool
    ) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                kind = await reader.readexactly(1)
                await self._judge(await self._message(reader, kind, from_client), queue)
        await queue.put(END)

    async def _judge(self, message: Message, queue: asyncio.Queue) -> None:
        verdict = self._proxy.judge(message)
        if verdict is Verdict.CUT:
            self.cut()
            raise asyncio.IncompleteReadError(b"", None)
        if verdict is Verdict.PASS:
            due = asyncio.get_running_loop().time() + self._proxy.latency
            await queue.put((due, message.raw))

    async def _write(self, queue: asyncio.Queue, writer: asyncio.StreamWriter) -> None:
        while (item := await queue.get()) is not END:
            due, raw = item
            wait = due - asyncio.get_running_loop().time()
            if wait > 0:
                await asyncio.sleep(wait)
            writer.write(raw)
            await writer.drain()
        writer.close()
        await writer.wait_closed()
