"""Ending somebody's session from outside."""

from __future__ import annotations

from tests.servers import Database


def terminate(database: Database, pid: int) -> None:
    """End a backend and wait until it is gone (pg_terminate_backend waits from 14 on)."""
    database.run(f"SELECT pg_terminate_backend({pid})")
    while database.run(f"SELECT 1 FROM pg_stat_activity WHERE pid = {pid}"):
        continue
