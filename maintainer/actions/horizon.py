"""Who keeps dead rows from being removed: sessions, prepared transactions, slots, standbys."""

from __future__ import annotations

from dataclasses import dataclass

from maintainer.actions.context import Context
from maintainer.names import quote
from maintainer.sql.statement import named

MENDS = {
    "session": "end its transaction",
    "prepared transaction": "commit it or roll it back",
    "replication slot": "let its consumer catch up, or remove the slot",
    "standby": "end the long query there, or switch hot_standby_feedback off",
}


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who may still see rows older than the transaction `xmin`."""

    kind: str
    id: str
    xmin: str
    detail: str

    def __str__(self) -> str:
        return f"{self.kind} {self.id} ({self.detail})"

    @property
    def mend(self) -> str:
        """What a person can do about it."""
        return f"{MENDS[self.kind]}, then run it again"


def holders(ctx: Context) -> list[Holder]:
    """Everybody this role can see who holds back this database, the oldest first."""
    watch = ctx.watch()
    ours = [ctx.session.pid, watch.pid]
    rows = watch.execute(named("select_horizon_holders").fill(), (ours,)).rows
    return [Holder(*(str(value) for value in row)) for row in rows]


def still(before: list[Holder], now: list[Holder]) -> Holder | None:
    """The oldest of those who held back the same transaction before and do so now."""
    held = {(holder.kind, holder.id, holder.xmin) for holder in before}
    return next((h for h in now if (h.kind, h.id, h.xmin) in held), None)


def blindness(ctx: Context) -> str:
    """The grant that would let this role see everybody; empty when it already does."""
    sees, role = ctx.watch().execute(named("select_sight").fill()).rows[0]
    return "" if sees else str(named("grant_monitor").fill(role=quote(str(role))))
