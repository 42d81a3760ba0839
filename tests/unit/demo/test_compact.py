"""Many statements of one kind share a row; everything else keeps its own."""

from __future__ import annotations

from dataclasses import replace

from maintainer.cli.render import compact
from maintainer.cli.render import plan as plans
from maintainer.cli.render import report as reports
from maintainer.plan.receipts import Outcome, Receipt, Report
from maintainer.plan.steps import Skip
from tests.plans import build


def rows(page) -> list[tuple[str, ...]]:
    """The first three cells of every row."""
    return [tuple(line.cells[:3]) for section in page.sections for line in section.lines]


def test_indexes_of_a_table_and_tables_to_analyze_are_a_row_each():
    """The row says how many they are, which steps, and how large together."""
    index = build.reindex()
    plan = build.plan(
        build.purge(), build.vacuum(), build.analyze(), build.analyze(), index, index, index
    )
    size = index.estimate.bytes

    page = compact.plan(plans.page(plan, "approve"), plan)

    assert [row[0] for row in rows(page)] == ["1", "2", "3-4", "5-7"]
    assert rows(page)[2][1:] == ("analyze", "2 tables")
    assert rows(page)[3][1:] == ("reindex", f"3 indexes of {index.table}")
    assert page.sections[0].lines[3].cells[4] == plans.words.size(3 * size)


def test_steps_that_differ_in_their_reason_stay_apart():
    """A reason is never told of a step that has another one."""
    plan = build.plan(build.analyze(), replace(build.analyze(), reason="because"))

    page = compact.plan(plans.page(plan, "approve"), plan)

    assert [row[0] for row in rows(page)] == ["1", "2"]


def test_a_report_adds_up_the_time_of_what_went_well():
    """What ended otherwise keeps its own row, and what had nothing to do has none."""
    index = build.reindex()
    receipts = (
        Receipt(build.skip(), Outcome.SKIPPED),
        Receipt(index, Outcome.DONE, seconds=1.5),
        Receipt(index, Outcome.DONE, seconds=2),
        Receipt(index, Outcome.FAILED, seconds=4, detail="deadlock"),
    )
    report = Report("r1", receipts)
    assert isinstance(receipts[0].step, Skip)

    page = compact.report(reports.page(report), report)

    assert rows(page) == [
        ("done", "reindex", f"2 indexes of {index.table}"),
        ("failed", "reindex", str(index.index)),
    ]
    assert page.sections[0].lines[0].cells[-1] == "3.5 s"
