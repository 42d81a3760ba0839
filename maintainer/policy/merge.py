"""Several files as one policy: sections of names are joined, every name is defined once."""

from __future__ import annotations

from collections.abc import Iterable

from maintainer.policy.nodes import Mapping, Node, Scalar, Sequence
from maintainer.policy.place import Fault, Place
from maintainer.policy.yaml_text import Reading

NAMED = {"windows", "retention", "upkeep"}
LISTED = {"blackouts", "holds"}
REPEATABLE = "version"


def merge(readings: Iterable[Reading], faults: list[Fault]) -> Mapping:
    """Join what the files say; what is defined a second time is a fault."""
    roots = [reading.root for reading in readings]
    merged = Mapping(roots[0].place if roots else Place("policy"))
    for root in roots:
        for key, node in root.entries.items():
            if isinstance(node, Scalar) and node.value is None:
                continue  # a section with nothing, or only comments, in it
            if key in merged.entries:
                _join(merged, key, node, root.keys[key], faults)
            else:
                merged.entries[key] = _copy(node)
                merged.keys[key] = root.keys[key]
    return merged


def _join(merged: Mapping, key: str, node: Node, place: Place, faults: list[Fault]) -> None:
    there = merged.entries[key]
    if key in NAMED and isinstance(there, Mapping) and isinstance(node, Mapping):
        _join_names(there, node, key, faults)
    elif key in LISTED and isinstance(there, Sequence) and isinstance(node, Sequence):
        there.items.extend(node.items)
    elif not _same(key, there, node):
        faults.append(Fault(place, (key,), _twice(key, merged.keys[key])))


def _join_names(there: Mapping, more: Mapping, section: str, faults: list[Fault]) -> None:
    for name, node in more.entries.items():
        if name in there.entries:
            message = _twice(name, there.keys[name])
            faults.append(Fault(more.keys[name], (section, name), message))
            continue
        there.entries[name] = node
        there.keys[name] = more.keys[name]


def _same(key: str, there: Node, node: Node) -> bool:
    """Each file may say the version."""
    if not isinstance(there, Scalar) or not isinstance(node, Scalar):
        return False
    return key == REPEATABLE and there.value == node.value


def _twice(name: str, first: Place) -> str:
    return f"{name!r} is defined a second time, first in {first}; remove one"


def _copy(node: Node) -> Node:
    """The first file's own section stays as it was when others are joined to it."""
    match node:
        case Mapping():
            return Mapping(node.place, dict(node.entries), dict(node.keys))
        case Sequence():
            return Sequence(node.place, list(node.items))
        case Scalar():
            return node
