"""The monthly table of a rollup, rewritten before the first and after the last segment of a run."""

from __future__ import annotations

from dataclasses import dataclass

from maintainer.actions.context import Context
from maintainer.actions.segment import scope
from maintainer.errors import MaintainerError, RefusedError
from maintainer.names import Fragment
from maintainer.plan.steps import Purge, Rollup
from maintainer.sql.literal import Typed
from maintainer.sql.statement import named

CHECKS = 3
NEVER = "infinity"  # the first month when there is no row at all


class ConservationError(MaintainerError):
    """A monthly row is not the sum of its raw rows and of what was carried."""


@dataclass(frozen=True, slots=True)
class Months:
    """The months that a purge may touch: from `first` on, in the server's own words."""

    step: Purge
    ctx: Context
    first: str = NEVER

    def finish(self, rows: int) -> None:
        """Rewrite after the last segment, and prove that nothing was lost on the way.

        Raises ConservationError.
        """
        rollup = self.step.rollup
        if rollup is None:
            return
        _compare_carried(self, rollup, rows)
        first = _first_month(self.step, rollup, self.ctx, self.first)
        for _ in range(CHECKS):  # a late row between the two statements is no broken law
            _rewrite(self.step, rollup, self.ctx, first)
            if (wrong := _wrong(self.step, rollup, self.ctx, first)) == 0:
                return
        raise ConservationError(
            f"{rollup.into}: {wrong} monthly rows of closed months are not raw rows plus carry",
            hint="somebody else writes that table, or a trigger changes it; the raw rows that "
            "left are in the archive",
        )


def begin(step: Purge, ctx: Context) -> Months:
    """Rewrite before the first segment, so that the months are right whatever happens next.

    Raises RefusedError when the monthly table holds rows of somebody else.
    """
    if step.rollup is None:
        return Months(step, ctx)
    first = _first_month(step, step.rollup, ctx, NEVER)
    _begun(step, step.rollup, ctx, first)
    return Months(step, ctx, first)


def _first_month(step: Purge, rollup: Rollup, ctx: Context, before: str) -> str:
    return str(_ask(step, ctx, rollup.first_month.bind(run=ctx.run, before=_date(before))))


def _begun(step: Purge, rollup: Rollup, ctx: Context, first: str) -> None:
    """Rewrite, and take it back when the table turns out to hold what somebody else wrote."""
    with ctx.session.transaction():
        if strange := _rewritten(step, rollup, ctx, first):
            rows = "1 row" if strange == 1 else f"{strange:,} rows"
            raise RefusedError(
                f"{rollup.into} holds {rows} of {first} or later that rollup {rollup.name} did "
                f"not write and that are not sums of {step.table}",
                hint="move them away, or fill an empty table; nothing was changed or deleted",
            )


def _rewrite(step: Purge, rollup: Rollup, ctx: Context, first: str) -> None:
    with ctx.session.transaction():
        _rewritten(step, rollup, ctx, first)


def _rewritten(step: Purge, rollup: Rollup, ctx: Context, first: str) -> int:
    """Renew the months inside a transaction; how many of its rows are somebody else's."""
    ctx.session.execute(scope(step))
    ctx.session.execute(named("join_by_hash_or_merge").fill())
    statement = rollup.rewrite.bind(run=ctx.run, from_month=_date(first))
    return int(str(ctx.session.execute(statement).rows[0][0]))


def _wrong(step: Purge, rollup: Rollup, ctx: Context, first: str) -> int:
    return int(str(_ask(step, ctx, rollup.check.bind(from_month=_date(first)))))


def _compare_carried(months: Months, rollup: Rollup, rows: int) -> None:
    carried = int(str(_ask(months.step, months.ctx, rollup.carried.bind(run=months.ctx.run))))
    if carried != rows:
        raise ConservationError(
            f"{months.step.table}: {rows} rows left and {carried} were carried to {rollup.into}",
            hint="this is a bug; the rows are in the archive, please report it",
        )


def _ask(step: Purge, ctx: Context, statement: Fragment) -> object:
    with ctx.session.transaction(read_only=True):
        ctx.session.execute(scope(step))
        return ctx.session.execute(statement).rows[0][0]


def _date(text: str) -> Typed:
    return Typed(text, "date")
