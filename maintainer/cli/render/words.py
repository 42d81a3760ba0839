"""Numbers, sizes, spans and moments as people read them; nothing here breaks a line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from maintainer.plan.facts import Count

NONE = "-"
KILO = 1024
SMALL = 10
MINUTE, HOUR = 60, 3600


def size(count: int | None) -> str:
    """Bytes in PostgreSQL's own units: 8 kB, 1.2 MB, 96 MB."""
    if count is None:
        return NONE
    number, unit = float(count), "bytes"
    for unit in ("bytes", "kB", "MB", "GB", "TB", "PB"):
        if abs(number) < KILO or unit == "PB":
            break
        number /= KILO
    if unit == "bytes" or round(number, 1) >= SMALL:
        return f"{number:,.0f} {unit}"
    return f"{number:.1f}".removesuffix(".0") + f" {unit}"


def seconds(span: float) -> str:
    """A length of time: 0.4 s, 12 s, 3 min 05 s, 2 h 03 min."""
    if span < SMALL:
        return f"{span:.1f} s"
    whole = round(span)
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min {whole % MINUTE:02} s"
    return f"{whole // HOUR} h {whole % HOUR // MINUTE:02} min"


def moment(at: dt.datetime | None, zone: dt.tzinfo = dt.UTC) -> str:
    """A moment to the minute, on the clock of a zone."""
    return NONE if at is None else f"{at.astimezone(zone):%Y-%m-%d %H:%M %Z}"


def day(at: dt.datetime | str | None, zone: dt.tzinfo = dt.UTC) -> str:
    """The date of a moment; a time in the server's own words is cut after its date."""
    if isinstance(at, dt.datetime):
        return f"{at.astimezone(zone):%Y-%m-%d}"
    return NONE if not at else at.split(" ")[0].split("T")[0]


def cutoff(text: str, at: dt.datetime, zone: dt.tzinfo = dt.UTC) -> str:
    """A cut-off as it is compared with the column, or, where that is no date, its moment."""
    compared = _date(text)
    if compared is None:
        return moment(at, zone)
    if compared.tzinfo is not None:
        compared = compared.astimezone(zone)
    if compared.time() == dt.time():
        return f"{compared:%Y-%m-%d}"
    return f"{compared:%Y-%m-%d %H:%M %Z}".rstrip()


def _date(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text) if text[4:5] == "-" else None
    except ValueError:
        return None


def plural(count: int, noun: str) -> str:
    """`1 row`, `2 rows`, `3 indexes`, `2 analyzes`."""
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {noun}{'es' if noun.endswith(('x', 'ss')) else 's'}"


def total(counts: Iterable[Count]) -> str:
    """The sum of several counts, said no more exactly than they are known."""
    known = list(counts)
    rows = sum(count.value or 0 for count in known)
    unknown = any(count.value is None for count in known)
    if unknown and not rows:
        return "an unknown number of rows"
    sign = "" if all(count.how == "exact" for count in known) else "~"
    more = " or more" if unknown or any(count.at_least for count in known) else ""
    return f"{sign}{rows:,}{more} {'row' if rows == 1 else 'rows'}"


def version(number: int) -> str:
    """server_version_num as people say it: 18.1."""
    return f"{number // 10000}.{number % 10000}"


def clean(text: object) -> str:
    """Text on one line that cannot steer a terminal."""
    return "".join(c if c.isprintable() else _visible(c) for c in " ".join(_words(str(text))))


def _words(text: str) -> list[str]:
    return text.replace("\t", " ").replace("\r", "\n").split("\n")


def _visible(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
