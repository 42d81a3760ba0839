"""Which schemas a statement may see that fires a table's own expressions and triggers."""

from __future__ import annotations

from maintainer.plan.facts import TableFacts

FIRST, LAST = "pg_catalog", "pg_temp"


def search_path(facts: TableFacts, extra: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The catalogue, the table's schema, those of its columns' types, `extra`, and pg_temp last.

    pg_temp comes last by name: unnamed it would be searched first, before the catalogue.
    """
    types = (schema for column in facts.columns for schema in column.schemas)
    schemas = dict.fromkeys((FIRST, facts.table.schema, *types, *extra))
    schemas.pop(LAST, None)
    return (*schemas, LAST)
