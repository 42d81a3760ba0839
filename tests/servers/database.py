"""Databases and roles that last as long as one test."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.servers.server import Server
from tests.servers.sql import run_sql


@dataclass(frozen=True, slots=True)
class Database:
    """An empty database of one's own; `dsn` is the superuser's, over TCP."""

    name: str
    server: Server

    @property
    def dsn(self) -> str:
        """The superuser's conninfo."""
        return self.server.dsn(self.name)

    def dsn_as(self, role: Role) -> str:
        """The conninfo of another role."""
        return self.server.dsn(self.name, role.name, role.password)

    def run(self, sql: str) -> list[tuple]:
        """Run set-up SQL as superuser; the rows of the last statement that has rows."""
        return run_sql(self.dsn, sql)


@dataclass(frozen=True, slots=True)
class Role:
    """A role that can log in with a password."""

    name: str
    password: str = field(repr=False)


@contextmanager
def fresh_database(server: Server) -> Iterator[Database]:
    """Create a database, and drop it whoever is still connected."""
    database = Database(f"test_{secrets.token_hex(6)}", server)
    _rule(server, f'CREATE DATABASE "{database.name}" TEMPLATE template0')
    try:
        yield database
    finally:
        _forget_prepared(database)
        _rule(server, f'DROP DATABASE "{database.name}" WITH (FORCE)')


@contextmanager
def fresh_role(server: Server, attributes: str = "") -> Iterator[Role]:
    """Create a role that may log in (`attributes` as in CREATE ROLE), and drop what it owns."""
    role = Role(f"role_{secrets.token_hex(6)}", secrets.token_urlsafe(12))
    _rule(server, f"CREATE ROLE {role.name} LOGIN PASSWORD '{role.password}' {attributes}")
    try:
        yield role
    finally:
        for (name,) in _rule(server, HOLDINGS.format(role=role.name)):
            _rule(server, f"DROP OWNED BY {role.name} CASCADE", name)
        _rule(server, f"DROP ROLE {role.name}")


HOLDINGS = """
SELECT DISTINCT coalesce(d.datname, current_database())
FROM pg_shdepend s JOIN pg_roles r ON r.oid = s.refobjid LEFT JOIN pg_database d ON d.oid = s.dbid
WHERE s.refclassid = 'pg_authid'::regclass AND r.rolname = '{role}'
"""


def _rule(server: Server, sql: str, database: str = "postgres") -> list[tuple]:
    """Run what must not wait for a standby that a test has taken away."""
    return run_sql(server.dsn(database, options="-c synchronous_commit=local"), sql)


def _forget_prepared(database: Database) -> None:
    held = "SELECT gid FROM pg_prepared_xacts WHERE database = current_database()"
    slots = f"SELECT slot_name FROM pg_replication_slots WHERE database = '{database.name}'"
    for (gid,) in database.run(held):
        _rule(database.server, f"ROLLBACK PREPARED '{gid}'", database.name)
    for (slot,) in database.run(slots):
        database.run(f"SELECT pg_drop_replication_slot('{slot}')")
