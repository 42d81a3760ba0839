"""The one place where a policy's predicates become part of a statement.

Whatever goes is: older than the cut-off, and kept by no hold, and taken by the rule's own `where`.
"""

from __future__ import annotations

from collections.abc import Iterable

from maintainer.names import Fragment, quote
from maintainer.sql.literal import Typed, literal
from maintainer.sql.statement import named


def past(by: str, type_: str, cutoff: str) -> Fragment:
    """The condition that a row's time is finite and before the cut-off."""
    return named("past_cutoff").fill(
        by=quote(by), type=Fragment(type_), cutoff=literal(Typed(cutoff, type_))
    )


def expired(older: Fragment, where: str | None, holds: Iterable[str]) -> Fragment:
    """The condition that a row goes."""
    unheld = kept_by_none(holds)
    taken = named("only_where").fill(predicate=Fragment(where)) if where else None
    return conjunction(older, *(part for part in (unheld, taken) if part))


def kept_by_none(holds: Iterable[str]) -> Fragment | None:
    """The condition that no hold keeps a row; None when there is no hold."""
    parts = [named("unless_held").fill(predicate=Fragment(hold)) for hold in holds]
    return conjunction(*parts) if parts else None


def conjunction(first: Fragment, *others: Fragment) -> Fragment:
    """All of some conditions."""
    joined = first
    for other in others:
        joined = named("both").fill(first=joined, second=other)
    return joined
