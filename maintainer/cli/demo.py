"""`maintainer demo`: the whole job on a PostgreSQL of its own."""

from __future__ import annotations

from datetime import UTC

import click

from maintainer.cli import talk
from maintainer.cli.call import Call
from maintainer.cli.dry_run import show as show_plan
from maintainer.cli.run import show as show_report

ROWS = 200_000


@click.command(name="demo")
@click.option("--rows", type=click.IntRange(min=1), default=ROWS, help=f"How much. [{ROWS:,}]")
@click.option("--keep", is_flag=True, help="Leave the server running and say how to reach it.")
@click.pass_obj
def command(call: Call, rows: int, keep: bool) -> None:
    """Do the whole job on a PostgreSQL of its own, for you to watch.

    A real server is started and filled with nine years of the seven tables. You see the dry-run,
    the run, what it left behind, and that a second run finds nothing to do.
    """
    from maintainer.demo import show

    with talk.observing(call) as observer:
        show.demo(
            rows,
            keep=keep,
            say=click.echo,
            show_plan=lambda plan: show_plan(call, plan, UTC),
            show_report=lambda report: show_report(call, report),
            observer=observer,
        )
