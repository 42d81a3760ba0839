"""What a YAML file says, each part with its place: scalars, lists and mappings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from maintainer.policy.place import Place

SHOWN = 60


@dataclass(slots=True)
class Scalar:
    """A single value; `text` is how it was written, `secret` forbids to show what it became."""

    place: Place
    value: bool | int | float | str | None
    text: str
    secret: bool = False
    size: int = 1
    height: int = 1


@dataclass(slots=True)
class Sequence:
    """A list."""

    place: Place
    items: list[Node] = field(default_factory=list)
    size: int = 1
    height: int = 1


@dataclass(slots=True)
class Mapping:
    """Names with values, and the place of each name."""

    place: Place
    entries: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Place] = field(default_factory=dict)
    size: int = 1
    height: int = 1

    def mapping(self, key: str) -> Mapping:
        """The mapping under a key; an empty one when there is none."""
        found = self.entries.get(key)
        return found if isinstance(found, Mapping) else Mapping(self.place)

    def mappings(self) -> Iterator[tuple[str, Mapping]]:
        """The entries that are mappings."""
        for key, node in self.entries.items():
            if isinstance(node, Mapping):
                yield key, node

    def text(self, key: str) -> str | None:
        """The string under a key, if one stands there."""
        found = self.entries.get(key)
        return found.value if isinstance(found, Scalar) and isinstance(found.value, str) else None

    def texts(self, key: str) -> list[Scalar]:
        """The scalar under a key, or the scalars of the list under it."""
        found = self.entries.get(key)
        parts = found.items if isinstance(found, Sequence) else [found]
        return [part for part in parts if isinstance(part, Scalar)]


Node = Scalar | Sequence | Mapping


def plain(node: Node) -> object:
    """The values alone, lists as tuples."""
    match node:
        case Scalar():
            return node.value
        case Sequence():
            return tuple(plain(item) for item in node.items)
        case Mapping():
            return {key: plain(value) for key, value in node.entries.items()}


def scalars(node: Node) -> Iterator[tuple[tuple[str, ...], Scalar]]:
    """Every scalar with its path."""
    match node:
        case Scalar():
            yield (), node
        case Sequence():
            for number, item in enumerate(node.items):
                yield from (((str(number), *path), found) for path, found in scalars(item))
        case Mapping():
            for key, value in node.entries.items():
                yield from (((key, *path), found) for path, found in scalars(value))


def find(root: Node, path: Iterable[int | str]) -> tuple[Node, Place, tuple[str, ...]]:
    """Follow a path as far as it leads: what is there, where its name stands, the path so far."""
    node, name_at, led = root, root.place, []
    for part in path:
        if isinstance(node, Mapping) and part in node.entries:
            name_at = node.keys[str(part)]
            node = node.entries[str(part)]
        elif isinstance(node, Sequence) and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
            name_at = node.place
        else:
            break
        led.append(str(part))
    return node, name_at, tuple(led)


def shown(node: Node) -> str:
    """What stood there, short enough for a message and without what may be secret."""
    match node:
        case Scalar(secret=True):
            return "the value"
        case Scalar(value=None):
            return "nothing"
        case Scalar(value=str(), text=text):
            return repr(text if len(text) <= SHOWN else text[: SHOWN - 1] + "…")
        case Scalar(text=text):
            return text[:SHOWN]
        case Sequence():
            return "a list"
        case Mapping():
            return "a mapping"
