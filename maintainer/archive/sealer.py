"""Writes one csv.zst file while its rows stream in, and unpacks it again on its way to the disk.

Three threads: the caller reads from the server; one compresses, hashes and writes; one unpacks
what was written, hashes and counts. Only the disk itself is asked afterwards (`readback.confirm`).
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from maintainer.archive.beside import Beside
from maintainer.archive.faults import reached
from maintainer.archive.readback import Found, Reader
from maintainer.archive.zstandard import compressor
from maintainer.errors import MaintainerError, VerificationError

BATCH_BYTES = 256 << 10


class HeaderChangedError(MaintainerError):
    """The table's columns are not those that were planned."""


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
        self._given, self._given_bytes = hashlib.sha256(), 0
        self._compressor = compressor()
        self._reader = Reader()
        self._file = -1

    def __enter__(self) -> Self:
        with reached(self.path):
            self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._reading = Beside("unpacker", self._reader.take)
        self._writing = Beside("sealer", self._pack)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writing.stop()
        self._reading.stop()
        os.close(self._file)
        if error is not None:
            with suppress(OSError):  # the error that matters is on its way
                self.path.unlink(missing_ok=True)

    def write(self, chunk: bytes) -> None:
        """Take the next bytes of the stream."""
        if self._header:
            self._check_header(chunk)
        self._batch.append(chunk)
        self._batched += len(chunk)
        if self._batched >= BATCH_BYTES:
            self._flush()

    def finish(self) -> Found:
        """Put everything on disk and say what came out when it was unpacked again.

        Raises VerificationError when that is not what was given.
        """
        if self._header:
            raise _changed(self._begin)
        self._flush()
        self._writing.end()
        with reached(self.path):
            self._store(self._compressor.flush())
            self._reading.end()
            os.fsync(self._file)
        found = self._reader.found()
        if (found.raw_bytes, found.raw_sha256) != (self._given_bytes, self._given.hexdigest()):
            raise VerificationError(
                f"{self.path}: {self._given_bytes} bytes were packed, {found.raw_bytes} unpacked",
                hint="check the machine's memory; the rows are still in the table",
            )
        return found

    def _check_header(self, chunk: bytes) -> None:
        self._begin += chunk[: len(self._header) - len(self._begin)]
        if not self._header.startswith(self._begin):
            raise _changed(self._begin)
        if self._begin == self._header:
            self._header = b""

    def _flush(self) -> None:
        if self._batch:
            self._writing.put(b"".join(self._batch))
            self._batch.clear()
            self._batched = 0

    def _pack(self, raw: bytes) -> None:
        self._given.update(raw)
        self._given_bytes += len(raw)
        with reached(self.path):
            self._store(self._compressor.compress(raw))

    def _store(self, packed: bytes) -> None:
        if packed:
            self._reading.put(packed)
        view = memoryview(packed)
        while view:
            view = view[os.write(self._file, view) :]


def _changed(begin: bytes) -> HeaderChangedError:
    return HeaderChangedError(
        f"the table's columns are not those that were planned (the stream began {begin[:80]!r})",
        hint="nothing was deleted; the next run plans the table again",
    )
