"""A plan or a report with one row for many statements of one kind; all else stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TypeVar

from maintainer.cli.render import words
from maintainer.cli.render.grid import Line, Page
from maintainer.plan.plan import Plan
from maintainer.plan.receipts import Receipt, Report
from maintainer.plan.steps import Analyze, Reindex, Skip, Step, Work, kind

FEW = 2

T = TypeVar("T")


def plan(page: Page, of: Plan) -> Page:
    """The page of a plan; analyzes are one row, and so are the indexes of a table."""
    return replace(page, sections=[replace(s, lines=_shorter(s.lines, of)) for s in page.sections])


def report(page: Page, of: Report) -> Page:
    """The page of a report in the same manner."""
    (section,) = page.sections
    told = [receipt for receipt in of.receipts if not isinstance(receipt.step, Skip)]
    pairs = zip(section.lines, told, strict=True)
    lines = list(_merged(pairs, _alike_in_report, _receipts))
    return replace(page, sections=[replace(section, lines=lines)])


def _shorter(lines: Sequence[Line], of: Plan) -> list[Line]:
    """The first cell of a plan's row is the number of its step."""
    pairs = [(line, of.steps[int(line.cells[0]) - 1]) for line in lines]
    return list(_merged(pairs, _alike_in_plan, _steps))


def _merged(
    pairs: Iterable[tuple[Line, T]],
    alike: Callable[[Line, T], Hashable],
    merge: Callable[[Sequence[tuple[Line, T]]], Line],
) -> Iterator[Line]:
    for key, group in groupby(pairs, key=lambda pair: alike(*pair)):
        members = list(group)
        if key is None or len(members) < FEW:
            yield from (line for line, _ in members)
        else:
            yield merge(members)


def _family(step: Step) -> Hashable:
    """What may share a row: the indexes of one table, and the tables to analyze."""
    match step:
        case Reindex():
            return step.table
        case Analyze():
            return Analyze
    return None


def _alike_in_plan(line: Line, step: Step) -> Hashable:
    family = _family(step)
    return family and (family, *line.notes)


def _alike_in_report(line: Line, receipt: Receipt) -> Hashable:
    family = _family(receipt.step)
    return family and (family, receipt.outcome, *line.notes)


def _many(steps: Sequence[Step]) -> str:
    first = steps[0]
    if isinstance(first, Reindex):
        return f"{words.plural(len(steps), 'index')} of {first.table}"
    return words.plural(len(steps), "table")


def _steps(members: Sequence[tuple[Line, Step]]) -> Line:
    lines, steps = [line for line, _ in members], [step for _, step in members]
    size = sum(step.estimate.bytes or 0 for step in steps if isinstance(step, Work))
    numbers = f"{lines[0].cells[0]}-{lines[-1].cells[0]}"
    cells = (numbers, kind(steps[0]), _many(steps), words.NONE, words.size(size), words.NONE)
    return replace(lines[0], cells=cells)


def _receipts(members: Sequence[tuple[Line, Receipt]]) -> Line:
    line, first = members[0]
    took = words.seconds(sum(receipt.seconds for _, receipt in members))
    name = _many([receipt.step for _, receipt in members])
    cells = (first.outcome.value, kind(first.step), name, *[words.NONE] * 3, took)
    return replace(line, cells=cells)
