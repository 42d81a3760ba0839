"""What is loaded before anything is asked for."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from maintainer.cli.lazy import COMMANDS, LazyGroup

HEAVY = {"psycopg", "pg8000", "pydantic", "structlog", "rich", "yaml", "json"}
OURS = {
    "",
    ".cli",
    ".cli.main",
    ".cli.lazy",
    ".cli.call",
    ".cli.faults",
    ".errors",
    ".observe",
    ".observe.mask",
}
SHOW = "import sys; sys.argv[1:] = {words}\ntry:\n import maintainer.cli.main as m; m.main()\nfinally: print('LOADED', *sys.modules)"


def loaded(*words: str) -> set[str]:
    """The modules that a fresh interpreter has after a command."""
    script = SHOW.format(words=list(words))
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    return set(ran.stdout.partition("LOADED ")[2].split())


@pytest.mark.usefixtures("uncovered")
@pytest.mark.parametrize("words", [["--help"], ["--version"], []])
def test_help_and_version_load_click_alone(words: list[str]) -> None:
    """They answer at once: no driver, no pydantic, no rich, and no command's own file."""
    modules = loaded(*words)

    assert "click" in modules
    assert not HEAVY & modules
    ours = {name.removeprefix("maintainer") for name in modules if name.startswith("maintainer")}
    assert ours <= OURS


@pytest.mark.usefixtures("uncovered")
@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_help_of_a_command_loads_nothing_heavy(name: str) -> None:
    """What a command needs is loaded when it works."""
    assert not HEAVY & loaded(name, "--help")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_table_says_of_a_command_what_the_command_says_of_itself(name: str) -> None:
    """The list in `maintainer --help` cannot grow old."""
    command = LazyGroup().get_command(click.Context(LazyGroup()), name)

    sentence = (command.help or "").partition("\n\n")[0].replace("\n", " ")
    assert sentence == COMMANDS[name][1]
    assert command.name == name
