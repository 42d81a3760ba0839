"""SIGTERM, Ctrl-C and the end of the window: a clean end, soon, with nothing left running."""

from __future__ import annotations

import datetime as dt
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from tests.faults import outside
from tests.faults.stage import Stage, go_on
from tests.faults.test_lost import wait_for

CODES = {signal.SIGTERM: 143, signal.SIGINT: 130}
SOON = 9  # less than the grace of a segment, ten seconds
WAITING = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
    "AND application_name LIKE 'maintainer%' AND wait_event_type = 'Lock'"
)
RUNNING = (
    "SELECT query FROM pg_stat_activity WHERE datname = current_database() "
    "AND application_name LIKE 'maintainer%'"
)
LEFT = "SELECT relname FROM pg_class WHERE relname ~ '_cc(new|old)'"


@contextmanager
def somebody(stage: Stage, statement: str) -> Iterator[psycopg.Connection]:
    """Another session whose transaction stays open for the block."""
    with psycopg.connect(stage.database.dsn) as other:
        other.execute(statement)
        yield other
        other.rollback()


@pytest.mark.parametrize("number", CODES)
def test_between_segments(stage, uncovered, number) -> None:
    """What was committed is published and described, nothing more is begun, the code says why."""
    approval = stage.set()

    with stage.halted("published", 1, "run", "--approve", approval) as process:
        process.send_signal(number)
        go_on(process)
        said = stage.said(process)

    assert said.code == CODES[number], said
    assert outside.check(stage) == 300
    assert stage.database.run("SELECT outcome, exit_code FROM maintainer.run") == [
        ("stopped", CODES[number])
    ]
    assert stage.cli("run").code == 0
    assert outside.check_done(stage) == 900


@pytest.mark.parametrize("number", CODES)
def test_in_a_blocked_segment(stage, number) -> None:
    """A DELETE that waits for somebody's row is cancelled; its rows stay."""
    approval = stage.set()

    with somebody(stage, "SELECT FROM metrics WHERE id = 400 FOR UPDATE"):
        said = _stopped(stage, number, "run", "--approve", approval)

    assert said.code == CODES[number], said
    assert outside.check(stage) in {0, 300}


@pytest.mark.parametrize(
    ("command", "in_the_way"),
    [
        ("vacuum", "LOCK TABLE metrics IN SHARE UPDATE EXCLUSIVE MODE"),
        ("analyze", "LOCK TABLE metrics IN SHARE UPDATE EXCLUSIVE MODE"),
        ("reindex", "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; TABLE pg_am"),
    ],
)
def test_in_a_long_statement(stage, command, in_the_way) -> None:
    """It is cancelled on the server, and a half-made index goes with it."""
    stage.set()

    with somebody(stage, in_the_way):
        said = _stopped(stage, signal.SIGTERM, command, "public.metrics")
        assert stage.database.run(LEFT) == []

    assert said.code == 143, said
    assert outside.check(stage) == 0


def test_while_it_counts(stage) -> None:
    """A count that takes long before the first change is cancelled too."""
    rule = "  metrics: {keep: 90 days, by: at, every: day, archive: true, where: \"pg_sleep(1)::text = ''\"}\n"
    stage.set()
    stage.policy.write_text(stage.policy.read_text().partition("  metrics")[0] + rule)
    asleep = RUNNING + " AND wait_event = 'PgSleep'"

    said = _stopped(stage, signal.SIGTERM, "run", at=asleep)

    assert said.code == 143, said
    assert stage.database.run("SELECT count(*) FROM maintainer.run") == [(0,)]


def test_the_time_is_up(stage) -> None:
    """A segment that outlasts --until is cancelled after its grace; the run ends well."""
    approval = stage.set()
    until = (dt.datetime.now(dt.UTC) + dt.timedelta(seconds=3)).isoformat()

    with somebody(stage, "SELECT FROM metrics WHERE id = 400 FOR UPDATE"):
        said = stage.cli("run", "--approve", approval, "--until", until, timeout=33)

    assert said.code == 0, said
    assert "--until has come" in said.out
    assert outside.check(stage) in {0, 300}


def test_ctrl_c_twice_while_commit_waits(
    make_own_server, make_database, tmp_path, uncovered
) -> None:
    """Somebody without patience loses nothing: the file stays until it is known what became of it."""
    server = make_own_server()
    for name in ("psycopg", "pg8000"):
        stage = Stage(make_database(server), tmp_path / name, name)
        stage.folder.mkdir()
        approval = stage.set()
        with stage.halted("recorded", 1, "run", "--approve", approval) as process:
            _set(stage, "SET synchronous_standby_names = 'nobody'")
            go_on(process)
            wait_for(stage, RUNNING + " AND wait_event = 'SyncRep'")
            process.send_signal(signal.SIGINT)
            wait_for(stage, "SELECT pg_sleep(0.5)")  # two signals at once would be one
            process.send_signal(signal.SIGINT)
            said = stage.said(process)
        _set(stage, "RESET synchronous_standby_names")

        assert said.code == 130, said
        assert stage.cli("run").code == 0
        assert outside.check_done(stage) == 900


def _set(stage: Stage, setting: str) -> None:
    stage.database.run(f"ALTER SYSTEM {setting}")
    stage.database.run("SELECT pg_reload_conf()")


def _stopped(stage: Stage, number: signal.Signals, *words: str, at: str = WAITING):
    """Start a command, stop it when the server sees it wait, and see that nothing is left there."""
    with stage.started("maintainer", *words) as process:
        _wait(stage, process, at)
        process.send_signal(number)
        said = stage.said(process, SOON)
    assert stage.database.run(RUNNING) == []
    return said


def _wait(stage: Stage, process: subprocess.Popen[str], query: str) -> None:
    for _ in range(500):
        if stage.database.run(f"SELECT pg_sleep(0.02); {query}"):
            return
        assert process.poll() is None, process.communicate()
    raise AssertionError(f"nothing came of {query}")
