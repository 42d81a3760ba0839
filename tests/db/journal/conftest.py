"""What the tests of the record share."""

from tests.db.purge.conftest import night

__all__ = ["night"]
