"""The database is lost in the middle: the run finds out what became of its segment, or exits 5."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from itertools import count

import psycopg
import pytest

from maintainer.db import locks
from tests.faults import outside, proxy
from tests.faults.proxy import Fault, Message, Proxy, Verdict
from tests.faults.stage import Stage, go_on

UNREACHED = 5
WAITING_FOR_PROOF = """
SELECT FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'maintainer' AND wait_event = 'advisory'"""
OURS = "pid FROM pg_stat_activity WHERE application_name = 'maintainer' AND datname = current_database()"


@pytest.fixture
def between(database) -> Iterator[Proxy]:
    """A proxy in front of the server."""
    with Proxy(database.server.host, database.server.port) as listening:
        yield listening


@pytest.fixture
def far(make_stage, database, between) -> Stage:
    """A stage whose command line reaches the database through the proxy."""
    server = database.server
    stage = make_stage()
    stage.environ["DATABASE_URL"] = server.dsn(database.name, host=between.host, port=between.port)
    return stage


def in_segment(number: int, fault: Fault) -> Fault:
    """A fault that waits for the rows of a segment."""
    copies = count(1)
    begun: list[bool] = []

    def later(message: Message) -> Verdict:
        if not message.from_client and message.kind == b"H" and next(copies) == number:
            begun.append(True)
        return fault(message) if begun else Verdict.PASS

    return later


CUTS = {
    "mid-copy": (proxy.copy_cut_after(100_000), 300),
    "commit-lost": (proxy.commit_lost, 300),
    "answer-lost": (proxy.answer_to_commit_lost, 600),
}


@pytest.mark.parametrize("cut", CUTS)
def test_the_line_drops(far, between, cut) -> None:
    """The run exits 5 having found out itself: nothing is pending, and the record is closed."""
    approval = far.set()
    fault, archived = CUTS[cut]
    between.fault = in_segment(2, fault)

    said = far.cli("run", "--approve", approval)

    assert between.struck.is_set()
    assert said.code == UNREACHED, said
    assert outside.check(far) == archived
    assert "the next run finds out" in said.out or "lost" in said.out

    assert far.cli("run").code == 0
    assert outside.check_done(far) == 900


@pytest.mark.parametrize("point", ["mid-copy", "in-doubt"])
def test_somebody_ends_our_session(stage, uncovered, point) -> None:
    """pg_terminate_backend from outside is as good as a dropped line."""
    approval = stage.set()

    with stage.halted(point, 2, "run", "--approve", approval) as process:
        stage.database.run(f"SELECT pg_terminate_backend(pid, 5000) FROM (SELECT {OURS}) AS s")
        go_on(process)
        said = stage.said(process)

    assert said.code == UNREACHED, said
    assert outside.check(stage) in {300, 600}
    assert stage.cli("run").code == 0
    assert outside.check_done(stage) == 900


def test_the_server_crashes(make_own_server, make_database, tmp_path, uncovered) -> None:
    """What was committed before is in the archive, the rest is in the table, once it is back."""
    server = make_own_server()
    for driver, point in (("psycopg", "mid-copy"), ("pg8000", "in-doubt")):
        stage = Stage(make_database(server), tmp_path / driver, driver)
        stage.folder.mkdir()
        approval = stage.set()

        with stage.halted(point, 2, "run", "--approve", approval) as process:
            server.crash()
            go_on(process)
            said = stage.said(process)
        server.start()

        assert said.code == UNREACHED, said
        assert stage.cli("run").code == 0
        assert outside.check_done(stage) == 900


def test_a_dead_run_whose_commit_still_waits(
    make_own_server, make_database, tmp_path, uncovered
) -> None:
    """A killed client's COMMIT waits for a standby: nothing is touched until it is over."""
    server = make_own_server()
    stage = Stage(make_database(server), tmp_path, "psycopg")
    approval = stage.set()
    with stage.halted("recorded", 2, "run", "--approve", approval) as process:
        _set(stage, "SET synchronous_standby_names = 'nobody'")
        go_on(process)
        ((pid,),) = wait_for(stage, "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
        process.send_signal(signal.SIGKILL)
        process.wait()

    waiting = stage.cli("run")
    assert waiting.code in {4, UNREACHED}, waiting
    assert f"process {pid}" in waiting.err
    assert outside.pending(stage) == 1

    _set(stage, "RESET synchronous_standby_names")
    said = stage.cli("run")
    assert said.code == 0, said
    assert "recovery.published" in said.err
    assert outside.check_done(stage) == 900


def test_recovery_waits_for_proof(stage, uncovered) -> None:
    """While any segment's transaction is open, nobody decides what becomes of a pending file."""
    approval = stage.set()
    stage.victim("stored", 2, "run", "--approve", approval)

    with psycopg.connect(stage.database.dsn) as other:
        other.execute(f"SELECT pg_advisory_xact_lock_shared({locks.SEGMENTS})")
        with stage.started("maintainer", "run") as process:
            wait_for(stage, WAITING_FOR_PROOF)
            assert outside.pending(stage) == 1
            other.rollback()
            said = stage.said(process)

    assert said.code == 0, said
    assert outside.check_done(stage) == 900


def wait_for(stage: Stage, query: str) -> list[tuple]:
    """Ask the server until there is a row."""
    for _ in range(1000):
        if rows := stage.database.run(f"SELECT pg_sleep(0.02); {query}"):
            return rows
    raise AssertionError(f"nothing came of {query}")


def _set(stage: Stage, setting: str) -> None:
    stage.database.run(f"ALTER SYSTEM {setting}")
    stage.database.run("SELECT pg_reload_conf()")
