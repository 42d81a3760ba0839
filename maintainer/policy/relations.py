"""What must fit together in a policy, checked on what was written so that nothing hides a fault."""

from __future__ import annotations

from collections.abc import Iterator

from maintainer.policy import rollup_relations, rule_relations, window_relations
from maintainer.policy.nodes import Mapping, Scalar, Sequence, shown
from maintainer.policy.place import Fault, MisreadError
from maintainer.policy.words import split_table

LONGEST_ROLLUP = 57  # bytes; the table of its carry has a name six longer


def faults(root: Mapping) -> Iterator[Fault]:
    """Everything that does not fit together."""
    yield from window_relations.faults(root)
    yield from rule_relations.faults(root)
    yield from _archive(root)
    yield from _same_name(root)
    yield from _same_table(root)
    yield from _same_rollup(root)
    yield from rollup_relations.faults(root)
    yield from _options(root)
    yield from _same_hold(root)


def _archive(root: Mapping) -> Iterator[Fault]:
    if "archive" in root.entries:
        return
    for name, rule in root.mapping("retention").mappings():
        found = rule.entries.get("archive")
        if isinstance(found, Scalar) and found.value is True:
            hint = "add `archive:` with `name:` and `to:`, or write `archive: none`"
            message = f"there is no archive section to archive into; {hint}"
            yield Fault(found.place, ("retention", name, "archive"), message)
            return


def _same_name(root: Mapping) -> Iterator[Fault]:
    """The record knows a rule or task by its name: a name may stand in one section only."""
    rules, tasks = root.mapping("retention"), root.mapping("upkeep")
    for name in tasks.keys:
        if name in rules.keys:
            message = f"{name!r} is a rule of retention too; give the task another name"
            yield Fault(tasks.keys[name], ("upkeep", name), message)


def _same_table(root: Mapping) -> Iterator[Fault]:
    seen: list[tuple[str, str | None, str, str | None]] = []
    for name, rule in root.mapping("retention").mappings():
        try:
            schema, table = split_table(rule.text("table") or name)
        except MisreadError:
            continue
        where = rule.text("where")
        for other, its_schema, its_table, its_where in seen:
            may_be_same = schema == its_schema or None in {schema, its_schema}
            if table == its_table and may_be_same and where == its_where:
                place = root.mapping("retention").keys[name]
                hint = "give each its own `where:`, or remove one"
                message = f"{other!r} is a rule for the same rows of {table}; {hint}"
                yield Fault(place, ("retention", name), message)
        seen.append((name, schema, table, where))


def _same_rollup(root: Mapping) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for name, rule in root.mapping("retention").mappings():
        rollup = rule.mapping("rollup")
        called = rollup.text("name") or rollup.text("into")
        if called is None:
            continue
        if len(called.encode()) > LONGEST_ROLLUP:
            message = f"{called!r} is too long to name a rollup; add a short `name:`"
            yield Fault(rollup.place, ("retention", name, "rollup"), message)
        if called in seen:
            message = f"{seen[called]!r} has a rollup of that name; write another `name:`"
            yield Fault(rollup.place, ("retention", name, "rollup"), message)
        seen.setdefault(called, name)


def _options(root: Mapping) -> Iterator[Fault]:
    for name, upkeep in root.mapping("upkeep").mappings():
        does = upkeep.text("do")
        if "options" in upkeep.entries and does in {"analyze", "reindex"}:
            message = f"{does} has no options; remove it"
            yield Fault(upkeep.keys["options"], ("upkeep", name, "options"), message)


def _same_hold(root: Mapping) -> Iterator[Fault]:
    holds = root.entries.get("holds")
    seen: set[str] = set()
    for number, hold in enumerate(holds.items if isinstance(holds, Sequence) else []):
        name = hold.entries.get("name") if isinstance(hold, Mapping) else None
        if not isinstance(name, Scalar) or not isinstance(name.value, str):
            continue
        if name.value.strip() in seen:
            message = f"{shown(name)} is the name of another hold; write another"
            yield Fault(name.place, ("holds", str(number), "name"), message)
        seen.add(name.value.strip())
