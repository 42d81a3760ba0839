"""Reads again what was stored, and says what is in it."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from maintainer.archive.faults import reached
from maintainer.archive.zstandard import ZstdDecompressor, ZstdError
from maintainer.errors import VerificationError

READ_BYTES = 1 << 20
COPY_END = re.compile(rb"\n\\\.\r?\n")
COPY_END_BEGINS = b"\n\\."
LONGEST_END = 5
NEITHER_QUOTE_NOR_NEWLINE = bytes(byte for byte in range(256) if byte not in b'"\n')


@dataclass(frozen=True, slots=True)
class Found:
    """What a file holds: rows without the header, bytes and SHA-256 packed and unpacked."""

    rows: int
    raw_bytes: int
    stored_bytes: int
    raw_sha256: str
    stored_sha256: str
    has_copy_end: bool


class Reader:
    """Unpacks a csv.zst stream piece by piece, in bounded memory, and adds up what comes out."""

    def __init__(self) -> None:
        self._decompressor = ZstdDecompressor()
        self._stored, self._raw, self._counter = hashlib.sha256(), hashlib.sha256(), Counter()
        self._stored_bytes = self._raw_bytes = 0

    def take(self, packed: bytes) -> None:
        """The next packed bytes. Raises VerificationError when they cannot be unpacked."""
        self._stored.update(packed)
        self._stored_bytes += len(packed)
        try:
            self._unpacked(self._decompressor.decompress(packed, READ_BYTES))
            while not self._decompressor.needs_input and not self._decompressor.eof:
                self._unpacked(self._decompressor.decompress(b"", READ_BYTES))
        except (ZstdError, EOFError) as error:
            raise VerificationError(f"the file cannot be unpacked: {error}") from error

    def found(self) -> Found:
        """All of it. Raises VerificationError when the stream ends early or too late."""
        if not self._decompressor.eof or self._decompressor.unused_data:
            raise VerificationError("the file is truncated or has something after its end")
        return Found(
            rows=max(self._counter.records - 1, 0),
            raw_bytes=self._raw_bytes,
            stored_bytes=self._stored_bytes,
            raw_sha256=self._raw.hexdigest(),
            stored_sha256=self._stored.hexdigest(),
            has_copy_end=self._counter.has_copy_end,
        )

    def _unpacked(self, raw: bytes) -> None:
        self._raw.update(raw)
        self._raw_bytes += len(raw)
        self._counter.count(raw)


def read(path: Path) -> Found:
    """Read a file whole. Raises VerificationError that names it."""
    reader = Reader()
    try:
        for packed in _pieces(path):
            reader.take(packed)
        return reader.found()
    except VerificationError as error:
        raise VerificationError(f"{path}: {error.message}") from error


def confirm(path: Path, seen: Found) -> None:
    """See that the disk holds the very bytes that were unpacked and counted on their way to it.

    Raises VerificationError.
    """
    stored, size = hashlib.sha256(), 0
    for packed in _pieces(path):
        stored.update(packed)
        size += len(packed)
    if (size, stored.hexdigest()) != (seen.stored_bytes, seen.stored_sha256):
        raise VerificationError(
            f"{path} does not hold what was written to it: {seen.stored_bytes} bytes went in, "
            f"{size} came back",
            hint="check the disk; the rows are still in the table",
        )


def _pieces(path: Path) -> Iterator[bytes]:
    with reached(path), path.open("rb") as file:
        _forget_cache(file.fileno())
        while packed := file.read(READ_BYTES):
            yield packed


def _forget_cache(file: int) -> None:
    """Let the read come from the disk, not from what was just written to memory."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)


class Counter:
    """Counts CSV records in chunks of bytes: newlines that are not inside quotes."""

    def __init__(self) -> None:
        self.records = 0
        self.has_copy_end = False
        self._is_quoted = False
        self._tail = b""

    def count(self, chunk: bytes) -> None:
        """Take the next bytes. A pair of quotes side by side changes nothing and is left out."""
        bare = chunk.translate(None, NEITHER_QUOTE_NOR_NEWLINE).replace(b'""', b"")
        parts = bare.split(b'"')
        self.records += sum(map(len, parts[1 if self._is_quoted else 0 :: 2]))
        self._is_quoted ^= len(parts) % 2 == 0
        if not self.has_copy_end:
            self._look(chunk)

    def _look(self, chunk: bytes) -> None:
        seam = self._tail + chunk[:LONGEST_END]
        suspects = [part for part in (seam, chunk) if COPY_END_BEGINS in part]
        self.has_copy_end = any(COPY_END.search(part) for part in suspects)
        self._tail = (self._tail + chunk[-LONGEST_END:])[-LONGEST_END:]
