"""Make what is missing of the seven tables, and touch nothing that is there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from maintainer.db.session import Session
from maintainer.errors import MissingObjectError
from maintainer.schema import catalogue
from maintainer.sql.statement import Statement, load, named

KINDS = {"rls": "row level security"}  # every other kind is called what its statement calls it


class Outcome(StrEnum):
    """What became of one object."""

    CREATED = "created"
    PRESENT = "already there"


@dataclass(frozen=True, slots=True)
class Change:
    """One object of the schema and what `apply` did about it."""

    kind: str
    name: str
    outcome: Outcome


def apply(session: Session) -> list[Change]:
    """Make every object that is missing, in one transaction; one that is there stays as it is.

    Raises MissingObjectError when a table that is there lacks a column that an object needs.
    """
    with session.transaction():
        session.execute(named("lock_schema_apply").fill())
        session.execute(named("pin_schema_deparse").fill())
        audience = catalogue.audience(session)
        present = {
            str(row[0]) for row in session.execute(named("select_schema_present").fill()).rows
        }
        return [
            _settle(session, statement, audience, present)
            for statement in load("maintainer.schema").values()
        ]


def _settle(
    session: Session, statement: Statement, audience: catalogue.Audience, present: set[str]
) -> Change:
    _, word, name = statement.name.split("_", 2)
    kind = KINDS.get(word, word)
    if statement.name in present:
        return Change(kind, name, Outcome.PRESENT)
    try:
        session.execute(statement.fill(**audience.slots))
    except MissingObjectError as error:
        raise _explained(error, kind, name) from error
    return Change(kind, name, Outcome.CREATED)


def _explained(error: MissingObjectError, kind: str, name: str) -> MissingObjectError:
    return MissingObjectError(
        f"{kind} {name} cannot be made: {error.message}; nothing was applied",
        sqlstate=error.sqlstate,
        detail=error.detail,
        hint="what is there already is not what this needs; see `maintainer schema verify`",
    )
