"""`maintainer`: its options, and the door every command goes through."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from click.core import ParameterSource

from maintainer import __version__
from maintainer.cli import faults
from maintainer.cli.call import DEFAULT_POLICY, Call
from maintainer.cli.lazy import LazyGroup

EPILOG = """\b
Exit codes: 0 done or nothing due, 1 a step failed, 2 usage or policy, 3 refused,
4 another run is at work, 5 out of reach, 6 an archive file is wrong, 70 a bug.
"""


@click.group(
    cls=LazyGroup,
    epilog=EPILOG,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--policy",
    envvar="MAINTAINER_POLICY",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="PATH",
    help="Folder or file of the policy; may be repeated. [./policies]",
)
@click.option(
    "--dsn",
    envvar="MAINTAINER_DSN",
    metavar="DSN",
    help="The database, without a password. [policy, DATABASE_URL, service, PG*]",
)
@click.option(
    "--driver",
    envvar="MAINTAINER_DRIVER",
    type=click.Choice(["auto", "psycopg", "pg8000"]),
    help="[auto: psycopg, or pg8000 where libpq is missing]",
)
@click.option(
    "-o",
    "--output",
    type=click.Choice(["table", "json"]),
    default="table",
    help="On stdout: for people, or one JSON document a line. [table]",
)
@click.option(
    "--log-format",
    envvar="MAINTAINER_LOG_FORMAT",
    type=click.Choice(["auto", "console", "json"]),
    default="auto",
    help="On stderr. [auto: console on a terminal, JSON elsewhere]",
)
@click.option("-q", "--quiet", is_flag=True, help="Log warnings only; draw no progress.")
@click.option("-v", "--verbose", is_flag=True, help="Log every segment.")
@click.version_option(__version__, prog_name="maintainer", message="%(prog)s %(version)s")
@click.pass_context
def cli(
    ctx: click.Context,
    *,
    policy: tuple[Path, ...],
    dsn: str | None,
    driver: str | None,
    output: str,
    log_format: str,
    quiet: bool,
    verbose: bool,
) -> None:
    """Keep a PostgreSQL database by policy: archive, delete, vacuum, analyze, reindex.

    Nothing is done that `maintainer dry-run` does not show.
    """
    call = ctx.ensure_object(Call)
    call.log_format = log_format
    call.policy, call.dsn, call.driver = policy or (DEFAULT_POLICY,), dsn, driver
    call.output, call.quiet, call.verbose = output, quiet, verbose
    call.flags = _repeated(ctx)
    _check(ctx)
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main() -> None:
    """Run one command and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    call = Call()
    with faults.answered(call):
        sys.exit(cli.main(prog_name="maintainer", standalone_mode=False, obj=call))


def _check(ctx: click.Context) -> None:
    if ctx.params["quiet"] and ctx.params["verbose"]:
        raise click.UsageError("-q and -v contradict each other", ctx)
    if ctx.params["dsn"] and _is_typed(ctx, "dsn"):
        faults.refuse_secret(ctx.params["dsn"])


def _repeated(ctx: click.Context) -> tuple[str, ...]:
    given: list[str] = []
    for name in ("policy", "dsn", "driver"):
        if _is_typed(ctx, name):
            values = ctx.params[name] if name == "policy" else [ctx.params[name]]
            given += [word for value in values for word in (f"--{name}", str(value))]
    return tuple(given)


def _is_typed(ctx: click.Context, name: str) -> bool:
    return ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE
