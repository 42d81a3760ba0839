"""One committed (or about to be committed) segment: what left a table and which file holds it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sealed:
    """A file that was written, stored and read back; hashes are SHA-256 in hex.

    `has_copy_end` tells of a value with a line of backslash and dot, which psql cannot read back.
    """

    uri: str
    rows: int
    raw_bytes: int
    stored_bytes: int
    raw_sha256: str
    stored_sha256: str
    has_copy_end: bool


@dataclass(frozen=True, slots=True)
class Segment:
    """A row of the ledger. `sealed` is None under `archive: none`.

    `range_from` and `range_to` are both inclusive times for `range_kind` key, and heap blocks
    (the second exclusive) for block; `columns` is JSON: a list of [name, type].
    """

    run: str
    number: int
    step: int
    rule: str
    schema: str
    table: str
    sealed: Sealed | None
    rows: int
    range_from: str
    range_to: str
    range_kind: str
    cutoff_at: dt.datetime
    columns: str
