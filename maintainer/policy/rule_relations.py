"""What must fit together within one rule."""

from __future__ import annotations

from collections.abc import Iterator

from maintainer.policy import shapes
from maintainer.policy.fields import parse_keep
from maintainer.policy.nodes import Mapping, Node, Scalar, find, plain
from maintainer.policy.place import Fault, MisreadError
from maintainer.policy.words import split_table

FOREVER_KEYS = ("keep", "table", "reason")
NEEDED = {
    "by": "the column of a row's time is missing; add `by: created_at`",
    "archive": "the decision is missing; add `archive: true`, or `archive: none`",
}
MONTHLY = "month"


def faults(root: Mapping) -> Iterator[Fault]:
    """Everything that does not fit together."""
    rules = root.mapping("retention")
    for name, rule in rules.mappings():
        path = ("retention", name)
        if "table" not in rule.entries and not _is_table(name):
            message = f"{name!r} is not a table; add `table:`"
            yield Fault(rules.keys[name], path, message)
        yield from _keep(rules, path, rule)
        if isinstance(rollup := rule.entries.get("rollup"), Mapping):
            yield from _rollup((*path, "rollup"), rule, rollup)


def _is_table(name: str) -> bool:
    try:
        split_table(name)
    except MisreadError:
        return False
    return True


def _keep(rules: Mapping, path: tuple[str, ...], rule: Mapping) -> Iterator[Fault]:
    try:
        keep = parse_keep(plain(rule.entries["keep"]))
    except (KeyError, MisreadError):
        return
    place = rules.keys[path[-1]]
    if keep is None:
        yield from _forever(place_of=rule, path=path)
        return
    for key, message in NEEDED.items():
        if key not in rule.entries:
            yield Fault(place, (*path, key), message)


def _forever(place_of: Mapping, path: tuple[str, ...]) -> Iterator[Fault]:
    if "reason" not in place_of.entries:
        message = "rows are kept for ever; add `reason:` and why"
        yield Fault(place_of.entries["keep"].place, (*path, "reason"), message)
    for key, place in place_of.keys.items():
        if key not in FOREVER_KEYS:
            message = "has no meaning beside `keep: forever`; remove it"
            yield Fault(place, (*path, key), message)


def _rollup(path: tuple[str, ...], rule: Mapping, rollup: Mapping) -> Iterator[Fault]:
    if rule.text("align") != MONTHLY:
        message = "a rollup needs whole months; add `align: month` to the rule"
        yield Fault(rule.entries["rollup"].place, path, message)
    if not {"sum", "max", "count"} & set(rollup.entries):
        message = "there is nothing to keep of the rows; add `sum:`, `max:` or `count:`"
        yield Fault(rollup.place, path, message)
    seen: set[str] = set()
    for key, node in rollup.entries.items():
        for column, at in _columns(key, node):
            if column in seen:
                message = f"{column!r} is already a column of the target; write another"
                yield Fault(at.place, (*path, key), message)
            seen.add(column)


def _columns(key: str, node: Node) -> Iterator[tuple[str, Node]]:
    """The columns of the target that a part of a rollup writes."""
    if key in {"month", "count"} and isinstance(node, Scalar):
        yield str(node.value), node
    try:
        if key in {"sum", "max"}:
            for column, _ in shapes.parse_measures(plain(node)):
                yield column, find(node, (column,))[0]
        if key == "group_by":
            for number, pair in enumerate(getattr(node, "items", ())):
                yield shapes.parse_pair(plain(pair))[0], find(node, (number,))[0]
    except MisreadError:
        return
