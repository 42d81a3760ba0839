"""On a terminal: bars and pages; elsewhere: lines."""

from __future__ import annotations

import io
import json
import sys

import pytest

from maintainer.cli import output, talk
from maintainer.cli.call import Call
from maintainer.cli.render.grid import Column, Line, Page, Section
from maintainer.observe.event import Event

STARTED = Event("step.started", {"run": "r1", "number": 1, "kind": "purge", "table": "public.t"})
FAILED = Event("step.finished", {"run": "r1", "outcome": "failed", "detail": "disk full"})
PAGE = Page("Head", (Section("", (Column("table"),), (Line(("public.t",)),)),), ("End.",))


class Terminal(io.StringIO):
    """A stream that a person looks at."""

    def isatty(self) -> bool:
        """Yes."""
        return True


def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Put a terminal behind stdout and stderr (no fixture: pytest swaps streams after those)."""
    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return screen


def told(call: Call) -> None:
    """A step begins and fails."""
    with talk.observing(call) as observer:
        observer(STARTED)
        observer(FAILED)


def test_a_terminal_shows_a_bar_and_what_goes_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log keeps to what the bar does not say."""
    screen = terminal(monkeypatch)
    told(Call())

    shown = screen.getvalue()
    assert "purge public.t" in shown
    assert "disk full" in shown
    assert "step.started" not in shown


def test_a_verbose_terminal_shows_every_event_above_the_bar(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Both, and neither spoils the other."""
    screen = terminal(monkeypatch)
    told(Call(verbose=True))

    assert "step.started" in screen.getvalue()


def test_a_quiet_terminal_shows_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what goes wrong."""
    screen = terminal(monkeypatch)
    told(Call(quiet=True))

    lines = screen.getvalue().splitlines()
    assert len(lines) == 1
    assert "disk full" in lines[0]


def test_json_on_a_terminal_is_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for it means it."""
    screen = terminal(monkeypatch)
    told(Call(log_format="json"))

    events = [json.loads(line)["event"] for line in screen.getvalue().splitlines()]
    assert events == ["step.started", "step.finished"]


def test_a_page_on_a_terminal_is_in_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody has asked for none."""
    screen = terminal(monkeypatch)
    output.show(PAGE)

    assert "\x1b[1mHead\x1b[0m" in screen.getvalue()


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    """On both streams."""
    screen = terminal(monkeypatch)
    monkeypatch.setenv("NO_COLOR", "1")

    output.show(PAGE)
    told(Call(quiet=True))

    assert "\x1b[3" not in screen.getvalue()
    assert "\x1b[9" not in screen.getvalue()


def test_a_page_in_a_pipe_is_bare(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing but text."""
    output.show(PAGE)

    assert capsys.readouterr().out == "Head\n\nTABLE\npublic.t\n\nEnd.\n"
