"""The header line that PostgreSQL writes above CSV."""

from __future__ import annotations

from collections.abc import Sequence

NEEDS_QUOTES = frozenset(',"\r\n')


def header(columns: Sequence[str], encoding: str = "utf-8") -> bytes:
    """The header of these columns, quoted as COPY … CSV HEADER quotes it."""
    alone = len(columns) == 1
    line = ",".join(_field(name, alone=alone) for name in columns) + "\n"
    return line.encode(encoding)


def _field(name: str, *, alone: bool) -> str:
    if NEEDS_QUOTES.isdisjoint(name) and not (alone and name == "\\."):
        return name
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
