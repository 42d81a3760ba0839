"""Reads a stored file again, from disk, and says what is in it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from maintainer.archive.faults import reached
from maintainer.archive.zstandard import ZstdDecompressor, ZstdError
from maintainer.errors import VerificationError

READ_BYTES = 1 << 20
COPY_END = (b"\n\\.\n", b"\n\\.\r\n")
LONGEST_END = 4


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
    """Read a csv.zst file whole, in bounded memory.

    Raises VerificationError when it cannot be unpacked or ends early.
    """
    stored, raw = hashlib.sha256(), hashlib.sha256()
    counter = Counter()
    sizes = [0, 0]
    try:
        for packed, plain in _unpacked(path):
            stored.update(packed)
            raw.update(plain)
            counter.count(plain)
            sizes[0] += len(packed)
            sizes[1] += len(plain)
    except ZstdError as error:
        raise VerificationError(f"{path} cannot be unpacked: {error}") from error
    return Found(
        rows=max(counter.records - 1, 0),
        raw_bytes=sizes[1],
        stored_bytes=sizes[0],
        raw_sha256=raw.hexdigest(),
        stored_sha256=stored.hexdigest(),
        has_copy_end=counter.has_copy_end,
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
        """Take the next bytes."""
        parts = chunk.split(b'"')
        outside = parts[1 if self._is_quoted else 0 :: 2]
        self.records += sum(part.count(b"\n") for part in outside)
        self._is_quoted ^= len(parts) % 2 == 0
        if not self.has_copy_end:
            seam = self._tail + chunk[:LONGEST_END]
            self.has_copy_end = any(end in chunk or end in seam for end in COPY_END)
        self._tail = (
            (self._tail + chunk)[-LONGEST_END:]
            if len(chunk) < LONGEST_END
            else (chunk[-LONGEST_END:])
        )
