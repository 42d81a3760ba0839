"""A stage for each test of this folder."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.faults.stage import Stage


@pytest.fixture
def make_stage(database, tmp_path, driver) -> Callable[..., Stage]:
    """Make a stage on `database`, with a table of one's choice."""
    return lambda table="metrics", **more: Stage(database, tmp_path, driver, table, **more)


@pytest.fixture
def stage(make_stage) -> Stage:
    """A stage with the plain table."""
    return make_stage()
