"""Progress bars for a person at a terminal: the step that runs now, and how far it is."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from maintainer.observe.event import Event

BAR_WIDTH = 24


class Bars:
    """An observer that draws from the first step to the end of its `with` block, then wipes it."""

    def __init__(self, console: Console) -> None:
        self.progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(BAR_WIDTH),
            TextColumn("{task.fields[told]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            redirect_stdout=False,  # it may be a file
        )
        self._task: TaskID | None = None
        self._steps = 0
        self._total: int | None = None

    def __enter__(self) -> Self:
        """Draw nothing yet: before the first step the plan is printed."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.progress.stop()

    def __call__(self, event: Event) -> None:
        """Draw what an event says; events that say nothing about progress are passed over."""
        match event.name:
            case "run.started":
                self._steps = _number(event, "steps") or 0
            case "step.started":
                self._start(event)
            case "segment.committed":
                self._advance(event)
            case "step.finished" | "run.finished":
                self._clear()

    def _start(self, event: Event) -> None:
        self._clear()
        self.progress.start()
        self._total = _number(event, "estimate") or None
        what = escape(f"{event.fields.get('kind', '')} {event.fields.get('table', '')}")
        count = f"{event.fields.get('number', '')}/{self._steps}" if self._steps else ""
        self._task = self.progress.add_task(
            f"[dim]{count}[/] [bold]{what}[/]", total=self._total, told=""
        )

    def _advance(self, event: Event) -> None:
        if self._task is None:
            return
        rows = _number(event, "rows_total") or 0
        total = max(rows, self._total) if self._total else None
        told = f"{rows:,} of ~{total:,} rows" if total else f"{rows:,} rows"
        self.progress.update(self._task, completed=rows, total=total, told=told)

    def _clear(self) -> None:
        if self._task is not None:
            self.progress.remove_task(self._task)
            self._task = None


def _number(event: Event, name: str) -> int | None:
    value = event.fields.get(name)
    return value if isinstance(value, int) else None
