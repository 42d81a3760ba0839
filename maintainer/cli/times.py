"""Moments on the command line: ISO 8601, and without a zone on the policy's clock."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import click

EXPECTED = "write ISO 8601, such as 2026-03-01T05:00 or 2026-03-01T05:00+01:00"


def read(text: str) -> dt.datetime:
    """Read a date or a time, with or without zone; what cannot be read is a usage error."""
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a time; {EXPECTED}") from None


def moment(given: dt.datetime | None, timezone: str) -> dt.datetime | None:
    """The moment that is meant, in UTC."""
    if given is None:
        return None
    if given.tzinfo is not None:
        return given.astimezone(dt.UTC)
    from maintainer.schedule.calendar import instant

    return instant(given, ZoneInfo(timezone))


def past(given: dt.datetime | None, timezone: str) -> dt.datetime | None:
    """The moment that is meant, refused when it has not come yet."""
    from maintainer.schedule.clock import SystemClock

    at = moment(given, timezone)
    if at is not None and at > SystemClock().now():
        raise click.UsageError(f"--as-of {given} has not come yet; only the past can be looked at")
    return at
