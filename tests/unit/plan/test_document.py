"""A plan as plain values, and its digest."""

from __future__ import annotations

import json

import pytest

from maintainer.names import Fragment
from maintainer.plan import approvals, document
from maintainer.plan.plan import Plan
from maintainer.plan.receipts import Outcome, Receipt, Report
from tests.plans import build

PLAN = build.plan(build.purge(), build.refuse(build.ANALYTICS), build.analyze(), build.skip())


def test_a_document_is_json_and_holds_every_step_in_order() -> None:
    """Numbered, with its kind and what was decided about it."""
    made = json.loads(json.dumps(document.document(PLAN)))

    told = [(step["number"], step["decision"], step["kind"]) for step in made["steps"]]
    assert told == [
        (1, "do", "purge"),
        (2, "refuse", "purge"),
        (3, "do", "analyze"),
        (4, "skip", "purge"),
    ]


def test_a_document_holds_the_fingerprint_to_approve() -> None:
    """The same that the table prints; none when nothing asks for it."""
    assert document.document(PLAN)["fingerprint"] == approvals.fingerprint(PLAN.refusals)
    assert document.document(build.plan(build.purge()))["fingerprint"] is None


def test_a_document_shows_the_sql_of_a_step_and_of_what_was_refused() -> None:
    """Values that are not known yet stand as names."""
    steps = document.document(PLAN)["steps"]

    assert steps[0]["path"]["kind"] == "key range"
    assert "t.at >= :first" in steps[0]["path"]["purge"]["sql"]
    assert steps[1]["would"]["decision"] == "do"
    assert steps[2]["statement"] == 'ANALYZE "public"."audit_logs"'


def test_the_same_steps_have_the_same_digest_whenever_they_were_planned() -> None:
    """When it was looked at is no part of what will be done."""
    later = build.plan(*PLAN.steps, made_at=build.NOW.replace(hour=5))

    assert document.digest(later) == document.digest(PLAN)
    assert len(document.digest(PLAN)) == 64


@pytest.mark.parametrize(
    "other",
    [
        build.plan(*PLAN.steps[:-1]),
        build.plan(*reversed(PLAN.steps)),
        build.plan(build.purge(cutoff="2019-03-03"), *PLAN.steps[1:]),
        build.plan(build.purge(path=build.BLOCKS), *PLAN.steps[1:]),
        build.plan(build.purge(reason="another"), *PLAN.steps[1:]),
        build.plan(*PLAN.steps[:2], build.analyze(statement=Fragment("another")), *PLAN.steps[3:]),
    ],
)
def test_any_other_steps_have_another_digest(other: Plan) -> None:
    """One less, another order, another cut-off, path, reason or statement."""
    assert document.digest(other) != document.digest(PLAN)


def test_numbers_that_json_does_not_know_are_text() -> None:
    """NaN would be no JSON."""
    assert document.plain({"a": float("nan"), "b": float("-inf"), "c": 1.5}) == {
        "a": "nan",
        "b": "-inf",
        "c": 1.5,
    }


def test_a_report_names_its_steps_and_its_exit_code() -> None:
    """Short: the plan's document has shown the steps."""
    receipt = Receipt(
        build.vacuum(), Outcome.FAILED, detail="full", exit_code=5, before={"dead": 3}
    )

    made = json.loads(json.dumps(document.report(Report("r1", (receipt,), stopped="why"))))

    assert (made["run"], made["exit_code"], made["stopped"]) == ("r1", 5, "why")
    told = made["receipts"][0]
    assert (told["kind"], told["rule"], told["table"]) == (
        "vacuum",
        "high-churn",
        "public.performance_analytics",
    )
    assert (told["outcome"], told["detail"], told["before"]) == ("failed", "full", {"dead": 3})
    assert "step" not in told
