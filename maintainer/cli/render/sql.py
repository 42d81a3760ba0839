"""A plan as the SQL of its steps, for a reader who knows SQL; values not known yet are `:name`."""

from __future__ import annotations

from collections.abc import Iterator

from maintainer.cli.render.words import clean
from maintainer.names import Fragment
from maintainer.plan.plan import Plan
from maintainer.plan.steps import KeyRange, Purge, Refuse, Rollup, Skip, Step, Work, kind
from maintainer.sql.statement import Prepared


def script(plan: Plan) -> str:
    """Every step in order; what is refused is shown too, for the one who may approve it."""
    steps = enumerate(plan.steps, 1)
    return "\n\n".join("\n".join(_step(number, step)) for number, step in steps)


def _step(number: int, step: Step) -> Iterator[str]:
    yield _comment(f"step {number}: {_verb(step)}{kind(step)} {step.table} (rule {step.rule})")
    yield _comment(step.reason)
    if isinstance(step, Skip):
        return
    if isinstance(step, Refuse):
        yield from _work(step.would) if step.would else ()
        return
    yield from _work(step)


def _work(step: Work) -> Iterator[str]:
    if path := getattr(step, "search_path", ()):
        yield _comment(f"search_path: {', '.join(path)}")
    if isinstance(step, Purge):
        yield from _purge(step)
    else:
        yield _ended(step.statement)


def _verb(step: Step) -> str:
    return {Skip: "skip ", Refuse: "refuse to "}.get(type(step), "")


def _purge(step: Purge) -> Iterator[str]:
    if step.rollup is not None:
        yield from _rollup(step.rollup)
    if isinstance(step.path, KeyRange):
        yield from _prepared("before each segment", step.path.probe)
    yield from _prepared("each segment", step.path.purge)
    yield from _prepared("at the end", step.remaining)
    yield ""
    yield _comment("at the end: what has no usable time")
    yield _ended(step.oddities)


def _rollup(rollup: Rollup) -> Iterator[str]:
    yield from _prepared("before the first and after the last segment", rollup.first_month)
    yield from _prepared("before the first and after the last segment", rollup.rewrite)
    yield from _prepared("after the last segment", rollup.check)
    yield from _prepared("after the last segment", rollup.carried)


def _prepared(when: str, prepared: Prepared) -> Iterator[str]:
    yield ""
    yield _comment(f"{when}: {prepared.statement.purpose}")
    yield _ended(prepared.shown())


def _comment(text: str) -> str:
    return f"-- {clean(text)}"


def _ended(statement: Fragment | str) -> str:
    return f"{statement};"
