"""Where a page or a document goes: a terminal, a pipe, or a machine behind it."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import click

from maintainer.cli.render import grid


def show(page: grid.Page) -> None:
    """Print a page for whoever stands behind stdout."""
    if not sys.stdout.isatty():
        click.echo(grid.plain(page))
        return
    from rich.console import Console

    from maintainer.cli.render import terminal

    terminal.draw(page, Console(highlight=False))


def dump(document: Mapping[str, object]) -> None:
    """Print one JSON document on one line."""
    import json

    click.echo(json.dumps(document, ensure_ascii=False, default=str))
