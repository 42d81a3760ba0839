"""Values as SQL literals."""

from __future__ import annotations

import datetime as dt
import re
import uuid

import pytest
from hypothesis import given as example_of
from hypothesis import strategies as st

from maintainer.sql.literal import TYPES, Typed, literal

LITERAL = re.compile(r"(?P<escaped>E?)'(?P<body>.*)'::(?P<type>[a-z]+)", re.DOTALL)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
nasty = st.text("'\\\"E:;-/*$n\n{}%é \t", max_size=12)


def read(text: str) -> tuple[str, str]:
    """What a server with standard_conforming_strings reads: the value and its type.

    A small tokenizer of SQL strings. It fails on whatever would end the literal early.
    """
    match = LITERAL.fullmatch(text)
    assert match is not None, text
    value, rest = "", match["body"]
    while rest:
        if match["escaped"] and rest[0] == "\\":
            assert rest[:2] == "\\\\", f"an escape nobody meant: {rest[:2]!r}"
            value, rest = value + "\\", rest[2:]
        elif rest[0] == "'":
            assert rest[:2] == "''", f"the literal ends before {rest!r}"
            value, rest = value + "'", rest[2:]
        else:
            value, rest = value + rest[0], rest[1:]
    return value, match["type"]


@example_of(st.one_of(texts, nasty))
def test_any_text_comes_back_as_it_was(text: str) -> None:
    """Quotes, backslashes, newlines and what looks like a comment are only text."""
    assert read(literal(text)) == (text, "text")


@example_of(st.one_of(texts, nasty))
def test_a_backslash_is_read_the_same_whatever_the_server_s_setting(text: str) -> None:
    """Without E'' its meaning would hang on standard_conforming_strings."""
    assert ("\\" in text) is literal(text).startswith("E'")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("", "''::text"),
        ("it's", "'it''s'::text"),
        ("a\\b'c", "E'a\\\\b''c'::text"),
        (7, "'7'::bigint"),
        (-1, "'-1'::bigint"),
        (uuid.UUID(int=1), "'00000000-0000-0000-0000-000000000001'::uuid"),
        (dt.date(2026, 3, 4), "'2026-03-04'::date"),
        (
            dt.datetime(2026, 3, 4, 1, 30, 0, 5, dt.UTC),
            "'2026-03-04T01:30:00.000005+00:00'::timestamptz",
        ),
        (Typed("-infinity", "timestamptz"), "'-infinity'::timestamptz"),
        (Typed("0044-03-15 BC", "date"), "'0044-03-15 BC'::date"),
        (Typed("(7,1)", "tid"), "'(7,1)'::tid"),
    ],
)
def test_a_value_always_has_its_type(value, written: str) -> None:
    """Nothing is left to what the server would guess."""
    assert literal(value) == written


def test_a_moment_is_written_in_utc() -> None:
    """Whatever zone it came in."""
    amsterdam = dt.timezone(dt.timedelta(hours=1))

    assert literal(dt.datetime(2026, 3, 4, 0, 30, tzinfo=amsterdam)) == (
        "'2026-03-03T23:30:00+00:00'::timestamptz"
    )


@pytest.mark.parametrize(
    "value", ["a\0b", Typed("a\0b", "text"), "\ud800", Typed("\udfff", "text")]
)
def test_what_postgresql_cannot_hold_is_refused(value) -> None:
    """A NUL, or half of a character."""
    with pytest.raises(ValueError, match=r"NUL|surrogates"):
        literal(value)


def test_a_moment_without_zone_is_refused() -> None:
    """Nobody guesses which clock it was."""
    with pytest.raises(ValueError, match="has no time zone"):
        literal(dt.datetime(2026, 3, 4))  # noqa: DTZ001 - that is the case


@pytest.mark.parametrize("value", [True, False, 1.5, None, b"bytes", ["list"], dt.time(1)])
def test_a_value_without_a_literal_is_refused(value) -> None:
    """Nothing is written rather than something that was not meant."""
    with pytest.raises(ValueError, match="has no literal here"):
        literal(value)


@pytest.mark.parametrize("type_", ["int", "TEXT", "text; SELECT 1", "text)--", ""])
def test_a_type_that_is_not_known_is_refused(type_: str) -> None:
    """The type is not quoted, so it must be one of ours."""
    with pytest.raises(ValueError, match="no literals are written for type"):
        literal(Typed("x", type_))


@example_of(nasty, st.sampled_from(sorted(TYPES)))
def test_a_typed_text_is_quoted_like_any_other(text: str, type_: str) -> None:
    """What the server sent us is not trusted either."""
    assert read(literal(Typed(text, type_))) == (text, type_)
