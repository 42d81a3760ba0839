"""Policies that cannot be meant, and databases that do not have what they name."""

from __future__ import annotations

import re

import pytest

from tests.end_to_end.bad import REFUSED, USAGE, one_error, one_failure, staged, untouched
from tests.faults.stage import POLICY

SEVEN = """\
version: 1
timezone: Europe/Amsterdm
archive: {name: test, to: "file:./archive"}
retention:
  one: {keep: 90, by: at, every: day, archive: true}
  two: {keep: 90 days, by: at, every: dayy, archive: true}
  three: {keep: 90 days, by: at, every: day, archive: false}
  four: {kep: 90 days, by: at, every: day, archive: true, keep: 1 year}
windows:
  nightly: {days: [mon], from: "25:00", to: "05:00"}
upkeep:
  stats: {do: analyse, tables: all, every: week}
"""
PLACES = ["2:11", "5:15", "6:39", "7:55", "8:10", "10:32", "12:15"]
RULE = "  {table}: {{keep: 90 days, by: {by}, every: day, archive: true}}\n"


@pytest.mark.parametrize("words", [("run",), ("dry-run",), ("validate",), ("init",), ("status",)])
def test_seven_errors(database, tmp_path, words) -> None:
    """All seven are reported at once, each with file, line and column."""
    stage, _ = staged(database, tmp_path)
    stage.policy.write_text(SEVEN)

    said = stage.cli(*words)

    assert said.code == USAGE, said
    found = re.findall(rf"{re.escape(str(stage.policy))}:(\d+:\d+): ", said.out + said.err)
    assert found == PLACES, said
    untouched(stage)


@pytest.mark.parametrize(
    ("table", "by", "words"),
    [
        ("nothing", "at", ("there is no table nothing", "schema.table")),
        ("app.metrics", "at", ("there is no table app.metrics", "schema app")),
        ("Metrics", "at", ("there is metrics", "case-sensitive")),
        ("metrics", "made_at", ("no column made_at", "its columns are: id, at")),
        ("metrics", "value", ("value is numeric", "timestamptz")),
    ],
)
def test_something_is_missing(database, tmp_path, table, by, words) -> None:
    """The rule is refused by name, with what is there instead."""
    stage, _ = staged(database, tmp_path)
    stage.policy.write_text(POLICY + RULE.format(table=table, by=by))

    one_failure(stage.cli("run"), REFUSED, *words)
    assert all(word in stage.cli("dry-run").out for word in words)
    untouched(stage)


def test_a_table_that_is_asked_for_by_a_wrong_name(database, tmp_path) -> None:
    """A typing error on the command line is no empty run."""
    stage, _ = staged(database, tmp_path)

    one_error(stage.cli("run", "metriks"), REFUSED, "metriks", "schema.table")


def test_no_policy(database, tmp_path) -> None:
    """A path that leads nowhere, and a folder without a policy, are said to be so."""
    stage, _ = staged(database, tmp_path)
    stage.policy.unlink()

    nowhere = stage.cli("run")
    stage.policy.mkdir()
    empty = stage.cli("run")

    assert (nowhere.code, empty.code) == (USAGE, USAGE)
    assert f"{stage.policy}:1:1" in nowhere.err
    assert "cannot be read" in nowhere.err
    assert "no *.yaml file is in this folder" in empty.err


def test_a_policy_nobody_can_read(database, tmp_path) -> None:
    """Bytes that are no text are an error of the policy, not of ours."""
    stage, _ = staged(database, tmp_path)
    stage.policy.write_bytes(b"version: 1\ntimezone: \xff\xfe\n")

    said = stage.cli("run")

    assert said.code == USAGE, said
    assert f"error: {stage.policy}:" in said.err


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://me:hunter2@db/app",
        "host=db password=hunter2",
        "postgresql://me@db/app?password=hunter2",
    ],
)
def test_a_password_on_the_command_line(database, tmp_path, dsn) -> None:
    """It is refused before anything is tried, and not repeated."""
    stage, _ = staged(database, tmp_path)

    said = stage.cli("--dsn", dsn, "run")

    one_error(said, USAGE, "holds a password", "PGPASSWORD")
    assert "hunter2" not in said.out + said.err


def test_init_was_not_done(database, tmp_path) -> None:
    """A run says what is missing; dry-run works without."""
    stage, approval = staged(database, tmp_path)
    database.run("DROP SCHEMA maintainer CASCADE")

    one_error(stage.cli("run", "--approve", approval), REFUSED, "no record", "maintainer init")
    assert stage.cli("dry-run").code == 0
    untouched(stage)
