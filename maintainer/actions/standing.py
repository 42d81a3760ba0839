"""Whether a table is still there and the role may do its upkeep, asked right before it is done."""

from __future__ import annotations

from maintainer.actions.context import Context
from maintainer.actions.ending import NotNeededError
from maintainer.errors import RefusedError
from maintainer.names import TableName
from maintainer.plan import unfit
from maintainer.sql.statement import named


def check(ctx: Context, table: TableName, kind: unfit.Kind) -> int:
    """The table's OID; raises NotNeededError when it is gone, RefusedError without privilege."""
    version = ctx.session.server_version
    may = named(f"{_group(kind)}_by_{_right(version)}").fill()
    rows = ctx.session.execute(
        named("select_standing").fill(may=may), (table.schema, table.name)
    ).rows
    if not rows:
        raise NotNeededError(f"{table} is not there any more")
    oid, allowed, usable, owner, role = *rows[0][:3], str(rows[0][3]), str(rows[0][4])
    if not allowed:
        hint = unfit.mend(table, role, version, owner)
        raise RefusedError(unfit.forbidden(table, role, kind), hint=hint)
    if not usable:
        why, hint = unfit.closed(table, role)
        raise RefusedError(why, hint=hint)
    return int(str(oid))


def _group(kind: unfit.Kind) -> str:
    return "reindex" if kind == "reindex" else "vacuum"


def _right(version: int) -> str:
    return "privilege" if version >= unfit.MAINTAIN_SINCE else "ownership"
