"""The cut-off in the form of the column it is compared with."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from maintainer.policy.model import Rule
from maintainer.schedule.calendar import cutoff, local_cutoff

TYPES = {
    "timestamp with time zone": "timestamptz",
    "timestamp without time zone": "timestamp",
    "date": "date",
}


@dataclass(frozen=True, slots=True)
class Cutoff:
    """The moment before which rows go: in UTC, and as text of the column's `type`."""

    at: dt.datetime
    text: str
    type: str


def short_type(type_: str) -> str | None:
    """`timestamptz`, `timestamp` or `date` for a column type that has an age; precision aside."""
    bare = type_
    for precision in range(7):
        bare = bare.replace(f"({precision})", "")
    return TYPES.get(bare)


def cutoff_for(rule: Rule, type_: str, now: dt.datetime, timezone: str) -> Cutoff:
    """Compute a rule's cut-off. `type_` is what `short_type` gave."""
    if rule.keep is None:
        raise ValueError(f"{rule.name} keeps for ever")
    at = cutoff(now, rule.keep, timezone, rule.align)
    match type_:
        case "timestamptz":
            text = at.astimezone(dt.UTC).isoformat(sep=" ")
        case "date":
            text = local_cutoff(now, rule.keep, timezone, rule.align).date().isoformat()
        case _:
            text = _wall_text(at, ZoneInfo(rule.zone or timezone))
    return Cutoff(at, text, type_)


def _wall_text(at: dt.datetime, zone: ZoneInfo) -> str:
    """What the wall clock of a zone shows; in the first of two equal hours, an hour less.

    A time without zone does not tell which of the two it is: then rows stay longer.
    """
    local = at.astimezone(zone)
    first, second = (local.replace(fold=fold).utcoffset() or dt.timedelta() for fold in (0, 1))
    twice = first - second if local.fold == 0 else dt.timedelta()
    return (local.replace(tzinfo=None) - twice).isoformat(sep=" ")
