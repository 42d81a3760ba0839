"""What the planner must ask of the server before it decides about a rule: candidate statements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from maintainer.names import Fragment, quote
from maintainer.plan import predicates
from maintainer.plan.aim import Aim
from maintainer.plan.paths import leading_index
from maintainer.sql.statement import named


@dataclass(frozen=True, slots=True)
class Question:
    """One rule's questions; the statements are complete but for a limit.

    `proofs` are (what it is, statement): the server must accept each before anything else is
    asked. `held` is None without holds; `first` finds the oldest row that is past the cut-off
    and is None without an index on the time.
    """

    rule: str
    search_path: tuple[str, ...]
    proofs: tuple[tuple[str, Fragment], ...]
    estimate: Fragment
    count: Fragment
    total: Fragment
    held: Fragment | None
    oldest: Fragment | None
    cutoff: str
    type: str
    limit: int
    exact: bool


def ask(aim: Aim, *, exact: bool) -> Question:
    """The questions about one rule; `exact` asks for counts where estimates would do."""
    walk = aim.walk
    kept = predicates.kept_by_none([hold.where for hold in aim.holds])
    taken = predicates.expired(walk.past, aim.rule.where, [])
    return Question(
        rule=aim.rule.name,
        search_path=aim.search_path,
        proofs=tuple(_proofs(aim)),
        estimate=named("estimate_expired").fill(table=walk.table, expired=walk.expired),
        count=named("count_expired").fill(table=walk.table, expired=walk.expired),
        total=named("count_all").fill(table=walk.table),
        held=named("count_held").fill(table=walk.table, past=taken, kept=kept) if kept else None,
        oldest=_oldest(aim),
        cutoff=aim.cutoff.text,
        type=walk.type,
        limit=aim.rule.guard.max_rows + 1,
        exact=exact,
    )


def _oldest(aim: Aim) -> Fragment | None:
    if leading_index(aim.table, aim.walk.by) is None:
        return None
    return named("select_oldest").fill(
        table=aim.walk.table, by=quote(aim.walk.by), type=Fragment(aim.walk.type)
    )


def _proofs(aim: Aim) -> Iterator[tuple[str, Fragment]]:
    if aim.rule.where:
        yield from _both(aim, "its where", "predicate", aim.rule.where)
    for hold in aim.holds:
        yield from _both(aim, f"hold {hold.name}", "predicate", hold.where)
    if aim.rule.rollup:
        for name, expression in aim.rule.rollup.group_by:
            yield from _both(aim, f"group_by {name} of its rollup", "expression", expression)


def _both(aim: Aim, what: str, kind: str, text: str) -> Iterator[tuple[str, Fragment]]:
    for context in (f"prove_{kind}", f"prove_{kind}_in_array"):
        yield what, named(context).fill(predicate=Fragment(text), table=aim.walk.table)
