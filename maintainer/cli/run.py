"""`maintainer run`: the policy carried out."""

from __future__ import annotations

import contextlib
import datetime as dt
import sys
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from maintainer.cli import output, signals, talk, times
from maintainer.cli.call import Call
from maintainer.cli.dry_run import show as show_plan

if TYPE_CHECKING:
    from maintainer.plan.planner import Part
    from maintainer.plan.receipts import Report


@click.command(name="run")
@click.argument("tables", nargs=-1, metavar="[TABLE]...")
@click.option("--only", type=click.Choice(["retention", "upkeep"]), help="One half of the policy.")
@click.option("--ignore-window", is_flag=True, help="Run outside the windows; needs --reason.")
@click.option("--reason", metavar="TEXT", help="Why, for the record.")
@click.option("--approve", multiple=True, metavar="FINGERPRINT", help="Allow what was refused.")
@click.option("--until", type=times.read, metavar="TIME", help="Stop cleanly at a moment.")
@click.option("--as-of", type=times.read, metavar="TIME", help="Decide as at a past moment.")
@click.pass_obj
def command(
    call: Call,
    *,
    tables: tuple[str, ...],
    only: Part | None,
    ignore_window: bool,
    reason: str | None,
    approve: tuple[str, ...],
    until: dt.datetime | None,
    as_of: dt.datetime | None,
) -> None:
    """Do what the policy says is due, inside its windows.

    TABLE narrows it to some tables. The plan is printed first, then that very plan is carried out.
    SIGTERM and Ctrl-C stop it cleanly between two segments.
    """
    if ignore_window and not (reason or "").strip():
        raise click.UsageError("--ignore-window needs --reason TEXT, for the record")
    from maintainer import app

    stop = app.StopSignal()
    with call.app() as core, talk.observing(call) as observer, signals.heard(stop):
        timezone = core.policy().timezone
        request = app.RunRequest(
            tables=tables,
            only=only,
            as_of=times.past(as_of, timezone),
            ignore_window=ignore_window,
            reason=reason,
            approve=approve,
            until=times.moment(until, timezone),
        )
        zone = ZoneInfo(timezone)
        report = core.run(
            request, lambda plan: show_plan(call, plan, zone, *tables), observer, stop
        )
    finish(call, report)


def finish(call: Call, report: Report) -> None:
    """Print what happened and leave with its exit code, whether somebody reads it or not."""
    with contextlib.suppress(BrokenPipeError):
        show(call, report)
    sys.exit(report.exit_code)


def show(call: Call, report: Report) -> None:
    """Print a report as the options before the command ask for it."""
    from maintainer.cli.render import report as render
    from maintainer.plan import document

    if call.wants_json:
        output.dump(document.report(report))
    else:
        output.show(render.page(report))
