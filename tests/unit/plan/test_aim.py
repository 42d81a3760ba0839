"""A rule against the tables that are there."""

from __future__ import annotations

import datetime as dt

import pytest

from maintainer.plan.facts import Column
from maintainer.plan.obstacles import No
from tests.unit.plan import given

HELD = """
holds:
  - {name: case-1, tables: [events], where: "tenant = 7", ticket: LEGAL-1}
"""


def test_a_rule_is_resolved_with_its_table_cutoff_and_search_path() -> None:
    """Everything its statements are made of is there."""
    aim = given.take(given.policy(), given.facts())

    assert aim.table.table == given.EVENTS
    assert aim.cutoff.at == given.NOW - dt.timedelta(days=90)
    assert aim.walk.archived
    assert aim.search_path == ("pg_catalog", "public", "pg_temp")
    assert (aim.holds, aim.shape) == ((), None)


def test_what_a_rule_says_of_archive_and_search_path_arrives() -> None:
    """Both change the statements."""
    made = given.policy(
        given.RULE.replace("archive: true", "archive: none, search_path: [ext, pg_temp]")
    )

    aim = given.take(made, given.facts())

    assert not aim.walk.archived
    assert aim.search_path == ("pg_catalog", "public", "ext", "pg_temp")


def test_a_table_that_is_not_there_is_refused_with_the_survey_s_reason() -> None:
    """What the survey said about the name stands in the refusal."""
    seen = given.facts(resolved={}, unresolved={"events": "there is no table events"})

    no = given.refused(given.policy(), seen)

    assert no.reason == "there is no table events"
    assert "schema.table" in no.hint


def test_an_ambiguous_name_is_refused() -> None:
    """Which of two tables is meant is not guessed."""
    reason = "events is in several places: a.events, b.events"
    seen = given.facts(resolved={}, unresolved={"events": reason})

    assert given.refused(given.policy(), seen).reason == reason


def test_a_table_that_vanished_during_the_survey_is_refused() -> None:
    """A table dropped between two looks is a refusal and no bug."""
    no = given.refused(given.policy(), given.facts(tables={}))

    assert no.reason == "events has just been dropped"


def test_a_missing_time_column_is_refused_with_those_there_are() -> None:
    """A typing error is found at once."""
    seen = given.facts(given.table(columns=(Column("id", "bigint"), Column("At", "date"))))

    assert given.refused(given.policy(), seen) == No(
        "it has no column at", "its columns are: id, At"
    )


@pytest.mark.parametrize("type_", ["bigint", "text", "interval", "time with time zone", "date[]"])
def test_a_column_without_age_is_refused(type_: str) -> None:
    """Only moments and dates say how old a row is."""
    no = given.refused(given.policy(), given.facts(given.table(by=type_)))

    assert no.reason == f"column at is {type_} and has no age"


def test_a_timestamp_without_zone_is_refused_until_its_zone_is_declared() -> None:
    """Nobody guesses which clock wrote it."""
    seen = given.facts(given.table(by="timestamp without time zone"))
    declared = "retention: {events: {keep: 90 days, by: at, zone: Asia/Tokyo, archive: true}}"

    assert "zone: UTC" in given.refused(given.policy(), seen).hint
    assert given.take(given.policy(declared), seen).cutoff.text == "2025-12-04 10:30:00"


def test_a_keep_that_reaches_before_the_calendar_is_refused() -> None:
    """A thousand years before the year 900 there is no date to compare with."""
    made = given.policy("retention: {events: {keep: 1000 years, by: at, archive: true}}")
    seen = given.facts(as_of=dt.datetime(900, 1, 1, tzinfo=dt.UTC))

    no = given.refused(made, seen)

    assert no == No("keep: 1000 years reaches before the calendar", "write keep: forever")


def test_the_cutoff_is_reckoned_from_an_earlier_moment_if_that_is_asked_for() -> None:
    """`--as-of` moves the cut-off and nothing else."""
    earlier = given.NOW - dt.timedelta(days=30)

    aim = given.take(given.policy(), given.facts(as_of=earlier))

    assert aim.cutoff.at == earlier - dt.timedelta(days=90)


def test_what_stands_against_a_delete_refuses_the_rule() -> None:
    """The obstacles of the table are asked before anything is planned."""
    no = given.refused(given.policy(), given.facts(given.table(delete_rules=("keep_all",))))

    assert "rule keep_all" in no.reason


def test_holds_of_the_table_are_compiled_into_what_goes() -> None:
    """By whichever of its names the hold names the table."""
    for name in ("events", "public.events"):
        made = given.policy(given.RULE + HELD.replace("[events]", f"[{name}]"))

        aim = given.take(made, given.facts())

        assert [hold.name for hold in aim.holds] == ["case-1"]
        assert "(tenant = 7\n) IS NOT TRUE" in aim.walk.expired


def test_holds_of_other_tables_do_not_touch_a_rule() -> None:
    """A hold names what it holds."""
    made = given.policy(given.RULE + HELD.replace("[events]", "[other]"))
    seen = given.facts(given.table(), given.table(given.USAGE))
    seen = given.facts(*seen.tables.values(), resolved=seen.resolved | {"other": given.USAGE})

    aim = given.take(made, seen)

    assert aim.holds == ()
    assert "tenant" not in aim.walk.expired


def test_a_hold_that_finds_no_table_stops_every_rule() -> None:
    """Nobody knows which rows it was meant for, so nothing is deleted."""
    made = given.policy(given.RULE + HELD.replace("[events]", "[evnts]"))

    no = given.refused(made, given.facts(unresolved={"evnts": "there is no table evnts"}))

    assert no.reason == "hold case-1 names a table that is not there: evnts"
    assert "no rule deletes anything" in no.hint
