"""Reads a stored file again, from disk, and says what is in it."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
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


def read(path: Path) -> Found:
    """Read a csv.zst file whole, in bounded memory; unpacking and hashing go side by side.

    Raises VerificationError when it cannot be unpacked or ends early.
    """
    stored, plain = hashlib.sha256(), _Plain()
    stored_bytes = 0
    try:
        with ThreadPoolExecutor(1) as beside:
            before: Future[None] | None = None
            for packed, unpacked in _unpacked(path):
                stored.update(packed)
                stored_bytes += len(packed)
                if before is not None:
                    before.result()
                before = beside.submit(plain.take, unpacked)
            if before is not None:
                before.result()
    except (ZstdError, EOFError) as error:
        raise VerificationError(f"{path} cannot be unpacked: {error}") from error
    return plain.found(stored_bytes, stored.hexdigest())


class _Plain:
    """What the unpacked bytes add up to."""

    def __init__(self) -> None:
        self._hash, self._bytes, self._counter = hashlib.sha256(), 0, Counter()

    def take(self, unpacked: bytes) -> None:
        self._hash.update(unpacked)
        self._bytes += len(unpacked)
        self._counter.count(unpacked)

    def found(self, stored_bytes: int, stored_sha256: str) -> Found:
        return Found(
            rows=max(self._counter.records - 1, 0),
            raw_bytes=self._bytes,
            stored_bytes=stored_bytes,
            raw_sha256=self._hash.hexdigest(),
            stored_sha256=stored_sha256,
            has_copy_end=self._counter.has_copy_end,
        )


def _unpacked(path: Path) -> Iterator[tuple[bytes, bytes]]:
    decompressor = ZstdDecompressor()
    with reached(path), path.open("rb") as file:
        _forget_cache(file.fileno())
        while packed := file.read(READ_BYTES):
            yield packed, decompressor.decompress(packed, READ_BYTES)
            while not decompressor.needs_input and not decompressor.eof:
                yield b"", decompressor.decompress(b"", READ_BYTES)
    if not decompressor.eof or decompressor.unused_data:
        raise VerificationError(f"{path} is truncated or has something after its end")


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
