"""Which module carries out which kind of step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from maintainer.actions import analyze, purge, reindex, vacuum
from maintainer.actions.context import Context
from maintainer.plan.receipts import Receipt
from maintainer.plan.steps import Analyze, Purge, Reindex, Vacuum, Work

Action = Callable[..., Iterator[Receipt]]

ACTIONS: Mapping[type, Action] = {
    Purge: purge.run,
    Analyze: analyze.run,
    Vacuum: vacuum.run,
    Reindex: reindex.run,
}


def run(step: Work, ctx: Context) -> Iterator[Receipt]:
    """Carry out one step; its last receipt is the final one."""
    return ACTIONS[type(step)](step, ctx)
