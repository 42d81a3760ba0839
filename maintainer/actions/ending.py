"""How a step of upkeep ends: one final receipt, whatever went wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from maintainer.actions.context import Context
from maintainer.errors import CancelledError, DatabaseError, MaintainerError
from maintainer.plan.receipts import Outcome, Receipt
from maintainer.plan.steps import Step

REFUSED_CODE = 3


class NotNeededError(MaintainerError):
    """Nothing was done because there is nothing to do it to, or somebody else is doing it."""

    exit_code = 0


class BusyError(MaintainerError):
    """Nothing was done because somebody is in the way; it is still to be done."""


class StoppedError(MaintainerError):
    """Nothing more was started because the budget is spent."""

    exit_code = 0


def final(step: Step, ctx: Context, work: Callable[[], Receipt]) -> Receipt:
    """Do the work, unless the budget is spent, and say how it ended; our own errors are endings."""
    started = ctx.clock.monotonic()
    try:
        go_on(ctx)
        receipt = work()
    except MaintainerError as error:
        receipt = ended(step, ctx, error)
    is_done = receipt.outcome is Outcome.DONE
    return replace(receipt, seconds=ctx.clock.monotonic() - started, finished=is_done)


def go_on(ctx: Context) -> None:
    """Raise StoppedError when the budget is spent."""
    if why := ctx.budget.spent(ctx.clock.now()):
        raise StoppedError(why)


def ended(step: Step, ctx: Context, error: MaintainerError) -> Receipt:
    """The receipt that an error amounts to."""
    if isinstance(error, CancelledError):
        return _cancelled(step, ctx, error)
    return Receipt(
        step,
        _outcome(error),
        detail=_said(error),
        hint=error.hint,
        exit_code=error.exit_code,
    )


def _outcome(error: MaintainerError) -> Outcome:
    if isinstance(error, NotNeededError | BusyError):
        return Outcome.SKIPPED
    if isinstance(error, StoppedError):
        return Outcome.STOPPED
    return Outcome.REFUSED if error.exit_code == REFUSED_CODE else Outcome.FAILED


def _cancelled(step: Step, ctx: Context, error: CancelledError) -> Receipt:
    if why := ctx.budget.spent(ctx.clock.now()):
        return Receipt(step, Outcome.STOPPED, detail=f"cancelled on the server: {why}")
    why = f"it was cancelled from outside: {error.message}"
    hint = "somebody cancelled it, or a timeout of the server or a proxy did; run it again"
    return Receipt(step, Outcome.FAILED, detail=why, hint=hint, exit_code=error.exit_code)


def _said(error: MaintainerError) -> str:
    if isinstance(error, DatabaseError) and error.detail:
        return f"{error.message} ({error.detail})"
    return error.message
