"""What to think of a statement that the server called a success."""

from __future__ import annotations

from maintainer.actions.context import Context
from maintainer.actions.counters import Counters
from maintainer.plan.receipts import Outcome, Receipt
from maintainer.plan.steps import Analyze, Vacuum

UNCOUNTED = "done by the server's word: it keeps no counter here"


def warnings(ctx: Context) -> list[str]:
    """What the server warned of since the last look."""
    notices = ctx.session.drain_notices()
    return [" ".join(n.message.split()) for n in notices if n.severity == "WARNING"]


def uncounted(step: Analyze | Vacuum, before: Counters, warned: list[str]) -> Receipt:
    """No counter can move (track_counts is off, a partitioned table on 13): a warning decides."""
    if warned:
        return unmoved(step, before, before, warned)
    return Receipt(
        step, Outcome.DONE, detail=UNCOUNTED, before=before.shown(), after=before.shown()
    )


def unmoved(
    step: Analyze | Vacuum, before: Counters, after: Counters, warned: list[str]
) -> Receipt:
    """The counter did not move: nothing was done, whatever the command tag says."""
    return Receipt(
        step,
        Outcome.INEFFECTIVE,
        detail="; ".join(warned) or "the server reported success, but its counter did not move",
        hint="run it again; the server's log may say more",
        exit_code=1,
        before=before.shown(),
        after=after.shown(),
    )
