"""A run for people: how each step ended, what went where, and one sentence for it all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from maintainer.cli.render import words
from maintainer.cli.render.grid import Column, Line, Note, Page, Section
from maintainer.plan.receipts import Outcome, Receipt, Report
from maintainer.plan.steps import Purge, Reindex, Skip, kind

COLUMNS = (
    Column("outcome"),
    Column("step"),
    Column("table or index"),
    Column("rows", right=True),
    Column("size", right=True),
    Column("stored", right=True),
    Column("time", right=True),
)
NOTES = (Note("detail", "dim"), Note("what to do", "yellow", "→ "))
STYLES = {
    Outcome.DONE: "green",
    Outcome.STOPPED: "yellow",
    Outcome.INEFFECTIVE: "yellow",
    Outcome.REFUSED: "bold red",
    Outcome.FAILED: "bold red",
}


def page(report: Report) -> Page:
    """Every step but those with nothing to do, which the plan has shown with their reasons."""
    told = [receipt for receipt in report.receipts if not isinstance(receipt.step, Skip)]
    lines = [_line(receipt) for receipt in told]
    return Page(
        head=f"Run {report.run}",
        sections=(Section("", COLUMNS, lines, NOTES),),
        ending=_ending(report),
    )


def _line(receipt: Receipt) -> Line:
    step = receipt.step
    cells = (
        receipt.outcome.value,
        kind(step),
        str(step.index if isinstance(step, Reindex) else step.table),
        f"{receipt.rows:,}" if isinstance(step, Purge) else words.NONE,
        words.size(receipt.raw_bytes) if receipt.raw_bytes else words.NONE,
        words.size(receipt.stored_bytes) if receipt.stored_bytes else words.NONE,
        words.seconds(receipt.seconds) if receipt.seconds else words.NONE,
    )
    return Line(cells, (receipt.detail, receipt.hint), STYLES.get(receipt.outcome, ""))


def _ending(report: Report) -> list[str]:
    sentences = [_summary(report.receipts)]
    if report.stopped:
        sentences.append(f"Stopped early: {report.stopped}. What is left is done next time.")
    if report.exit_code:
        sentences.append(f"Exit code {report.exit_code}.")
    return sentences


def _summary(receipts: Iterable[Receipt]) -> str:
    counted = Counter(map(_said, receipts))
    parts = [f"{amount} {said}" for said, amount in counted.items()]
    steps = ", ".join(parts) or "no step"
    return f"{steps[:1].upper()}{steps[1:]}{_purged(receipts)}."


def _said(receipt: Receipt) -> str:
    return "with nothing to do" if isinstance(receipt.step, Skip) else receipt.outcome.value


def _purged(receipts: Iterable[Receipt]) -> str:
    purges = [receipt for receipt in receipts if isinstance(receipt.step, Purge)]
    rows = sum(receipt.rows for receipt in purges)
    if not rows:
        return ""
    raw, stored = (sum(sizes) for sizes in zip(*map(_sizes, purges), strict=True))
    archive = f", {words.size(raw)} archived as {words.size(stored)}" if stored else ""
    took = words.seconds(sum(receipt.seconds for receipt in purges))
    return f"; {words.plural(rows, 'row')} purged from {_tables(purges)}{archive}, in {took}"


def _tables(purges: list[Receipt]) -> str:
    return words.plural(len({receipt.step.table for receipt in purges if receipt.rows}), "table")


def _sizes(receipt: Receipt) -> tuple[int, int]:
    return receipt.raw_bytes, receipt.stored_bytes
