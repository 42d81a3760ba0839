"""One segment: one transaction and one file that remove some rows and account for them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from maintainer.actions.context import Context
from maintainer.archive import readback
from maintainer.archive.folder import Folder, uri
from maintainer.archive.header import header
from maintainer.archive.readback import Found
from maintainer.archive.sealer import Sealer
from maintainer.db import locks
from maintainer.errors import (
    ConnectionLostError,
    MaintainerError,
    TableChangedError,
    UnreachableError,
    VerificationError,
)
from maintainer.journal import ledger
from maintainer.names import Fragment, comma, quote
from maintainer.plan.segment import Sealed, Segment
from maintainer.plan.steps import Purge
from maintainer.sql.literal import Literal
from maintainer.sql.statement import named

ROOM_BYTES = 64 << 20


class CeilingError(MaintainerError):
    """The segment would remove more rows than the rule may; it was rolled back."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class Span:
    """What one segment covers: the values its statement is bound with, and the record's words."""

    kind: str
    start: str
    end: str
    values: dict[str, Literal]


@dataclass(frozen=True, slots=True)
class Taken:
    """What a committed segment removed, and where its file goes."""

    rows: int
    raw_bytes: int = 0
    stored_bytes: int = 0
    number: int = 0
    uri: str | None = None


@dataclass(frozen=True, slots=True)
class _Removed:
    rows: int
    sealed: Sealed | None


class _NothingError(Exception):
    """No row of the span was taken: the transaction is rolled back, the file goes."""


def take(step: Purge, ctx: Context, span: Span, allowed: int) -> Taken:
    """Remove one span's rows and account for them; at most `allowed` rows, or none at all.

    The file waits for `publish`. Raises MaintainerError with the rows still in the table, except
    ConnectionLostError out of the COMMIT: then recovery finds out.
    """
    number = ctx.numbers.take()
    try:
        removed = _committed(step, ctx, span, number, allowed)
    except ConnectionLostError:
        raise  # the COMMIT may be in doubt: the file stays until recovery knows
    except _NothingError:
        _discard(ctx, number)
        return Taken(0)
    except MaintainerError:
        _discard(ctx, number)
        raise
    # anything else, such as a second Ctrl-C, may have come out of the COMMIT: the file stays
    if (sealed := removed.sealed) is None:
        return Taken(removed.rows)
    return Taken(removed.rows, sealed.raw_bytes, sealed.stored_bytes, number, sealed.uri)


def publish(ctx: Context, taken: Taken) -> None:
    """Give a committed segment's file its final name; if that fails, the next run's recovery does.

    Raises UnreachableError.
    """
    if taken.uri is not None:
        _folder(ctx).publish(_folder(ctx).pending(ctx.run, taken.number), taken.uri)


def _committed(step: Purge, ctx: Context, span: Span, number: int, allowed: int) -> _Removed:
    statement = step.path.purge.bind(run=ctx.run, segment=number, **span.values)
    with ctx.session.transaction():
        locks.share_segments(ctx.session)
        ctx.session.execute(scope(step))
        _hold_still(step, ctx)
        removed = _remove(step, ctx, statement, number)
        _allow(step, removed.rows, allowed)
        ledger.record(ctx.session, _segment(step, ctx, span, number, removed))
    return removed


def _hold_still(step: Purge, ctx: Context) -> None:
    """Lock the table against whoever would change it, and see that nobody has since the plan."""
    ctx.session.execute(step.lock)
    rows = ctx.session.execute(named("select_shapes").fill(), [[step.oid]]).rows
    if [str(shape) for _, shape in rows] != [step.shape]:
        raise TableChangedError(
            f"{step.table} is not what it was when this was planned: its columns, triggers, "
            "rules, foreign keys or the table itself have changed",
            hint="nothing more was deleted; the next run plans it again",
        )


def _allow(step: Purge, rows: int, allowed: int) -> None:
    if rows == 0:
        raise _NothingError
    if rows > allowed:
        raise CeilingError(
            f"{step.table}: {rows:,} more rows would go, the limit of this run leaves {allowed:,}",
            hint="count first with an exact preview; a larger number needs an approval",
        )


def _remove(step: Purge, ctx: Context, statement: Fragment, number: int) -> _Removed:
    if not step.archived:
        return _Removed(int(str(ctx.session.execute(statement).rows[0][0])), None)
    folder = _folder(ctx)
    _check_room(folder)
    path = folder.pending(ctx.run, number)
    names = header([column.name for column in step.columns], ctx.encoding)
    with Sealer(path, names) as sealer:
        rows = ctx.session.copy_out(statement, sealer.write)
        found = sealer.finish()
    folder.sync_pending()
    if rows == 0:
        return _Removed(0, None)
    if found.rows != rows:
        raise VerificationError(
            f"{path} does not hold what was streamed: {rows} rows went in, {found.rows} came out",
            hint="the rows are still in the table; this is a bug, please report it",
        )
    readback.confirm(path, found)
    return _Removed(rows, _sealed(uri(step.table, ctx.day, ctx.run, number), found))


def _sealed(name: str, found: Found) -> Sealed:
    return Sealed(
        uri=name,
        rows=found.rows,
        raw_bytes=found.raw_bytes,
        stored_bytes=found.stored_bytes,
        raw_sha256=found.raw_sha256,
        stored_sha256=found.stored_sha256,
        has_copy_end=found.has_copy_end,
    )


def _check_room(folder: Folder) -> None:
    if (free := folder.free_bytes()) < ROOM_BYTES:
        raise UnreachableError(
            f"the archive has only {free >> 20} MB left in {folder.root}",
            hint=f"a segment needs {ROOM_BYTES >> 20} MB to start; no row was lost",
        )


def _segment(step: Purge, ctx: Context, span: Span, number: int, removed: _Removed) -> Segment:
    return Segment(
        run=ctx.run,
        number=number,
        step=ctx.step,
        rule=step.rule,
        schema=step.table.schema,
        table=step.table.name,
        sealed=removed.sealed,
        rows=removed.rows,
        range_from=span.start,
        range_to=span.end,
        range_kind=span.kind,
        cutoff_at=step.cutoff_at,
        columns=json.dumps([[column.name, column.type] for column in step.columns]),
    )


def scope(step: Purge) -> Fragment:
    """The search_path in which the policy's predicates mean what they were proven to mean."""
    return named("set_search_path").fill(path=comma([quote(name) for name in step.search_path]))


def _discard(ctx: Context, number: int) -> None:
    if isinstance(ctx.archive, Folder):
        ctx.archive.pending(ctx.run, number).unlink(missing_ok=True)


def _folder(ctx: Context) -> Folder:
    if isinstance(ctx.archive, MaintainerError):
        raise ctx.archive
    if ctx.archive is None:
        raise UnreachableError("the plan archives rows, but no archive was opened")
    return ctx.archive
