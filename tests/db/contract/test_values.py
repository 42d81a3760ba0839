"""Values and parameters: the same statement means the same, and answers the same types."""

from __future__ import annotations

import datetime as dt
import decimal
import math
import uuid

import pytest

from maintainer.names import Fragment, quote

VALUES = {
    "null": (None, "text", None),
    "true": (True, "bool", True),
    "false": (False, "bool", False),
    "int": (2**31 - 1, "int4", 2**31 - 1),
    "negative bigint": (-(2**63), "bigint", -(2**63)),
    "smallint": (7, "int2", 7),
    "oid": (4_000_000_000, "oid", 4_000_000_000),
    "text": ("zwölf % :name $1 ' \" \\", "text", "zwölf % :name $1 ' \" \\"),
    "name": ("pg_class", "name", "pg_class"),
    "float": (1.5, "float8", 1.5),
    "infinite float": (math.inf, "float8", math.inf),
    "numeric": (decimal.Decimal("1.10"), "numeric", decimal.Decimal("1.10")),
    "long numeric": (decimal.Decimal("9" * 40), "numeric", decimal.Decimal("9" * 40)),
    "date": (dt.date(2024, 2, 29), "date", dt.date(2024, 2, 29)),
    "first date": (dt.date.min, "date", dt.date.min),
    "moment": (
        dt.datetime(2024, 1, 1, 12, 30, tzinfo=dt.timezone(dt.timedelta(hours=2))),
        "timestamptz",
        dt.datetime(2024, 1, 1, 10, 30, tzinfo=dt.UTC),
    ),
    "microseconds": (
        dt.datetime(1, 1, 1, 0, 0, 0, 1, tzinfo=dt.UTC),
        "timestamptz",
        dt.datetime(1, 1, 1, 0, 0, 0, 1, tzinfo=dt.UTC),
    ),
    "bytes": (b"\x00\xff'\\", "bytea", b"\x00\xff'\\"),
    "uuid": (uuid.UUID(int=2**100), "uuid", uuid.UUID(int=2**100)),
}
TEXTS = {
    "infinity": ("timestamptz", "infinity"),
    "-infinity": ("date", "-infinity"),
    "0044-03-15 00:00:00+00 BC": ("timestamptz", "0044-03-15 00:00:00+00 BC"),
    "0044-03-15 BC": ("date", "0044-03-15 BC"),
    "12026-01-01": ("date", "12026-01-01"),
    "12026-01-01 00:00:00+00": ("timestamptz", "12026-01-01 00:00:00+00"),
    "2024-01-01 10:00:00": ("timestamp", "2024-01-01 10:00:00"),
    "1 mon 30 days": ("interval", "1 mon 30 days"),
    "10.0.0.1/8": ("inet", "10.0.0.1/8"),
    '{"a": 1.10}': ("jsonb", '{"a": 1.10}'),
    "{1,2}": ("int[]", "{1,2}"),
    "(0,1)": ("tid", "(0,1)"),
}


@pytest.mark.parametrize(("given", "type_", "expected"), VALUES.values(), ids=VALUES)
def test_a_value_comes_back_as_it_went(session, given, type_, expected):
    """Each type of `Value` survives the way to the server and back, under both drivers."""
    (value,) = session.execute(Fragment(f"SELECT $1::{type_}"), [given]).rows[0]

    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(("text", "of"), TEXTS.items(), ids=TEXTS)
def test_what_python_cannot_hold_comes_as_text(session, text, of):
    """Infinity, BC, the year 12026 and every unlisted type arrive in the server's own words."""
    type_, expected = of

    assert session.execute(Fragment(f"SELECT $1::{type_}"), [text]).rows == [(expected,)]


def test_not_a_number_is_not_lost(session):
    """NaN is a value of float8 and of numeric."""
    ((real, exact),) = session.execute(
        Fragment("SELECT $1::float8, $2::numeric"), [math.nan, decimal.Decimal("NaN")]
    ).rows

    assert math.isnan(real)
    assert isinstance(exact, decimal.Decimal)
    assert exact.is_nan()


@pytest.mark.parametrize("given", [[], [1, -2], [2**40]])
def test_a_list_of_numbers_is_an_array(session, given):
    """`= ANY($1)` takes a list."""
    statement = Fragment(
        "SELECT count(*) FROM unnest($1::bigint[]) AS u WHERE u = ANY($1::bigint[])"
    )

    assert session.execute(statement, [given]).rows == [(len(given),)]


def test_a_list_of_texts_keeps_every_sign(session):
    """Quotes, backslashes, commas, braces, the word NULL and the empty string stay elements."""
    given = ['a"b', "c\\d", "e,f", "{g}", "NULL", "", " h ", "ö%"]
    statement = Fragment("SELECT u FROM unnest($1::text[]) WITH ORDINALITY AS x(u, n) ORDER BY n")

    assert [row[0] for row in session.execute(statement, [given]).rows] == given


@pytest.mark.parametrize(
    "wrong",
    ["a\0b", "\ud800", dt.datetime(2024, 1, 1), ["a\0"], [True], [None], {"a": 1}],  # noqa: DTZ001 - the point
    ids=repr,
)
def test_an_impossible_parameter_never_reaches_the_server(session, wrong):
    """It is refused before anything is sent, so the session goes on."""
    with pytest.raises((ValueError, TypeError)):
        session.execute(Fragment("SELECT $1::text"), [wrong])

    assert session.execute(Fragment("SELECT 1")).rows == [(1,)]


@pytest.mark.parametrize(
    "name",
    ['with "quotes"', "with.dots", "100%s", ":name", "$1", "ö" * 31 + "x", "select", "A b", "'"],
)
def test_a_name_is_taken_as_it_is(session, name):
    """Quotes, dots, %, : and 63 bytes in a name mean nothing to a driver."""
    session.execute(Fragment(f"CREATE TEMP TABLE {quote(name)} ({quote(name)} int)"))
    statement = Fragment(f"INSERT INTO {quote(name)} VALUES ($1::int) RETURNING {quote(name)}")

    answer = session.execute(statement, [5])

    assert answer.columns == (name,)
    assert answer.rows == [(5,)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT '100%' || '%s%(x)s'", "100%%s%(x)s"),
        ("SELECT ':name'::text", ":name"),
        ("SELECT (ARRAY[1,2,3])[2:3]::text", "{2,3}"),
        ("SELECT $q$ :x %s $q$", " :x %s "),
        ("SELECT 7 % 4 || 'x'", "3x"),
        ("SELECT 'a' -- $2 : %\n", "a"),
    ],
)
def test_percent_and_colon_are_plain_characters(session, text, expected):
    """With parameters and without, nothing but `$n` is special."""
    assert session.execute(Fragment(text)).rows == [(expected,)]
    first, rest = text.split("SELECT ", 1)
    with_param = Fragment(f"{first}SELECT $1::text, {rest}")
    assert session.execute(with_param, ["p"]).rows == [("p", expected)]


def test_tags_counts_and_columns(session):
    """A command tag has no numbers in it; the count is the number of rows, or -1."""
    execute = session.execute

    assert execute(Fragment("CREATE TEMP TABLE t (id int)")).tag == "CREATE TABLE"
    inserted = execute(Fragment("INSERT INTO t VALUES (1), (2), (3)"))
    assert (inserted.tag, inserted.count, inserted.columns) == ("INSERT", 3, ())
    selected = execute(Fragment("SELECT id, id AS other FROM t WHERE false"))
    assert (selected.tag, selected.count, selected.rows) == ("SELECT", 0, [])
    assert selected.columns == ("id", "other")
    assert execute(Fragment("DELETE FROM t WHERE id > 1")).count == 2
    assert execute(Fragment("VACUUM t")).count == -1


def test_two_statements_are_refused(session):
    """Nothing after a semicolon ever runs."""
    with pytest.raises(Exception, match="multiple commands"):
        session.execute(Fragment("SELECT 1; SELECT 2"))
