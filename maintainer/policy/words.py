"""Names, times, days and places as a policy spells them.

Each function raises MisreadError with words that follow what was read: "is not …; write …".
"""

from __future__ import annotations

import difflib
import re
from datetime import date, time
from zoneinfo import available_timezones

from maintainer.policy.place import MisreadError
from maintainer.schedule.calendar import as_zone
from maintainer.schedule.due import WEEKDAYS

LONGEST_NAME = 63  # bytes; PostgreSQL cuts what is longer
NAME_PART = r'(?:"(?:[^"]|"")+"|[^".\s][^".]*)'
TABLE = re.compile(rf"(?:(?P<schema>{NAME_PART})\.)?(?P<name>{NAME_PART})")
CLOCK = re.compile(r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
YEARLY = re.compile(r"([0-9]{2}-[0-9]{2}) ?/ ?([0-9]{2}-[0-9]{2})")
LEAP_YEAR = "2024-"
FOLDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
STORE = re.compile(r"(?P<scheme>[a-z][a-z0-9+]*):(?P<rest>.*)", re.DOTALL)
LATER_STORES = {"s3", "gs", "az"}
LATER_TIMES = "only timestamp and date columns are in this version"


def did_you_mean(word: str, known: list[str] | tuple[str, ...]) -> str:
    """The nearest known word, or all of them."""
    near = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else f"write one of {', '.join(known)}"


def split_table(text: str) -> tuple[str | None, str]:
    """Schema (None when absent) and name of a table; `"a.b".c` quotes a name that holds a dot."""
    match = TABLE.fullmatch(text.strip())
    if match is None:
        raise MisreadError("is not the name of a table; write `table` or `schema.table`")
    schema, name = (_unquoted(part) for part in match.group("schema", "name"))
    for part in filter(None, (schema, name)):
        parse_name(part)
    return schema, name or ""


def parse_table(value: object) -> str:
    """Read the name of a table, with or without its schema, and leave it as typed."""
    text = parse_text(value)
    split_table(text)
    return text


def parse_name(value: object) -> str:
    """Read the name of a column, schema or database."""
    text = parse_text(value)
    if len(text.encode()) > LONGEST_NAME:
        raise MisreadError(f"is longer than {LONGEST_NAME} bytes; write the name the database has")
    return text


def parse_column(value: object) -> str:
    """Read the name of a time column."""
    if isinstance(value, dict):
        raise MisreadError(f"is not a column: {LATER_TIMES}; write `by: created_at`")
    return parse_name(value)


def parse_text(value: object) -> str:
    """Read text that says something."""
    if isinstance(value, bool | int | float):
        raise MisreadError("is not text; put it in quotes")
    if not isinstance(value, str) or not value.strip():
        raise MisreadError("is not text; write at least a word")
    return value.strip()


def parse_zone(value: object) -> str:
    """Read the IANA name of a time zone."""
    text = parse_text(value)
    try:
        as_zone(text)
    except ValueError:
        near = difflib.get_close_matches(text, sorted(available_timezones()), n=1)
        hint = f"did you mean {near[0]!r}?" if near else "write a name such as 'Europe/Amsterdam'"
        raise MisreadError(f"is not a time zone; {hint}") from None
    return text


def parse_clock(value: object) -> time:
    """Read a time of day; `24:00` is the midnight at the end of the day."""
    match = CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
    hour, minute = (int(part) for part in match.groups()) if match else (-1, -1)
    if (hour, minute) == (24, 0):
        return time()
    try:
        return time(hour, minute)
    except ValueError:
        raise MisreadError("is not a time of day; write it as '22:30'") from None


def parse_weekday(value: object) -> int:
    """Read `mon` or `monday`; Monday is 0."""
    text = value.strip().lower() if isinstance(value, str) else ""
    for number, day in enumerate(WEEKDAYS):
        if text in {day, day[:3]}:
            return number
    raise MisreadError("is not a weekday; write mon, tue, wed, thu, fri, sat or sun")


def parse_date(value: object) -> date:
    """Read a date."""
    try:
        if isinstance(value, str) and DATE.fullmatch(value.strip()):
            return date.fromisoformat(value.strip())
    except ValueError:
        pass
    raise MisreadError("is not a date; write it as '2026-11-26'")


def parse_yearly(value: object) -> tuple[tuple[int, int], tuple[int, int]]:
    """Read days of every year: `12-24/12-26`."""
    match = YEARLY.fullmatch(value.strip()) if isinstance(value, str) else None
    try:
        first, last = (
            date.fromisoformat(LEAP_YEAR + day) for day in (match.groups() if match else ())
        )
    except ValueError:
        hint = "write month-day/month-day: '12-24/12-26'"
        raise MisreadError(f"is not a span of days; {hint}") from None
    return (first.month, first.day), (last.month, last.day)


def parse_folder(value: object) -> str:
    """Read a name that is safe as the name of a folder."""
    text = parse_text(value)
    if not FOLDER.fullmatch(text):
        hint = "write letters, digits, '.', '-' and '_', beginning with a letter or digit"
        raise MisreadError(f"is not safe as the name of a folder; {hint}")
    return text


def parse_store(value: object) -> str:
    """Read where the archive lies: `file:./archive`, `file:///var/archive` or a plain path."""
    text = parse_text(value)
    if text.startswith(("/", "./", "../")):
        return f"file:{text}"
    match = STORE.fullmatch(text)
    if match is None:
        raise MisreadError("is not a place for an archive; write 'file:./archive'")
    if match["scheme"] in LATER_STORES:
        hint = "write 'file:' and a folder"
        raise MisreadError(f"{match['scheme']}:// is not available in this version; {hint}")
    path = match["rest"].removeprefix("//")
    if match["scheme"] != "file" or not path or (path != match["rest"] and path[0] != "/"):
        raise MisreadError("is not a folder; write 'file:./archive' or 'file:///var/archive'")
    return f"file:{path}"


def _unquoted(part: str | None) -> str | None:
    if part is None or not part.startswith('"'):
        return part
    return part[1:-1].replace('""', '"')
