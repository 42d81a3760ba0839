"""Guards: what a rule must not do before a person has said yes. Pure, and on by default."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from maintainer.plan.facts import Count, Past
from maintainer.plan.steps import Settled
from maintainer.policy.fields import parse_keep
from maintainer.policy.model import Rule
from maintainer.schedule.calendar import Span, cutoff

DECIDING = "by, zone, align, where, search_path, table or archive"


def scope(rule: Rule, table: object) -> str:
    """A hash of what, beside `keep`, decides which rows go."""
    parts = [str(table), rule.by, rule.zone, rule.align, rule.where, rule.archive, rule.search_path]
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def objections(
    rule: Rule, settled: Settled, past: Past | None, rows: Count, total: Count, now: dt.datetime
) -> Iterator[str]:
    """Every reason why this rule needs an approval before it deletes."""
    if past is None or past.finished_at is None or past.scope is None:
        yield "it runs for the first time"
    elif past.scope != settled.scope:
        yield f"its {DECIDING} has changed since it last finished"
    elif past.keep and _is_shorter(rule.keep, past.keep, now):
        yield f"its keep has become shorter ({past.keep} before, {rule.keep} now)"
    yield from _too_many(rule, rows, total)


def _too_many(rule: Rule, rows: Count, total: Count) -> Iterator[str]:
    if rows.value is None:
        yield "it is unknown how many rows would go"
        return
    if rows.value > rule.guard.max_rows:
        yield f"{rows} rows are more than guard max_rows {rule.guard.max_rows:,}"
    if total.value is None:
        yield "it is unknown how many rows the table has"
        return
    percent, limit = 100 * rows.value / max(total.value, rows.value, 1), rule.guard.max_percent
    if percent > limit:
        share = f"{percent:.0f}" if round(percent) > limit else f"{percent:.4g}"
        yield f"{share} % of the table is more than guard max_percent {limit:g}"


def _is_shorter(keep: Span | None, before: str, now: dt.datetime) -> bool:
    old = parse_keep(before)
    if keep is None or not isinstance(old, Span):
        return keep is not None
    utc = ZoneInfo("UTC")
    return cutoff(now, keep, utc, None) > cutoff(now, old, utc, None)
