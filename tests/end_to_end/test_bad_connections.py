"""Databases that cannot be reached, or are not the right place to work."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from tests.end_to_end.bad import (
    BUSY,
    DONE,
    REFUSED,
    UNREACHED,
    elsewhere,
    one_error,
    staged,
    untouched,
)
from tests.faults import outside
from tests.faults.stage import POLICY, go_on
from tests.parts import need_program
from tests.servers import Server, account

SECRET = "hunter2-known-to-nobody"
SLOWLY = """\
  metrics: {keep: 90 days, by: at, every: day, archive: true, where: pg_sleep(0.001) is not null}
"""


@pytest.mark.parametrize("words", [("run",), ("dry-run",), ("status",), ("vacuum", "metrics")])
def test_nobody_answers(database, tmp_path, driver, words) -> None:
    """A refused port is named, and what to look at."""
    stage, _ = staged(database, tmp_path, driver)

    said = elsewhere(stage, database.server.dsn(database.name, port=1)).cli(*words)

    one_error(said, UNREACHED, "127.0.0.1:1", "Connection refused", "is the server running")
    untouched(stage)


def test_a_host_that_is_not_there(database, tmp_path, driver) -> None:
    """So is a host whose name means nothing."""
    stage, _ = staged(database, tmp_path, driver)

    said = elsewhere(stage, database.server.dsn(database.name, host="nowhere.invalid")).cli("run")

    one_error(said, UNREACHED, "nowhere.invalid", "Name or service not known")


def test_a_wrong_password(database, tmp_path, driver) -> None:
    """The user is named, the password is not."""
    stage, _ = staged(database, tmp_path, driver)

    said = elsewhere(stage, database.server.dsn(database.name, password=SECRET)).cli("run")

    one_error(said, UNREACHED, "password authentication failed", "check the user and the password")
    assert SECRET not in said.out + said.err


def test_a_missing_database(database, tmp_path, driver) -> None:
    """Its name is said."""
    stage, _ = staged(database, tmp_path, driver)

    said = elsewhere(stage, database.server.dsn("not_there")).cli("run")

    one_error(said, UNREACHED, 'database "not_there" does not exist', "check the name")


def test_a_standby(make_own_server, make_database, tmp_path) -> None:
    """Nothing can be changed on it, and the hint says how the primary is found."""
    server = make_own_server()
    stage, approval = staged(make_database(server), tmp_path)
    server.stop()
    account.own(_touched(server.data_dir / "standby.signal"))
    server.start()

    said = stage.cli("run", "--approve", approval)
    by_hand = stage.cli("vacuum", "metrics")
    planned = stage.cli("dry-run")
    (server.data_dir / "standby.signal").unlink()
    server.restart()

    one_error(said, REFUSED, "this server is a standby", "connect to the primary")
    one_error(by_hand, REFUSED, "this server is a standby", "connect to the primary")
    assert planned.code == DONE, planned
    untouched(stage)


def test_another_run_is_at_work(database, tmp_path, driver) -> None:
    """The second one names the first one's process and does nothing."""
    stage, approval = staged(database, tmp_path, driver)

    with stage.halted("published", 1, "run", "--approve", approval) as process:
        ((pid,),) = database.run(
            "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        said = stage.cli("run")
        go_on(process)
        first = stage.said(process)

    one_error(said, BUSY, f"process {pid}", "another run is at work", "wait for it to end")
    assert first.code == DONE
    assert outside.check_done(stage) == 900


def test_a_statement_timeout_of_the_role(database, tmp_path, driver, make_role) -> None:
    """Providers cap a role's statements; the session lifts what it may lift."""
    stage, _ = staged(database, tmp_path, driver)
    role = make_role("SUPERUSER")
    database.run(f"ALTER ROLE {role.name} SET statement_timeout = '200ms'")
    stage.policy.write_text(POLICY + SLOWLY)

    planned = elsewhere(stage, database.dsn_as(role)).cli("-o", "json", "dry-run")
    approval = json.loads(planned.out)["fingerprint"]
    said = elsewhere(stage, database.dsn_as(role)).cli("run", "--approve", approval)

    assert said.code == DONE, said
    assert outside.check_done(stage) == 900


def test_a_transaction_pooler(database, tmp_path, driver) -> None:
    """A pooler that gives its servers away between two statements is refused, with the way out."""
    stage, approval = staged(database, tmp_path, driver)

    with _pooler(database.server) as port:
        dsn = database.server.dsn(database.name, port=port)
        _answering(dsn)
        said = elsewhere(stage, dsn).cli("run", "--approve", approval)

    one_error(said, REFUSED, "pooler", "direct")
    untouched(stage)


def test_no_secret_is_anywhere(database, tmp_path, driver, make_role) -> None:
    """Not in the process list, the output, the log, the record, the manifests or the server's views."""
    stage, approval = staged(database, tmp_path, driver)
    role = make_role("SUPERUSER")
    database.run(f"ALTER ROLE {role.name} PASSWORD '{SECRET}'")
    server = database.server
    url = f"postgresql://{role.name}:{SECRET}@{server.host}:{server.port}/{database.name}"
    stage = elsewhere(stage, url)

    with stage.halted("published", 1, "-v", "run", "--approve", approval) as process:
        shown = (
            Path(f"/proc/{process.pid}/cmdline").read_text() if Path("/proc/self").exists() else ""
        )
        seen = database.run("SELECT a::text FROM pg_stat_activity AS a")
        go_on(process)
        said = stage.said(process)

    record = [
        row
        for table in ("audit_logs", "maintainer.run", "maintainer.step", "maintainer.event")
        for row in database.run(f"SELECT t::text FROM {table} AS t")
    ]
    files = [
        path.read_text()
        for path in stage.archive.rglob("*")
        if path.suffix in {".json", ".SHA256SUMS"}
    ]
    assert said.code == DONE, said
    assert record
    assert files
    assert SECRET not in json.dumps([shown, seen, said.out, said.err, record, files])


def _touched(path: Path) -> Path:
    path.touch()
    return path


@contextmanager
def _pooler(server: Server) -> Iterator[int]:
    """PgBouncer in transaction mode with some servers to give away."""
    program, place, port = (
        need_program("pgbouncer"),
        account.workplace(),
        server.port % 9000 + 21000,
    )
    (place / "users").write_text(f'"{server.superuser}" "{server.password}"\n')
    (place / "ini").write_text(
        f"[databases]\n* = host={server.host} port={server.port}\n[pgbouncer]\n"
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = plain\nunix_socket_dir =\n"
        f"admin_users = {server.superuser}\nauth_file = {place / 'users'}\npool_mode = transaction\n"
    )
    with ThreadPoolExecutor(1) as beside:
        over = beside.submit(account.run, [program, "-q", place / "ini"], log=place / "log")
        try:
            yield port
        finally:
            admin = psycopg.connect(server.dsn("pgbouncer", port=port), autocommit=True)
            with suppress(psycopg.OperationalError):  # it leaves without an answer
                admin.execute("SHUTDOWN")
            admin.close()
            over.result()
            shutil.rmtree(place)


def _answering(dsn: str) -> None:
    for _ in range(100):
        try:
            psycopg.connect(dsn).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the pooler does not answer")
