"""How far a database's record had come: what tells a clone or an old backup from its original."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Head:
    """The last event of the record: of which run, its number and hash, and on which timeline."""

    run: str
    event: int
    hash: str
    timeline: int | None
