"""Which tables belong to one rollup alone."""

from __future__ import annotations

from collections.abc import Iterator

from maintainer.policy.fields import parse_keep
from maintainer.policy.nodes import Mapping, plain
from maintainer.policy.place import Fault, MisreadError
from maintainer.policy.words import split_table

Table = tuple[str | None, str]


def faults(root: Mapping) -> Iterator[Fault]:
    """Everything that does not fit together."""
    rules = root.mapping("retention")
    yield from _into_a_rule(rules)
    yield from _into_the_same(rules)
    yield from _beside_a_rollup(rules)


def _into_a_rule(rules: Mapping) -> Iterator[Fault]:
    """A monthly table is rewritten: its rows must not be anybody else's."""
    for name, into in _targets(rules):
        for other, rule in rules.mappings():
            if _same(into, _table_of(other, rule)):
                message = f"is the table of rule {other!r}; write a table of its own"
                yield _at_into(rules, name, message)
                break


def _into_the_same(rules: Mapping) -> Iterator[Fault]:
    seen: list[tuple[str, Table]] = []
    for name, into in _targets(rules):
        for other, its_into in seen:
            if _same(into, its_into):
                message = f"is filled by the rollup of {other!r}; write a table of its own"
                yield _at_into(rules, name, message)
                break
        seen.append((name, into))


def _beside_a_rollup(rules: Mapping) -> Iterator[Fault]:
    """What another rule removes is carried nowhere: the months would lose it in silence."""
    seen: list[tuple[str, Mapping]] = []
    for name, rule in rules.mappings():
        if not _purges(rule):
            continue
        for other, its_rule in seen:
            rolled = "rollup" in rule.entries or "rollup" in its_rule.entries
            if rolled and _same(_table_of(name, rule), _table_of(other, its_rule)):
                hint = "a rollup adds up all of a table's rows; keep one of the two rules"
                message = f"{other!r} is a rule for the same table; {hint}"
                yield Fault(rules.keys[name], ("retention", name), message)
                break
        seen.append((name, rule))


def _purges(rule: Mapping) -> bool:
    try:
        return parse_keep(plain(rule.entries["keep"])) is not None
    except (KeyError, MisreadError):
        return True


def _table_of(name: str, rule: Mapping) -> Table | None:
    return _table(rule.text("table") or name)


def _targets(rules: Mapping) -> Iterator[tuple[str, Table]]:
    for name, rule in rules.mappings():
        into = _table(rule.mapping("rollup").text("into") or "")
        if into is not None:
            yield name, into


def _table(text: str) -> Table | None:
    try:
        return split_table(text)
    except MisreadError:
        return None


def _same(one: Table | None, other: Table | None) -> bool:
    """Whether two names may mean one table: a name without schema is unique in its database."""
    if one is None or other is None or one[1] != other[1]:
        return False
    return one[0] == other[0] or None in {one[0], other[0]}


def _at_into(rules: Mapping, name: str, message: str) -> Fault:
    into = rules.mapping(name).mapping("rollup").entries["into"]
    text = rules.mapping(name).mapping("rollup").text("into")
    path = ("retention", name, "rollup", "into")
    return Fault(into.place, path, f"{text!r} {message}")
