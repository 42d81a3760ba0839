"""`maintainer dry-run`: the plan that `run` would carry out now."""

from __future__ import annotations

import datetime as dt
import sys
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from maintainer.cli import output, times
from maintainer.cli.call import Call

if TYPE_CHECKING:
    from maintainer.plan.plan import Plan
    from maintainer.plan.planner import Part

WORK_TO_DO = 10


@click.command(name="dry-run")
@click.argument("tables", nargs=-1, metavar="[TABLE]...")
@click.option("--only", type=click.Choice(["retention", "upkeep"]), help="One half of the policy.")
@click.option("--exact", is_flag=True, help="Count rows instead of estimating them; may be slow.")
@click.option("--sql", is_flag=True, help="Print the SQL of every step.")
@click.option("--as-of", type=times.read, metavar="TIME", help="Decide as at a past moment.")
@click.option("--detailed-exitcode", is_flag=True, help="Leave with 10 when there is work to do.")
@click.pass_obj
def command(
    call: Call,
    *,
    tables: tuple[str, ...],
    only: Part | None,
    exact: bool,
    sql: bool,
    as_of: dt.datetime | None,
    detailed_exitcode: bool,
) -> None:
    """Show what a run would do now, and why; change nothing.

    TABLE narrows it to some tables. The connection is read-only. With `maintainer -o json` the
    whole plan is printed, its `fingerprint` being what `maintainer run --approve` takes.
    """
    with call.app() as core:
        timezone = core.policy().timezone
        moment = times.past(as_of, timezone)
        plan = core.plan(tables, only=only, as_of=moment, exact=exact)
    if sql and not call.wants_json:
        _show_sql(plan)
    else:
        show(call, plan, ZoneInfo(timezone), *tables)
    if detailed_exitcode and plan.has_work:
        sys.exit(WORK_TO_DO)


def show(call: Call, plan: Plan, zone: dt.tzinfo, *narrowed: str) -> None:
    """Print a plan as the options before the command ask for it."""
    from maintainer.cli.render import plan as render
    from maintainer.plan import document

    if call.wants_json:
        output.dump(document.document(plan))
    else:
        output.show(render.page(plan, call.command("run", *narrowed, "--approve"), zone))


def _show_sql(plan: Plan) -> None:
    from maintainer.cli.render import sql

    output.say(sql.script(plan))
