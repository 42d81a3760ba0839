"""What a rule would take from its table: proves its predicates, then estimates or counts."""

from __future__ import annotations

import re

from maintainer.db.session import Session
from maintainer.errors import CancelledError, ConnectionLostError, DatabaseError
from maintainer.names import Fragment, comma, quote
from maintainer.plan.facts import UNKNOWN, Count, Expiry, How, TableFacts
from maintainer.plan.questions import Question
from maintainer.sql.literal import Typed, literal
from maintainer.sql.statement import named

SMALL_BYTES = 64 << 20
PLANNED_ROWS = re.compile(r"rows=(\d+)")


def answer(session: Session, question: Question, table: TableFacts) -> Expiry:
    """Ask the questions of one rule in a read-only transaction of their own."""
    try:
        with session.transaction(read_only=True):
            session.execute(scope(question.search_path))
            for what, statement in question.proofs:
                _prove(session, what, statement)
            return _counted(session, question, table)
    except (ConnectionLostError, CancelledError):
        raise
    except _ProofError as fault:
        return Expiry(fault=str(fault))
    except DatabaseError as error:
        return Expiry(fault=f"the server refuses to look: {error.message}")


def scope(schemas: tuple[str, ...]) -> Fragment:
    """SET LOCAL search_path to some schemas."""
    return named("set_search_path").fill(path=comma([quote(schema) for schema in schemas]))


class _ProofError(Exception):
    """The server did not accept a predicate."""


def _prove(session: Session, what: str, statement: Fragment) -> None:
    try:
        session.execute(statement)
    except (ConnectionLostError, CancelledError):
        raise
    except DatabaseError as error:
        raise _ProofError(f"{what} is not accepted by the server: {error.message}") from error


def _counted(session: Session, question: Question, table: TableFacts) -> Expiry:
    oldest, none_old = _oldest(session, question)
    if none_old:
        return Expiry(expired=Count(0, "exact"), oldest=oldest, total=table.rows)
    estimate = _estimate(session, question.estimate)
    if not question.exact and not _is_cheap(table):
        how: How = "estimated" if table.rows.how == "estimated" else "stale"
        return Expiry(expired=Count(estimate, how), oldest=oldest, total=table.rows)
    expired = _exact(session, question.count, question.limit, estimate)
    held = _exact(session, question.held, question.limit, 0) if question.held else UNKNOWN
    total = table.rows
    if total.how != "estimated" and expired.value:
        total = Count(_number(session, question.total, []), "exact")
    return Expiry(expired=expired, held=held, oldest=oldest, total=total)


def _is_cheap(table: TableFacts) -> bool:
    """Whether counting a small table is better than reporting what old statistics say."""
    return table.rows.how == "stale" and table.heap_bytes <= SMALL_BYTES


def _oldest(session: Session, question: Question) -> tuple[str | None, bool]:
    """The oldest finite time, and whether it proves that nothing is past the cut-off."""
    if question.oldest is None:
        return None, False
    rows = session.execute(question.oldest).rows
    if not rows:
        return None, True
    oldest = str(rows[0][0])
    before = named("is_before").fill(
        first=literal(Typed(oldest, question.type)),
        second=literal(Typed(question.cutoff, question.type)),
    )
    return oldest, not session.execute(before).rows[0][0]


def _estimate(session: Session, statement: Fragment) -> int:
    line = str(session.execute(statement).rows[0][0])
    found = PLANNED_ROWS.search(line)
    return int(found[1]) if found else 0


def _exact(session: Session, statement: Fragment, limit: int, estimate: int) -> Count:
    counted = _number(session, statement, [limit])
    if counted < limit:
        return Count(counted, "exact")
    return Count(max(counted, estimate), "exact", at_least=True)


def _number(session: Session, statement: Fragment, params: list[int]) -> int:
    return int(str(session.execute(statement, params).rows[0][0]))
