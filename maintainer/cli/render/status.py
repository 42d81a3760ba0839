"""The state of every rule: what is kept, what is due, when it was last done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from maintainer.cli.render import words
from maintainer.cli.render.grid import Column, Line, Note, Page, Section

if TYPE_CHECKING:
    from maintainer.app import StatusLine

COLUMNS = (
    Column("table"),
    Column("keep"),
    Column("cut-off"),
    Column("oldest"),
    Column("rows due", right=True),
    Column("next due"),
)
UNHAPPY = {"failed", "refused"}


def page(states: Sequence[StatusLine], zone: dt.tzinfo) -> Page:
    """One row a rule, on the clock of a zone."""
    due = [state for state in states if state.rows_due.value != 0]
    section = Section(
        "",
        COLUMNS,
        [_line(state, zone) for state in states],
        (Note("last run", "dim", "last run "), Note("note", "yellow")),
    )
    ending = f"{words.plural(len(states), 'rule')}, {len(due)} with rows due."
    return Page("", (section,), (ending,))


def _line(state: StatusLine, zone: dt.tzinfo) -> Line:
    cells = (
        _name(state),
        state.keep,
        words.day(state.cutoff_at, zone),
        words.day(state.oldest, zone),
        str(state.rows_due),
        words.day(state.next_due_at, zone),
    )
    style = "red" if state.last_outcome in UNHAPPY else ""
    return Line(cells, (_last(state, zone), state.note or ""), style)


def _name(state: StatusLine) -> str:
    same = state.rule in {str(state.table), getattr(state.table, "name", "")}
    return str(state.table) if same else f"{state.table} ({state.rule})"


def _last(state: StatusLine, zone: dt.tzinfo) -> str:
    if state.last_run_at is None:
        return "never" if state.cutoff_at else ""
    return f"{words.moment(state.last_run_at, zone)}: {state.last_outcome}"
