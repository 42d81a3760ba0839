"""`maintainer init`: what maintainer needs in the database."""

from __future__ import annotations

import click

from maintainer.cli import output
from maintainer.cli.call import Call


@click.command(name="init")
@click.option("--print-sql", is_flag=True, help="Print what would be run, for a DBA to run.")
@click.pass_obj
def command(call: Call, print_sql: bool) -> None:
    """Make what maintainer needs in the database.

    Its own schema, audit_logs where there is none, and the role's grants. What is there already
    stays as it is.
    """
    with call.app() as core:
        if print_sql:
            output.say(core.init_sql())
            return
        done = core.init()
    if call.wants_json:
        output.dump({"done": done})
    else:
        output.say("\n".join(done))
