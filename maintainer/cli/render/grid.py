"""Sections of aligned rows, written in two ways: wide and bare for pipes, narrow for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from maintainer.cli.render.words import NONE, clean

GAP = "  "


@dataclass(frozen=True, slots=True)
class Column:
    """A heading; numbers stand to the right."""

    title: str
    right: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A kind of sentence; `mark` goes before it on a terminal, where it has no heading."""

    title: str
    style: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One row: what is short stands in cells, sentences are notes; `style` dresses the cells."""

    cells: Sequence[str]
    notes: Sequence[str] = ()
    style: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Rows of one kind under one title, which `style` dresses.

    The notes of a brief section stand beside their row on a terminal, where there is room.
    """

    title: str
    columns: Sequence[Column]
    lines: Sequence[Line]
    notes: Sequence[Note] = ()
    style: str = ""
    is_brief: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """What a command shows: a headline, sections, sentences, and what to type next."""

    head: str
    sections: Sequence[Section]
    ending: Sequence[str]
    command: str = ""


def plain(page: Page) -> str:
    """The page without colour or wrapping: one line a row, the notes as its last columns."""
    parts = [[clean(page.head)]] if page.head else []
    parts += [list(_table(section)) for section in page.sections if section.lines]
    parts.append([*map(clean, page.ending), *([f"    {page.command}"] if page.command else [])])
    return "\n\n".join("\n".join(part) for part in parts)


def _table(section: Section) -> Iterator[str]:
    columns = [*section.columns, *(Column(note.title) for note in section.notes)]
    titles = [column.title.upper() for column in columns]
    rows = [[clean(text) or NONE for text in (*line.cells, *line.notes)] for line in section.lines]
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    if section.title:
        yield section.title.upper()
    for row in (titles, *rows):
        cells = zip(columns, row, widths, strict=True)
        yield GAP.join(t.rjust(w) if c.right else t.ljust(w) for c, t, w in cells).rstrip()
