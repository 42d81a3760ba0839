"""What became of the seven tables, or in which way they differ from the shipped ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from maintainer.cli.render import words
from maintainer.cli.render.grid import Column, Line, Note, Page, Section
from maintainer.schema.apply import Change, Outcome
from maintainer.schema.verify import Difference, Problem

NOTES = (Note("expected", "dim", "expected "), Note("found", "dim", "found    "))
STYLES = {Problem.MISSING: "red", Problem.DIFFERENT: "yellow", Problem.UNEXPECTED: "yellow"}


def changes(made: Sequence[Change]) -> Page:
    """What was made; what was there already is only counted."""
    new = [change for change in made if change.outcome is Outcome.CREATED]
    columns = (Column("made"), Column("name"))
    section = Section("", columns, [Line((change.kind, change.name)) for change in new])
    there = len(made) - len(new)
    return Page(
        "", (section,), (f"{words.plural(len(new), 'object')} made, {there} there already.",)
    )


def differences(found: Sequence[Difference]) -> Page:
    """What is missing or different, and what stands there instead."""
    columns = (Column("problem"), Column("object"), Column("name"))
    lines = [
        Line(
            (difference.problem.value, difference.kind, difference.name),
            (difference.expected, difference.found),
            STYLES[difference.problem],
        )
        for difference in found
    ]
    section = Section("", columns, lines, NOTES)
    ending = f"{words.plural(len(found), 'difference')}." if found else "No difference."
    return Page("", (section,), (ending,))


def document(name: str, items: Sequence[Change | Difference]) -> dict[str, object]:
    """The same for machines."""
    return {name: [asdict(item) for item in items]}
