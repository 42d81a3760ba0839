"""Writes one csv.zst file while its rows stream in: hashed and compressed beside the reader."""

from __future__ import annotations

import hashlib
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from types import TracebackType
from typing import Self

from maintainer.archive.faults import reached
from maintainer.archive.zstandard import compressor
from maintainer.errors import MaintainerError

WAITING_CHUNKS = 16
BATCH_BYTES = 256 << 10


class HeaderChangedError(MaintainerError):
    """The table's columns are not those that were planned."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was given to a file; hashes are SHA-256 in hex."""

    raw_bytes: int
    stored_bytes: int
    raw_sha256: str
    stored_sha256: str


class Sealer:
    """A new file that is complete and on disk only after `finish`; a failure leaves no file.

    `header` is what the stream must begin with; anything else raises HeaderChangedError at once.
    """

    def __init__(self, path: Path, header: bytes) -> None:
        self.path = path
        self._header = header
        self._begin = b""
        self._batch: list[bytes] = []
        self._batched = 0
        self._queue: Queue[bytes | None] = Queue(WAITING_CHUNKS)
        self._failure: Exception | None = None
        self._writer = _Writer(path)
        self._thread = threading.Thread(target=self._work, name="sealer", daemon=True)

    def __enter__(self) -> Self:
        with reached(self.path):
            self._writer.open()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()
        self._writer.close()
        if error is not None:
            self.path.unlink(missing_ok=True)

    def write(self, chunk: bytes) -> None:
        """Take the next bytes of the stream."""
        if self._failure is not None:
            raise self._failure
        if self._header:
            self._check_header(chunk)
        self._batch.append(chunk)
        self._batched += len(chunk)
        if self._batched >= BATCH_BYTES:
            self._flush()

    def finish(self) -> Written:
        """Put everything on disk and say what it was."""
        self._flush()
        self._end()
        if self._failure is not None:
            raise self._failure
        if self._header:
            raise _changed(self._begin)
        with reached(self.path):
            return self._writer.finish()

    def _check_header(self, chunk: bytes) -> None:
        self._begin += chunk[: len(self._header) - len(self._begin)]
        if not self._header.startswith(self._begin):
            raise _changed(self._begin)
        if self._begin == self._header:
            self._header = b""

    def _flush(self) -> None:
        if self._batch:
            self._queue.put(b"".join(self._batch))
            self._batch.clear()
            self._batched = 0

    def _end(self) -> None:
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    def _work(self) -> None:
        while (chunk := self._queue.get()) is not None:
            if self._failure is None:
                try:
                    with reached(self.path):
                        self._writer.write(chunk)
                except Exception as error:  # noqa: BLE001 - raised again by the reading thread
                    self._failure = error


class _Writer:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._compressor = compressor()
        self._raw, self._stored = hashlib.sha256(), hashlib.sha256()
        self._raw_bytes = self._stored_bytes = 0
        self._file = -1

    def open(self) -> None:
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)

    def write(self, chunk: bytes) -> None:
        self._raw.update(chunk)
        self._raw_bytes += len(chunk)
        self._store(self._compressor.compress(chunk))

    def finish(self) -> Written:
        self._store(self._compressor.flush())
        os.fsync(self._file)
        return Written(
            self._raw_bytes, self._stored_bytes, self._raw.hexdigest(), self._stored.hexdigest()
        )

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _store(self, packed: bytes) -> None:
        self._stored.update(packed)
        self._stored_bytes += len(packed)
        view = memoryview(packed)
        while view:
            view = view[os.write(self._file, view) :]


def _changed(begin: bytes) -> HeaderChangedError:
    return HeaderChangedError(
        f"the table's columns are not those that were planned (the stream began {begin[:80]!r})",
        hint="nothing was deleted; the next run plans the table again",
    )
