"""The spans of a purge in their order; a walk never goes back to where it has been."""

from __future__ import annotations

from typing import Protocol

from maintainer.actions.context import Context
from maintainer.actions.segment import Span
from maintainer.errors import TableChangedError
from maintainer.plan.steps import BlockRange, KeyRange, Purge
from maintainer.sql.literal import Literal, Typed
from maintainer.sql.statement import named

MOST_ROWS = 291  # rows that fit a block of 8 kB


class Spans(Protocol):
    """Where the next segment begins and ends."""

    def take(self, rows: int) -> Span | None:
        """The next span of about so many rows; None when the walk is over."""


def walk(step: Purge, ctx: Context) -> Spans:
    """Start the walk that the plan chose."""
    match step.path:
        case KeyRange() as path:
            return _Keys(step, ctx, path)
        case BlockRange():
            return _Blocks(step, ctx)


class _Keys:
    """From the true minimum upwards; equal times stay in one span."""

    def __init__(self, step: Purge, ctx: Context, path: KeyRange) -> None:
        self._step, self._ctx, self._path = step, ctx, path
        self._after = "-infinity"

    def take(self, rows: int) -> Span | None:
        probe = self._path.probe.bind(after=self._key(self._after), rows=rows)
        first, last, _ = self._ctx.session.execute(probe).rows[0]
        if first is None or last is None:
            return None
        self._after = str(last)
        values = {"lower": self._key(str(first)), "upper": self._key(str(last))}
        return Span("key", str(first), str(last), {**values})

    def _key(self, text: str) -> Typed:
        return Typed(text, self._step.by_type)


class _Blocks:
    """From block 0 to the end that the heap had when the walk began."""

    def __init__(self, step: Purge, ctx: Context) -> None:
        blocks = ctx.session.execute(named("select_heap_blocks").fill(), [step.oid]).rows[0][0]
        if blocks is None:
            raise TableChangedError(f"{step.table} is gone", hint="the next run plans again")
        self._block, self._end = 0, int(str(blocks))
        known = step.table_rows // max(self._end, 1)
        self._rows_per_block = min(max(known, 1), MOST_ROWS) if step.table_rows else MOST_ROWS

    def take(self, rows: int) -> Span | None:
        first = self._block
        if first >= self._end:
            return None
        self._block = min(self._end, first + max(1, rows // self._rows_per_block))
        return Span("block", str(first), str(self._block), self._values(first, self._block))

    def _values(self, first: int, end: int) -> dict[str, Literal]:
        return {
            "lower": Typed(f"({first},0)", "tid"),
            "upper": Typed(f"({end},0)", "tid"),
            "first_block": first,
            "last_block": end - 1,
        }
