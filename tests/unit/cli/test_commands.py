"""What each command asks of the core, prints, and leaves with."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from maintainer.errors import LockHeldError
from maintainer.plan.receipts import Outcome, Receipt, Report
from tests.plans import build
from tests.plans.reports import STATES
from tests.unit.cli.conftest import Maintainer
from tests.unit.cli.fake_core import FakeCore

POLICIES = Path(__file__).parents[3] / "policies"
FEBRUARY = dt.datetime(2026, 1, 31, 23, 0, tzinfo=dt.UTC)


def test_dry_run_prints_the_plan(maintainer: Maintainer, core: FakeCore) -> None:
    """It asks for a plan and for nothing else."""
    answer = maintainer(
        "dry-run", "audit_logs", "--only", "retention", "--exact", "--as-of", "2026-02-01"
    )

    assert answer.code == 0
    assert "TO DO\n#  STEP   TABLE" in answer.out
    asked = {"only": "retention", "as_of": FEBRUARY, "exact": True}
    assert core.asked == [("plan", ("audit_logs",), asked), "closed"]


def test_plan_is_another_word_for_dry_run(maintainer: Maintainer, core: FakeCore) -> None:
    """Both words show the same."""
    assert maintainer("plan").out == maintainer("dry-run").out


def test_dry_run_for_a_machine_is_one_document(maintainer: Maintainer, core: FakeCore) -> None:
    """One line of JSON on stdout."""
    answer = maintainer("-o", "json", "dry-run", "--sql")

    assert answer.out.count("\n") == 1
    assert [step["kind"] for step in json.loads(answer.out)["steps"]] == ["purge", "purge"]


def test_dry_run_shows_the_sql(maintainer: Maintainer, core: FakeCore) -> None:
    """Every step's statements instead of the table."""
    answer = maintainer("dry-run", "--sql")

    assert answer.out.startswith("-- step 1: purge public.audit_logs (rule audit_logs)\n")


def test_detailed_exit_code_tells_whether_there_is_work(
    maintainer: Maintainer, core: FakeCore
) -> None:
    """10 with work, 0 without; without the option always 0."""
    with_work = maintainer("dry-run", "--detailed-exitcode").code
    core.plan_made = build.plan(build.skip())

    assert (with_work, maintainer("dry-run", "--detailed-exitcode").code) == (10, 0)


def test_the_command_to_approve_repeats_policy_and_database(
    maintainer: Maintainer, core: FakeCore
) -> None:
    """What is printed can be typed as it stands, even where a path has a space."""
    core.plan_made = build.plan(build.refuse())

    answer = maintainer("--policy", "my policies", "--dsn", "service=x", "dry-run", "audit_logs")

    shown = answer.out.splitlines()[-1].strip()
    assert shown.startswith(
        "maintainer --policy 'my policies' --dsn service=x run audit_logs --approve "
    )


@pytest.mark.parametrize("command", ["dry-run", "run"])
def test_a_moment_that_has_not_come_is_refused(
    maintainer: Maintainer, core: FakeCore, command: str
) -> None:
    """Nothing is planned for it."""
    answer = maintainer(command, "--as-of", "9999-01-01")

    assert answer.code == 2
    assert "has not come yet" in answer.err
    assert core.asked == ["closed"]


def test_run_shows_the_plan_before_the_report(maintainer: Maintainer, core: FakeCore) -> None:
    """And tells the log on stderr, one JSON line an event."""
    answer = maintainer("run")

    assert answer.code == 0
    assert answer.out.index("TO DO") < answer.out.index("Run r1")
    assert "1 done; 3 rows purged from 1 table, 90 bytes archived as 9 bytes" in answer.out
    assert [json.loads(line)["event"] for line in answer.err.splitlines()] == ["run.started"]


def test_run_hands_its_options_on(maintainer: Maintainer, core: FakeCore) -> None:
    """Times on the policy's clock, fingerprints as they were given."""
    maintainer(
        *("run", "t", "--only", "upkeep", "--ignore-window", "--reason", "disk full"),
        *("--approve", "a", "--approve", "b", "--until", "2026-02-01", "--as-of", "2026-02-01"),
    )

    request = core.asked[0][1]
    assert (request.tables, request.only, request.approve) == (("t",), "upkeep", ("a", "b"))
    assert (request.ignore_window, request.reason) == (True, "disk full")
    assert (request.until, request.as_of) == (FEBRUARY, FEBRUARY)


def test_run_for_a_machine_is_two_documents(maintainer: Maintainer, core: FakeCore) -> None:
    """First the plan, then the report, a line each."""
    plan, report = map(json.loads, maintainer("-o", "json", "run").out.splitlines())

    assert (plan["steps"][0]["table"], report["run"]) == ("public.audit_logs", "r1")


def test_run_leaves_with_the_code_of_its_report(maintainer: Maintainer, core: FakeCore) -> None:
    """A step that failed is 1, whatever the others did."""
    failed = Receipt(
        build.vacuum(), Outcome.FAILED, detail="disk full", hint="free it", exit_code=1
    )
    core.report = Report("r1", (failed,))

    answer = maintainer("run")

    assert answer.code == 1
    assert "disk full" in answer.out
    assert "Exit code 1." in answer.out


@pytest.mark.parametrize("reason", [[], ["--reason", " "]])
def test_to_ignore_a_window_takes_a_reason(
    maintainer: Maintainer, core: FakeCore, reason: list[str]
) -> None:
    """The record asks why."""
    answer = maintainer("run", "--ignore-window", *reason)

    assert answer.code == 2
    assert core.asked == []


def test_what_the_core_refuses_is_told_and_closed(maintainer: Maintainer, core: FakeCore) -> None:
    """The exit code is the error's; sessions are closed first."""
    core.error = LockHeldError("another run is at work", hint="wait for it")

    answer = maintainer("run")

    assert (answer.code, answer.err) == (4, "error: another run is at work\nhint: wait for it\n")
    assert core.asked[-1] == "closed"


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (
            ["vacuum", "a", "b", "--freeze", "--reason", "bloat"],
            ("by_hand", "vacuum", ("a", "b"), "bloat", {"analyze": False, "freeze": True}),
        ),
        (["analyze", "a"], ("by_hand", "analyze", ("a",), None, {})),
        (["reindex", "a"], ("by_hand", "reindex", ("a",), None, {})),
        (["reindex", "a", "--dry-run"], ("plan_by_hand", "reindex", ("a",), {})),
    ],
)
def test_by_hand_asks_for_that_and_no_more(
    maintainer: Maintainer, core: FakeCore, words: list[str], asked: tuple[object, ...]
) -> None:
    """The same action as a run's, on the tables that were typed."""
    assert maintainer(*words).code == 0
    assert core.asked == [asked, "closed"]


def test_quiet_and_verbose_decide_what_is_logged(maintainer: Maintainer, core: FakeCore) -> None:
    """A run that goes well is silent with -q."""
    assert maintainer("-q", "run").err == ""
    assert "run.started" in maintainer("-v", "run").err


def test_the_log_is_for_people_where_they_ask_for_it(
    maintainer: Maintainer, core: FakeCore
) -> None:
    """--log-format console holds in a pipe too."""
    assert "[info     ] run.started" in maintainer("--log-format", "console", "run").err


def test_init_says_what_it_did(maintainer: Maintainer, core: FakeCore) -> None:
    """A line each; or the SQL; or a document."""
    assert maintainer("init").out == "made schema maintainer\naudit_logs is there already\n"
    assert maintainer("init", "--print-sql").out == "the SQL\n"
    assert json.loads(maintainer("-o", "json", "init").out)["done"][0] == "made schema maintainer"


def test_validate_counts_what_is_decided(maintainer: Maintainer) -> None:
    """The shipped policy is valid; no database is asked."""
    answer = maintainer("validate", str(POLICIES))

    assert answer.code == 0
    assert answer.out.startswith("valid: 7 retention rules, ")
    counted = json.loads(maintainer("-o", "json", "--policy", str(POLICIES), "validate").out)
    assert (counted["valid"], counted["retention"]) == (True, 7)


def test_validate_tells_every_fault(maintainer: Maintainer, tmp_path: Path) -> None:
    """With file, line and column; on stderr, and 2."""
    (tmp_path / "a.yaml").write_text("version: 1\nretention:\n  a: {keep: 90, by: x}\n")

    answer = maintainer("validate", str(tmp_path))

    assert (answer.code, answer.out) == (2, "")
    assert "a.yaml:1:1: timezone: is missing" in answer.err
    assert "a.yaml:3:13: retention.a.keep: 90 has no unit" in answer.err


def test_validate_prints_the_schema_for_editors(maintainer: Maintainer) -> None:
    """Exactly the committed copy."""
    out = maintainer("validate", "--schema").out

    assert out == (POLICIES / "policy.schema.json").read_text("utf-8")


def test_status_is_a_table_or_a_document(maintainer: Maintainer, core: FakeCore) -> None:
    """A row a rule."""
    core.states = [*STATES]

    assert maintainer("status").out.splitlines()[-1] == "3 rules, 2 with rows due."
    rules = json.loads(maintainer("-o", "json", "status").out)["rules"]
    assert [rule["rule"] for rule in rules] == ["audit_logs", "old-sessions", "invoices"]
    assert rules[0]["rows_due"] == {"value": 4331, "how": "estimated", "at_least": False}
