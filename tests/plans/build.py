"""Steps and plans made by hand, as small as a test allows."""

from __future__ import annotations

import datetime as dt

from maintainer.names import Fragment, TableName
from maintainer.plan.facts import Column, Count, Target
from maintainer.plan.plan import Plan
from maintainer.plan.steps import (
    Analyze,
    BlockRange,
    Estimate,
    Hours,
    KeyRange,
    Limits,
    Purge,
    Refuse,
    Reindex,
    Rollup,
    Skip,
    Step,
    Vacuum,
)
from maintainer.sql.statement import Prepared, Statement

NOW = dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.UTC)
AUDIT = TableName("public", "audit_logs")
ANALYTICS = TableName("public", "performance_analytics")
USAGE = TableName("public", "usage_tracking")
TARGET = Target("app", 180001, "7423", 1, is_standby=False, encoding="UTF8", role="keeper")


def prepared(name: str, purpose: str, text: str, **slots: Fragment) -> Prepared:
    """A statement that waits for its values."""
    return Statement(name, purpose, text).prepare(**slots)


PURGE = prepared(
    "purge_key_range",
    "One segment by key.",
    "COPY (DELETE FROM {table} AS t WHERE t.at >= {first} AND t.at <= {last} RETURNING t.*) TO STDOUT",
    table=AUDIT.sql,
)
KEYS = KeyRange(
    TableName("public", "audit_logs_created_at_idx"),
    prepared(
        "probe", "The two ends of the next segment.", "SELECT max(at) FROM t WHERE at > {after}"
    ),
    PURGE,
)
BLOCKS = BlockRange(PURGE)
REMAINING = prepared(
    "count_remaining", "What is left.", "SELECT count(*) FROM t WHERE at < {cutoff}"
)
ODDITIES = Fragment("SELECT count(*) FROM t WHERE at IS NULL")


def purge(table: TableName = AUDIT, **changes: object) -> Purge:
    """A purge of a million rows by key."""
    given: dict[str, object] = {
        "rule": table.name,
        "table": table,
        "oid": 16400,
        "by": "created_at",
        "by_type": "timestamp with time zone",
        "keep": "7 years",
        "cutoff_at": dt.datetime(2019, 3, 2, tzinfo=dt.UTC),
        "cutoff": "2019-03-02 00:00:00+00",
        "columns": (Column("id", "bigint"), Column("created_at", "timestamp with time zone")),
        "lock": Fragment("LOCK TABLE ONLY public.audit_logs IN ROW EXCLUSIVE MODE"),
        "shape": "0" * 32,
        "path": KEYS,
        "remaining": REMAINING,
        "oddities": ODDITIES,
        "search_path": ("pg_catalog", "public", "pg_temp"),
        "archived": True,
        "limits": Limits(5.0, 50_000, 8 << 20),
        "ceiling": 2_000_000,
        "row_bytes": 420,
        "table_rows": 4_000_000,
        "rollup": None,
        "settled": None,
        "reason": "keep 7 years; oldest 2016-01-04; an index leads with created_at",
        "estimate": Estimate(Count(1_204_331, "estimated"), 812 << 20),
    }
    return Purge(**given | changes)  # type: ignore[arg-type]


def rollup() -> Rollup:
    """The monthly table of usage_tracking."""
    return Rollup(
        "usage_tracking",
        TableName("public", "usage_tracking_monthly"),
        prepared("first_month", "The first month with raw rows.", "SELECT min(m) FROM raw"),
        prepared("rewrite", "Renew the monthly table.", "DELETE FROM monthly WHERE m >= {month}"),
        prepared("check", "Groups that break the law.", "SELECT count(*) FROM broken"),
        prepared("carried", "What a run carried.", "SELECT sum(n) FROM carry WHERE run = {run}"),
    )


def analyze(table: TableName = AUDIT, **changes: object) -> Analyze:
    """Statistics, every week."""
    given: dict[str, object] = {
        "rule": "statistics",
        "table": table,
        "statement": Fragment(f"ANALYZE {table.sql}"),
        "reason": "every week; last finished 2026-02-23 01:12",
        "estimate": Estimate(Count(8_100_000, "estimated"), 5 << 30, "SHARE UPDATE EXCLUSIVE"),
    }
    return Analyze(**given | changes)  # type: ignore[arg-type]


def vacuum(table: TableName = ANALYTICS) -> Vacuum:
    """Dead rows, every month."""
    return Vacuum(
        "high-churn",
        table,
        Fragment(f"VACUUM {table.sql}"),
        "every month; it has never been finished",
        Estimate(Count(310_000, "stale"), 96 << 20, "SHARE UPDATE EXCLUSIVE"),
    )


def reindex(table: TableName = ANALYTICS) -> Reindex:
    """One index, in the weekend."""
    index = TableName("public", "performance_analytics_timestamp_idx")
    opens_at = NOW + dt.timedelta(days=5)
    return Reindex(
        "rebuild",
        table,
        index,
        Fragment(f"REINDEX INDEX CONCURRENTLY {index.sql}"),
        "every month; it has never been finished",
        Estimate(Count(310_000, "estimated"), 44 << 20, "SHARE UPDATE EXCLUSIVE"),
        Hours(is_open=False, opens_at=opens_at, why="outside of weekend"),
    )


def skip(table: TableName | str = "invoices", **changes: object) -> Skip:
    """Kept for ever."""
    given: dict[str, object] = {
        "rule": getattr(table, "name", table),
        "table": table,
        "reason": "kept for ever: financial records",
    }
    return Skip(**given | changes)  # type: ignore[arg-type]


def refuse(table: TableName = AUDIT, **changes: object) -> Refuse:
    """A first run, which a person must approve."""
    given: dict[str, object] = {
        "rule": table.name,
        "table": table,
        "reason": "it runs for the first time",
        "hint": "look at the rows; then approve it with the fingerprint below",
        "seed": "seed",
        "ceiling": 2_000_000,
        "token": "0123456789ab-i",
        "would": purge(table),
    }
    return Refuse(**given | changes)  # type: ignore[arg-type]


def plan(*steps: Step, **changes: object) -> Plan:
    """A plan of some steps."""
    given: dict[str, object] = {"made_at": NOW, "target": TARGET, "policy_fingerprint": "3f9a1c2b"}
    return Plan(**given | {"steps": steps} | changes)  # type: ignore[arg-type]
