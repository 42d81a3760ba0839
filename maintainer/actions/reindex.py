"""REINDEX one index concurrently, see that a new one took its place, and leave nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace

from maintainer.actions import ending, leftovers, locks, standing, within
from maintainer.actions.context import Context
from maintainer.actions.leftovers import Swept
from maintainer.errors import MaintainerError
from maintainer.names import TableName
from maintainer.plan.receipts import Outcome, Receipt
from maintainer.plan.steps import Reindex
from maintainer.sql.statement import named


@dataclass(frozen=True, slots=True)
class Seen:
    """An index as the catalogue has it; a rebuilt one has another OID and another file."""

    oid: int
    file: int
    bytes: int
    is_valid: bool


def run(step: Reindex, ctx: Context) -> Iterator[Receipt]:
    """Rebuild, and say what came of it."""
    yield ending.final(step, ctx, lambda: _reindex(step, ctx))


def _reindex(step: Reindex, ctx: Context) -> Receipt:
    table_oid = standing.check(ctx, step.table, "reindex")
    locks.awaiting(ctx, step.table, table_oid)
    earlier = _clear(step, ctx)
    before = _look(ctx, step.index)
    known = _indexes(ctx, table_oid)
    receipt = _rebuild(step, ctx, table_oid, known)
    if receipt.outcome is not Outcome.DONE:
        return replace(
            receipt, detail=_joined(receipt.detail, earlier.detail), before=asdict(before)
        )
    return _effect(step, ctx, before, earlier)


def _clear(step: Reindex, ctx: Context) -> Swept:
    """Remove what an earlier rebuild left; while that is in the way, build no second copy."""
    earlier = leftovers.remove(ctx, step.index, leftovers.anyone)
    if earlier.remaining:
        names = ", ".join(str(leftover.name) for leftover in earlier.remaining)
        raise ending.BusyError(
            f"{names}, left by an interrupted rebuild, cannot be removed now", hint=earlier.hint
        )
    return earlier


def _rebuild(step: Reindex, ctx: Context, table_oid: int, known: frozenset[int]) -> Receipt:
    # no timeout: one that fires while it waits for others would leave an invalid index each time
    try:
        with within.settings(
            ctx.session,
            lock_timeout="0",
            statement_timeout="0",
            search_path=within.schemas(step.search_path),
        ):
            ctx.session.execute(step.statement)
    except MaintainerError as error:
        swept = leftovers.sweep(ctx, step.index, table_oid, lambda oid: oid not in known)
        return _ended(step, ctx, error, swept)
    except BaseException:
        leftovers.sweep(ctx, step.index, table_oid, lambda oid: oid not in known)
        raise
    return Receipt(step, Outcome.DONE)


def _ended(step: Reindex, ctx: Context, error: MaintainerError, swept: Swept) -> Receipt:
    receipt = ending.ended(step, ctx, error)
    return replace(receipt, hint=_joined(receipt.hint, swept.hint))


def _effect(step: Reindex, ctx: Context, before: Seen, earlier: Swept) -> Receipt:
    after = _look(ctx, step.index)
    is_rebuilt = after.is_valid and (after.oid, after.file) != (before.oid, before.file)
    why = "" if is_rebuilt else "the server reported success, but the index is not a new, valid one"
    return Receipt(
        step,
        Outcome.DONE if is_rebuilt else Outcome.INEFFECTIVE,
        detail=_joined(why, earlier.detail),
        hint="" if is_rebuilt else "run it again; the server's log may say more",
        exit_code=0 if is_rebuilt else 1,
        before=asdict(before),
        after=asdict(after),
    )


def _look(ctx: Context, index: TableName) -> Seen:
    rows = ctx.watch().execute(named("select_index").fill(), (index.schema, index.name)).rows
    if not rows:
        raise ending.NotNeededError(f"{index} is not there any more")
    oid, file, size, is_valid = rows[0]
    return Seen(int(str(oid)), int(str(file)), int(str(size)), bool(is_valid))


def _indexes(ctx: Context, table_oid: int) -> frozenset[int]:
    rows = ctx.watch().execute(named("select_sibling_oids").fill(), (table_oid,)).rows
    return frozenset(int(str(oid)) for (oid,) in rows)


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)
