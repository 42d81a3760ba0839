"""Names of database objects, and the one way they enter a statement."""

from __future__ import annotations

import re

import pytest
from hypothesis import given as example_of
from hypothesis import strategies as st

from maintainer.names import Fragment, TableName, comma, quote

QUOTED = re.compile(r'"((?:[^"]|"")+)"', re.DOTALL)
names = st.text(st.characters(exclude_characters="\0"), min_size=1)


@example_of(st.one_of(names, st.text("\"'\\.; -", min_size=1)))
def test_any_name_comes_back_as_it_was_spelled(name: str) -> None:
    """Quotes are doubled; nothing else is changed, and nothing ends the name early."""
    match = QUOTED.fullmatch(quote(name))

    assert match is not None
    assert match[1].replace('""', '"') == name


@pytest.mark.parametrize(
    ("name", "quoted"),
    [
        ("events", '"events"'),
        ("Events", '"Events"'),
        ("select", '"select"'),
        ('a"b', '"a""b"'),
        ("a.b", '"a.b"'),
        ("50%", '"50%"'),
        ('"; DROP TABLE x; --', '"""; DROP TABLE x; --"'),
    ],
)
def test_a_name_is_quoted_and_never_folded(name: str, quoted: str) -> None:
    """Case, dots, per cent signs and words of SQL are parts of a name."""
    assert quote(name) == quoted


@pytest.mark.parametrize("name", ["", "\0", "a\0b"])
def test_what_cannot_be_a_name_is_refused(name: str) -> None:
    """PostgreSQL has no empty names, and none with a NUL."""
    with pytest.raises(ValueError, match="cannot be the name"):
        quote(name)


def test_a_table_is_quoted_part_by_part() -> None:
    """A dot within a part is no separator."""
    assert TableName("a.b", 'c"d').sql == '"a.b"."c""d"'
    assert str(TableName("public", "events")) == "public.events"


def test_tables_are_ordered_by_schema_and_name() -> None:
    """So that plans come out the same."""
    one, two, three = TableName("a", "z"), TableName("b", "a"), TableName("b", "b")

    assert sorted([three, one, two]) == [one, two, three]


def test_fragments_are_joined_into_a_list() -> None:
    """And stay fragments."""
    joined = comma([quote("a"), Fragment("1"), quote("b,c")])

    assert joined == '"a", 1, "b,c"'
    assert isinstance(joined, Fragment)
    assert comma([]) == ""
