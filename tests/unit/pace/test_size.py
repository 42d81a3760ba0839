"""How many rows the next segment may take."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from maintainer.pace.size import FIRST_BYTES, FIRST_ROWS, GROWTH, Size

ROWS = st.integers(1, 5_000_000)
SECONDS = st.floats(0, 1e6)
BYTES = st.integers(0, 1 << 40)


def test_it_starts_small():
    """With few rows, and with fewer where rows are large (TOAST)."""
    assert Size(10, 250_000, 32 << 20).rows == FIRST_ROWS
    assert Size(10, 250_000, 32 << 20, row_bytes=1 << 20).rows == FIRST_BYTES >> 20
    assert Size(10, 250_000, 32 << 20, row_bytes=1 << 40).rows == 1
    assert Size(10, 7, 32 << 20).rows == 7


def test_a_quick_segment_lets_the_next_one_grow():
    """No faster than fourfold, up to the limit of the policy."""
    size = Size(10, 30_000, 32 << 20)

    size.learn(2_000, 0.01, 1_000)
    assert size.rows == 2_000 * GROWTH
    size.learn(8_000, 0.01, 1_000)
    assert size.rows == 30_000


def test_a_slow_segment_makes_the_next_one_smaller():
    """At twice the time it had, half the rows."""
    size = Size(10, 250_000, 32 << 20)

    size.learn(10_000, 20, 1_000)

    assert size.rows == 5_000


def test_a_large_segment_makes_the_next_one_smaller():
    """At four times the bytes it had, a quarter of the rows."""
    size = Size(10, 250_000, 8 << 20)

    size.learn(10_000, 0.1, 32 << 20)

    assert size.rows == 2_500


@given(
    ROWS,
    st.floats(0.1, 10),
    st.integers(64 << 10, 32 << 20),
    st.integers(0, 1 << 50),
    st.lists(st.tuples(ROWS, SECONDS, BYTES)),
)
def test_it_stays_between_one_row_and_the_limit(most, seconds, stored, row_bytes, lessons):
    """Whatever it is told."""
    size = Size(seconds, most, stored, row_bytes)

    for lesson in lessons:
        assert 1 <= size.rows <= most
        size.learn(*lesson)

    assert 1 <= size.rows <= most


@given(st.floats(1e-6, 1e-2))
def test_it_settles_where_the_time_is_used(per_row):
    """With a constant speed, ten segments later one takes about as long as it may."""
    size = Size(10, 5_000_000, 32 << 20)

    for _ in range(20):
        size.learn(size.rows, size.rows * per_row, 0)

    assert size.rows * per_row <= 10.001
    assert size.rows == 5_000_000 or size.rows * per_row > 10 - per_row - 0.001
