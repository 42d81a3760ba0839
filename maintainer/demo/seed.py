"""Nine years of plausible rows for the seven tables, the same ones for the same moment."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from maintainer.db.session import Session
from maintainer.names import Fragment
from maintainer.sql.statement import load

DEFAULT_ROWS = 600_000

DAYS = 913  # of usage: thirty months
PLACES_PER_DAY = 12 * 8  # tenants, resources

TENANTS = (
    "insert_organizations",
    "insert_users",
    "insert_profiles",
    "insert_subscriptions",
    "insert_templates",
    "insert_reports",
    "insert_invoices",
    "insert_subscription_changes",
)
EDGES = ("insert_performance_edges", "insert_audit_edges")


@dataclass(frozen=True, slots=True)
class Shares:
    """How many rows the large tables get; usage has hourly rows and daily totals."""

    performance: int
    audit: int
    usage_hours: int
    usage_days: int


def divide(rows: int) -> Shares:
    """Give 25 % to usage (as far as its key has room), 15 % to audit, the rest to metrics."""
    audit = rows * 15 // 100
    usage_days = min(rows // 20, DAYS * PLACES_PER_DAY)
    usage_hours = min(rows // 5, DAYS * PLACES_PER_DAY * 24)
    return Shares(rows - audit - usage_days - usage_hours, audit, usage_hours, usage_days)


def seed(session: Session, rows: int, now: dt.datetime) -> None:
    """Fill empty tables up to `now`: `rows` in the three large ones, some 2,000 in the others.

    Twelve rows more stand around the cut-offs of `now`. Raises DatabaseError when a table has rows.
    """
    with session.transaction():
        for name in TENANTS + EDGES:
            session.execute(_statement(name), (now,))
        for name, count in _large(divide(rows)):
            session.execute(_statement(name), (now, count))
    session.execute(_statement("analyze_demo"))


def _large(shares: Shares) -> tuple[tuple[str, int], ...]:
    return (
        ("insert_performance", shares.performance),
        ("insert_audit", shares.audit),
        ("insert_usage_hours", shares.usage_hours),
        ("insert_usage_days", shares.usage_days),
    )


def _statement(name: str) -> Fragment:
    return load("maintainer.demo.sql")[name].fill()
