"""`maintainer vacuum | analyze | reindex`: one thing, now, with nothing but a DSN."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import click

from maintainer.cli import signals, talk
from maintainer.cli.call import Call
from maintainer.cli.dry_run import show
from maintainer.cli.run import finish

Command = Callable[..., None]


@dataclass(frozen=True, slots=True)
class ByHand:
    """What somebody wants done now, and why."""

    kind: Literal["vacuum", "analyze", "reindex"]
    names: tuple[str, ...]
    options: Mapping[str, bool]
    reason: str | None


def _shared(command: Command) -> Command:
    """What the three commands take alike."""
    named = click.argument("names", nargs=-1, required=True, metavar="TABLE...")
    dry = click.option("--dry-run", is_flag=True, help="Show what would be done; change nothing.")
    reason = click.option("--reason", metavar="TEXT", help="Why, for the record.")
    return named(dry(reason(click.pass_obj(command))))


@click.command()
@click.option("--analyze", is_flag=True, help="Renew the statistics too.")
@click.option("--freeze", is_flag=True, help="Freeze every row that can be.")
@_shared
def vacuum(
    call: Call,
    *,
    names: tuple[str, ...],
    reason: str | None,
    dry_run: bool,
    analyze: bool,
    freeze: bool,
) -> None:
    """Vacuum tables now.

    Whatever the policy and its windows say; a DSN is enough.
    """
    work = ByHand("vacuum", names, {"analyze": analyze, "freeze": freeze}, reason)
    (_preview if dry_run else _carry_out)(call, work)


@click.command()
@_shared
def analyze(call: Call, names: tuple[str, ...], reason: str | None, dry_run: bool) -> None:
    """Renew the planner's statistics of tables now.

    Whatever the policy and its windows say; a DSN is enough.
    """
    work = ByHand("analyze", names, {}, reason)
    (_preview if dry_run else _carry_out)(call, work)


@click.command()
@_shared
def reindex(call: Call, names: tuple[str, ...], reason: str | None, dry_run: bool) -> None:
    """Rebuild indexes now, while their tables stay in use.

    TABLE may be an index, or a table for all of its indexes, which are rebuilt one after the
    other. Whatever the policy and its windows say; a DSN is enough.
    """
    work = ByHand("reindex", names, {}, reason)
    (_preview if dry_run else _carry_out)(call, work)


def _preview(call: Call, work: ByHand) -> None:
    with call.app() as core:
        plan = core.plan_by_hand(work.kind, work.names, work.options)
    show(call, plan, dt.UTC)


def _carry_out(call: Call, work: ByHand) -> None:
    from maintainer import app

    stop = app.StopSignal()
    with call.app() as core, talk.observing(call) as observer, signals.heard(stop):
        report = core.by_hand(work.kind, work.names, work.reason, work.options, observer, stop)
    finish(call, report)
