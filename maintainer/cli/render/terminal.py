"""A page for a person at a terminal: notes wrapped below their row, what matters in colour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from maintainer.cli.render.grid import GAP, Line, Page, Section
from maintainer.cli.render.words import clean

Drawn = tuple[Text, Line]

ENOUGH = 36
BELOW = 7


def draw(page: Page, console: Console) -> None:
    """Print the page."""
    if page.head:
        console.print(Text(clean(page.head), style="bold"))
        console.print()
    for section in page.sections:
        if section.lines:
            _draw_section(section, console)
            console.print()
    for sentence in page.ending:
        console.print(Text(clean(sentence)))
    if page.command:
        console.print(Padding(Text(page.command, style="bold cyan"), (1, 0, 0, 4)), soft_wrap=True)


def _draw_section(section: Section, console: Console) -> None:
    titles = [column.title for column in section.columns]
    rows = [[clean(cell) for cell in line.cells] for line in section.lines]
    widths = [max(map(cell_len, column)) for column in zip(titles, *rows, strict=True)]
    if section.title:
        console.print(Text(section.title, style=f"bold {section.style}"))
    console.print(_row(section, titles, widths, "dim"))
    indent = sum(widths) + len(GAP) * (len(widths) + 1)
    is_beside = section.is_brief and console.width - indent >= ENOUGH
    drawn = [
        (_row(section, row, widths, line.style), line)
        for line, row in zip(section.lines, rows, strict=True)
    ]
    for part in _beside(section, drawn, indent) if is_beside else _below(section, drawn):
        console.print(part)


def _row(section: Section, row: Sequence[str], widths: Sequence[int], style: str) -> Text:
    cells = []
    for column, cell, width in zip(section.columns, row, widths, strict=True):
        room = " " * (width - cell_len(cell))
        cells.append(room + cell if column.right else cell + room)
    return Text(GAP + GAP.join(cells).rstrip(), style=style, overflow="fold")


def _notes(section: Section, texts: Sequence[str]) -> list[Text]:
    told = zip(section.notes, texts, strict=True)
    return [Text(note.mark + clean(text), style=note.style) for note, text in told if text]


def _below(section: Section, drawn: Sequence[Drawn]) -> Iterator[RenderableType]:
    """Rows in a row that have the same notes share them."""
    for texts, group in groupby(drawn, key=lambda one: tuple(one[1].notes)):
        rows = [cells for cells, _ in group]
        yield from rows
        for note in _notes(section, texts):
            these = Text(f"these {len(rows)}: ", note.style) if len(rows) > 1 else Text()
            yield Padding(these + note, (0, 0, 0, BELOW))


def _beside(section: Section, drawn: Sequence[Drawn], indent: int) -> Iterator[RenderableType]:
    table = Table.grid()
    table.add_column(width=indent, no_wrap=True)
    table.add_column()
    for cells, line in drawn:
        table.add_row(cells, Text("; ").join(_notes(section, line.notes)))
    yield table
