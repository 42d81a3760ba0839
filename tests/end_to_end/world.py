"""A whole database as one value, to see whether anything was written; and rows as text."""

from __future__ import annotations

from tests.servers import Database

TABLES = """
SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%' ORDER BY 1
"""
CATALOGUES = """
SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname = 'pg_catalog' AND NOT c.relisshared ORDER BY 1
"""
HASH = (
    "SELECT count(*), md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '')) FROM {} AS t"
)


def whole(database: Database) -> dict[str, tuple]:
    """Row count and hash of every table, system catalogues included."""
    names = [row[0] for query in (TABLES, CATALOGUES) for row in database.run(query)]
    return {name: database.run(HASH.format(name))[0] for name in names}


def rows(database: Database, table: str, where: str = "true") -> list[str]:
    """Rows of a table as the server writes them, sorted."""
    return sorted(row[0] for row in database.run(f"SELECT t::text FROM {table} AS t WHERE {where}"))
