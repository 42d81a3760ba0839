"""Reports and states made by hand, and the text they have always had."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from maintainer.cli.render import grid
from maintainer.cli.render import report as render
from maintainer.cli.render import status as render_status
from tests.plans import golden
from tests.plans.reports import REPORTS, STATES
from tests.plans.test_golden import drawn

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_a_report_reads_as_it_always_did(name: str, accept: bool) -> None:
    """In a pipe and on a terminal."""
    page = render.page(REPORTS[name])

    golden.check(f"{name}.txt", grid.plain(page) + "\n", accept=accept)
    golden.check(f"{name}.100.txt", drawn(page, 100), accept=accept)


def test_a_state_reads_as_it_always_did(accept: bool) -> None:
    """Dates are those of the policy's clock."""
    page = render_status.page(STATES, AMSTERDAM)

    golden.check("status.txt", grid.plain(page) + "\n", accept=accept)
    golden.check("status.100.txt", drawn(page, 100), accept=accept)
