"""VACUUM one table, and see whether its dead rows are gone."""

from __future__ import annotations

from collections.abc import Iterator

from maintainer.actions import counters, ending, horizon, locks, standing, verdict
from maintainer.actions.context import Context
from maintainer.actions.counters import Counters
from maintainer.plan.receipts import Outcome, Receipt
from maintainer.plan.steps import Vacuum


def run(step: Vacuum, ctx: Context) -> Iterator[Receipt]:
    """Vacuum, and say what came of it."""
    yield ending.final(step, ctx, lambda: _vacuum(step, ctx))


def _vacuum(step: Vacuum, ctx: Context) -> Receipt:
    oid = standing.check(ctx, step.table, "vacuum")
    counters.settle(ctx)
    before, holding = counters.read(ctx, step.table), horizon.holders(ctx)
    ctx.session.drain_notices()
    locks.taking(ctx, step.table, oid, lambda: ctx.session.execute(step.statement))
    warned = verdict.warnings(ctx)
    if not counters.counts(ctx, before):
        return verdict.uncounted(step, before, warned)
    after = counters.moved(ctx, step.table, lambda now: now.vacuums > before.vacuums)
    if after.vacuums <= before.vacuums:
        standing.check(ctx, step.table, "vacuum")
        return verdict.unmoved(step, before, after, warned)
    return _effect(step, ctx, before, after, holding)


def _effect(
    step: Vacuum, ctx: Context, before: Counters, after: Counters, holding: list[horizon.Holder]
) -> Receipt:
    in_the_way = horizon.still(holding, horizon.holders(ctx)) if after.dead_rows else None
    blind = horizon.blindness(ctx) if after.dead_rows and not in_the_way else ""
    removed = max(0, before.dead_rows - after.dead_rows)
    is_vain = before.dead_rows > 0 and removed == 0 and bool(in_the_way or blind)
    return Receipt(
        step,
        Outcome.INEFFECTIVE if is_vain else Outcome.DONE,
        rows=removed,
        detail=_remaining(after.dead_rows, in_the_way, blind),
        hint=in_the_way.mend if in_the_way else blind,
        exit_code=1 if is_vain else 0,
        before=before.shown(),
        after=after.shown(),
    )


def _remaining(rows: int, in_the_way: horizon.Holder | None, blind: str) -> str:
    if rows == 0:
        return ""
    if in_the_way:
        return f"{rows:,} dead rows cannot be removed yet: {in_the_way} may still see them"
    if blind:
        return (
            f"{rows:,} dead rows could not be removed; this role cannot see who may still see them"
        )
    return f"{rows:,} dead rows remain: they died while it ran, or their last reader has just left"
