"""The append-only chain of what happened."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from maintainer.db.locks import EVENTS
from maintainer.db.session import Session
from maintainer.sql.statement import named


@dataclass(frozen=True, slots=True)
class Link:
    """A place in the chain."""

    number: int
    hash: str


def append(session: Session, run: str, kind: str, body: Mapping[str, object]) -> Link:
    """Add an event inside the caller's transaction; the next one waits until that is over."""
    session.execute(named("lock_events").fill(), [EVENTS])
    text = json.dumps(body, default=str, sort_keys=True)
    row = session.execute(named("append_event").fill(), [run, kind, text]).rows[0]
    return Link(int(str(row[0])), str(row[1]))
