"""What the record knows of the archive: which one, how far the two agree, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping

from maintainer.db.session import Param, Session
from maintainer.journal import events
from maintainer.plan.head import Head
from maintainer.plan.segment import Segment
from maintainer.sql.statement import named


def last_root(session: Session, name: str) -> str | None:
    """Where the archive of that name was last; None when no file of this record lies in one."""
    rows = session.execute(named("select_archive").fill(), [name]).rows
    return str(rows[0][0]) if rows else None


def keep(session: Session, archive: str, name: str, root: str) -> None:
    """From now on segments belong to this archive."""
    with session.transaction():
        session.execute(named("keep_archive").fill(), [archive, name, root])
        session.execute(named("use_archive").fill(), [archive])


def head(session: Session) -> Head | None:
    """The last committed event."""
    rows = session.execute(named("select_head").fill()).rows
    if not rows:
        return None
    run, number, digest, timeline = rows[0]
    since = None if timeline is None else int(str(timeline))
    return Head(str(run), int(str(number)), str(digest), since)


def knows(session: Session, head: Head) -> bool:
    """Whether the record has been there."""
    values: list[Param] = [head.event, head.run, head.hash]
    return session.execute(named("select_known_head").fill(), values).rows == [(True,)]


def unsettled(session: Session) -> set[str]:
    """Runs whose files are looked at again: the last that stored one, and those that miss one."""
    return {str(row[0]) for row in session.execute(named("select_unsettled_runs").fill()).rows}


def stored(session: Session, run: str) -> Mapping[int, bool]:
    """The numbers of a run's segments in the archive in use, and whether one was missed before."""
    rows = session.execute(named("select_stored").fill(), [run]).rows
    return {int(str(number)): bool(missed) for number, missed in rows}


def miss(session: Session, segment: Segment) -> None:
    """Put it on the record that a segment's file is missing."""
    _mark(session, segment, "mark_missing", "archive.missing")


def find(session: Session, segment: Segment) -> None:
    """Put it on the record that a segment's file is there again."""
    _mark(session, segment, "mark_found", "archive.found")


def _mark(session: Session, segment: Segment, statement: str, event: str) -> None:
    uri = segment.sealed.uri if segment.sealed else None
    body = {"segment": segment.number, "uri": uri, "rows": segment.rows}
    with session.transaction():
        session.execute(named(statement).fill(), [segment.run, segment.number])
        events.append(session, segment.run, event, body)
