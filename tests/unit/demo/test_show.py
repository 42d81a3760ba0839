"""Whether what is gone and what is archived are the same number of rows."""

from __future__ import annotations

import pytest

from maintainer.demo import show
from maintainer.errors import MaintainerError


def file(table: str, rows: int) -> show.File:
    """A file of the archive."""
    from pathlib import Path

    return show.File(Path(table, "archived=2026-01-01", "r-000001.csv.zst"), table, rows, 9, 1)


def balance(before: int, after: int, archived: int, table: str = "public.x") -> show.Balance:
    """One table before and after."""
    return show.Balance(show.Table(table, before, 8), show.Table(table, after, 8), 0, archived)


def test_each_table_is_compared_with_its_own_files():
    """The run's own rows in audit_logs are not taken for rows that stayed; the monthly table is no source."""
    names = (show.AUDIT, show.USAGE, show.MONTHLY, "public.invoices")
    before = [show.Table(name, 100, 8) for name in names]
    after = [
        show.Table(name, rows, 8) for name, rows in zip(names, (47, 40, 900, 100), strict=True)
    ]
    stored = [file(show.AUDIT, 30), file(show.AUDIT, 30), file(show.USAGE, 60)]

    found = show.balances(before, after, stored, written=7)

    assert [(one.before.name, one.deleted, one.archived) for one in found] == [
        (show.AUDIT, 60, 60),
        (show.USAGE, 60, 60),
        ("public.invoices", 0, 0),
    ]
    show.check(found, summed=100)


@pytest.mark.parametrize("archived", [59, 61])
def test_a_row_too_few_or_too_many_is_found(archived):
    """A lost row and a row that is in both places are equally wrong."""
    with pytest.raises(MaintainerError, match=rf"60 rows of public\.x are gone, {archived} are"):
        show.check([balance(100, 40, archived)], summed=0)


def test_usage_that_is_not_added_up_is_found():
    """The monthly rows stand for all rows of usage, those that left and those that stayed."""
    with pytest.raises(MaintainerError, match="add up 99 of 100"):
        show.check([balance(100, 40, 60, show.USAGE)], summed=99)


def test_usage_that_has_not_left_needs_no_sum():
    """The monthly rows are written when something leaves."""
    show.check([balance(100, 100, 0, show.USAGE)], summed=0)
