"""Which way a purge walks its table."""

from __future__ import annotations

import pytest

from maintainer.names import Fragment, TableName
from maintainer.plan import paths
from maintainer.plan.facts import Index, TableFacts
from maintainer.plan.paths import Walk
from maintainer.plan.steps import BlockRange, KeyRange
from maintainer.sql.literal import Typed
from tests.unit.plan import given

PAST = Fragment("t.at < :cutoff")
EXPIRED = Fragment("t.at < :cutoff AND (held\n) IS NOT TRUE")
ENDS = {"lower": Typed("2019-01-01", "timestamptz"), "upper": Typed("2019-02-01", "timestamptz")}

USELESS = {
    "partial": given.index("i", is_partial=True),
    "invalid": given.index("i", is_valid=False),
    "expression first": given.index("i", keys=(None, "at")),
    "another column first": given.index("i", keys=("id", "at")),
    "brin": given.index("i", method="brin"),
    "hash": given.index("i", method="hash"),
    "gist of an exclusion": given.index("i", method="gist", is_exclusion=True),
}


def walk(*indexes: Index, archived: bool = True, **changes) -> Walk:
    """A walk through a table that has these indexes."""
    facts = given.table(indexes=indexes, **changes)
    return Walk(facts, "at", "timestamptz", PAST, EXPIRED, archived=archived)


def chosen(of: Walk, version: int = 180001):
    """The path, which there must be."""
    found = paths.choose(of, version)
    assert found is not None
    return found


def test_an_index_that_leads_with_the_time_is_walked() -> None:
    """The plan names it, and the segment is bounded by its keys, both ends included."""
    path, reason = chosen(walk(given.index("events_at_idx")))

    assert isinstance(path, KeyRange)
    assert path.index == TableName("public", "events_at_idx")
    assert reason == "by key on events_at_idx"
    assert 't."at" >= :lower AND t."at" <= :upper' in path.purge.shown()


def test_an_index_of_several_columns_serves_when_the_time_comes_first() -> None:
    """What follows the time does not matter."""
    path, _ = chosen(walk(given.index("many", keys=("at", "id", None))))

    assert isinstance(path, KeyRange)


@pytest.mark.parametrize("case", USELESS)
def test_an_index_that_does_not_hold_every_row_by_time_is_not_walked(case: str) -> None:
    """Walking it would miss rows, or read the whole table for every segment."""
    path, reason = chosen(walk(USELESS[case]))

    assert isinstance(path, BlockRange)
    assert reason == "by blocks: no index leads with at"


def test_the_smallest_of_several_useful_indexes_is_walked() -> None:
    """It is read and kept hot with the least effort; equal ones are chosen by name."""
    big, small = given.index("a_big", bytes=1 << 30), given.index("z_small", bytes=8192)

    assert paths.leading_index(given.table(indexes=(big, small)), "at") == small
    twins = (given.index("b"), given.index("a"))
    assert paths.leading_index(given.table(indexes=twins), "at") == given.index("a")


def test_an_unusable_index_does_not_hide_a_useful_one() -> None:
    """However small it is."""
    useless = given.index("a", bytes=1, is_partial=True)

    path, _ = chosen(walk(useless, given.index("useful")))

    assert isinstance(path, KeyRange)
    assert path.index.name == "useful"


def test_without_an_index_the_heap_is_walked_by_blocks() -> None:
    """From 14 on the server reads just the blocks of a range."""
    path, reason = chosen(walk(), 140000)

    assert isinstance(path, BlockRange)
    assert "t.ctid >= :lower AND t.ctid < :upper" in path.purge.shown()
    assert reason.startswith("by blocks")


def test_on_13_the_heap_is_walked_by_row_addresses() -> None:
    """It has no TID range scan: a range of ctid would read the whole heap for each segment."""
    path, reason = chosen(walk(), 130021)

    assert isinstance(path, BlockRange)
    assert "generate_series(:first_block, :last_block)" in path.purge.shown()
    assert "13 has no block ranges" in reason


def test_on_13_an_index_is_walked_all_the_same() -> None:
    """The version matters only without an index."""
    path, _ = chosen(walk(given.index("events_at_idx")), 130021)

    assert isinstance(path, KeyRange)


def test_a_partitioned_table_without_an_index_has_no_path() -> None:
    """Its partitions have block numbers of their own: a range of them means nothing."""
    assert paths.choose(walk(kind="p"), 180001) is None


def test_a_partitioned_table_is_deleted_from_as_a_whole() -> None:
    """ONLY would delete nothing; a plain table is deleted from without its children."""
    whole, _ = chosen(walk(given.index("i"), kind="p"))
    alone, _ = chosen(walk(given.index("i")))

    assert 'DELETE FROM "public"."events" AS t' in whole.purge.shown()
    assert 'DELETE FROM ONLY "public"."events" AS t' in alone.purge.shown()


@pytest.mark.parametrize("indexes", [(), (given.index("i"),)])
@pytest.mark.parametrize("archived", [True, False])
@pytest.mark.parametrize("version", [130021, 180001])
def test_every_segment_deletes_only_what_has_expired(indexes, archived: bool, version: int) -> None:
    """Whatever the path, cut-off and holds stand in the statement that deletes."""
    path, _ = chosen(walk(*indexes, archived=archived), version)

    before, after = path.purge.shown().split("RETURNING")

    assert EXPIRED in before
    assert "DELETE" not in after


def test_only_archived_segments_are_streamed() -> None:
    """`archive: none` counts what it deletes; an archived segment streams those very rows."""
    streamed, _ = chosen(walk())
    counted, _ = chosen(walk(archived=False))

    assert streamed.purge.shown().startswith("COPY (")
    assert "RETURNING t.*" in streamed.purge.shown()
    assert "COPY" not in counted.purge.shown()
    assert counted.purge.shown().endswith("SELECT count(*) FROM gone")


def test_the_probe_looks_only_at_what_is_past_the_cutoff() -> None:
    """The two ends of a segment are never younger than the cut-off."""
    path, _ = chosen(walk(given.index("i")))

    assert isinstance(path, KeyRange)
    assert f't."at" > :after AND {PAST}' in path.probe.shown()


def test_a_bound_segment_has_no_open_slot() -> None:
    """The values become literals of their type."""
    path, _ = chosen(walk(given.index("i")))

    statement = path.purge.bind(**ENDS)

    assert "t.\"at\" <= '2019-02-01'::timestamptz" in statement
    assert ":lower" not in statement


def test_what_remains_is_counted_by_the_same_condition() -> None:
    """That nothing is left is said about exactly the rows that would have gone."""
    assert f"WHERE {EXPIRED} LIMIT :rows" in paths.remaining(walk()).shown()


@pytest.mark.parametrize(
    ("type_", "now"),
    [
        ("timestamptz", "> statement_timestamp()"),
        ("timestamp", "> (statement_timestamp() AT TIME ZONE 'Asia/Tokyo'::text)"),
        ("date", "> (statement_timestamp() AT TIME ZONE 'Asia/Tokyo'::text)::date"),
    ],
)
def test_rows_in_the_future_are_told_by_the_clock_of_their_zone(type_: str, now: str) -> None:
    """The server's clock, on the wall where the rows were written."""
    facts: TableFacts = given.table()
    of = Walk(facts, "at", type_, PAST, EXPIRED, archived=True)

    assert f't."at" {now}' in paths.oddities(of, "Asia/Tokyo")


def test_rows_without_age_are_counted_in_one_pass_where_there_is_no_index() -> None:
    """And by three short looks at the index where there is one."""
    assert paths.oddities(walk(), "UTC").count("FROM ONLY") == 1
    assert paths.oddities(walk(given.index("i")), "UTC").count("FROM ONLY") == 4


def test_a_value_that_looks_like_a_slot_stays_a_value() -> None:
    """A predicate with braces is never filled a second time."""
    braces = Fragment("tags = '{lower}'")
    of = Walk(given.table(), "at", "timestamptz", PAST, braces, archived=True)

    path, _ = chosen(of)

    assert "tags = '{lower}'" in path.purge.bind(**ENDS)
