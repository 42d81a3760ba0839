"""`maintainer status`: the state of every rule."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from maintainer.cli import output
from maintainer.cli.call import Call

if TYPE_CHECKING:
    from maintainer.app import StatusLine


@click.command(name="status")
@click.pass_obj
def command(call: Call) -> None:
    """Show what is kept, what is due, and when it was last done."""
    from maintainer.cli.render import status as render

    with call.app() as core:
        zone = ZoneInfo(core.policy().timezone)
        states = core.status()
    if call.wants_json:
        output.dump({"rules": [_plain(state) for state in states]})
    else:
        output.show(render.page(states, zone))


def _plain(state: StatusLine) -> dict[str, object]:
    from maintainer.plan.document import plain

    return {item.name: plain(getattr(state, item.name)) for item in fields(state)}
