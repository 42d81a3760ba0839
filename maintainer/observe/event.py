"""The one thing observers see: an event with a name and plain fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, named `noun.verbed`; fields are strings and numbers, no secrets."""

    name: str
    fields: Mapping[str, object] = field(default_factory=dict)


Observer = Callable[[Event], None]


def nobody(event: Event) -> None:
    """Observe nothing."""


def everyone(*observers: Observer) -> Observer:
    """Tell each of several observers in turn."""

    def tell(event: Event) -> None:
        for observer in observers:
            observer(event)

    return tell
