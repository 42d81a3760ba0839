"""How long, how often, how much: the small languages of a policy's values.

Each function raises MisreadError with words that follow what was read: "has no unit; write …".
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import cast

from maintainer.policy.place import MisreadError
from maintainer.schedule.calendar import Span, Unit
from maintainer.schedule.due import EXPECTED as EVERY_EXPECTED
from maintainer.schedule.due import Every

SPOKEN = re.compile(r"(?P<count>[0-9]{1,6}) ?(?P<unit>day|week|month|year)s?", re.IGNORECASE)
ISO = re.compile(r"P(?P<count>[0-9]{1,6})(?P<unit>[DWMY])")
ISO_UNITS: dict[str, Unit] = {"D": "days", "W": "weeks", "M": "months", "Y": "years"}
LONGEST = {"days": 365_000, "weeks": 52_000, "months": 12_000, "years": 1_000}
KEEP_EXPECTED = "write '90 days', '13 months', '7 years' or 'forever'"
KEEP_FAULTS = (
    (re.compile(r"[-+]?[0-9.]+"), "has no unit"),
    (re.compile(r"\s*-.*|P-.*", re.DOTALL), "is negative"),
    (re.compile(r"P?[0-9]*[.,][0-9]+.*", re.DOTALL), "is a fraction"),
    (
        re.compile(r".*(second|sec|minute|min|hour|[0-9] ?h).*|P.*T.*", re.IGNORECASE | re.DOTALL),
        "counts in hours",
    ),
    (re.compile(r"P([0-9]+[A-Z]){2,}"), "has two units"),
)

LONGEST_TEXT = 100

DURATION = re.compile(
    r"(?:(?P<hours>[0-9]{1,3}) ?(?:h|hours?))? ?(?:(?P<minutes>[0-9]{1,4}) ?(?:m|min|minutes?))?"
)
LONGEST_DURATION = timedelta(days=7)

SIZE = re.compile(r"(?P<count>[0-9]{1,12})(?:\.0*)? ?(?P<unit>[kmg]i?b|b)?", re.IGNORECASE)
SIZES = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9}
SIZES |= {"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30}

PERCENT = re.compile(r"(?P<number>[0-9]{1,3}(?:\.[0-9]{1,6})?) ?%")
WHOLE = 100


def parse_keep(value: object) -> Span | None:
    """Read `90 days`, `P13M` or `forever`, which is None."""
    text = _text(value)
    if text == "forever":
        return None
    match = SPOKEN.fullmatch(text) or ISO.fullmatch(text)
    if match is None or isinstance(value, int | float):
        raise MisreadError(f"{_keep_fault(text)}; {KEEP_EXPECTED}")
    unit = ISO_UNITS.get(match["unit"]) or cast("Unit", match["unit"].lower() + "s")
    count = int(match["count"])
    if count == 0:
        raise MisreadError(f"keeps nothing; {KEEP_EXPECTED}")
    if count > LONGEST[unit]:
        raise MisreadError("is more than a thousand years; write 'forever'")
    return Span(count, unit)


def parse_every(value: object) -> Every:
    """Read `day`, `week`, `month`, `quarter`, a weekday, or a cron line."""
    if not isinstance(value, str):
        raise MisreadError(f"is not how often something can be done; {EVERY_EXPECTED}")
    return Every.parse(value)


def parse_duration(value: object) -> timedelta:
    """Read `9h`, `90m`, `1h30m` or `9 hours`."""
    text = _text(value).lower()
    match = DURATION.fullmatch(text)
    if match is None or not text:
        raise MisreadError("is not a length of time; write '9h', '90m' or '1h30m'")
    length = timedelta(hours=int(match["hours"] or 0), minutes=int(match["minutes"] or 0))
    if not timedelta() < length <= LONGEST_DURATION:
        raise MisreadError("is not between a minute and a week; write '9h', '90m' or '1h30m'")
    return length


def parse_size(value: object) -> int:
    """Read a number of bytes: `8 MiB`, `32MB` or `8388608`."""
    match = SIZE.fullmatch(_text(value))
    if match is None or isinstance(value, bool):
        raise MisreadError("is not a size; write '8 MiB', '32MB' or a number of bytes")
    return int(match["count"]) * SIZES[(match["unit"] or "").lower()]


def parse_percent(value: object) -> float:
    """Read a share in percent: `50`, `12.5` or `50%`; more than 0, at most 100."""
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
    if number is None and (match := PERCENT.fullmatch(_text(value))):
        number = float(match["number"])
    if number is None:
        raise MisreadError("is not a share; write a number of percent such as 50")
    if not 0 < number <= WHOLE:
        hint = "write a number above 0 and up to 100; 0 never means 'no limit'"
        raise MisreadError(f"is not a share of a table; {hint}")
    return float(number)


def parse_rows(value: object) -> int:
    """Read a number of rows, 1 or more."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise MisreadError("is not a number of rows; write a whole number such as 20000000")
    if not 0 < value < 1 << 63:
        hint = "write 1 or more; 0 never means 'no limit'"
        raise MisreadError(f"is not a number of rows that could be allowed; {hint}")
    return value


def parse_archive(value: object) -> bool:
    """Read `true`, or `none` for deleting without an archive."""
    if value is True:
        return True
    if value == "none":
        return False
    if value is False:
        raise MisreadError("hides a decision; write `archive: none` to delete without an archive")
    raise MisreadError("is not a decision; write `true`, or `none` to delete without an archive")


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else str(value)


def _keep_fault(text: str) -> str:
    for pattern, fault in KEEP_FAULTS:
        if len(text) <= LONGEST_TEXT and pattern.fullmatch(text):
            return fault
    return "is no length of calendar time"
