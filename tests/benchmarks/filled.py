"""A database with one table like performance_analytics, to be cloned for each measurement."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.servers import Server, run_sql

ORIGINAL = "bench_original"
CLONE = "bench_clone"

TABLE = """
CREATE TABLE performance_analytics (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(), organization_id uuid NOT NULL, user_id uuid,
  session_id text, type text NOT NULL, name text, value numeric, duration numeric, url text,
  route text, metadata jsonb, ip_address inet, user_agent text, viewport_width int,
  viewport_height int, device_type text, "timestamp" timestamptz NOT NULL,
  created_at timestamptz NOT NULL)
"""
FILL = """
INSERT INTO performance_analytics
SELECT gen_random_uuid(), md5((i % 50)::text)::uuid, md5((i % 5000)::text)::uuid,
       md5((i / 7)::text), (ARRAY['LCP','CLS','FID','api-call'])[1 + i % 4], 'metric ' || i % 20,
       (i % 10000) / 7.0, (i % 3000) / 3.0, 'https://app.example.com/inbox/' || i % 1000,
       '/inbox/[id]', jsonb_build_object('build', i % 100, 'region', 'eu', 'tags', ARRAY['a','b']),
       ('10.0.' || i % 250 || '.' || i % 199)::inet,
       'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0',
       1280, 720, 'desktop', t, t
FROM ({times}) AS s
"""
TIMES = """
SELECT i, date_trunc('day', now()) - interval '90 days'
       + (i - {last_expired} - 0.5) * interval '{spacing} seconds' AS t
FROM generate_series(1, {rows}) AS i ORDER BY {order}
"""
INDEXES = (
    "organization_id",
    "user_id",
    "type",
    '"timestamp"',
    "session_id",
    'organization_id, type, "timestamp"',
)


def fill(server: Server, rows: int, expired: float, order: str) -> int:
    """Make the original; returns how many of its rows are older than 90 days."""
    run_sql(server.dsn(), f"DROP DATABASE IF EXISTS {ORIGINAL} WITH (FORCE)")
    run_sql(server.dsn(), f"CREATE DATABASE {ORIGINAL}")
    dsn = server.dsn(ORIGINAL)
    run_sql(dsn, TABLE)
    run_sql(dsn, _fill(rows, expired, order))
    for columns in INDEXES:
        run_sql(dsn, f"CREATE INDEX ON performance_analytics ({columns})")
    run_sql(dsn, "VACUUM ANALYZE performance_analytics")
    counted = run_sql(
        dsn,
        "SELECT count(*) FROM performance_analytics"
        " WHERE \"timestamp\" < date_trunc('day', now()) - interval '90 days'",
    )
    return int(counted[0][0])


def _fill(rows: int, expired: float, order: str) -> str:
    kept = max(rows * (100 - expired) / 100, 1)
    times = TIMES.format(
        rows=rows,
        last_expired=rows * expired / 100,
        spacing=f"{80 * 86400 / kept:.6f}",
        order="md5(i::text)" if order == "random" else "i",
    )
    return FILL.format(times=times)


@contextmanager
def clone(server: Server) -> Iterator[str]:
    """A fresh copy of the original, warmed and checkpointed; its name."""
    run_sql(server.dsn(), f"DROP DATABASE IF EXISTS {CLONE} WITH (FORCE)")
    run_sql(server.dsn(), f"CREATE DATABASE {CLONE} TEMPLATE {ORIGINAL}")
    run_sql(server.dsn(CLONE), "SELECT count(*), sum(length(url)) FROM performance_analytics")
    run_sql(server.dsn(), "CHECKPOINT")
    try:
        yield CLONE
    finally:
        run_sql(server.dsn(), f"DROP DATABASE IF EXISTS {CLONE} WITH (FORCE)")
