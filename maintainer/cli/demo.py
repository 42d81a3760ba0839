"""`maintainer demo`: the whole job on a PostgreSQL of its own."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Iterator
from types import FrameType
from typing import TYPE_CHECKING

import click

from maintainer.cli.call import Call
from maintainer.demo.programs import VERSION
from maintainer.demo.seed import DEFAULT_ROWS

if TYPE_CHECKING:
    from maintainer.demo.server import Server

ENDS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
OURS = ("--policy", "--dsn")


@click.command(name="demo")
@click.option(
    "--rows",
    type=click.IntRange(min=1),
    default=DEFAULT_ROWS,
    metavar="N",
    help=f"How many rows to begin with. [{DEFAULT_ROWS:,}]",
)
@click.option("--keep", is_flag=True, help="Leave the server running and say how to reach it.")
@click.pass_obj
def command(call: Call, rows: int, *, keep: bool) -> None:
    """Do the whole job on a PostgreSQL of its own, for you to watch.

    A real server is started and filled with nine years of the seven tables. You see the dry-run,
    the run, what it left behind, and that a second run finds nothing to do. Nothing of it remains
    unless you --keep it, and no other database is touched.
    """
    _refuse(call)
    from maintainer.cli import acts
    from maintainer.demo import server as servers
    from maintainer.demo.account import undisturbed

    with _cleaned(), contextlib.ExitStack() as stack:
        with undisturbed():  # until there is somebody who removes it
            server = servers.start()
            stack.callback(_remove, server)
        acts.heading("A PostgreSQL of its own")
        click.echo(f"PostgreSQL {VERSION} runs, with its data and the archive in {server.folder}\n")
        code = acts.play(call, server, rows)
        if keep:
            stack.pop_all()
    _farewell(server, keep=keep)
    sys.exit(code)


def _refuse(call: Call) -> None:
    for flag in OURS:
        if flag in call.flags:
            raise click.UsageError(f"the demo brings its own policy and database; leave out {flag}")
    if call.wants_json:
        raise click.UsageError("the demo is for people to watch: leave out -o json")


@contextlib.contextmanager
def _cleaned() -> Iterator[None]:
    """The first signal ends the block by an exception, so that it cleans up; others wait."""

    def hear(number: int, _frame: FrameType | None) -> None:
        _ignore()
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        sys.exit(128 + number)

    before = {number: signal.getsignal(number) for number in ENDS}
    for number, action in before.items():
        if action is not signal.SIG_IGN:  # nohup
            signal.signal(number, hear)
    try:
        yield
    finally:
        for number, action in before.items():
            signal.signal(number, action)


def _ignore() -> None:
    for number in ENDS:
        signal.signal(number, signal.SIG_IGN)


def _remove(server: Server) -> None:
    """Nothing may come between: a folder half removed is nobody's."""
    _ignore()
    server.stop()


def _farewell(server: Server, *, keep: bool) -> None:
    from maintainer.cli import acts
    from maintainer.cli.render import demo
    from maintainer.demo import policies

    acts.heading("The end")
    if keep:
        click.echo(demo.kept(server, policies.folder()))
    else:
        click.echo(demo.ENDED)
