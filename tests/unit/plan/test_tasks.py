"""What is due of one upkeep task, table by table."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from maintainer.names import TableName
from maintainer.plan import planner, tasks
from maintainer.plan.facts import Facts, Past
from maintainer.plan.steps import Analyze, Refuse, Reindex, Skip, Step, Vacuum
from tests.unit.plan import given

TASK = "upkeep: {{care: {{do: {do}, tables: {tables}, every: week{more}}}}}"


def steps(
    do: str = "analyze", tables: str = "[events]", seen: Facts | None = None, more: str = ""
) -> list[Step]:
    """What one task would do."""
    made = given.policy(TASK.format(do=do, tables=tables, more=more))
    return list(planner.plan(made, seen or given.facts()).steps)


@pytest.mark.parametrize(
    ("do", "kind"), [("analyze", Analyze), ("vacuum", Vacuum), ("reindex", Reindex)]
)
def test_a_task_does_to_each_table_what_it_says(do: str, kind: type) -> None:
    """One step a table, or an index of it."""
    (step,) = steps(do)

    assert isinstance(step, kind)
    assert (step.rule, step.table) == ("care", given.EVENTS)
    assert step.reason == "it has never been finished"


def test_tables_come_in_the_order_of_the_policy() -> None:
    """Whoever wrote it may have had a reason."""
    seen = given.facts(given.table(), given.table(given.USAGE))

    assert [step.table.name for step in steps(tables="[usage, events]", seen=seen)] == [
        "usage",
        "events",
    ]


def test_each_table_is_due_for_itself() -> None:
    """One that was finished this week is passed over, the others are not."""
    seen = given.facts(
        given.table(),
        given.table(given.USAGE),
        past={
            ("care", given.EVENTS): Past(finished_at=given.NOW - dt.timedelta(days=1)),
            ("care", given.USAGE): Past(finished_at=given.NOW - dt.timedelta(days=7)),
        },
    )

    first, second = steps(tables="[events, usage]", seen=seen)

    assert isinstance(first, Skip)
    assert first.reason.startswith("not due: finished 2026-03-03")
    assert (first.kind, first.next_at) == ("analyze", dt.datetime(2026, 3, 8, 23, 0, tzinfo=dt.UTC))
    assert isinstance(second, Analyze)
    assert second.reason.startswith("last finished 2026-02-25")


def test_another_task_s_record_does_not_count() -> None:
    """The record is kept by task and table."""
    past = {("other", given.EVENTS): Past(finished_at=given.NOW)}

    (step,) = steps(seen=given.facts(past=past))

    assert isinstance(step, Analyze)


def test_the_windows_of_the_task_bind_its_steps_and_its_refusals() -> None:
    """What would be refused at night is not reported at noon."""
    tables = given.table(can_maintain=False), given.table(given.USAGE)
    seen = given.facts(*tables, now=given.NOON, unresolved={"gone": "there is no table gone"})

    refused, lost, done = steps(tables="[events, gone, usage]", seen=seen, more=", window: nightly")

    assert [type(step) for step in (refused, lost, done)] == [Refuse, Refuse, Analyze]
    assert not any(step.hours.is_open for step in (refused, lost, done))


def test_the_options_of_a_vacuum_arrive() -> None:
    """They are written into the statement."""
    (step,) = steps("vacuum", more=", options: {freeze: true}")

    assert "FREEZE true" in step.statement


def test_a_named_table_that_is_not_there_is_refused() -> None:
    """The others are looked at all the same; the kind of the task stands beside the name."""
    seen = given.facts(unresolved={"gone": "there is no table gone"})

    first, second = steps("vacuum", "[gone, events]", seen)

    assert isinstance(first, Refuse)
    assert (first.table, first.reason, first.kind) == ("gone", "there is no table gone", "vacuum")
    assert isinstance(second, Vacuum)


def test_a_named_table_that_the_role_may_not_touch_is_refused() -> None:
    """Who wrote its name wants to know."""
    (step,) = steps(seen=given.facts(given.table(can_maintain=False)))

    assert isinstance(step, Refuse)


def test_of_all_tables_those_that_the_role_may_not_touch_are_passed_over() -> None:
    """With reason and way out, but a run over everything does not fail on them."""
    seen = given.facts(given.table(can_maintain=False), given.table(given.USAGE))

    first, second = steps(tables="all", seen=seen)

    assert isinstance(first, Skip)
    assert first.kind == "analyze"
    assert "the role keeper may not analyze public.events; GRANT MAINTAIN" in first.reason
    assert isinstance(second, Analyze)


def test_a_role_that_may_touch_none_of_all_tables_is_refused() -> None:
    """Week after week nothing would be done, and nobody would hear of it."""
    tables = [given.table(can_maintain=False), given.table(given.USAGE, can_use=False)]

    *passed, refused = steps(tables="all", seen=given.facts(*tables))

    assert [type(step) for step in passed] == [Skip, Skip]
    assert isinstance(refused, Refuse)
    assert (refused.table, refused.kind) == ("all tables", "analyze")
    assert refused.reason == "the role keeper may analyze none of the 2 tables"
    assert "maintainer init --print-sql" in refused.hint


def test_what_is_not_due_can_be_maintained_all_the_same() -> None:
    """On the days after the weekly run only the others are left, and they were no failure."""
    tables = [given.table(can_maintain=False), given.table(given.USAGE)]
    done = {("care", given.USAGE): Past(finished_at=given.NOW)}

    found = steps(tables="all", seen=given.facts(*tables, past=done))

    assert [type(step) for step in found] == [Skip, Skip]


def test_when_nothing_is_due_nobody_is_refused() -> None:
    """The privilege may have gone since; it is needed next week."""
    past = {("care", given.EVENTS): Past(finished_at=given.NOW)}

    (step,) = steps(tables="all", seen=given.facts(given.table(can_maintain=False), past=past))

    assert isinstance(step, Skip)
    assert step.reason.startswith("not due")


def test_what_needs_no_upkeep_does_not_hide_what_may_not_be_done() -> None:
    """A partitioned table is no table that could be vacuumed."""
    tables = [given.table(can_maintain=False), given.table(given.USAGE, kind="p")]

    found = steps("vacuum", tables="all", seen=given.facts(*tables))

    assert [type(step) for step in found] == [Skip, Skip, Refuse]


def test_an_empty_database_is_no_lack_of_privilege() -> None:
    """There is nothing to do."""
    assert steps(tables="all", seen=given.facts(tables={}, resolved={})) == []


def test_a_server_that_must_not_rebuild_is_refused_once_for_all_tables() -> None:
    """What stands against every table is not passed over either."""
    target = replace(given.TARGET, server_version=140001)

    *passed, refused = steps("reindex", tables="all", seen=given.facts(target=target))

    assert [type(step) for step in passed] == [Skip]
    assert isinstance(refused, Refuse)
    assert "PostgreSQL 14.1 can corrupt" in refused.reason


def test_a_table_that_is_named_twice_is_maintained_once() -> None:
    """By its name alone, and with its schema."""
    (step,) = steps(tables="[events, public.events]")

    assert isinstance(step, Analyze)


def test_all_tables_are_those_the_survey_saw_each_once() -> None:
    """By schema and name, also where two names read alike: a."b.c" is not "a.b".c."""
    names = [TableName("a", "b.c"), TableName("a.b", "c"), TableName("Z", "y")]
    seen = given.facts(*(given.table(name) for name in names), resolved={})

    assert [step.table for step in steps(tables="all", seen=seen)] == sorted(names)


def test_a_vanished_table_is_refused_and_no_bug() -> None:
    """Dropped between two looks."""
    (step,) = steps(seen=given.facts(tables={}))

    assert isinstance(step, Refuse)
    assert "dropped" in step.reason


def test_by_hand_the_same_steps_are_made_without_a_policy() -> None:
    """One way to vacuum, whoever asks."""
    about = tasks.upkeep.Task("by-hand", "asked for")

    (step,) = tasks.steps("vacuum", about, given.table(), given.facts(), {})

    assert isinstance(step, Vacuum)
    assert step.reason == "asked for"
