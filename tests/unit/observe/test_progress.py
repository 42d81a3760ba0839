"""What a person at a terminal sees while a run goes on."""

from __future__ import annotations

import io

from rich.console import Console

from maintainer.observe.event import Event
from maintainer.observe.progress import Bars


def bars(width: int = 120) -> tuple[Bars, Console]:
    """An observer and the terminal it draws on."""
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    return Bars(console), console


def now_shown(observer: Bars, console: Console) -> str:
    """The bars as they stand now."""
    paper = Console(file=io.StringIO(), width=console.width)
    paper.print(observer.progress.get_renderable())
    return paper.file.getvalue()


def start(observer: Bars, rows: int | None) -> None:
    """A run and the second of its steps begin."""
    observer(Event("run.started", {"run": "r1", "steps": 3}))
    fields = {"run": "r1", "number": 2, "kind": "purge", "table": "public.[odd]", "estimate": rows}
    observer(Event("step.started", fields))


def committed(observer: Bars, rows_total: int) -> None:
    """A segment is over."""
    observer(Event("segment.committed", {"run": "r1", "rows": 50, "rows_total": rows_total}))


def test_before_the_first_step_nothing_is_drawn() -> None:
    """The plan is printed first, undisturbed."""
    observer, console = bars()

    with observer:
        observer(Event("run.started", {"run": "r1", "steps": 3}))

        assert console.file.getvalue() == ""


def test_the_step_that_runs_is_shown_with_how_far_it_is() -> None:
    """Number, kind, table (spelled as it is), rows done of rows expected."""
    observer, console = bars()

    with observer:
        start(observer, 1000)
        committed(observer, 250)

        shown = now_shown(observer, console)
    assert "2/3 purge public.[odd]" in shown
    assert "250 of ~1,000 rows" in shown


def test_more_rows_than_expected_are_not_more_than_all() -> None:
    """An estimate that was too low grows."""
    observer, console = bars()

    with observer:
        start(observer, 100)
        committed(observer, 5000)

        assert "5,000 of ~5,000 rows" in now_shown(observer, console)


def test_without_an_estimate_rows_are_counted() -> None:
    """No total is invented."""
    observer, console = bars()

    with observer:
        start(observer, None)
        committed(observer, 50)

        shown = now_shown(observer, console)
    assert "50 rows" in shown
    assert "of" not in shown


def test_a_finished_step_leaves_no_bar_behind() -> None:
    """What happened is the report's to tell."""
    observer, console = bars()

    with observer:
        start(observer, 100)
        observer(Event("step.finished", {"run": "r1", "outcome": "done"}))

        assert "purge" not in now_shown(observer, console)


def test_a_segment_outside_of_any_step_is_no_error() -> None:
    """Recovery may commit something before the first step."""
    observer, _ = bars()

    with observer:
        committed(observer, 50)
