"""The cut-off in the form of the column it is compared with."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from maintainer.policy.model import Rule
from maintainer.schedule.calendar import cutoff

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
    return Cutoff(at, moment_text(at, type_, timezone, rule.zone), type_)


def moment_text(at: dt.datetime, type_: str, timezone: str, zone: str | None) -> str:
    """A moment as text of a type: a date by the policy's wall clock, a timestamp by its zone."""
    match type_:
        case "timestamptz":
            return at.astimezone(dt.UTC).isoformat(sep=" ")
        case "date":
            return at.astimezone(ZoneInfo(timezone)).date().isoformat()
        case _:
            local = at.astimezone(ZoneInfo(zone or timezone))
            return local.replace(tzinfo=None).isoformat(sep=" ")
