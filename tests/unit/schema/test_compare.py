"""Comparing two catalogues."""

from __future__ import annotations

from maintainer.schema.catalogue import Entry
from maintainer.schema.verify import Difference, Problem, compare

TABLE = Entry("table", "t", "table")
COLUMN = Entry("column", "t.a", "text")


def test_equal_catalogues_do_not_differ():
    """The order in which objects were read says nothing."""
    assert compare([TABLE, COLUMN], [COLUMN, TABLE]) == []


def test_each_problem_has_what_was_expected_and_what_was_found():
    """Missing, different and unexpected, the table's own line first."""
    expected = [TABLE, COLUMN, Entry("index", "t.i", "btree (a)")]
    found = [
        Entry("table", "t", "view"),
        Entry("column", "t.a", "integer"),
        Entry("column", "t.b", "text"),
    ]

    assert compare(expected, found) == [
        Difference(Problem.DIFFERENT, "table", "t", "table", "view"),
        Difference(Problem.DIFFERENT, "column", "t.a", "text", "integer"),
        Difference(Problem.UNEXPECTED, "column", "t.b", "", "text"),
        Difference(Problem.MISSING, "index", "t.i", "btree (a)", ""),
    ]


def test_of_a_missing_table_only_the_table_is_named():
    """Its columns are not listed one by one."""
    assert compare([TABLE, COLUMN], []) == [Difference(Problem.MISSING, "table", "t", "table", "")]


def test_a_table_of_the_same_beginning_is_another_table():
    """`t` being absent hides nothing of `t2`."""
    other = [Entry("table", "t2", "table"), Entry("column", "t2.a", "text")]

    problems = compare([TABLE, *other], [other[0]])

    assert [difference.name for difference in problems] == ["t", "t2.a"]
