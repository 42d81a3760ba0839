"""Statements by name, from the `.sql` files beside this module."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from maintainer.names import Fragment
from maintainer.sql.literal import Literal, literal

HEADER = re.compile(r"^-- name: (?P<name>\w+)\n-- (?P<purpose>.+)\n", re.MULTILINE)
SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement with a name and the line that says what it is for."""

    name: str
    purpose: str
    text: str

    def fill(self, **slots: Fragment) -> Fragment:
        """Put fragments into the `{slots}` in one pass; what they contain is not looked at again.

        Raises TypeError for a plain string (it has not been quoted), KeyError for a missing slot.
        """
        self._check(slots)
        return Fragment(SLOT.sub(lambda match: slots[match[1]], self.text))

    def prepare(self, **slots: Fragment | Prepared) -> Prepared:
        """Fill some slots now and the others, which take values, later.

        Raises TypeError for a plain string.
        """
        self._check(slots)
        return Prepared(self, tuple(sorted(slots.items())))

    def _check(self, slots: Mapping[str, object]) -> None:
        for name, value in slots.items():
            if not isinstance(value, Fragment | Prepared):
                kind = type(value).__name__
                raise TypeError(f"{self.name}: {name} is a plain {kind}, not a fragment")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement that waits for its values; what a plan shows and a run binds."""

    statement: Statement
    slots: tuple[tuple[str, Fragment | Prepared], ...]

    def bind(self, **values: Literal) -> Fragment:
        """The statement with its values as literals (COPY takes no parameters).

        Raises KeyError when a slot is left without a value.
        """
        literals = {name: literal(value) for name, value in values.items()}
        return Fragment(self.text(lambda name: literals[name]))

    def shown(self) -> str:
        """The statement for people: values not known yet stand as `:name`."""
        return self.text(lambda name: f":{name}")

    def text(self, value: Callable[[str], str]) -> str:
        """The statement with `value` called for the name of each slot that is not filled yet."""
        filled = {
            name: part.text(value) if isinstance(part, Prepared) else part
            for name, part in self.slots
        }

        def found(match: re.Match[str]) -> str:
            return filled[match[1]] if match[1] in filled else value(match[1])

        return SLOT.sub(found, self.statement.text)


def named(name: str) -> Statement:
    """Find a statement by its name. Raises KeyError when no file has it."""
    return load(__package__)[name]


@cache
def load(package: str) -> Mapping[str, Statement]:
    """Read the `.sql` files of a package, in the order of their names, statement by statement."""
    found: dict[str, Statement] = {}
    for file in sorted(resources.files(package).iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".sql"):
            for statement in _split(file.read_text("utf-8")):
                if statement.name in found:
                    raise KeyError(f"two statements are named {statement.name}")
                found[statement.name] = statement
    return found


def _split(text: str) -> list[Statement]:
    heads = list(HEADER.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    return [
        Statement(head["name"], head["purpose"], text[head.end() : end].strip().rstrip(";"))
        for head, end in zip(heads, ends, strict=True)
    ]
