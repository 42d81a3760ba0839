"""The rows of the demo, on a real server."""

from __future__ import annotations

import datetime as dt

import pytest

from maintainer.demo.seed import divide, seed
from maintainer.errors import DatabaseError
from maintainer.schema.apply import apply

NOW = dt.datetime(2026, 3, 29, 1, 30, tzinfo=dt.UTC)

FINGERPRINT = """
SELECT md5(string_agg(t::text, '' ORDER BY id)) FROM performance_analytics AS t
UNION ALL SELECT md5(string_agg(t::text, '' ORDER BY id)) FROM audit_logs AS t
UNION ALL SELECT md5(string_agg(concat(id, quantity, total_cost, invoice_id, created_at), '' ORDER BY id)) FROM usage_tracking
"""


@pytest.fixture
def seeded(session, database):
    """The seven tables with 6,000 rows in the large ones."""
    apply(session)
    seed(session, 6_000, NOW)
    return database


def test_the_large_tables_get_what_was_asked_for(seeded):
    """As many rows as asked for, twelve more at the cut-offs, and some in every other table."""
    (large,) = (
        seeded.run("""SELECT (SELECT count(*) FROM performance_analytics) + (SELECT count(*) FROM audit_logs)
                                    + (SELECT count(*) FROM usage_tracking)""")
    )
    (others,) = (
        seeded.run("""SELECT (SELECT count(*) FROM invoices), (SELECT count(*) FROM subscription_changes),
                                     (SELECT count(*) FROM message_templates), (SELECT count(*) FROM scheduled_reports)""")
    )

    assert large == (6_000 + 12,)
    assert others == (12 * 108, 12 * 30, 12 * 10, 12 * 5)


@pytest.mark.parametrize(
    ("table", "by"), [("performance_analytics", '"timestamp"'), ("audit_logs", "created_at")]
)
def test_times_are_spread_evenly_over_nine_years(table, by, seeded):
    """Every one of 36 quarters has its share; the last row is from now and none from the future."""
    ((quarters, least, most, last),) = seeded.run(f"""
        SELECT count(*), min(n), max(n), max(last) FROM (
            SELECT count(*) AS n, max(at) AS last FROM (
                SELECT {by} AS at, width_bucket(extract(epoch FROM {by})::float8,
                       extract(epoch FROM '{NOW}'::timestamptz - interval '9 years')::float8,
                       extract(epoch FROM '{NOW}'::timestamptz)::float8 + 1, 36) AS quarter
                FROM {table} WHERE session_id IS DISTINCT FROM 'edge') AS t GROUP BY quarter) AS q""")

    assert quarters == 36
    assert most - least <= 2
    assert last == NOW


def test_rows_stand_just_before_at_and_just_after_the_cut_offs(seeded):
    """90 days and seven years before now, by UTC: one before, one at it, one after."""
    around = """SELECT extract(microseconds FROM {by} - ('{now}'::timestamptz AT TIME ZONE 'UTC' - interval '{keep}') AT TIME ZONE 'UTC')::int
                FROM {table} WHERE session_id = 'edge' ORDER BY 1"""

    for table, by, keep in (
        ("performance_analytics", '"timestamp"', "90 days"),
        ("audit_logs", "created_at", "7 years"),
    ):
        offsets = [
            row[0] for row in seeded.run(around.format(table=table, by=by, keep=keep, now=NOW))
        ]
        assert {-1, 0, 1} <= set(offsets)


def test_usage_has_hours_days_gauges_and_nulls(seeded):
    """Thirty months of hourly rows beside daily totals, each resource in both, some without unit or price."""
    ((resources, granularities, no_unit, no_price, days, last),) = seeded.run("""
        SELECT count(DISTINCT resource_type), count(DISTINCT (resource_type, usage_hour IS NULL)),
               count(*) FILTER (WHERE unit IS NULL), count(*) FILTER (WHERE unit_price IS NULL),
               max(usage_date) - min(usage_date) + 1, max(usage_date) FROM usage_tracking""")

    assert (resources, granularities, days, last) == (8, 16, 913, dt.date(2026, 3, 28))
    assert no_unit > 0
    assert no_price > 0


def test_daily_totals_are_unique_though_null_hours_would_allow_more(seeded):
    """The unique constraint does not see NULL hours: the rows themselves keep to it."""
    ((rows, places),) = (
        seeded.run("""SELECT count(*), count(DISTINCT (organization_id, usage_date, usage_hour, resource_type))
                                      FROM usage_tracking""")
    )

    assert rows == places == divide(6_000).usage_days + divide(6_000).usage_hours


def test_billed_usage_points_to_the_invoice_of_its_month(seeded):
    """An invoice behind a row is of the same tenant and the same month."""
    ((billed, right),) = seeded.run("""
        SELECT count(*), count(*) FILTER (WHERE i.organization_id = u.organization_id
                                          AND u.usage_date BETWEEN i.billing_period_start AND i.billing_period_end)
        FROM usage_tracking AS u JOIN invoices AS i ON i.id = u.invoice_id""")

    assert billed == right > 0


def test_the_planner_has_statistics(seeded):
    """A dry-run straight after the seeding can estimate."""
    assert seeded.run(
        "SELECT count(*) FROM pg_class WHERE relname = 'audit_logs' AND reltuples > 0"
    ) == [(1,)]


def test_the_same_moment_gives_the_same_rows(seeded, make_database, driver):
    """Two databases seeded for one moment hold equal rows, column by column."""
    from maintainer.db import conninfo
    from maintainer.db.connect import connect

    twin = make_database()
    session = connect(conninfo.resolve(twin.dsn, {}), driver=driver)
    apply(session)
    seed(session, 6_000, NOW)
    session.close()

    assert twin.run(FINGERPRINT) == seeded.run(FINGERPRINT)


def test_seeding_twice_is_refused_and_changes_nothing(seeded, session):
    """Rows of an earlier seeding stay as they were."""
    before = seeded.run(FINGERPRINT)

    with pytest.raises(DatabaseError):
        seed(session, 100, NOW)

    assert seeded.run(FINGERPRINT) == before
