"""Carry out a purge: segment after segment while the budget lasts, then say what is left."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from maintainer.actions import monthly, spans
from maintainer.actions.context import Context
from maintainer.actions.segment import Span, Taken, publish, scope, take
from maintainer.errors import ConflictError, LockTimeoutError
from maintainer.pace.size import Size
from maintainer.plan.receipts import Outcome, Receipt
from maintainer.plan.steps import Purge

TRIES = 4
COUNTED = 1_000_000


@dataclass(slots=True)
class _Sum:
    rows: int = 0
    raw_bytes: int = 0
    stored_bytes: int = 0
    segments: int = 0
    seconds: float = 0.0
    last: float = 0.0

    def add(self, taken: Taken, seconds: float) -> None:
        self.rows += taken.rows
        self.raw_bytes += taken.raw_bytes
        self.stored_bytes += taken.stored_bytes
        self.seconds += seconds
        self.last = seconds
        self.segments += 1 if taken.rows else 0


def run(step: Purge, ctx: Context) -> Iterator[Receipt]:
    """Archive and delete one segment to a transaction; the last receipt has the sums.

    Raises MaintainerError; what was committed before stands in the ledger.
    """
    done = _Sum()
    months = monthly.begin(step, ctx)
    why = yield from _segments(step, ctx, done)
    months.finish(done.rows)
    yield _final(step, ctx, done, why)


def _segments(step: Purge, ctx: Context, done: _Sum) -> Generator[Receipt, None, str | None]:
    """Take span after span; returns why it ended early, or None at the end of the walk."""
    size = Size(step.limits.seconds, step.limits.rows, step.limits.stored_bytes, step.row_bytes)
    walk = spans.walk(step, ctx)
    while not (why := ctx.budget.too_short(ctx.clock.now(), dt.timedelta(seconds=done.last))):
        asked = max(1, min(size.rows, step.ceiling - done.rows))
        if (span := walk.take(asked)) is None:
            return None
        began = ctx.clock.monotonic()
        taken = _tried(step, ctx, span, step.ceiling - done.rows)
        seconds = ctx.clock.monotonic() - began
        size.learn(asked, seconds, taken.stored_bytes)
        done.add(taken, seconds)
        if taken.rows:
            yield _progress(step, taken, seconds)
        publish(ctx, taken)
    return why


def _tried(step: Purge, ctx: Context, span: Span, allowed: int) -> Taken:
    """Take a span, again after a conflict with somebody else: nothing was lost by that."""
    for attempt in range(1, TRIES):
        try:
            return take(step, ctx, span, allowed)
        except (ConflictError, LockTimeoutError):
            if ctx.budget.spent(ctx.clock.now()):
                raise
            ctx.clock.sleep(attempt * random.uniform(0.2, 1.0))  # noqa: S311 - jitter, not a secret
    return take(step, ctx, span, allowed)


def _progress(step: Purge, taken: Taken, seconds: float) -> Receipt:
    return Receipt(
        step,
        Outcome.PROGRESS,
        rows=taken.rows,
        raw_bytes=taken.raw_bytes,
        stored_bytes=taken.stored_bytes,
        seconds=seconds,
    )


def _final(step: Purge, ctx: Context, done: _Sum, why: str | None) -> Receipt:
    left, counts = _left(step, ctx)
    return Receipt(
        step,
        Outcome.STOPPED if why else Outcome.DONE,
        rows=done.rows,
        raw_bytes=done.raw_bytes,
        stored_bytes=done.stored_bytes,
        seconds=done.seconds,
        detail="; ".join(part for part in (why, _still_due(left), *_odd(counts)) if part),
        finished=left == 0 and step.settled is not None,
        after={"segments": done.segments, "rows_still_due": left, **counts},
    )


def _left(step: Purge, ctx: Context) -> tuple[int, dict[str, int]]:
    """What has expired and is still there, and the rows that have no age."""
    with ctx.session.transaction(read_only=True):
        ctx.session.execute(scope(step))
        left = ctx.session.execute(step.remaining.bind(rows=COUNTED)).rows[0][0]
        odd = ctx.session.execute(step.oddities).rows[0]
    names = ("rows_without_time", "rows_at_infinity", "rows_in_the_future")
    return int(str(left)), {name: int(str(n)) for name, n in zip(names, odd, strict=True)}


def _still_due(left: int) -> str:
    if left == 0:
        return ""
    more = "or more " if left >= COUNTED else ""
    return f"{left:,} {more}rows are still due: they go next time"


def _odd(counts: dict[str, int]) -> Iterator[str]:
    for name, number in counts.items():
        if number:
            yield f"{number:,} {name.replace('_', ' ')} stay"
