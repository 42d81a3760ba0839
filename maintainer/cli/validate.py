"""`maintainer validate`: the policy, checked without a database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from maintainer.cli import output
from maintainer.cli.call import Call

if TYPE_CHECKING:
    from maintainer.policy.model import Policy


@click.command(name="validate")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@click.option("--schema", is_flag=True, help="Print the JSON Schema of the policy, for editors.")
@click.pass_obj
def command(call: Call, paths: tuple[Path, ...], schema: bool) -> None:
    """Check the policy; name every fault in every file.

    Without PATH, the policy that the other commands would use.
    """
    if schema:
        from maintainer.policy import json_schema

        output.say(json_schema.text().rstrip())
        return
    from maintainer import settings
    from maintainer.policy.load import load

    policy = load(paths or call.policy, settings.environ())
    if call.wants_json:
        output.dump({"valid": True, "fingerprint": policy.fingerprint} | _counted(policy))
    else:
        output.say(_said(policy))


def _counted(policy: Policy) -> dict[str, int]:
    parts = ("retention", "upkeep", "windows", "holds")
    return {part: len(getattr(policy, part)) for part in parts}


def _said(policy: Policy) -> str:
    from maintainer.cli.render.words import plural

    names = {"retention": "retention rule", "upkeep": "upkeep task", "windows": "window"}
    counts = _counted(policy).items()
    parts = [plural(count, names.get(part, "hold")) for part, count in counts]
    return f"valid: {', '.join(parts)} ({policy.timezone}, {policy.fingerprint[:12]})"
