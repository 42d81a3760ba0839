"""Policies and facts, as small as a test allows."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from maintainer.names import TableName
from maintainer.plan import aim as aims
from maintainer.plan import retention
from maintainer.plan.aim import Aim
from maintainer.plan.facts import Column, Count, Expiry, Facts, Index, Past, TableFacts, Target
from maintainer.plan.guards import scope
from maintainer.plan.obstacles import No
from maintainer.plan.steps import Purge, Refuse, Skip
from maintainer.policy.load import load
from maintainer.policy.model import Policy, Rule

NOW = dt.datetime(2026, 3, 4, 1, 30, tzinfo=dt.UTC)  # a Wednesday, 02:30 in Amsterdam
NOON = NOW.replace(hour=12)
TARGET = Target("app", 180001, "7423", 1, is_standby=False, encoding="UTF8", role="keeper")
EVENTS = TableName("public", "events")
USAGE = TableName("public", "usage")
MONTHLY = TableName("public", "usage_monthly")

BASE = """\
version: 1
timezone: Europe/Amsterdam
archive: {name: test, to: "file:./archive"}
windows:
  nightly: {days: [mon, tue, wed, thu, fri], from: "01:00", to: "05:00"}
"""
RULE = "retention: {events: {keep: 90 days, by: at, every: day, archive: true}}"
GUARDED = (
    "retention: {events: {keep: 90 days, by: at, archive: true, guard: {max_rows: 100, "
    "max_percent: 10}}}"
)
ROLLUP = """\
retention:
  usage:
    keep: 13 months
    by: day
    align: month
    archive: true
    rollup:
      into: usage_monthly
      month: month
      group_by: [tenant, {part: "case when hour is null then 'day' else 'hour' end"}]
      sum: [quantity]
      max: {peak: quantity}
      count: rows
"""


@cache
def policy(more: str = RULE, base: str = BASE) -> Policy:
    """What is loaded from the usual beginning and what follows it."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "policy.yaml")
        file.write_text(base + textwrap.dedent(more), "utf-8")
        return load([file], {})


def rule(made: Policy) -> Rule:
    """The only rule of a policy, or its first."""
    return next(iter(made.retention.values()))


def table(name: TableName = EVENTS, by: str = "timestamp with time zone", **changes) -> TableFacts:
    """A plain table of 1,000 rows of 100 bytes, with an index on its time `at`."""
    base = TableFacts(
        table=name,
        oid=16400,
        kind="r",
        persistence="p",
        columns=(Column("id", "bigint"), Column("at", by)),
        indexes=(index("events_at_idx"),),
        heap_bytes=100_000,
        total_bytes=150_000,
        rows=Count(1_000, "estimated"),
    )
    return replace(base, **changes)


def index(name: str, keys: tuple[str | None, ...] = ("at",), **changes) -> Index:
    """A valid btree on the time `at`."""
    base = Index(TableName("public", name), "btree", keys, 8192)
    return replace(base, **changes)


def usage(**changes) -> TableFacts:
    """The table that ROLLUP reads."""
    columns = (
        Column("tenant", "uuid"),
        Column("day", "date"),
        Column("hour", "integer"),
        Column("quantity", "numeric"),
    )
    return table(USAGE, **{"columns": columns, "indexes": ()} | changes)


def monthly(*without: str, **changes) -> TableFacts:
    """The table that ROLLUP fills."""
    columns = (
        Column("month", "date"),
        Column("tenant", "uuid"),
        Column("part", "text"),
        Column("quantity", "numeric"),
        Column("peak", "numeric"),
        Column("rows", "bigint"),
    )
    there = tuple(column for column in columns if column.name not in without)
    return table(MONTHLY, **{"columns": there, "indexes": ()} | changes)


def facts(*tables: TableFacts, **changes) -> Facts:
    """What was seen on a Wednesday night, inside the window; `tables` by both their names."""
    seen = tables or (table(),)
    short = {one.table.name: one.table for one in seen}
    base = Facts(
        target=TARGET,
        now=NOW,
        tables={one.table: one for one in seen},
        resolved=short | {str(one.table): one.table for one in seen},
        has_ledger=True,
    )
    return replace(base, **changes)


def expiry(rows: int | None, total: int | None = 1_000, how: str = "exact", **changes) -> Expiry:
    """So many rows of so many would go."""
    expired = Count(rows, how if rows is not None else "unknown")
    all_rows = Count(total, "exact" if total is not None else "unknown")
    return replace(Expiry(expired=expired, total=all_rows), **changes)


def finished(
    made: Policy, ago: dt.timedelta = dt.timedelta(days=2), **changes
) -> Mapping[tuple[str, TableName], Past]:
    """The record of the first rule on EVENTS: nothing due was left, some time ago."""
    of = rule(made)
    past = Past(NOW - ago, str(of.keep), scope(of, EVENTS))
    return {(of.name, EVENTS): replace(past, **changes)}


def take(made: Policy, seen: Facts) -> Aim:
    """The first rule of a policy, resolved."""
    aim = aims.take(made, rule(made), seen)
    assert isinstance(aim, Aim)
    return aim


def refused(made: Policy, seen: Facts) -> No:
    """Why the first rule of a policy cannot be carried out."""
    no = aims.take(made, rule(made), seen)
    assert isinstance(no, No)
    return no


def purge(made: Policy, seen: Facts) -> Purge:
    """What the first rule of a policy would do, were it approved."""
    of = rule(made)
    seen = replace(seen, expiries={of.name: expiry(10)})
    step = retention.decide(made, of, seen, take(made, seen))
    assert isinstance(step, Refuse)
    assert step.would is not None
    return step.would


def decide(
    seen: Facts | None = None, made: Policy | None = None, **changes
) -> Purge | Skip | Refuse:
    """Decide about the first rule on a usual night: ten rows have expired; changed as asked."""
    made = made or policy()
    usual = {"past": finished(made), "expiries": {"events": expiry(10)}}
    seen = replace(seen or facts(), **usual | changes)
    return retention.decide(made, rule(made), seen, take(made, seen))
