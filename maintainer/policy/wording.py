"""What pydantic found, said for the person who wrote the file: what stood there, what to write."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from maintainer.policy.known import known_keys
from maintainer.policy.nodes import Mapping, Node, find, shown
from maintainer.policy.place import Fault
from maintainer.policy.words import did_you_mean

MISSING = {
    "version": "version: 1",
    "timezone": "timezone: Europe/Amsterdam",
    "keep": "keep: 90 days",
    "from": 'from: "22:30"',
    "reason": "reason: and why",
    "every": "every: week",
    "do": "do: analyze",
    "tables": "tables: all",
    "to": "to: file:./archive",
    "name": "name: and a name of its own",
    "into": "into: and the table of the aggregate",
    "month": "month: and its column of the month",
    "group_by": "group_by: [organization_id]",
}
KINDS = {
    "string_type": "is not text; put it in quotes",
    "int_type": "is not a whole number; write one",
    "int_from_float": "is not a whole number; write one",
    "dict_type": "is not a mapping; write names with values, `name: {…}`",
    "model_type": "is not a mapping; write names with values, `name: {…}`",
    "model_attributes_type": "is not a mapping; write names with values, `name: {…}`",
    "tuple_type": "is not a list; write `[one, two]`",
    "too_short": "is empty; write at least one",
}
LATER = {
    ("upkeep", "when"): "remove it: the schedule alone decides",
    ("archive", "parquet"): "write csv.zst",
    ("archive", "checksum"): "write readback",
    ("retention", "epoch"): "only timestamp and date columns are",
    ("retention", "uuidv7"): "only timestamp and date columns are",
}
HINTS = {("database", "password"): "write `dsn: ${env:DATABASE_URL}` and keep the password there"}


def faults(error: ValidationError, root: Mapping) -> Iterator[Fault]:
    """One fault for each thing that is wrong, at its place."""
    for detail in error.errors(include_url=False, include_input=False):
        node, name_at, path = find(root, detail["loc"])
        match detail["type"]:
            case "missing":
                key = str(detail["loc"][-1])
                yield Fault(name_at, (*path, key), f"is missing; add `{MISSING.get(key, key)}`")
            case "extra_forbidden":
                yield Fault(name_at, path, _unknown(path))
            case "too_short" if getattr(node, "items", None):
                continue  # pydantic counts only the items that fit; the others have their faults
            case _:
                yield Fault(node.place, path, f"{shown(node)} {_said(detail, node, path)}")


def _unknown(path: tuple[str, ...]) -> str:
    section, key = path[0], path[-1]
    if (section, key) in LATER:
        return f"not available in this version; {LATER[section, key]}"
    if (section, key) in HINTS:
        return f"unknown key {key!r}; {HINTS[section, key]}"
    return f"unknown key {key!r}; {did_you_mean(key, known_keys(path[:-1]))}"


def _said(detail: ErrorDetails, node: Node, path: tuple[str, ...]) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind == "literal_error":
        return _choice(node, path, str(context["expected"]))
    return KINDS.get(kind) or f"does not fit; {detail['msg'][:1].lower()}{detail['msg'][1:]}"


def _choice(node: Node, path: tuple[str, ...], expected: str) -> str:
    word = str(getattr(node, "value", ""))
    if (path[0], word) in LATER:
        return f"is not available in this version; {LATER[path[0], word]}"
    known = [part.strip("'") for part in expected.replace(" or ", ", ").split(", ")]
    return f"is not known; {did_you_mean(word, known)}"
