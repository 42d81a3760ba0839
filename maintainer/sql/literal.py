"""Values as SQL literals, for COPY, which takes no parameters; the only place that writes them."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from maintainer.names import Fragment


@dataclass(frozen=True, slots=True)
class Typed:
    """A value in the server's own text form, with the type it has there."""

    text: str
    type: str


Literal = dt.datetime | dt.date | int | uuid.UUID | str | Typed

TYPES = frozenset({"timestamptz", "timestamp", "date", "bigint", "uuid", "tid", "text"})


def literal(value: Literal) -> Fragment:
    """Write one value, always with its type.

    Raises ValueError for a NUL, a lone surrogate, a datetime without zone, or another type.
    """
    match value:
        case Typed(text, type_):
            return _quoted(text, type_)
        case bool():
            raise ValueError("bool has no literal here")
        case int():
            return _quoted(str(value), "bigint")
        case uuid.UUID():
            return _quoted(str(value), "uuid")
        case dt.datetime():
            if value.tzinfo is None:
                raise ValueError(f"{value} has no time zone")
            return _quoted(value.astimezone(dt.UTC).isoformat(), "timestamptz")
        case dt.date():
            return _quoted(value.isoformat(), "date")
        case str():
            return _quoted(value, "text")
    raise ValueError(f"{type(value).__name__} has no literal here")


def _quoted(text: str, type_: str) -> Fragment:
    if type_ not in TYPES:
        raise ValueError(f"no literals are written for type {type_}")
    if "\0" in text:
        raise ValueError("PostgreSQL text cannot hold a NUL")
    text.encode("utf-8")  # UnicodeEncodeError is a ValueError
    body = text.replace("'", "''")
    if "\\" in body:
        return Fragment("E'" + body.replace("\\", "\\\\") + f"'::{type_}")
    return Fragment(f"'{body}'::{type_}")
