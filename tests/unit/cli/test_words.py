"""Numbers, sizes, spans and moments as people read them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from maintainer.cli.render import words
from maintainer.plan.facts import UNKNOWN, Count

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
AT = dt.datetime(2026, 3, 1, 23, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (None, "-"),
        (0, "0 bytes"),
        (1023, "1,023 bytes"),
        (1024, "1 kB"),
        (10 * 1024 - 1, "10 kB"),
        (812 << 20, "812 MB"),
        (5 << 50, "5 PB"),
        (5000 << 50, "5,000 PB"),
    ],
)
def test_a_size_is_in_the_units_of_postgresql(count: int | None, said: str) -> None:
    """1024 at a step, as in pg_size_pretty."""
    assert words.size(count) == said


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (3599.4, "59 min 59 s"),
        (7380, "2 h 03 min"),
    ],
)
def test_a_span_has_two_figures(span: float, said: str) -> None:
    """No more than a person reads."""
    assert words.seconds(span) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-03-02", "2026-03-02"),
        ("2026-03-01 23:00:00+00", "2026-03-02"),
        ("2026-03-01 12:30:00", "2026-03-01 12:30"),
        ("2026-03-01T12:30:00+00:00", "2026-03-01 13:30 CET"),
        ("1772406000", "2026-03-02 00:00 CET"),
        ("1711122200123", "2026-03-02 00:00 CET"),
        ("019cabcd-0000-7000-8000-000000000000", "2026-03-02 00:00 CET"),
    ],
)
def test_a_cutoff_is_shown_as_a_date_where_it_is_one(text: str, said: str) -> None:
    """On the policy's clock; an epoch or a UUID as the moment it stands for."""
    assert words.cutoff(text, AT, AMSTERDAM) == said


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ([], "0 rows"),
        ([Count(1, "exact")], "1 row"),
        ([Count(1000, "exact"), Count(1, "estimated")], "~1,001 rows"),
        ([Count(1000, "exact"), UNKNOWN], "~1,000 or more rows"),
        ([Count(1000, "exact", at_least=True)], "1,000 or more rows"),
        ([UNKNOWN], "an unknown number of rows"),
    ],
)
def test_a_sum_is_no_more_exact_than_its_parts(counts: list[Count], said: str) -> None:
    """One estimate makes it an estimate."""
    assert words.total(counts) == said


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\tc\r\nd", "a b c  d"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("a\u202eb\u200b", "a\\u202eb\\u200b"),
        ("Größe 表 it's", "Größe 表 it's"),
    ],
)
def test_no_name_can_steer_a_terminal(text: str, shown: str) -> None:
    """Whoever may create a table may choose its name."""
    assert words.clean(text) == shown


@pytest.mark.parametrize(
    ("count", "noun", "said"),
    [(1, "index", "1 index"), (2, "index", "2 indexes"), (1200, "row", "1,200 rows")],
)
def test_one_is_no_plural(count: int, noun: str, said: str) -> None:
    """Nor are many a singular."""
    assert words.plural(count, noun) == said


def test_a_day_is_that_of_the_zone() -> None:
    """Midnight in Amsterdam is not yesterday."""
    assert words.day(AT, AMSTERDAM) == "2026-03-02"
    assert words.day("2019-01-04 11:12:13+00") == "2019-01-04"
    assert words.day(None) == "-"
