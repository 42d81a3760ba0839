"""Where something stands in a policy, and what is wrong with it there."""

from __future__ import annotations

from dataclasses import dataclass


class MisreadError(ValueError):
    """A value does not say what it should, in words that follow the value."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A file, and a line and column in it, both counted from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """Something wrong at a place; `message` says what stood there and what to write."""

    place: Place
    path: tuple[str, ...]
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {'.'.join(self.path) or 'policy'}: {self.message}"
