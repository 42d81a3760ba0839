"""The types of a policy's values: how each is read, and how an editor is told about it."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainValidator, SecretStr, WithJsonSchema

from maintainer.names import quote
from maintainer.policy import fields, words
from maintainer.policy.place import MisreadError
from maintainer.schedule.calendar import Span
from maintainer.schedule.due import WEEKDAYS, Every

Pairs = tuple[tuple[str, str], ...]

ALL_TABLES = "*"


def parse_version(value: object) -> int:
    """Read the version of the format; there is one."""
    if isinstance(value, bool) or not isinstance(value, int) or value != 1:
        raise MisreadError("is not a version that this program knows; write 1")
    return value


def parse_dsn(value: object) -> SecretStr | None:
    """Read a connection string; an empty one leaves it to the environment."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if not isinstance(value, str):
        raise MisreadError("is not a connection string; write ${env:DATABASE_URL:-}")
    return SecretStr(value.strip())


def parse_yes(value: object) -> bool:
    """Read true or false; a value from the environment may say it as text."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value in {"true", "false"}:
        return value == "true"
    raise MisreadError("is neither true nor false; write one of them")


def parse_seconds(value: object) -> float:
    """Read how many seconds a segment may take."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 10:  # noqa: PLR2004 - the limit of purge by segments
        raise MisreadError("is not a length of a segment; write seconds, more than 0, at most 10")
    return float(value)


def parse_segment_rows(value: object) -> int:
    """Read how many rows a segment may hold."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= 5_000_000:  # noqa: PLR2004 - the limit of purge by segments
        raise MisreadError("is not a size of a segment; write rows, from 1 to 5000000")
    return value


def parse_segment_bytes(value: object) -> int:
    """Read how many stored bytes a segment may hold."""
    size = fields.parse_size(value)
    if not 64 << 10 <= size <= 32 << 20:
        raise MisreadError("is not a size of a segment; write bytes, from '64 KiB' to '32 MiB'")
    return size


def tables_or_all(value: object) -> object:
    """Take `all` as a list of the one star that stands for it."""
    return (ALL_TABLES,) if value == "all" else listed(value)


def listed(value: object) -> object:
    """Take a single word as a list of one."""
    return (value,) if isinstance(value, str) else value


def any_time(value: object) -> object:
    """Take `any` as no window at all."""
    if value == ():
        raise MisreadError("is empty; write the names of windows, or `any` for any time")
    return () if value == "any" else listed(value)


def parse_pair(value: object) -> tuple[str, str]:
    """Read `column`, or `name: expression`."""
    if isinstance(value, dict) and len(value) == 1:
        name, expression = next(iter(value.items()))
        return words.parse_name(name), words.parse_text(expression)
    if isinstance(value, dict | tuple):
        raise MisreadError("is not a column; write `column` or `name: expression`")
    name = words.parse_name(value)
    return name, quote(name)


def parse_measures(value: object) -> Pairs:
    """Read `[a, b]` or `{target: column}`."""
    if isinstance(value, dict) and value:
        return tuple((words.parse_name(to), words.parse_name(of)) for to, of in value.items())
    if isinstance(value, tuple | str) and value:
        names = (value,) if isinstance(value, str) else value
        return tuple((words.parse_name(name), words.parse_name(name)) for name in names)
    raise MisreadError("is not a list of columns; write [quantity] or {target: quantity}")


def _text(description: str, **more: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "description": description, **more})


WEEKDAY_WORDS = [*(day[:3] for day in WEEKDAYS), *WEEKDAYS]
NAMES = {"type": "array", "items": {"type": "string"}, "minItems": 1}
NAME_OR_NAMES = {"anyOf": [{"type": "string"}, NAMES]}
COUNT = {"type": "integer", "minimum": 1}
PAIRS = {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1}

Text = Annotated[str, PlainValidator(words.parse_text), _text("Text")]
Name = Annotated[str, PlainValidator(words.parse_name), _text("A name in the database")]
Column = Annotated[str, PlainValidator(words.parse_column), _text("The column of a row's time")]
Table = Annotated[str, PlainValidator(words.parse_table), _text("`table` or `schema.table`")]
Zone = Annotated[str, PlainValidator(words.parse_zone), _text("An IANA time zone")]
Folder = Annotated[str, PlainValidator(words.parse_folder), _text("A name safe as a folder")]
Store = Annotated[str, PlainValidator(words.parse_store), _text("file:./folder")]
Clock = Annotated[time, PlainValidator(words.parse_clock), _text("22:30")]
Day = Annotated[date, PlainValidator(words.parse_date), _text("2026-11-26", format="date")]
Duration = Annotated[timedelta, PlainValidator(fields.parse_duration), _text("9h or 1h30m")]
Dsn = Annotated[SecretStr | None, PlainValidator(parse_dsn), _text("${env:DATABASE_URL:-}")]
Yearly = Annotated[
    tuple[tuple[int, int], tuple[int, int]],
    PlainValidator(words.parse_yearly),
    _text("month-day/month-day", pattern=r"^\d{2}-\d{2} ?/ ?\d{2}-\d{2}$"),
]
Version = Annotated[int, PlainValidator(parse_version), WithJsonSchema({"const": 1})]
Keep = Annotated[
    Span | None,
    PlainValidator(fields.parse_keep),
    _text(
        "90 days, 13 months, 7 years, P90D or forever",
        pattern=r"^([0-9]+ ?([dD]ay|[wW]eek|[mM]onth|[yY]ear)s?|P[0-9]+[DWMY]|forever)$",
    ),
]
Rhythm = Annotated[
    Every,
    PlainValidator(fields.parse_every),
    _text("day, week, month, quarter, a weekday, or a cron line of five fields"),
]
Archived = Annotated[
    bool, PlainValidator(fields.parse_archive), WithJsonSchema({"enum": [True, "none"]})
]
Yes = Annotated[bool, PlainValidator(parse_yes), WithJsonSchema({"type": ["boolean", "string"]})]
Rows = Annotated[int, PlainValidator(fields.parse_rows), WithJsonSchema(COUNT)]
Percent = Annotated[
    float, PlainValidator(fields.parse_percent), WithJsonSchema({"type": ["number", "string"]})
]
Seconds = Annotated[
    float,
    PlainValidator(parse_seconds),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": 10}),
]
SegmentRows = Annotated[int, PlainValidator(parse_segment_rows), WithJsonSchema(COUNT)]
SegmentBytes = Annotated[
    int, PlainValidator(parse_segment_bytes), WithJsonSchema({"type": ["integer", "string"]})
]
Weekday = Annotated[
    int, PlainValidator(words.parse_weekday), WithJsonSchema({"enum": WEEKDAY_WORDS})
]
Pair = Annotated[
    tuple[str, str],
    PlainValidator(parse_pair),
    WithJsonSchema({"anyOf": [{"type": "string"}, {**PAIRS, "maxProperties": 1}]}),
]
Measures = Annotated[
    Pairs,
    PlainValidator(parse_measures),
    WithJsonSchema({"anyOf": [*NAME_OR_NAMES["anyOf"], PAIRS]}),
]
SomeTables = Annotated[tuple[Table, ...], BeforeValidator(listed), Field(min_length=1)]
AllTables = Annotated[
    tuple[Table, ...], BeforeValidator(tables_or_all), WithJsonSchema(NAME_OR_NAMES)
]
Windows = Annotated[tuple[Text, ...], BeforeValidator(any_time), WithJsonSchema(NAME_OR_NAMES)]
SearchPath = Annotated[tuple[Name, ...], BeforeValidator(listed), WithJsonSchema(NAME_OR_NAMES)]
Days = Annotated[tuple[Weekday, ...], BeforeValidator(listed), Field(min_length=1)]
