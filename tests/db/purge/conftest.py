"""What the tests of the purge share."""

from __future__ import annotations

import pytest

from tests.db.purge.night import Night


@pytest.fixture
def night(database, driver, tmp_path) -> Night:
    """A maintainer on an empty database, under each driver."""
    return Night(database, driver, tmp_path / "night")


@pytest.fixture
def every_night(every_database, driver, tmp_path) -> Night:
    """The same on each version of PostgreSQL at hand."""
    return Night(every_database, driver, tmp_path / "night")
