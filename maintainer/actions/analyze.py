"""ANALYZE one table, and see whether the server counted it."""

from __future__ import annotations

from collections.abc import Iterator

from maintainer.actions import counters, ending, locks, standing, verdict, within
from maintainer.actions.context import Context
from maintainer.plan.receipts import Outcome, Receipt
from maintainer.plan.steps import Analyze


def run(step: Analyze, ctx: Context) -> Iterator[Receipt]:
    """Analyze, and say what came of it."""
    yield ending.final(step, ctx, lambda: _analyze(step, ctx))


def _analyze(step: Analyze, ctx: Context) -> Receipt:
    oid = standing.check(ctx, step.table, "analyze")
    before = counters.read(ctx, step.table)
    ctx.session.drain_notices()
    with within.settings(ctx.session, search_path=within.schemas(step.search_path)):
        locks.taking(ctx, step.table, oid, lambda: ctx.session.execute(step.statement))
    warned = verdict.warnings(ctx)
    if not counters.counts(ctx, before):
        return verdict.uncounted(step, before, warned)
    after = counters.moved(ctx, step.table, lambda now: now.analyzes > before.analyzes)
    if after.analyzes <= before.analyzes:
        standing.check(ctx, step.table, "analyze")
        return verdict.unmoved(step, before, after, warned)
    return Receipt(
        step,
        Outcome.DONE,
        rows=after.live_rows,
        detail="; ".join(warned),
        before=before.shown(),
        after=after.shown(),
    )
