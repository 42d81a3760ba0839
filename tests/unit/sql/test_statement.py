"""Statements by name, and how their slots are filled."""

from __future__ import annotations

import re

import pytest
from hypothesis import given as example_of
from hypothesis import strategies as st

from maintainer.names import Fragment, quote
from maintainer.sql import statement
from maintainer.sql.statement import Statement, named

ONE = Statement("select_one", "Reads one row.", "SELECT {what} FROM {table} WHERE {what} = {value}")
TEXT = re.compile(r"'[^']*'|\$\$.*?\$\$", re.DOTALL)
LOOKS_LIKE_A_SLOT = Fragment("'{table} {value} {what}'")


def test_a_statement_is_found_by_its_name_with_its_purpose() -> None:
    """The header is no part of the text, and neither is the semicolon."""
    found = named("count_all")

    assert found.name == "count_all"
    assert found.purpose.endswith(".")
    assert found.text == "SELECT count(*) FROM {table} AS t"


def test_an_unknown_name_is_an_error() -> None:
    """A statement that nobody wrote is never sent."""
    with pytest.raises(KeyError, match="no_such_statement"):
        named("no_such_statement")


def test_two_statements_of_one_name_are_an_error(tmp_path, monkeypatch) -> None:
    """Nobody could tell which of them is sent."""
    package = tmp_path / "twice_named"
    package.mkdir()
    (package / "__init__.py").touch()
    text = "-- name: select_it\n-- Reads something.\nSELECT 1;\n"
    (package / "a.sql").write_text(text)
    (package / "b.sql").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(KeyError, match="two statements are named select_it"):
        statement.load("twice_named")


def test_every_statement_is_one_statement() -> None:
    """The extended protocol takes one; a semicolon in the middle would be another."""
    for found in statement.load("maintainer.sql").values():
        code = "\n".join(line.partition("--")[0] for line in found.text.splitlines())
        assert ";" not in TEXT.sub("", code), found.name


def test_every_slot_is_filled_wherever_it_stands() -> None:
    """The same slot may stand twice."""
    made = ONE.fill(what=quote("a"), table=quote("t"), value=Fragment("1"))

    assert made == 'SELECT "a" FROM "t" WHERE "a" = 1'
    assert isinstance(made, Fragment)


def test_what_is_filled_in_is_not_looked_at_again() -> None:
    """Text that looks like a slot stays text: a value cannot reach another slot."""
    made = ONE.fill(what=LOOKS_LIKE_A_SLOT, table=Fragment("{what}"), value=Fragment("{value}"))

    assert made == (
        "SELECT '{table} {value} {what}' FROM {what} WHERE '{table} {value} {what}' = {value}"
    )


@example_of(st.text(), st.text())
def test_any_fragment_arrives_as_it_is(what: str, table: str) -> None:
    """Backslashes and group references too."""
    made = ONE.fill(what=Fragment(what), table=Fragment(table), value=Fragment("1"))

    assert made == f"SELECT {what} FROM {table} WHERE {what} = 1"


@pytest.mark.parametrize("how", ["fill", "prepare"])
@pytest.mark.parametrize("value", ["plain", "", 'quo"ted', 1, None])
def test_what_is_no_fragment_is_refused(how: str, value: object) -> None:
    """A plain string has not been quoted, whichever way it comes."""
    with pytest.raises(TypeError, match="select_one: what is a plain"):
        getattr(ONE, how)(what=value)


def test_a_missing_slot_is_an_error() -> None:
    """A statement with a hole is never sent."""
    with pytest.raises(KeyError, match="value"):
        ONE.fill(what=Fragment("a"), table=Fragment("t"))


def test_values_are_bound_as_literals() -> None:
    """COPY takes no parameters."""
    prepared = ONE.prepare(what=quote("a"), table=quote("t"))

    assert prepared.bind(value="it's") == """SELECT "a" FROM "t" WHERE "a" = 'it''s'::text"""
    assert prepared.bind(value=7) == """SELECT "a" FROM "t" WHERE "a" = '7'::bigint"""


def test_a_value_that_is_not_known_yet_is_shown_by_its_name() -> None:
    """What a plan prints is what will run, but for the values."""
    prepared = ONE.prepare(what=quote("a"), table=quote("t"))

    assert prepared.shown() == 'SELECT "a" FROM "t" WHERE "a" = :value'


def test_a_value_cannot_replace_a_slot_that_was_filled_before() -> None:
    """What was planned stays."""
    prepared = ONE.prepare(what=quote("a"), table=quote("t"))

    assert prepared.bind(value=1, table="other") == prepared.bind(value=1)


def test_a_value_left_out_is_an_error() -> None:
    """The slot's name is told."""
    with pytest.raises(KeyError, match="value"):
        ONE.prepare(what=quote("a"), table=quote("t")).bind()


def test_a_statement_within_a_statement_takes_the_same_values() -> None:
    """A segment's range stands inside the statement that deletes."""
    inner = Statement("between", "A range.", "{by} > {value}").prepare(by=quote("b"))
    outer = ONE.prepare(what=inner, table=quote("t"))

    assert outer.shown() == 'SELECT "b" > :value FROM "t" WHERE "b" > :value = :value'
    assert outer.bind(value=1).count("'1'::bigint") == 3


@example_of(st.text().filter(lambda text: "\0" not in text))
def test_values_and_fragments_that_look_like_slots_stay_what_they_are(text: str) -> None:
    """However deep they stand."""
    looks = Fragment("'{value}{table}'")
    inner = Statement("inner", "Inside.", "{by}, {value}").prepare(by=looks)

    made = ONE.prepare(what=inner, table=looks).bind(value="{what}")

    expected = "'{value}{table}', '{what}'::text"
    assert made == f"SELECT {expected} FROM {looks} WHERE {expected} = '{{what}}'::text"
    assert ONE.prepare(what=Fragment(text), table=looks).shown().startswith(f"SELECT {text} FROM")


def test_equal_statements_with_equal_slots_are_equal() -> None:
    """A plan can be compared with another, whatever the order of the slots."""
    assert ONE.prepare(what=quote("a"), table=quote("t")) == ONE.prepare(
        table=quote("t"), what=quote("a")
    )
