"""The servers the other tests stand on."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.servers import NoServerError, fresh_database, fresh_role, guardian, pool, run_sql

ROOT = Path(__file__).parents[2]


def test_the_server_is_what_it_says(every_server) -> None:
    """Version and durability are those the tests count on."""
    rows = run_sql(
        every_server.dsn(),
        "SELECT current_setting('server_version_num')::int / 10000, current_setting('fsync'), "
        "current_setting('wal_level'), current_setting('max_prepared_transactions')",
    )

    assert rows == [(every_server.version, "on", "logical", "10")]


def test_a_wrong_password_is_refused(server) -> None:
    """TCP asks for the password, so that tests of bad passwords mean something."""
    with pytest.raises(psycopg.OperationalError, match="password"):
        run_sql(server.dsn(password="wrong"), "SELECT 1")


def test_the_socket_trusts(own_server) -> None:
    """The Unix socket lets everybody in without a password."""
    dsn = f"host={own_server.socket_dir} port={own_server.port} user=postgres dbname=postgres"

    assert run_sql(dsn, "SELECT 1") == [(1,)]


def test_a_crash_keeps_what_was_committed(own_server) -> None:
    """After an immediate stop the server recovers by itself, on the same port."""
    run_sql(own_server.dsn(), "CREATE TABLE t AS SELECT 1 AS a")

    own_server.crash()
    with pytest.raises(psycopg.OperationalError):
        run_sql(own_server.dsn(), "SELECT 1")
    own_server.start()

    assert run_sql(own_server.dsn(), "SELECT a FROM t") == [(1,)]
    assert "automatic recovery" in own_server.log()


def test_own_settings_are_taken(make_own_server) -> None:
    """A test may set what the shared server must not."""
    own = make_own_server(fsync="off")

    assert run_sql(own.dsn(), "SHOW fsync") == [("off",)]


def test_a_database_goes_whoever_is_connected(own_server) -> None:
    """Open sessions, prepared transactions and slots do not keep a test's database alive."""
    with fresh_database(own_server) as database:
        connection = psycopg.connect(database.dsn)
        database.run("SELECT pg_create_logical_replication_slot('left_behind', 'pgoutput')")
        database.run("BEGIN; CREATE TABLE p (); PREPARE TRANSACTION 'left'")
    connection.close()

    left = f"SELECT 1 FROM pg_database WHERE datname = '{database.name}'"
    assert run_sql(own_server.dsn(), left) == []


def test_a_database_goes_without_a_standby(own_server) -> None:
    """A test may leave every commit waiting for a standby that never comes."""
    with fresh_database(own_server), fresh_role(own_server):
        run_sql(own_server.dsn(), "ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        run_sql(own_server.dsn(), "SELECT pg_reload_conf()")


def test_a_role_goes_with_what_it_owns(database, server) -> None:
    """A role is dropped while its tables and grants are still there."""
    with fresh_role(server) as role:
        database.run(f"GRANT CREATE ON SCHEMA public TO {role.name}; CREATE TABLE theirs (a int)")
        database.run(f"GRANT SELECT ON theirs TO {role.name}")
        run_sql(database.dsn_as(role), "CREATE TABLE mine (a int)")

    assert database.run(f"SELECT 1 FROM pg_roles WHERE rolname = '{role.name}'") == []
    assert database.run("SELECT to_regclass('mine')") == [(None,)]


def test_no_server_is_an_error_that_says_what_to_do(servers) -> None:
    """A version nobody has is a failure, not a skip."""
    with pytest.raises(NoServerError, match=r"no PostgreSQL 12 .*MAINTAINER_TEST_DSN"):
        servers.shared(12)


def test_required_versions_are_named_even_when_missing(monkeypatch) -> None:
    """Under MAINTAINER_REQUIRE=all a missing version is a failing test, not a test less."""
    monkeypatch.setenv("MAINTAINER_REQUIRE", "all")

    assert set(pool.versions()) >= {13, 15, 18}


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_server_outlives_its_test_run(tmp_path, end) -> None:
    """The guardian stops the servers when the run is interrupted, terminated or killed."""
    script = (
        "import sys; from tests.servers import Pool, account, guardian, pool\n"
        "place = account.workplace(); watcher = guardian.post(place)\n"
        "own = Pool(place).private(pool.default_version(), {})\n"
        "print(own.data_dir, watcher.pid, flush=True); sys.stdin.read()"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        text=True,
    )
    data_dir, watcher = run.stdout.readline().split()
    postmaster = int((Path(data_dir) / "postmaster.pid").read_text().split()[0])
    assert guardian.is_alive(postmaster)

    run.send_signal(end)
    run.communicate()
    _wait_for_the_end_of(int(watcher))

    assert not Path(data_dir).exists()
    assert not guardian.is_alive(postmaster)


def _wait_for_the_end_of(pid: int) -> None:
    for _ in range(300):
        if not guardian.is_alive(pid):
            return
        time.sleep(0.1)
    pytest.fail("the guardian is still there")
