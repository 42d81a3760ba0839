"""How long, how often, how much."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintainer.policy import fields, words
from maintainer.policy.place import MisreadError
from maintainer.schedule.calendar import Span


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("90 days", Span(90, "days")), ("1 day", Span(1, "days")), ("2 weeks", Span(2, "weeks")),
        ("13 months", Span(13, "months")), ("7 years", Span(7, "years")), ("7 Years", Span(7, "years")),
        ("P90D", Span(90, "days")), ("P13M", Span(13, "months")), ("P7Y", Span(7, "years")),
        ("P2W", Span(2, "weeks")), ("forever", None),
    ],
)  # fmt: skip
def test_keep(text, span):
    """Words, ISO 8601, and for ever."""
    assert fields.parse_keep(text) == span


@given(st.builds(Span, st.integers(1, 1000), st.sampled_from(["days", "weeks", "months", "years"])))
def test_a_span_reads_back_from_its_words(span):
    """What is shown can be written."""
    assert fields.parse_keep(str(span)) == span


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (90, "has no unit"), ("90", "has no unit"), (1.5, "has no unit"), ("0 days", "keeps nothing"),
        (0, "has no unit"), ("P0D", "keeps nothing"), ("-5 days", "is negative"), ("P-5D", "is negative"),
        ("1.5 years", "is a fraction"), ("P1.5Y", "is a fraction"), ("36 hours", "counts in hours"),
        ("24h", "counts in hours"), ("30 minutes", "counts in hours"), ("PT36H", "counts in hours"),
        ("P1Y6M", "has two units"), ("1001 years", "is more than a thousand years"), (None, "is no length"),
        (True, "is no length"), ("", "is no length"), ("never", "is no length"), ("9" * 5000 + " days", "is no length"),
        ("٣ days", "is no length"), ((), "is no length"), ({}, "is no length"), ("90 days ago", "is no length"),
    ],
)  # fmt: skip
def test_keep_refuses(value, why):
    """Bare numbers, zero, negatives, fractions and less than a day, each with what to write."""
    with pytest.raises(MisreadError, match=f"^{why}.*; write "):
        fields.parse_keep(value)


@pytest.mark.parametrize(
    ("text", "length"),
    [("9h", timedelta(hours=9)), ("90m", timedelta(minutes=90)), ("1h30m", timedelta(minutes=90)),
     ("9 hours", timedelta(hours=9)), ("1 hour 5 min", timedelta(minutes=65)), ("168h", timedelta(days=7))],
)  # fmt: skip
def test_durations(text, length):
    """Hours and minutes."""
    assert fields.parse_duration(text) == length


@pytest.mark.parametrize(
    "value", ["", "9", 9, "0h", "169h", "h", "1.5h", "-1h", None, "9 parsecs", ()]
)
def test_durations_refused(value):
    """No unit, nothing, more than a week."""
    with pytest.raises(MisreadError, match="; write '9h'"):
        fields.parse_duration(value)


@pytest.mark.parametrize(
    ("value", "size"),
    [
        (65536, 65536),
        ("64 KiB", 65536),
        ("32MB", 32_000_000),
        ("8MiB", 8 << 20),
        ("1 gb", 10**9),
        ("5", 5),
    ],
)
def test_sizes(value, size):
    """Bytes with decimal or binary units."""
    assert fields.parse_size(value) == size


@pytest.mark.parametrize("value", ["", "-1", -1, "1.5MB", True, None, "1 TB", ()])
def test_sizes_refused(value):
    """Everything else."""
    with pytest.raises(MisreadError, match="is not a size"):
        fields.parse_size(value)


@pytest.mark.parametrize(
    ("value", "share"), [(50, 50.0), (12.5, 12.5), ("50%", 50.0), ("0.5 %", 0.5), (100, 100.0)]
)
def test_percent(value, share):
    """A number, with or without the sign."""
    assert fields.parse_percent(value) == share


@pytest.mark.parametrize("value", [0, -1, 101, "0%", "50", "many", None, True, float("nan"), ()])
def test_percent_refused(value):
    """Zero is never 'no limit'; more than the whole is nothing."""
    with pytest.raises(MisreadError, match="is not a share"):
        fields.parse_percent(value)


@pytest.mark.parametrize("value", [0, -1, 1.5, "5", True, None, 1 << 63])
def test_rows_refused(value):
    """Zero is never 'no limit'."""
    with pytest.raises(MisreadError, match="is not a number of rows"):
        fields.parse_rows(value)


def test_archive_is_a_decision():
    """True or none; false hides a decision."""
    assert fields.parse_archive(True) is True
    assert fields.parse_archive("none") is False
    with pytest.raises(MisreadError, match="hides a decision; write `archive: none`"):
        fields.parse_archive(False)
    for value in (None, 1, "true", "None"):
        with pytest.raises(MisreadError, match="is not a decision"):
            fields.parse_archive(value)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("events", (None, "events")), ("app.events", ("app", "events")), ("App.Events", ("App", "Events")),
        ('"a.b"."c ""d"""', ("a.b", 'c "d"')), ("naïve table", (None, "naïve table")),
    ],
)  # fmt: skip
def test_table_names(text, parts):
    """Schema and name, quoted where they hold a dot, never folded."""
    assert words.split_table(text) == parts


@pytest.mark.parametrize(
    "text", ["", ".", "a.b.c", "a.", ".b", '"a', 'a"b', "x" * 64, "s." + "é" * 32]
)
def test_table_names_refused(text):
    """Not a name, or longer than PostgreSQL keeps."""
    with pytest.raises(MisreadError):
        words.parse_table(text)


def test_times_and_days():
    """Hours and minutes, dates, days of every year, weekdays."""
    assert words.parse_clock("22:30") == time(22, 30)
    assert words.parse_clock("24:00") == time(0)
    assert words.parse_date("2026-11-26") == date(2026, 11, 26)
    assert words.parse_yearly("12-24/01-02") == ((12, 24), (1, 2))
    assert [words.parse_weekday(day) for day in ("mon", "Sunday")] == [0, 6]


@pytest.mark.parametrize(
    ("parse", "values"),
    [
        (words.parse_clock, ["24:01", "22", 1320, "22:60", "25:00", "", None, "1:2"]),
        (
            words.parse_date,
            ["2026-02-30", "26-11-2026", "20261126", 20261126, None, "2026-11-26T00:00"],
        ),
        (words.parse_yearly, ["12-24", "13-01/13-02", "02-30/03-01", None, 5, "12-24/"]),
        (words.parse_weekday, ["mo", "", None, 1, "mondays"]),
        (words.parse_zone, ["Mars", "", None, 5, "Europe", "europe/nowhere"]),
        (words.parse_folder, ["_x", ".x", "a/b", "..", "", "x" * 64, "a b", 13]),
        (
            words.parse_store,
            ["archive", "", "file:", "file://host/x", "http://x", "s3://bucket", None],
        ),
        (words.parse_column, [{"epoch": "x"}, "", None, 5, "x" * 64]),
    ],
)
def test_words_refused(parse, values):
    """Each refusal says what it is not and what to write."""
    for value in values:
        with pytest.raises(MisreadError, match=r";"):
            parse(value)


@pytest.mark.parametrize(
    ("text", "store"),
    [
        ("file:./archive", "file:./archive"), ("file:/var/x", "file:/var/x"), ("file:///var/x", "file:/var/x"),
        ("/var/x", "file:/var/x"), ("./x", "file:./x"),
    ],
)  # fmt: skip
def test_stores(text, store):
    """A folder, with or without the scheme."""
    assert words.parse_store(text) == store
