"""Plans made by hand, and the text they have always had."""

from __future__ import annotations

import io
import json
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from maintainer.cli.render import grid, sql, terminal
from maintainer.cli.render import plan as render
from maintainer.plan.document import document
from tests.plans import golden
from tests.plans.examples import EXAMPLES

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
APPROVE = "maintainer run --approve"

every_example = pytest.mark.parametrize("name", sorted(EXAMPLES))


@every_example
def test_a_plan_in_a_pipe_reads_as_it_always_did(name: str, accept: bool) -> None:
    """Without a terminal each step is one line, whatever its length."""
    golden.check(
        f"{name}.txt",
        grid.plain(render.page(EXAMPLES[name], APPROVE, AMSTERDAM)) + "\n",
        accept=accept,
    )


@every_example
@pytest.mark.parametrize("width", [100, 160])
def test_a_plan_on_a_terminal_reads_as_it_always_did(name: str, width: int, accept: bool) -> None:
    """On a terminal nothing is wider than the terminal."""
    page = render.page(EXAMPLES[name], APPROVE, AMSTERDAM)

    shown = drawn(page, width)

    assert max(map(len, shown.splitlines())) <= width
    golden.check(f"{name}.{width}.txt", shown, accept=accept)


@every_example
def test_the_sql_of_a_plan_reads_as_it_always_did(name: str, accept: bool) -> None:
    """Every statement of every step is shown, with its search_path."""
    golden.check(f"{name}.sql", sql.script(EXAMPLES[name]) + "\n", accept=accept)


@every_example
def test_the_document_of_a_plan_is_what_it_always_was(name: str, accept: bool) -> None:
    """Machines rely on the names of the document."""
    golden.check(
        f"{name}.json", json.dumps(document(EXAMPLES[name]), indent=1) + "\n", accept=accept
    )


def drawn(page: grid.Page, width: int) -> str:
    """What a terminal of that width shows, without its colours."""
    out = io.StringIO()
    terminal.draw(page, Console(file=out, width=width, force_terminal=True, color_system=None))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
