"""Where a page or a document goes: a terminal, a pipe, or a machine behind it."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Mapping

import click

from maintainer.cli.render import grid
from maintainer.errors import MaintainerError


def show(page: grid.Page) -> None:
    """Print a page for whoever stands behind stdout."""
    if not sys.stdout.isatty():
        say(grid.plain(page))
        return
    from rich.console import Console

    from maintainer.cli.render import terminal

    with _writing():
        terminal.draw(page, Console(highlight=False))


def dump(document: Mapping[str, object]) -> None:
    """Print one JSON document on one line."""
    import json

    say(json.dumps(document, ensure_ascii=False, default=str))


def say(text: str) -> None:
    """Print text as it is."""
    with _writing():
        click.echo(text)


@contextlib.contextmanager
def _writing() -> Iterator[None]:
    """Tell a full disk from a bug; a closed pipe goes its own way."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as exc:
        raise MaintainerError(f"the output cannot be written: {exc.strerror}") from exc
