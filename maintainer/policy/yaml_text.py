"""A strict reader of YAML: the core's scalars, no tags, no merge keys, no surprises, bounded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from maintainer.policy.nodes import Mapping, Node, Scalar, Sequence
from maintainer.policy.place import Fault, Place
from maintainer.policy.scalars import resolve

MOST_BYTES = 1 << 20
MOST_NODES = 20_000
DEEPEST = 32
UNFIT = re.compile("[\0\ud800-\udfff]")  # neither PostgreSQL nor UTF-8 can hold them


class UnreadableError(Exception):
    """Reading cannot go on after this fault."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(message)
        self.fault = Fault(place, (), message)


@dataclass(slots=True)
class Reading:
    """What one file said; `whole` is false when reading had to stop."""

    root: Mapping
    faults: list[Fault] = field(default_factory=list)
    whole: bool = True


def read(raw: bytes, file: str) -> Reading:
    """Read one file; whatever its bytes are, every problem becomes a fault."""
    reading = Reading(Mapping(Place(file)))
    try:
        composer = _Composer(file, _decode(raw, file), reading.faults)
        reading.root = composer.document()
    except UnreadableError as exc:
        reading.faults.append(exc.fault)
        reading.whole = False
    return reading


def _decode(raw: bytes, file: str) -> str:
    if len(raw) > MOST_BYTES:
        message = f"{len(raw)} bytes are too many for a policy; split it into files below 1 MB"
        raise UnreadableError(Place(file), message)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        before = raw[: exc.start].decode("utf-8-sig", "replace")
        message = f"byte 0x{raw[exc.start]:02x} is not UTF-8; save the file as UTF-8"
        raise UnreadableError(_end_of(before, file), message) from None


def _end_of(text: str, file: str) -> Place:
    return Place(file, text.count("\n") + 1, len(text) - text.rfind("\n"))


class _Composer:
    """Turns YAML's events into nodes."""

    def __init__(self, file: str, text: str, faults: list[Fault]) -> None:
        self.file = file
        self.text = text
        self.faults = faults
        self.anchors: dict[str, Node] = {}
        self.nodes = 0
        self.events = self._events()

    def document(self) -> Mapping:
        """The one mapping that a file holds."""
        event = next(self.events)
        if isinstance(event, yaml.DocumentStartEvent):
            root = self._node(next(self.events), 1)
            next(self.events)
            event = next(self.events)
        else:
            root = Mapping(Place(self.file))
        if not isinstance(event, yaml.StreamEndEvent):
            raise UnreadableError(self._place(event), "a second document; write it as another file")
        if isinstance(root, Scalar) and root.value is None:
            return Mapping(root.place)
        if not isinstance(root, Mapping):
            message = "this is not a policy; begin with names such as `version: 1` or `retention:`"
            raise UnreadableError(root.place, message)
        return root

    def _events(self) -> Iterator[yaml.Event]:
        try:
            stream = yaml.parse(self.text, Loader=yaml.SafeLoader)
            yield from (event for event in stream if not isinstance(event, yaml.StreamStartEvent))
        except yaml.MarkedYAMLError as exc:
            place = self._at(exc.problem_mark or exc.context_mark)
            message = f"this is not YAML ({exc.problem}); check indentation, colons and quotes"
            raise UnreadableError(place, message) from None
        except yaml.reader.ReaderError as exc:
            place = _end_of(self.text[: exc.position], self.file)
            message = "a control character stands here; remove it"
            raise UnreadableError(place, message) from None
        except (yaml.YAMLError, ValueError, OverflowError):  # an escape or version out of range
            raise UnreadableError(Place(self.file), "this is not YAML; check its escapes") from None

    def _place(self, event: yaml.Event) -> Place:
        return self._at(event.start_mark)

    def _at(self, mark: object) -> Place:
        return Place(self.file, getattr(mark, "line", 0) + 1, getattr(mark, "column", 0) + 1)

    def _fault(self, place: Place, message: str) -> None:
        self.faults.append(Fault(place, (), message))

    def _node(self, event: yaml.Event, depth: int) -> Node:
        place = self._place(event)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, depth)
        self._bound(place, 1, depth)
        if tag := getattr(event, "tag", None):
            self._fault(place, f"tag {tag} has no meaning here; write the plain value")
        node = self._content(event, place, depth)
        if anchor := getattr(event, "anchor", None):
            self.anchors[anchor] = node
        return node

    def _content(self, event: yaml.Event, place: Place, depth: int) -> Node:
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(Sequence(place), depth)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(Mapping(place), depth)
        return self._scalar(event, place)

    def _scalar(self, event: yaml.Event, place: Place) -> Scalar:
        text, style = getattr(event, "value", ""), getattr(event, "style", None)
        if UNFIT.search(text):
            self._fault(place, "a NUL or half a character stands here; remove it")
            text = UNFIT.sub("?", text)
        return Scalar(place, text if style else resolve(text), text)

    def _alias(self, event: yaml.AliasEvent, depth: int) -> Node:
        place = self._place(event)
        node = self.anchors.get(event.anchor or "")
        if node is None:
            message = f"*{event.anchor} is used before &{event.anchor} is complete; write it out"
            raise UnreadableError(place, message)
        self._bound(place, node.size, depth + node.height - 1)
        return node

    def _bound(self, place: Place, size: int, depth: int) -> None:
        self.nodes += size
        if self.nodes > MOST_NODES:
            message = f"more than {MOST_NODES} values, aliases counted; write a smaller policy"
            raise UnreadableError(place, message)
        if depth > DEEPEST:
            raise UnreadableError(place, f"more than {DEEPEST} levels deep; write it flatter")

    def _sequence(self, found: Sequence, depth: int) -> Sequence:
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            item = self._node(event, depth + 1)
            found.items.append(item)
            _grow(found, item)
        return found

    def _mapping(self, found: Mapping, depth: int) -> Mapping:
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self._key(event, depth)
            value = self._node(next(self.events), depth + 1)
            _grow(found, value)
            if key is None:
                continue
            if key in found.entries:
                first = found.keys[key]
                message = f"{key!r} stands twice, first in line {first.line}; remove one"
                self._fault(self._place(event), message)
                continue
            found.entries[key] = value
            found.keys[key] = self._place(event)
        return found

    def _key(self, event: yaml.Event, depth: int) -> str | None:
        """The text of a key, None when it cannot be one."""
        node = self._node(event, depth + 1)
        if not isinstance(node, Scalar) or not node.text.strip():
            self._fault(self._place(event), "this cannot be a name; write a plain word")
            return None
        if node.text == "<<" and not getattr(event, "style", None):
            self._fault(node.place, "merge keys are not read; write the entries out")
            return None
        return node.text


def _grow(parent: Mapping | Sequence, child: Node) -> None:
    parent.size += child.size
    parent.height = max(parent.height, child.height + 1)
