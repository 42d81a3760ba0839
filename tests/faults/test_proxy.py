"""The proxy fails exactly when it is told to, under both drivers' ways of speaking."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pg8000.native
import psycopg
import pytest

from tests.faults import proxy as faults
from tests.faults.proxy import Proxy

LOST = (psycopg.OperationalError, pg8000.exceptions.InterfaceError, OSError)


@pytest.fixture
def proxy(database) -> Iterator[Proxy]:
    """A proxy in front of the server, and a table to write to."""
    database.run("CREATE TABLE t (a int)")
    with Proxy(database.server.host, database.server.port) as between:
        yield between


@pytest.fixture
def send(database, proxy, driver) -> Iterator[Callable[[str], object]]:
    """Send statements through the proxy in one session."""
    server = database.server
    if driver == "psycopg":
        dsn = server.dsn(database.name, host=proxy.host, port=proxy.port)
        connection = psycopg.connect(dsn, autocommit=True)
        yield connection.execute
    else:
        connection = pg8000.native.Connection(
            server.superuser,
            host=proxy.host,
            port=proxy.port,
            database=database.name,
            password=server.password,
        )
        yield connection.run
    with suppress(*LOST):
        connection.close()


def test_what_passes_is_whole(send, database) -> None:
    """Without a fault nothing is different."""
    send("INSERT INTO t SELECT g FROM generate_series(1, 10000) AS g")
    send("CREATE TABLE u AS TABLE t")

    assert database.run("SELECT count(*), sum(a) FROM u") == [(10000, 50005000)]


def test_a_commit_that_was_lost_is_rolled_back(send, proxy, database) -> None:
    """The server never saw the COMMIT."""
    proxy.fault = faults.commit_lost
    send("BEGIN")
    send("INSERT INTO t VALUES (1)")

    with pytest.raises(LOST):
        send("COMMIT")

    assert proxy.struck.is_set()
    assert database.run("SELECT a FROM t") == []


def test_a_commit_whose_answer_was_lost_is_committed(send, proxy, database) -> None:
    """The server committed; only the client does not know."""
    proxy.fault = faults.answer_to_commit_lost
    send("BEGIN")
    send("INSERT INTO t VALUES (1)")

    with pytest.raises(LOST):
        send("COMMIT")

    assert proxy.struck.is_set()
    assert database.run("SELECT a FROM t") == [(1,)]


def test_a_cut_strikes_once(send, proxy, database) -> None:
    """Whoever connects after it gets through, as a recovering run must."""
    proxy.fault = faults.answer_to_commit_lost
    with pytest.raises(LOST):
        send("BEGIN; COMMIT")

    dsn = database.server.dsn(database.name, host=proxy.host, port=proxy.port)
    with psycopg.connect(dsn) as again:
        assert again.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize("statement", ["CREATE TEMP TABLE x () ON COMMIT DROP", "SELECT 'COMMIT'"])
def test_the_word_alone_is_no_commit(send, proxy, statement) -> None:
    """Only the statement counts."""
    proxy.fault = faults.commit_lost

    send(statement)

    assert not proxy.struck.is_set()


def test_a_copy_is_cut_in_the_middle(proxy, database) -> None:
    """Some rows came through and the rest never will."""
    proxy.fault = faults.copy_cut_after(100_000)
    dsn = database.server.dsn(database.name, host=proxy.host, port=proxy.port)
    connection = psycopg.connect(dsn, autocommit=True)
    statement = "COPY (SELECT g FROM generate_series(1, 1000000) AS g) TO STDOUT"
    got = bytearray()

    with pytest.raises(LOST):
        _read(connection, statement, got)
    connection.close()

    assert 0 < len(got) <= 100_000


def test_a_black_hole_answers_nothing(proxy, database) -> None:
    """The line stays up and silent; only the client's own limit ends the wait."""
    proxy.fault = faults.black_hole
    dsn = database.server.dsn(database.name, host=proxy.host, port=proxy.port, connect_timeout=2)

    with pytest.raises(psycopg.OperationalError, match="timeout"):
        psycopg.connect(dsn)

    assert proxy.struck.is_set()


def test_latency_is_per_round_and_not_per_row(send, proxy) -> None:
    """A slow line delays each answer; it does not make a thousand rows a thousand times slower."""
    proxy.latency = 0.05
    began = time.monotonic()

    send("SELECT g FROM generate_series(1, 1000) AS g")

    assert time.monotonic() - began >= 0.1


def test_a_cut_drops_everybody_now(send, proxy) -> None:
    """As a cable that is pulled."""
    send("SELECT 1")

    proxy.cut()

    with pytest.raises(LOST):
        send("SELECT 1")


def _read(connection: psycopg.Connection, statement: str, got: bytearray) -> None:
    with connection.cursor().copy(statement) as copy:
        for piece in copy:
            got += piece
