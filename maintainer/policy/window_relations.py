"""What must fit together in windows and blackouts, and in what names them."""

from __future__ import annotations

from collections.abc import Iterator

from maintainer.policy.nodes import Mapping, Scalar, Sequence, shown
from maintainer.policy.place import Fault, MisreadError
from maintainer.policy.words import did_you_mean, parse_clock, parse_date

ANY = "any"


def faults(root: Mapping) -> Iterator[Fault]:
    """Everything that does not fit together."""
    for name, window in root.mapping("windows").mappings():
        yield from _window(root.mapping("windows"), name, window)
    blackouts = root.entries.get("blackouts")
    for number, entry in enumerate(blackouts.items if isinstance(blackouts, Sequence) else []):
        if isinstance(entry, Mapping):
            yield from _blackout(("blackouts", str(number)), entry)
    yield from _names(root, ("defaults",), root.mapping("defaults"))
    for section in ("retention", "upkeep"):
        for name, entry in root.mapping(section).mappings():
            yield from _names(root, (section, name), entry)


def _window(windows: Mapping, name: str, window: Mapping) -> Iterator[Fault]:
    path = ("windows", name)
    if name == ANY:
        message = f"{ANY!r} stands for no window at all; write another name"
        yield Fault(windows.keys[name], path, message)
    if ("to" in window.entries) == ("for" in window.entries):
        message = 'a window ends once; write either `to: "05:00"` or `for: 9h`'
        yield Fault(windows.keys[name], path, message)
    try:
        times = {parse_clock(window.text("from")), parse_clock(window.text("to"))}
    except MisreadError:
        return
    if len(times) == 1:
        message = "the window ends when it begins; write `for: 24h` for a whole day"
        yield Fault(window.entries["to"].place, (*path, "to"), message)


def _blackout(path: tuple[str, ...], blackout: Mapping) -> Iterator[Fault]:
    written = [key for key in ("from", "to", "yearly") if key in blackout.entries]
    if written not in (["from", "to"], ["yearly"]):
        message = "write either `from:` and `to:`, or `yearly:`"
        yield Fault(blackout.place, path, message)
        return
    try:
        first, last = (parse_date(blackout.text(key)) for key in ("from", "to"))
    except MisreadError:
        return
    if first > last:
        to = blackout.entries["to"]
        yield Fault(to.place, (*path, "to"), f"{shown(to)} lies before `from`; exchange the two")


def _names(root: Mapping, path: tuple[str, ...], entry: Mapping) -> Iterator[Fault]:
    known = tuple(root.mapping("windows").entries)
    for scalar in entry.texts("window"):
        if isinstance(scalar.value, str) and scalar.value.strip() not in {*known, ANY}:
            hint = did_you_mean(scalar.value, known) if known else "define it under `windows:`"
            yield Fault(scalar.place, (*path, "window"), f"{shown(scalar)} is not a window; {hint}")
    listed = entry.entries.get("window")
    if isinstance(listed, Sequence) and any(
        isinstance(item, Scalar) and item.value == ANY for item in listed.items
    ):
        yield Fault(listed.place, (*path, "window"), f"{ANY!r} stands alone; write `window: any`")
