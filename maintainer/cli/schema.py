"""`maintainer schema`: the seven tables of the shipped policy."""

from __future__ import annotations

import sys

import click

from maintainer.cli import output
from maintainer.cli.call import Call

DIFFERENT = 1


@click.group(name="schema", no_args_is_help=False)
def group() -> None:
    """Make or check the seven tables of the shipped policy."""


@group.command()
@click.pass_obj
def apply(call: Call) -> None:
    """Make what is missing, in one transaction; what is there stays as it is."""
    from maintainer.cli.render import schema as render
    from maintainer.schema.apply import apply as apply_to

    with call.app() as core:
        changes = apply_to(core.session())
    if call.wants_json:
        output.dump(render.document("changes", changes))
    else:
        output.show(render.changes(changes))


@group.command()
@click.pass_obj
def verify(call: Call) -> None:
    """Name all that is missing or different; leave with 1 when something is."""
    from maintainer.cli.render import schema as render
    from maintainer.schema.verify import verify as verify_in

    with call.app() as core:
        found = verify_in(core.session())
    if call.wants_json:
        output.dump(render.document("differences", found))
    else:
        output.show(render.differences(found))
    sys.exit(DIFFERENT if found else 0)
