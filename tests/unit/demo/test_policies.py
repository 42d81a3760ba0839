"""Where the demo finds the shipped policies."""

from __future__ import annotations

import pytest

from maintainer.demo import policies
from maintainer.errors import MaintainerError
from maintainer.policy.load import load


def test_they_are_found_and_valid():
    """In a checkout they lie beside the package, in a wheel inside it."""
    found = load([policies.folder()], {})

    assert {"audit_logs", "performance_analytics", "usage_tracking"} <= set(found.retention)


def test_those_of_the_wheel_come_first(monkeypatch, tmp_path):
    """A folder that happens to be called policies beside site-packages means nothing."""
    places = (tmp_path / "demo" / "policies", tmp_path / "policies")
    for place in places:
        place.mkdir(parents=True)
        (place / "a.yaml").touch()
    monkeypatch.setattr(policies, "PLACES", places)

    assert policies.folder() == places[0]


def test_a_broken_installation_is_told(monkeypatch, tmp_path):
    """An empty folder is none."""
    monkeypatch.setattr(policies, "PLACES", (tmp_path,))

    with pytest.raises(MaintainerError, match="are not in"):
        policies.folder()
