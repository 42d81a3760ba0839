"""The small parts of the core that need no database."""

from __future__ import annotations

import datetime as dt
import re

from maintainer.app import RunRequest, StopSignal, carry_out
from maintainer.app.link import Link
from maintainer.policy.model import Database

NOW = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)


def test_the_name_of_a_run_sorts_by_time_and_cannot_be_guessed():
    """It is safe in a file's name, in UTC, and different each time."""
    amsterdam = dt.timezone(dt.timedelta(hours=1))
    names = {carry_out.new_id(NOW.astimezone(amsterdam)) for _ in range(20)}

    assert len(names) == 20
    assert all(re.fullmatch(r"20260102t030405-[0-9a-f]{8}", name) for name in names)
    assert carry_out.new_id(NOW) < carry_out.new_id(NOW + dt.timedelta(seconds=1))


def test_until_narrows_the_budget():
    """At that moment nothing more may start; without it there is no end but a stop."""
    stop = StopSignal()
    narrowed = carry_out.budget(NOW, stop)

    assert carry_out.budget(None, stop).spent(NOW) is None
    assert narrowed.spent(NOW - dt.timedelta(seconds=1)) is None
    assert "--until" in narrowed.spent(NOW)


def test_a_request_chooses_a_part_of_the_policy():
    """Tables and halves."""
    request = RunRequest(tables=("events",), only="retention")

    assert (request.choice.tables, request.choice.only) == (("events",), "retention")


def test_a_link_that_was_never_used_has_nothing_to_close():
    """Nothing is connected before somebody asks."""
    Link("host=nowhere.invalid", "psycopg", Database(), {}).close()
