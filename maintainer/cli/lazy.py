"""Commands by name; the file of one is imported when it is called, not before."""

# ruff: noqa: ARG002 - click decides about signatures

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import click

COMMANDS: Mapping[str, tuple[str, str]] = {
    "demo": ("demo:command", "Do the whole job on a PostgreSQL of its own, for you to watch."),
    "init": ("init:command", "Make what maintainer needs in the database."),
    "validate": ("validate:command", "Check the policy; name every fault in every file."),
    "dry-run": ("dry_run:command", "Show what a run would do now, and why; change nothing."),
    "run": ("run:command", "Do what the policy says is due, inside its windows."),
    "vacuum": ("by_hand:vacuum", "Vacuum tables now."),
    "analyze": ("by_hand:analyze", "Renew the planner's statistics of tables now."),
    "reindex": ("by_hand:reindex", "Rebuild indexes now, while their tables stay in use."),
    "status": ("status:command", "Show what is kept, what is due, and when it was last done."),
    "schema": ("schema:group", "Make or check the seven tables of the shipped policy."),
}
ALIASES: Mapping[str, str] = {"plan": "dry-run"}


class LazyGroup(click.Group):
    """A group whose help reads from a table and whose commands are imported when called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order of the table, aliases left out."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command by its name or alias."""
        name = ALIASES.get(cmd_name, cmd_name)
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name][0].partition(":")
        found: click.Command = getattr(import_module(f"maintainer.cli.{module}"), attribute)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, but an unknown name is answered with those that resemble it."""
        if args[0] not in COMMANDS and args[0] not in ALIASES and args[0][:1] != "-":
            ctx.fail(f"there is no command {args[0]!r}{_resembling(args[0])}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table, importing nothing."""
        aliases = {name: f"{name}, {alias}" for alias, name in ALIASES.items()}
        with formatter.section("Commands"):
            formatter.write_dl([(aliases.get(n, n), text) for n, (_, text) in COMMANDS.items()])


def _resembling(name: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, [*COMMANDS, *ALIASES], n=2)
    return f"; did you mean {' or '.join(close)}?" if close else ""
