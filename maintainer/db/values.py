"""Values between Python and the text form of the protocol, the same for both drivers."""

from __future__ import annotations

import datetime as dt
import decimal
import re
import uuid
from collections.abc import Callable, Mapping, Sequence

from maintainer.db.session import Param, Result, Value

STAMP = re.compile(r"(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?\+00")
DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")


def encode(param: Param) -> bytes | None:
    """The text form of a parameter; the server decides its type by the cast in the statement.

    Raises ValueError for a NUL, a lone surrogate or a datetime without zone, TypeError otherwise.
    """
    if param is None:
        return None
    text = _text(param)
    if "\0" in text:
        raise ValueError("PostgreSQL text cannot hold a NUL")
    return text.encode("utf-8")


def statement(text: str) -> bytes:
    """A statement as it is sent. Raises ValueError for a NUL or a lone surrogate."""
    if "\0" in text:
        raise ValueError("a statement cannot hold a NUL")
    return text.encode("utf-8")


def outcome(
    tag: bytes,
    columns: Sequence[bytes],
    oids: Sequence[int],
    rows: Sequence[Sequence[bytes | None]],
) -> Result:
    """The answer of one statement, made from what the protocol said.

    Values are of the types `Value` names and text for all others; a time or a date that Python
    cannot hold (infinity, BC, year 12026) is text too.
    """
    name, count = split_tag(tag)
    decoders = [DECODERS.get(oid, _str) for oid in oids]
    values = [
        tuple(None if raw is None else read(raw) for read, raw in zip(decoders, row, strict=True))
        for row in rows
    ]
    return Result(tuple(map(_str, columns)), values, name, count)


def split_tag(tag: bytes) -> tuple[str, int]:
    """`INSERT 0 5` is INSERT and 5; `VACUUM` is VACUUM and -1."""
    words = tag.decode("ascii").split()
    numbers = [word for word in words if word.isdigit()]
    name = " ".join(word for word in words if not word.isdigit())
    return name, int(numbers[-1]) if numbers else -1


def _text(param: Param) -> str:
    match param:
        case bool():
            return "true" if param else "false"
        case int() | float() | str() | decimal.Decimal() | uuid.UUID():
            return str(param)
        case bytes():
            return "\\x" + param.hex()
        case dt.datetime():
            if param.tzinfo is None:
                raise ValueError(f"{param} has no time zone")
            return param.astimezone(dt.UTC).isoformat()
        case dt.date():
            return param.isoformat()
        case Sequence():
            return "{" + ",".join(map(_element, param)) + "}"
    raise TypeError(f"a parameter cannot be of type {type(param).__name__}")


def _element(item: int | str) -> str:
    if isinstance(item, bool) or not isinstance(item, int | str):
        raise TypeError("a list parameter holds int or str")
    if isinstance(item, int):
        return str(item)
    return '"' + item.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _str(raw: bytes) -> str:
    # a database in SQL_ASCII may hold any bytes; they come back as they were
    return raw.decode("utf-8", "surrogateescape")


def _moment(raw: bytes) -> Value:
    text = raw.decode("ascii")
    match = STAMP.fullmatch(text)
    if match is None:
        return text
    *parts, fraction = match.groups(default="")
    year, month, day, hour, minute, second = map(int, parts)
    micro = int(fraction.ljust(6, "0")) if fraction else 0
    return dt.datetime(year, month, day, hour, minute, second, micro, tzinfo=dt.UTC)


def _day(raw: bytes) -> Value:
    text = raw.decode("ascii")
    match = DAY.fullmatch(text)
    return dt.date(*map(int, match.groups())) if match else text


def _bytes(raw: bytes) -> bytes:
    return bytes.fromhex(raw[2:].decode("ascii"))


def _uuid(raw: bytes) -> uuid.UUID:
    return uuid.UUID(raw.decode("ascii"))


def _decimal(raw: bytes) -> decimal.Decimal:
    return decimal.Decimal(raw.decode("ascii"))


DECODERS: Mapping[int, Callable[[bytes], Value]] = {
    16: lambda raw: raw == b"t",
    17: _bytes,
    20: int,
    21: int,
    23: int,
    26: int,  # oid
    700: float,
    701: float,
    1082: _day,
    1184: _moment,
    1700: _decimal,
    2950: _uuid,
}
