"""`maintainer schema`: what was made, and what differs."""

from __future__ import annotations

import json

import pytest

from maintainer.app import App
from maintainer.schema.apply import Change, Outcome
from maintainer.schema.verify import Difference, Problem
from tests.unit.cli.conftest import Maintainer

CHANGES = [
    Change("table", "audit_logs", Outcome.CREATED),
    Change("index", "idx_audit_logs_action", Outcome.PRESENT),
]
DIFFERENT = Difference(Problem.DIFFERENT, "column", "audit_logs.id", "uuid not null", "uuid")


@pytest.fixture(autouse=True)
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """No database is needed here."""
    monkeypatch.setattr(App, "session", lambda _: None)
    monkeypatch.setattr("maintainer.schema.apply.apply", lambda _: CHANGES)


def test_apply_names_what_it_made_and_counts_the_rest(maintainer: Maintainer) -> None:
    """A second apply is short."""
    answer = maintainer("schema", "apply")

    assert answer.out == "MADE   NAME\ntable  audit_logs\n\n1 object made, 1 there already.\n"
    made = json.loads(maintainer("-o", "json", "schema", "apply").out)["changes"]
    assert made[0] == {"kind": "table", "name": "audit_logs", "outcome": "created"}


def test_verify_leaves_with_one_when_something_differs(
    maintainer: Maintainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was expected stands beside what was found."""
    monkeypatch.setattr("maintainer.schema.verify.verify", lambda _: [DIFFERENT])

    answer = maintainer("schema", "verify")

    assert answer.code == 1
    assert "different  column  audit_logs.id  uuid not null  uuid" in answer.out
    found = maintainer("-o", "json", "schema", "verify")
    assert (found.code, json.loads(found.out)["differences"][0]["expected"]) == (1, "uuid not null")


def test_verify_leaves_with_zero_when_nothing_differs(
    maintainer: Maintainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And says so."""
    monkeypatch.setattr("maintainer.schema.verify.verify", lambda _: [])

    answer = maintainer("schema", "verify")

    assert (answer.code, answer.out) == (0, "No difference.\n")
