"""Set-up SQL for tests, past the code under test."""

from __future__ import annotations

import psycopg


def run_sql(dsn: str, sql: str) -> list[tuple]:
    """Run one or more statements in autocommit; the rows of the last one that has rows."""
    rows: list[tuple] = []
    with psycopg.connect(dsn, autocommit=True) as connection:
        cursor = connection.execute(sql.encode())
        while True:
            if cursor.description is not None:
                rows = cursor.fetchall()
            if not cursor.nextset():
                return rows
