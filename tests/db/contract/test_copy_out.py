"""COPY TO STDOUT: streams, bounded memory, and failures in the middle."""

from __future__ import annotations

import threading
import tracemalloc

import pytest

from maintainer.db.answering import NotCopyError
from maintainer.errors import CancelledError, DatabaseError, MissingObjectError
from maintainer.names import Fragment
from maintainer.sql.literal import literal

MANY = Fragment("COPY (SELECT g, repeat('x', 200) FROM generate_series(1, 200000) AS g) TO STDOUT")
ENDLESS = Fragment("COPY (SELECT generate_series(1, 1000000000)) TO STDOUT")
ONE = Fragment("SELECT 1")


class SinkError(Exception):
    """The archive is full."""


def test_rows_arrive_as_the_server_wrote_them(session):
    """The bytes are those of COPY, the number is that of the command tag."""
    pieces: list[bytes] = []

    rows = session.copy_out(
        Fragment(
            "COPY (VALUES (1, 'a,\"b'), (2, NULL), (3, E'\\n')) TO STDOUT (FORMAT csv, HEADER)"
        ),
        pieces.append,
    )

    assert rows == 3
    assert b"".join(pieces) == b'column1,column2\n1,"a,""b"\n2,\n3,"\n"\n'


def test_nothing_to_copy_is_no_piece(session):
    """No row: the sink is not called."""
    pieces: list[bytes] = []

    assert session.copy_out(Fragment("COPY (SELECT 1 WHERE false) TO STDOUT"), pieces.append) == 0
    assert pieces == []


def test_copy_out_is_flat_in_memory(session):
    """40 MB pass through in pieces; what is held at once stays small."""
    sizes: list[int] = []
    tracemalloc.start()

    rows = session.copy_out(MANY, lambda piece: sizes.append(len(piece)))

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert rows == 200_000
    assert sum(sizes) > 40_000_000
    assert max(sizes) < 1 << 18
    assert peak < 4_000_000


def test_one_row_larger_than_every_buffer(session):
    """A value of 20 MB comes whole."""
    size = 20_000_000
    got = bytearray()

    session.copy_out(Fragment(f"COPY (SELECT repeat('y', {size})) TO STDOUT"), got.extend)

    assert len(got) == size + 1


def test_a_failing_sink_cancels_and_is_raised_again(session):
    """The server stops, the session goes on, the reason is the sink's own."""
    calls: list[int] = []

    def sink(piece: bytes) -> None:
        calls.append(len(piece))
        if len(calls) == 3:
            raise SinkError("full")

    with pytest.raises(SinkError, match="full"):
        session.copy_out(ENDLESS, sink)

    assert len(calls) == 3
    assert session.execute(ONE).rows == [(1,)]


def test_a_failing_sink_undoes_the_deletion(session, database):
    """In a transaction, rows whose archive failed are in the table afterwards."""
    database.run("CREATE TABLE t AS SELECT g AS id FROM generate_series(1, 50000) AS g")

    def sink(_piece: bytes) -> None:
        raise SinkError

    with pytest.raises(SinkError), session.transaction():
        session.copy_out(Fragment("COPY (DELETE FROM public.t RETURNING *) TO STDOUT"), sink)

    assert session.execute(Fragment("SELECT count(*) FROM public.t")).rows == [(50_000,)]


def test_an_interrupted_sink_is_no_different(session):
    """Ctrl-C in the sink leaves a session that goes on."""

    def sink(_piece: bytes) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        session.copy_out(ENDLESS, sink)

    assert session.execute(ONE).rows == [(1,)]


def test_an_error_in_the_middle_comes_after_the_rows_before_it(session):
    """A row that cannot be made ends the COPY with the server's error."""
    got = bytearray()

    with pytest.raises(DatabaseError) as caught:
        session.copy_out(
            Fragment("COPY (SELECT 1 / (100000 - generate_series(1, 100000))) TO STDOUT"),
            got.extend,
        )

    assert caught.value.sqlstate == "22012"
    assert session.execute(ONE).rows == [(1,)]


def test_a_missing_table_is_said_before_the_first_byte(session):
    """COPY of what is not there raises at once."""
    with pytest.raises(MissingObjectError):
        session.copy_out(Fragment("COPY public.nowhere TO STDOUT"), bytearray().extend)
    with pytest.raises(MissingObjectError):
        session.copy_in(Fragment("COPY public.nowhere FROM STDIN"), [b"1\n"])

    assert session.execute(ONE).rows == [(1,)]


@pytest.mark.parametrize(
    "tail",
    [
        "; DELETE FROM public.t",
        "; COMMIT; DELETE FROM public.t",
        ";\nTRUNCATE public.t",
    ],
)
def test_a_second_statement_behind_a_copy_never_runs(session, database, tail):
    """Even a predicate that nobody proved cannot bring a statement of its own."""
    database.run("CREATE TABLE t AS SELECT 1 AS id")

    with pytest.raises(DatabaseError, match="multiple commands"):
        session.copy_out(
            Fragment(f"COPY (SELECT * FROM public.t) TO STDOUT{tail}"), bytearray().extend
        )

    assert session.execute(Fragment("SELECT count(*) FROM public.t")).rows == [(1,)]


def test_literals_stay_values_inside_copy(session):
    """What looks like the end of a string is part of the value."""
    got = bytearray()
    text = "'; DROP TABLE t; -- \\' %s :x $1"

    session.copy_out(Fragment(f"COPY (SELECT {literal(text)}) TO STDOUT (FORMAT csv)"), got.extend)

    assert got.decode() == text + "\n"


def test_the_wrong_method_is_a_mistake_and_harmless(session):
    """COPY through execute, or SELECT through copy_out, says so; the session goes on."""
    session.execute(Fragment("CREATE TEMP TABLE t (id int)"))
    for wrong in (
        lambda: session.execute(ENDLESS),
        lambda: session.execute(Fragment("COPY t FROM STDIN")),
        lambda: session.copy_out(ONE, bytearray().extend),
        lambda: session.copy_out(Fragment("COPY t FROM STDIN"), bytearray().extend),
        lambda: session.copy_in(ENDLESS, [b""]),
    ):
        with pytest.raises(NotCopyError):
            wrong()
        assert session.execute(ONE).rows == [(1,)]


def test_a_copy_is_cancelled_from_another_thread(session):
    """The stream ends with the server's own cancellation."""
    flowing = threading.Event()
    canceller = threading.Thread(target=lambda: flowing.wait(60) and session.cancel())
    canceller.start()

    with pytest.raises(CancelledError):
        session.copy_out(ENDLESS, lambda _piece: flowing.set())

    canceller.join()
    assert session.execute(ONE).rows == [(1,)]
