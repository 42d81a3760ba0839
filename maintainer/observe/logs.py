"""Events as log lines: for people on a terminal, one JSON object a line elsewhere."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import MutableMapping
from typing import Literal, Protocol, TextIO, cast

import structlog

from maintainer.observe import mask
from maintainer.observe.event import Event, Observer
from maintainer.schedule.clock import Clock

Look = Literal["console", "json"]
Line = MutableMapping[str, object]

FIRST = ("timestamp", "level", "event", "run")
LEVELS = {
    "failed": logging.ERROR,
    "refused": logging.WARNING,
    "ineffective": logging.WARNING,
}
BY_NAME = {
    "segment.committed": logging.DEBUG,
    "step.refused": logging.WARNING,
    "run.refused": logging.ERROR,
    "run.finished": logging.INFO,  # what went wrong has been told, step by step
    "record.missing": logging.WARNING,
    "recovery.ignored": logging.WARNING,
    "recovery.postponed": logging.WARNING,
    "recovery.voided": logging.WARNING,
}
PROGRESS_SECONDS = 10.0


class Stream(Protocol):
    """Where lines go."""

    def write(self, text: str, /) -> object:
        """Take a line."""

    def flush(self) -> object:
        """Pass on what was taken."""


class Logger(Protocol):
    """The one method of a structlog logger that is used."""

    def log(self, level: int, event: str, **fields: object) -> object:
        """Write one line, unless its level is below the logger's."""


def logger(stream: Stream, look: Look, level: int, clock: Clock, *, colors: bool = False) -> Logger:
    """A logger that writes to one stream what is at least as grave as `level`."""
    bound: Logger = structlog.wrap_logger(
        structlog.WriteLogger(cast("TextIO", stream)),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _stamped(clock),
            _masked,
            _renderer(look, colors=colors),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
    return bound


def observer(log: Logger, clock: Clock) -> Observer:
    """Log every event with the id of its run; of many segments one `step.progress` every 10 s."""
    return _Teller(log, clock)


class _Teller:
    def __init__(self, log: Logger, clock: Clock) -> None:
        self._log = log
        self._clock = clock
        self._run: object = None
        self._told_at = clock.monotonic()

    def __call__(self, event: Event) -> None:
        self._run = event.fields.get("run", self._run)
        with contextlib.suppress(OSError):  # nobody reads: no reason to stop
            self._tell(event)

    def _tell(self, event: Event) -> None:
        self._write(level(event), event.name, event)
        if event.name == "step.started":
            self._told_at = self._clock.monotonic()
        if event.name == "segment.committed" and self._is_time():
            self._write(logging.INFO, "step.progress", event)

    def _is_time(self) -> bool:
        now = self._clock.monotonic()
        if now - self._told_at < PROGRESS_SECONDS:
            return False
        self._told_at = now
        return True

    def _write(self, grade: int, name: str, event: Event) -> None:
        fields = {key: value for key, value in event.fields.items() if key != "event"}
        self._log.log(grade, name, **fields | {"run": self._run})


def level(event: Event) -> int:
    """How grave an event is: by its name, then by its outcome."""
    if event.name in BY_NAME:
        return BY_NAME[event.name]
    return LEVELS.get(str(event.fields.get("outcome")), logging.INFO)


def _stamped(clock: Clock) -> structlog.typing.Processor:
    def stamp(_logger: object, _method: str, line: Line) -> Line:
        at = clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"timestamp": at} | dict(line)

    return stamp


def _masked(_logger: object, _method: str, line: Line) -> Line:
    ordered = {name: line[name] for name in FIRST if name in line} | dict(line)
    return {name: _short(mask.value(name, value)) for name, value in ordered.items()}


def _short(value: object) -> object:
    """Nobody reads more than milliseconds."""
    return round(value, 3) if isinstance(value, float) else value


def _renderer(look: Look, *, colors: bool) -> structlog.typing.Processor:
    if look == "json":
        return structlog.processors.JSONRenderer(default=str, ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(colors=colors, sort_keys=False)
