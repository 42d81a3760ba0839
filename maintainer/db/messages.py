"""Bodies of protocol messages that pg8000 leaves to us: rows, columns and parameters as bytes."""

from __future__ import annotations

import struct
from collections.abc import Sequence

SHORT = struct.Struct("!H")
LENGTH = struct.Struct("!i")
COLUMN = struct.Struct("!IhIhih")


def message(code: bytes, body: bytes = b"") -> bytes:
    """A whole message."""
    return code + LENGTH.pack(len(body) + 4) + body


def binding(params: Sequence[bytes | None]) -> bytes:
    """The parameters of a Bind message, all in text, and the wish for text results."""
    parts = [b"\0\0", SHORT.pack(0), SHORT.pack(len(params))]
    for param in params:
        parts.append(LENGTH.pack(-1 if param is None else len(param)))
        parts.append(param or b"")
    return b"".join((*parts, SHORT.pack(0)))


def columns(body: bytes) -> tuple[list[bytes], list[int]]:
    """Names and type oids of a RowDescription."""
    names, oids, at = [], [], SHORT.size
    for _ in range(SHORT.unpack_from(body)[0]):
        end = body.index(b"\0", at)
        names.append(body[at:end])
        oids.append(COLUMN.unpack_from(body, end + 1)[2])
        at = end + 1 + COLUMN.size
    return names, oids


def fields(body: bytes) -> list[bytes | None]:
    """The values of a DataRow."""
    found: list[bytes | None] = []
    at = SHORT.size
    for _ in range(SHORT.unpack_from(body)[0]):
        (length,) = LENGTH.unpack_from(body, at)
        at += LENGTH.size
        found.append(None if length < 0 else body[at : at + length])
        at += max(length, 0)
    return found


def said(body: bytes) -> dict[str, str]:
    """The fields of an ErrorResponse or a NoticeResponse by their letter."""
    parts = filter(None, body.split(b"\0"))
    return {part[:1].decode("ascii"): part[1:].decode("utf-8", "replace") for part in parts}
