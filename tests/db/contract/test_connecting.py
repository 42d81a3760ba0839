"""Ways to say where the database is, all the same for both drivers, and what is said when it is not."""

from __future__ import annotations

import socket
import sys
import threading
from urllib.parse import quote

import pytest

from maintainer.db import conninfo
from maintainer.db.connect import connect
from maintainer.errors import ConnectionFailedError, UsageError
from maintainer.names import Fragment

WHERE = Fragment("SELECT current_database()::text")
SECRET = "s3cr%t:@/ 'quoted\\"


@pytest.fixture
def role(server, make_role):
    """A role whose password needs every kind of escaping."""
    from tests.servers import Role, run_sql

    made = make_role()
    doubled = SECRET.replace("'", "''")
    run_sql(server.dsn(), f"ALTER ROLE {made.name} PASSWORD '{doubled}'")
    return Role(made.name, SECRET)


def reach(opened, database, role, dsn, environ):
    """The session is in that database as that role."""
    session = opened(dsn, environ)
    assert session.execute(WHERE).rows == [(database.name,)]
    assert session.execute(Fragment("SELECT session_user::text")).rows == [(role.name,)]


def test_by_url(opened, database, role):
    """A URL, percent-encoded, with parameters."""
    server = database.server
    url = f"postgres://{role.name}:{quote(SECRET, safe='')}@{server.host}:{server.port}/{database.name}?connect_timeout=10&application_name=x"

    reach(opened, database, role, url, {})


def test_by_keywords(opened, database, role):
    """key=value with quotes and backslashes."""
    escaped = SECRET.replace("\\", "\\\\").replace("'", "\\'")
    server = database.server
    dsn = f"host={server.host} port = {server.port} dbname='{database.name}' user={role.name} password='{escaped}'"

    reach(opened, database, role, dsn, {})


def test_by_environment(opened, database, role):
    """PG* variables alone."""
    server = database.server
    environ = {
        "PGHOST": server.host,
        "PGPORT": str(server.port),
        "PGDATABASE": database.name,
        "PGUSER": role.name,
        "PGPASSWORD": SECRET,
    }

    reach(opened, database, role, None, environ)


def test_by_service_and_password_file(opened, database, role, tmp_path):
    """PGSERVICE says where, ~/.pgpass who may."""
    server = database.server
    (tmp_path / ".pg_service.conf").write_text(
        f"[other]\nhost=nowhere\n[mine]\nhost={server.host}\nport={server.port}\n"
        f"dbname={database.name}\nuser={role.name}\n"
    )
    escaped = SECRET.replace("\\", "\\\\").replace(":", "\\:")
    passwords = tmp_path / ".pgpass"
    passwords.write_text(f"# mine\n*:*:other:*:wrong\n{server.host}:*:*:{role.name}:{escaped}\n")
    passwords.chmod(0o600)

    reach(opened, database, role, None, {"HOME": str(tmp_path), "PGSERVICE": "mine"})


def test_by_socket(opened, database, server, role):
    """The folder of a unix socket as the host; cancel works there too."""
    if server.socket_dir is None:
        pytest.skip("the server of MAINTAINER_TEST_DSN has no socket here")

    session = opened(
        f"host={server.socket_dir} port={server.port} user={role.name} dbname={database.name}"
    )

    assert session.execute(Fragment("SELECT inet_client_addr() IS NULL")).rows == [(True,)]
    session.cancel()


def test_the_second_host_when_the_first_is_away(opened, database):
    """Hosts are tried in order, each with its own port."""
    port = _closed_port()
    server = database.server
    dsn = f"{database.dsn} host=127.0.0.1,{server.host} port={port},{server.port}"

    assert opened(dsn).execute(WHERE).rows == [(database.name,)]


@pytest.mark.parametrize("wanted", ["read-write", "primary", "prefer-standby", "any"])
def test_a_primary_suits(opened, database, wanted):
    """A primary is read-write, and is taken where a standby is only preferred."""
    assert opened(f"{database.dsn} target_session_attrs={wanted}").pid


@pytest.mark.parametrize("wanted", ["standby", "read-only"])
def test_a_primary_does_not_suit(opened, database, wanted):
    """Where a standby is wanted, a primary is no answer."""
    with pytest.raises(ConnectionFailedError, match="a primary"):
        opened(f"{database.dsn} target_session_attrs={wanted}")


FAILURES = {
    "password": ({"password": "wrong-one"}, "password", "28P01"),
    "no password": ({"password": None}, "password", "28P01"),
    "database": ({"dbname": "nowhere"}, "check the name of the database", "3D000"),
    "role": ({"user": "nobody-here"}, "password", "28P01"),
    "unknown host": ({"host": "nowhere.invalid"}, "is the server running", ""),
    "no socket": ({"host": "/nonexistent"}, "is the server running", ""),
    "no TLS there": ({"sslmode": "require"}, "sslmode", ""),
}


@pytest.mark.parametrize(("changes", "hint", "state"), FAILURES.values(), ids=FAILURES)
def test_a_failure_says_where_who_and_what_to_do(opened, database, changes, hint, state):
    """One sentence with host, port, user and database, never the password."""
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    if "sslmode" in changes and database.server.data_dir is None:
        pytest.skip("whether the server of MAINTAINER_TEST_DSN has TLS is not known")
    parts = {**conninfo_to_dict(database.dsn), **changes}
    dsn = make_conninfo("", **{key: value for key, value in parts.items() if value is not None})

    with pytest.raises(ConnectionFailedError) as caught:
        opened(dsn)

    error = caught.value
    assert str(parts["port"]) in error.message
    assert repr(parts["user"]) in error.message
    assert repr(parts["dbname"]) in error.message
    assert parts["host"] in error.message
    assert hint in error.hint
    assert error.sqlstate == state
    assert error.exit_code == 5
    assert "\n" not in error.message
    for secret in filter(None, (database.server.password, changes.get("password"))):
        assert secret not in error.message + error.hint


def test_nobody_listens(opened, database):
    """A refused connection says so."""
    with pytest.raises(ConnectionFailedError, match="refused") as caught:
        opened(f"{database.dsn} port={_closed_port()}")

    assert "is the server running" in caught.value.hint


def test_no_answer_ends_in_time(opened, database):
    """A server that takes the connection and says nothing is given up."""
    with (
        socket.create_server(("127.0.0.1", 0)) as mute,
        pytest.raises(ConnectionFailedError) as caught,
    ):
        opened(f"{database.dsn} port={mute.getsockname()[1]} connect_timeout=2 sslmode=disable")

    assert "timeout" in caught.value.message


@pytest.mark.parametrize("words", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"X\0\0\0\x05a"])
def test_something_else_listens(opened, database, words):
    """A port of another kind of server is an error, not a riddle."""
    with socket.create_server(("127.0.0.1", 0)) as other:

        def answer() -> None:
            line, _ = other.accept()
            with line:
                line.recv(1000)
                line.sendall(words)

        answering = threading.Thread(target=answer)
        answering.start()
        with pytest.raises(ConnectionFailedError):
            opened(
                f"{database.dsn} port={other.getsockname()[1]} connect_timeout=2 sslmode=disable"
            )
        answering.join()


def test_a_password_file_that_others_may_read_is_named(opened, database, tmp_path):
    """It is ignored as libpq ignores it, and the error says why there was no password."""
    passwords = tmp_path / "passwords"
    passwords.write_text(f"*:*:*:*:{database.server.password}\n")
    passwords.chmod(0o644)
    server = database.server
    dsn = f"host={server.host} port={server.port} user={server.superuser} dbname={database.name} passfile={passwords}"

    with pytest.raises(ConnectionFailedError) as caught:
        opened(dsn)
    assert f"chmod 600 {passwords}" in caught.value.hint

    passwords.chmod(0o600)
    assert opened(dsn).execute(WHERE).rows == [(database.name,)]


def test_auto_takes_psycopg(database):
    """Where libpq is there, it is taken."""
    session = connect(conninfo.resolve(database.dsn, {}))
    session.close()

    assert session.driver == "psycopg"


def test_auto_falls_back_without_libpq(database, monkeypatch):
    """Where psycopg finds no libpq, pg8000 serves; asked for by name, psycopg says what to install."""
    monkeypatch.delitem(sys.modules, "maintainer.db.psycopg_driver", raising=False)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    info = conninfo.resolve(database.dsn, {})

    session = connect(info)
    session.close()

    assert session.driver == "pg8000"
    with pytest.raises(UsageError, match="psycopg") as caught:
        connect(info, driver="psycopg")
    assert "pip install" in caught.value.hint


def test_an_unknown_driver_is_refused(database):
    """The known ones are named."""
    with pytest.raises(UsageError) as caught:
        connect(conninfo.resolve(database.dsn, {}), driver="odbc")

    assert "pg8000" in caught.value.hint


def _closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
