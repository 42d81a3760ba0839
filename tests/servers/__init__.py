"""Real PostgreSQL servers for the tests: found, started once, shared by all workers, stopped."""

from tests.servers.database import Database, Role, fresh_database, fresh_role
from tests.servers.pool import Pool
from tests.servers.server import NoServerError, Server
from tests.servers.sql import run_sql

__all__ = [
    "Database",
    "NoServerError",
    "Pool",
    "Role",
    "Server",
    "fresh_database",
    "fresh_role",
    "run_sql",
]
