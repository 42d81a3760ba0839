"""The seven tables and their monthly one, as a survey would see them after nine years."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace

from maintainer.names import TableName
from maintainer.plan import aim as aims
from maintainer.plan import guards, rollups
from maintainer.plan.facts import Column, Count, Expiry, Facts, Index, Past, TableFacts, Target
from maintainer.policy.model import Policy

NIGHT = dt.datetime(2026, 3, 4, 1, 30, tzinfo=dt.UTC)  # a Wednesday, 02:30 in Amsterdam
TARGET = Target("app", 180001, "7423", 1, is_standby=False, encoding="UTF8", role="maintainer")
MB = 1 << 20

TIMES = "created_at timestamp with time zone"
COLUMNS = {
    "audit_logs": f"id uuid, organization_id uuid, action text, new_values jsonb, {TIMES}",
    "invoices": f"id uuid, organization_id uuid, stripe_invoice_id text, total_amount integer, {TIMES}",
    "message_templates": f"id uuid, organization_id uuid, name text, {TIMES}",
    "performance_analytics": (
        f"id uuid, organization_id uuid, type text, value numeric, timestamp timestamp with time zone, {TIMES}"
    ),
    "scheduled_reports": f"id uuid, organization_id uuid, report_name text, {TIMES}",
    "subscription_changes": f"id uuid, organization_id uuid, change_type text, {TIMES}",
    "usage_tracking": (
        "id uuid, organization_id uuid, usage_date date, usage_hour integer, resource_type text, "
        "quantity numeric, unit text, total_cost numeric, currency text, is_billable boolean, "
        f"included_quantity numeric, overage_quantity numeric, {TIMES}"
    ),
    "usage_tracking_monthly": (
        "organization_id uuid, usage_month date, resource_type text, unit text, currency text, "
        "is_billable boolean, granularity text, quantity numeric, total_cost numeric, "
        "included_quantity numeric, overage_quantity numeric, peak_quantity numeric, usage_rows bigint"
    ),
}
INDEXED = {
    "audit_logs": ("id", "organization_id", "action", "created_at"),
    "performance_analytics": ("id", "organization_id", "type", "timestamp"),
    "usage_tracking": ("id", "organization_id", "usage_date", "resource_type"),
}
ROWS = {"audit_logs": 8_100_000, "performance_analytics": 4_200_000, "usage_tracking": 1_900_000}
EXPIRED = {"audit_logs": 1_204_331, "performance_analytics": 46_120, "usage_tracking": 131_400}
OLDEST = {
    "audit_logs": "2018-10-01 00:02:11.5+00",
    "performance_analytics": "2025-12-03 01:30:00.25+00",
    "usage_tracking": "2025-01-01",
}


def name(table: str) -> TableName:
    """A table of the seven."""
    return TableName("public", table)


def look(policy: Policy, *, without: Iterable[str] = (), **changes) -> Facts:
    """One look at night: ten rows in a hundred have expired at most, and all was done before."""
    there = [_table(table) for table in COLUMNS if table not in set(without)]
    base = Facts(
        target=TARGET,
        now=NIGHT,
        tables={one.table: one for one in there},
        resolved={one.table.name: one.table for one in there},
        unresolved={table: f"there is no table {table}" for table in without},
        expiries={rule: expiry(rule, rows) for rule, rows in EXPIRED.items()},
        past=done(policy),
        has_ledger=True,
    )
    return replace(base, **{"carries": _carries(policy, base)} | changes)


def expiry(rule: str, rows: int, **changes) -> Expiry:
    """So many rows of a table have expired, counted exactly."""
    total = Count(ROWS[rule], "estimated")
    return replace(Expiry(Count(rows, "exact"), total=total, oldest=OLDEST[rule]), **changes)


def done(policy: Policy, at: dt.datetime | None = None) -> Mapping[tuple[str, TableName], Past]:
    """The record when every rule and task was finished at a time, by default the period before."""
    before = {"audit_logs": 100, "performance_analytics": 1, "usage_tracking": 30}
    rules = {
        (rule.name, name(rule.table)): Past(
            at or NIGHT - dt.timedelta(days=before[rule.name]),
            str(rule.keep),
            guards.scope(rule, name(rule.table)),
        )
        for rule in policy.retention.values()
        if rule.keep is not None
    }
    tasks = {
        (task.name, name(table)): Past(at or NIGHT - dt.timedelta(days=32))
        for task in policy.upkeep.values()
        for table in (COLUMNS if task.tables == "all" else task.tables)
    }
    return rules | tasks


def _table(table: str) -> TableFacts:
    rows = ROWS.get(table, 12_000)
    return TableFacts(
        table=name(table),
        oid=16400,
        kind="r",
        persistence="p",
        columns=tuple(Column(*each.split(" ", 1)) for each in COLUMNS[table].split(", ")),
        indexes=tuple(_index(table, key, rows) for key in INDEXED.get(table, ())),
        heap_bytes=rows * 400,
        total_bytes=rows * 500,
        rows=Count(rows, "estimated"),
        dead_rows=rows // 50,
    )


def _index(table: str, key: str, rows: int) -> Index:
    called = f"{table}_pkey" if key == "id" else f"idx_{table}_{key}"
    return Index(name(called), "btree", (key,), rows * 30 + len(key) * MB)


def _carries(policy: Policy, seen: Facts) -> Mapping[str, str]:
    aim = aims.bare(policy, policy.retention["usage_tracking"], seen)
    shape = aims.shaped(policy, aim, seen) if isinstance(aim, aims.Aim) else None
    if not isinstance(shape, rollups.Shape):
        return {}
    return {shape.rule.name: rollups.definition(shape)}
