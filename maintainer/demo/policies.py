"""Where the shipped policies are."""

from __future__ import annotations

from pathlib import Path

from maintainer.errors import MaintainerError

HERE = Path(__file__).parent
PLACES = (HERE / "policies", HERE.parents[1] / "policies")  # in a wheel, in a checkout


def folder() -> Path:
    """The policies of the seven tables. Raises MaintainerError when they were not installed."""
    for place in PLACES:
        if any(place.glob("*.yaml")):
            return place
    raise MaintainerError(
        f"the policies that maintainer ships are not in {PLACES[0]}",
        hint="install it anew: pip install --force-reinstall 'maintainer[demo]'",
    )
