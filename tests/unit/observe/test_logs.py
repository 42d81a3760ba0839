"""Events become lines that people and machines can read."""

from __future__ import annotations

import io
import json
import logging

import pytest

from maintainer.observe import logs
from maintainer.observe.event import Event, Observer
from tests.unit.observe.fake_clock import FakeClock


class Log:
    """A JSON log in memory, the observer that writes it, and its clock."""

    def __init__(self, level: int = logging.INFO) -> None:
        self.clock, self.out = FakeClock(), io.StringIO()
        log = logs.logger(self.out, "json", level, self.clock)
        self.observer: Observer = logs.observer(log, self.clock)

    def tell(self, name: str, **fields: object) -> None:
        """Let the observer see an event."""
        self.observer(Event(name, fields))

    @property
    def lines(self) -> list[dict[str, object]]:
        """What was written."""
        return [json.loads(line) for line in self.out.getvalue().splitlines()]


def test_a_line_begins_with_when_how_grave_what_and_in_which_run() -> None:
    """One JSON object a line, with the moment in UTC, in an order that can be read."""
    log = Log()

    log.tell("step.finished", seconds=0.10233268, run="r1", outcome="done", table="public.größe")

    assert log.out.getvalue() == (
        '{"timestamp": "2026-03-02T01:30:00.000Z", "level": "info", "event": "step.finished", '
        '"run": "r1", "seconds": 0.102, "outcome": "done", "table": "public.größe"}\n'
    )


def test_every_line_of_a_run_has_its_id() -> None:
    """An event that does not name the run belongs to the one that is under way."""
    log = Log()

    log.tell("run.started", run="r1", steps=2)
    log.tell("archive.opened")

    assert [line["run"] for line in log.lines] == ["r1", "r1"]


@pytest.mark.parametrize(
    ("name", "outcome", "level"),
    [
        ("step.finished", "done", "info"),
        ("step.finished", "stopped", "info"),
        ("step.finished", "ineffective", "warning"),
        ("step.finished", "refused", "warning"),
        ("step.finished", "failed", "error"),
        ("step.refused", "", "warning"),
        ("run.refused", "", "error"),
        ("run.finished", "failed", "info"),
        ("recovery.published", "", "info"),
        ("recovery.postponed", "", "warning"),
        ("recovery.ignored", "", "warning"),
        ("record.missing", "", "warning"),
    ],
)
def test_what_went_wrong_is_graver(name: str, outcome: str, level: str) -> None:
    """Failures are errors, refusals warnings."""
    log = Log()

    log.tell(name, run="r1", outcome=outcome)

    assert [line["level"] for line in log.lines] == [level]


def test_of_many_segments_one_is_told_every_ten_seconds() -> None:
    """Segments are debug; a step that lasts shows a sign of life, counted from its start."""
    log = Log()

    log.clock.sleep(100)
    log.tell("step.started", run="r1", step=1)
    for number in range(1, 13):
        log.clock.sleep(2)
        log.tell("segment.committed", run="r1", rows=10, rows_total=10 * number)

    told = [(line["event"], line.get("rows_total")) for line in log.lines]
    assert told == [("step.started", None), ("step.progress", 50), ("step.progress", 100)]


def test_a_verbose_log_tells_every_segment() -> None:
    """At debug level nothing is left out."""
    log = Log(logging.DEBUG)

    log.tell("segment.committed", run="r1", rows=10)

    assert [(line["event"], line["level"]) for line in log.lines] == [
        ("segment.committed", "debug")
    ]


def test_a_quiet_log_tells_only_what_needs_attention() -> None:
    """At warning level a run that goes well is silent."""
    log = Log(logging.WARNING)

    log.tell("step.finished", run="r1", outcome="done")
    log.tell("step.finished", run="r1", outcome="failed", detail="disk full")

    assert [line["detail"] for line in log.lines] == ["disk full"]


def test_no_secret_reaches_a_line() -> None:
    """Neither by the name of a field nor inside a text."""
    log = Log()

    log.tell("session.opened", run="r1", password="hush", dsn="postgres://u:hush@h/db")

    assert "hush" not in log.out.getvalue()


def test_a_field_named_event_does_no_harm() -> None:
    """The name of the event wins."""
    log = Log()

    log.tell("run.started", run="r1", event="other")

    assert [line["event"] for line in log.lines] == ["run.started"]


def test_a_log_that_nobody_reads_stops_nothing() -> None:
    """A closed stderr must not end a run."""

    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError(text)

    clock = FakeClock()
    observer = logs.observer(logs.logger(Closed(), "json", logging.INFO, clock), clock)

    observer(Event("run.started", {"run": "r1"}))


def test_the_console_shows_the_same_for_people() -> None:
    """On a terminal: the moment, the level, the event, then names and values."""
    out, clock = io.StringIO(), FakeClock()
    observer = logs.observer(logs.logger(out, "console", logging.INFO, clock), clock)

    observer(Event("step.finished", {"run": "r1", "rows": 3, "table": "public.t"}))

    shown = out.getvalue()
    assert shown.startswith("2026-03-02T01:30:00.000Z [info     ] step.finished ")
    assert shown.endswith("run=r1 rows=3 table=public.t\n")
