"""What the database's catalogue says about the tables, and what it should say."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from maintainer.db.session import Session
from maintainer.names import Fragment
from maintainer.sql.statement import named

TABLES = (
    "audit_logs",
    "invoices",
    "message_templates",
    "performance_analytics",
    "scheduled_reports",
    "subscription_changes",
    "usage_tracking",
    "usage_tracking_monthly",
)

QUERIES = ("tables", "columns", "constraints", "indexes", "policies", "triggers", "functions")


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One object of the catalogue; objects of a table are named `table.object`."""

    kind: str
    name: str
    definition: str


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom the policies address: the roles of Supabase where it is Supabase, else everybody."""

    members: str
    systems: str

    @property
    def slots(self) -> Mapping[str, Fragment]:
        """The roles for the `{slots}` of a statement."""
        return {"members": Fragment(self.members), "systems": Fragment(self.systems)}


EVERYBODY = Audience("public", "public")
SUPABASE = Audience("authenticated", "authenticated, service_role")


def audience(session: Session) -> Audience:
    """Find out whom the policies of this database address."""
    is_supabase = session.execute(named("select_schema_audience").fill()).rows[0][0]
    return SUPABASE if is_supabase else EVERYBODY


def read(session: Session) -> list[Entry]:
    """Read what is there; inside the caller's transaction, whose search_path it pins."""
    session.execute(named("pin_schema_deparse").fill())
    entries = [entry for query in QUERIES for entry in _look(session, query)]
    return sorted(entries)


def expected(audience: Audience) -> list[Entry]:
    """Read what should be there, as `schema apply` made it on a fresh database."""
    text = resources.files(__package__).joinpath("expected.csv").read_text("utf-8")
    _, *rows = csv.reader(text.splitlines())
    return [Entry(kind, name, _address(definition, audience)) for kind, name, definition in rows]


def _look(session: Session, query: str) -> list[Entry]:
    statement = named(f"select_schema_{query}")
    params = () if query == "functions" else (list(TABLES),)
    rows = session.execute(statement.fill(), params).rows
    return [Entry(str(kind), str(name), str(definition)) for kind, name, definition in rows]


def _address(definition: str, audience: Audience) -> str:
    found = definition.replace("{members}", audience.members)
    return found.replace("{systems}", audience.systems)
