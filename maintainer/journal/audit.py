"""Rows in the audit table: who did what, with the counters before and after."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from maintainer.db.session import Session
from maintainer.names import Fragment, TableName, comma, quote
from maintainer.sql.statement import named

TEXTS = (
    "actor_email",
    "actor_role",
    "action",
    "resource_type",
    "risk_level",
    "user_agent",
    "session_id",
)
DOCUMENTS = ("old_values", "new_values", "metadata")


@dataclass(frozen=True, slots=True)
class Entry:
    """What one audit row says, by the column names of the specification."""

    action: str
    risk_level: str
    old_values: Mapping[str, object] = field(default_factory=dict)
    new_values: Mapping[str, object] = field(default_factory=dict)
    metadata: Mapping[str, object] = field(default_factory=dict)
    resource_type: str = "database"


@dataclass(frozen=True, slots=True)
class Audit:
    """The audit table as it is here: `types` maps the specification's columns to (name, type)."""

    table: TableName
    types: Mapping[str, tuple[str, str]]
    actor: str
    run: str
    version: str

    def write(self, session: Session, entry: Entry) -> None:
        """Insert one row in the caller's transaction, which writes nothing else afterwards.

        Raises DatabaseError: what cannot be recorded must not be done.
        """
        values = self._values(entry)
        names = [name for name in values if name in self.types]
        parts = [self._place(number, name) for number, name in enumerate(names, 1)]
        statement = named("insert_audit").fill(
            table=self.table.sql,
            columns=comma([quote(self.types[name][0]) for name in names]),
            values=comma(parts),
        )
        session.execute(named("enforce_row_security").fill())
        session.execute(statement, [values[name] for name in names])

    def _values(self, entry: Entry) -> dict[str, str]:
        texts = {
            "actor_email": self.actor,
            "actor_role": "system",
            "action": entry.action,
            "resource_type": entry.resource_type,
            "risk_level": entry.risk_level,
            "user_agent": f"maintainer/{self.version}",
            "session_id": self.run,
        }
        documents = {name: _document(getattr(entry, name)) for name in DOCUMENTS}
        return texts | documents

    def _place(self, number: int, name: str) -> Fragment:
        kind = "parameter_json" if name in DOCUMENTS else "parameter_text"
        type_ = self.types[name][1]
        return named(kind).fill(number=Fragment(number), type=Fragment(type_))


def _document(value: Mapping[str, object]) -> str:
    return json.dumps(value, default=str, sort_keys=True)
