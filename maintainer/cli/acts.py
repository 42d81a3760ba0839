"""The acts of the demo, in the order in which they are played."""

from __future__ import annotations

import contextlib
import datetime as dt
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

import click

from maintainer.app import App, Options, RunRequest, StopSignal
from maintainer.app.link import Link
from maintainer.cli import output, signals, talk
from maintainer.cli.call import Call
from maintainer.cli.render import compact, demo, words
from maintainer.cli.render import plan as plans
from maintainer.cli.render import report as reports
from maintainer.cli.render.grid import Page
from maintainer.db.session import Session
from maintainer.demo import policies, show
from maintainer.demo.seed import seed
from maintainer.demo.server import Server
from maintainer.errors import MaintainerError
from maintainer.plan import approvals
from maintainer.plan.plan import Plan
from maintainer.plan.receipts import Report
from maintainer.policy.model import Database
from maintainer.schedule.clock import SystemClock
from maintainer.schema.apply import apply

REASON = "a demo does not wait"
AT_ONCE = ("--ignore-window", "--reason", REASON)


@dataclass(frozen=True, slots=True)
class Stage:
    """What the acts share: the core on the shipped policy, and a session to look for oneself."""

    call: Call
    server: Server
    core: App
    session: Session
    zone: dt.tzinfo


def play(call: Call, server: Server, rows: int) -> int:
    """Play all acts and say how it ended, as an exit code.

    Raises MaintainerError when what was archived does not make up for what is gone.
    """
    with _staged(call, server) as stage:
        before = _fill(stage, rows)
        plan = _preview(stage)
        report, _ = _carry_out(stage, plan)
        if report.exit_code:
            return report.exit_code
        _look(stage, before, report.run)
        return _again(stage, plan)


def heading(title: str, *commands: str) -> None:
    """The line above an act, and what a person would type for it."""
    if sys.stdout.isatty():
        from rich.console import Console

        Console(highlight=False).rule(f"[bold]{title}", align="left", style="dim")
    else:
        click.echo(f"=== {title}")
    click.echo()
    for command in commands:
        click.echo(f"$ {command}")
    if commands:
        click.echo()


def _show(page: Page) -> None:
    """A page and the room below it."""
    output.show(page)
    click.echo()


def _say(sentence: str) -> None:
    _show(Page("", (), [sentence]))


@contextlib.contextmanager
def _staged(call: Call, server: Server) -> Iterator[Stage]:
    options = Options((policies.folder(),), server.dsn(), call.driver)
    link = Link(server.dsn(), call.driver, Database(), server.environ)
    core = App(options, server.environ, SystemClock())
    with contextlib.closing(link), core:
        yield Stage(call, server, core, link.session(), ZoneInfo(core.policy().timezone))


def _fill(stage: Stage, rows: int) -> list[show.Table]:
    heading("Nine years of the seven tables", "maintainer schema apply", "maintainer init")
    made = [*apply(stage.session), *stage.core.init()]
    _say(f"{words.plural(len(made), 'object')} made: tables, indexes, policies, the record.")
    clock = SystemClock()
    began_at = clock.monotonic()
    with _waiting(stage.call, f"Writing {words.plural(rows, 'row')}"):
        seed(stage.session, rows, clock.now())
    took = clock.monotonic() - began_at
    found = show.tables(stage.session)
    _show(demo.stock(found, took))
    return found


def _preview(stage: Stage) -> Plan:
    heading("What would be done, and why", stage.call.command("dry-run", "--exact"))
    plan = stage.core.plan(exact=True)
    page = plans.page(plan, stage.call.command("run", "--approve"), stage.zone)
    _show(compact.plan(page, plan))
    _say(
        "Nothing was changed. A rule's first run, and one that takes half of a table, "
        "needs a person's yes."
    )
    return plan


def _carry_out(stage: Stage, plan: Plan) -> tuple[Report, Plan]:
    token = approvals.fingerprint(plan.refusals)
    approve = ("--approve", token) if token else ()
    heading("The run", stage.call.command("run", *approve, *AT_ONCE))
    _say("The shipped policy works at night. That the demo does not goes on the record.")
    report, carried_out = _run(stage, (token,) if token else ())
    _show(compact.report(reports.page(report), report))
    return report, carried_out


def _run(stage: Stage, approve: tuple[str, ...]) -> tuple[Report, Plan]:
    shown: list[Plan] = []

    def tell(plan: Plan) -> None:
        shown.append(plan)
        _say(plans.page(plan, "", stage.zone).ending[0])

    request = RunRequest(ignore_window=True, reason=REASON, approve=approve)
    stop = StopSignal()
    with talk.observing(_hushed(stage.call)) as observer, signals.heard(stop):
        return stage.core.run(request, tell, observer, stop), shown[0]


def _look(stage: Stage, before: Sequence[show.Table], run: str) -> None:
    heading("What it left behind")
    with _waiting(stage.call, "Reading the archive"):
        stored = show.files(stage.server.archive)
    written = show.recorded(stage.session, run)
    found = show.balances(before, show.tables(stage.session), stored, show.count(written))
    summed = show.summed(stage.session)
    pages = (
        demo.balance(found),
        demo.monthly(show.monthly(stage.session), summed),
        demo.files(stored, stage.server.archive),
        demo.record(written),
    )
    for page in pages:
        _show(page)
    show.check(found, summed)


def _again(stage: Stage, first: Plan) -> int:
    heading("The next run", stage.call.command("run", *AT_ONCE))
    report, plan = _run(stage, ())
    if plan.has_work and _day(plan, stage.zone) == _day(first, stage.zone):
        raise MaintainerError("the second run found work that the first should have done")
    if plan.has_work:
        _say("A new day has begun meanwhile, and with it a new period.")
    else:
        _say("Each rule was finished in its period: a run that is called again is harmless.")
    return report.exit_code


def _day(plan: Plan, zone: dt.tzinfo) -> dt.date:
    return plan.made_at.astimezone(zone).date()


def _hushed(call: Call) -> Call:
    """Where nobody watches and nobody asked, the log keeps to what goes wrong."""
    wanted = call.verbose or call.log_format != "auto" or sys.stderr.isatty()
    return replace(call, quiet=call.quiet or not wanted)


@contextlib.contextmanager
def _waiting(call: Call, what: str) -> Iterator[None]:
    """Something that moves, for a person who waits."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    if call.quiet or call.logs_json or not console.is_terminal:
        yield
        return
    columns = (SpinnerColumn(), TextColumn(what), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, redirect_stdout=False) as progress:
        progress.add_task(what, total=None)
        yield
