"""How the rows of the demo are divided and placed."""

from __future__ import annotations

import math
import re

import pytest

from maintainer.demo.seed import divide
from maintainer.sql.statement import load

PLACE = re.compile(r"\(n \* (\d+) \+ d \* \d+\) % (\d+)")


@pytest.mark.parametrize("rows", [0, 1, 19, 1_000, 600_000, 100_000_000])
def test_the_shares_are_the_whole(rows):
    """No row is lost in rounding, and usage never asks for more than its unique key has room for."""
    shares = divide(rows)

    assert shares.performance + shares.audit + shares.usage_hours + shares.usage_days == rows
    assert min(shares.performance, shares.audit, shares.usage_hours, shares.usage_days) >= 0
    assert shares.usage_hours <= 913 * 12 * 8 * 24
    assert shares.usage_days <= 913 * 12 * 8


@pytest.mark.parametrize(
    ("name", "places"), [("insert_usage_hours", 24 * 12 * 8), ("insert_usage_days", 12 * 8)]
)
def test_a_day_meets_each_place_once(name, places):
    """However full a day gets, no two rows take one place: the step shares no factor with the places."""
    step, modulus = map(int, PLACE.search(load("maintainer.demo.sql")[name].text).groups())

    assert modulus == places
    assert math.gcd(step, modulus) == 1
