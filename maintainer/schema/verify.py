"""Compare the seven tables of a database with what `schema apply` makes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from maintainer.db.session import Session
from maintainer.schema import catalogue
from maintainer.schema.catalogue import Entry

Key = tuple[str, str]


class Problem(StrEnum):
    """In which way an object is not what it should be."""

    MISSING = "missing"
    DIFFERENT = "different"
    UNEXPECTED = "unexpected"


@dataclass(frozen=True, slots=True)
class Difference:
    """One object that is not what it should be; what does not exist is an empty text."""

    problem: Problem
    kind: str
    name: str
    expected: str
    found: str


def verify(session: Session) -> list[Difference]:
    """Read the catalogue, change nothing, and say what is missing, different or unexpected."""
    with session.transaction(read_only=True):
        expected = catalogue.expected(catalogue.audience(session))
        found = catalogue.read(session)
    return compare(expected, found)


def compare(expected: list[Entry], found: list[Entry]) -> list[Difference]:
    """Name every difference; of a table that is missing, the table alone."""
    wanted, present = _by_key(expected), _by_key(found)
    absent = {name for kind, name in wanted if kind == "table" and (kind, name) not in present}
    keys = sorted({*wanted, *present}, key=_reading_order)
    return [
        difference
        for kind, name in keys
        if name.partition(".")[0] not in absent or kind == "table"
        for difference in _judge(kind, name, wanted.get((kind, name)), present.get((kind, name)))
    ]


def _judge(kind: str, name: str, wanted: str | None, found: str | None) -> Iterator[Difference]:
    if found is None:
        yield Difference(Problem.MISSING, kind, name, wanted or "", "")
    elif wanted is None:
        yield Difference(Problem.UNEXPECTED, kind, name, "", found)
    elif wanted != found:
        yield Difference(Problem.DIFFERENT, kind, name, wanted, found)


def _by_key(entries: list[Entry]) -> dict[Key, str]:
    return {(entry.kind, entry.name): entry.definition for entry in entries}


def _reading_order(key: Key) -> tuple[str, bool, str, str]:
    kind, name = key
    return name.partition(".")[0], kind != "table", kind, name
