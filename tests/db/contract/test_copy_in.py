"""COPY FROM STDIN: streams, bounded memory, and failures in the middle."""

from __future__ import annotations

import tracemalloc

import pytest

from maintainer.errors import DatabaseError
from maintainer.names import Fragment


def test_rows_go_in_as_they_are(session):
    """COPY FROM takes the very bytes, cut anywhere."""
    session.execute(Fragment("CREATE TEMP TABLE t (id int, words text)"))

    rows = session.copy_in(
        Fragment("COPY t FROM STDIN (FORMAT csv)"), [b'1,"a', b'""b"\n2', b",\n"]
    )

    assert rows == 2
    assert session.execute(Fragment("SELECT * FROM t ORDER BY id")).rows == [(1, 'a"b'), (2, None)]


def test_no_chunk_is_no_row(session):
    """An empty stream is a COPY of nothing."""
    session.execute(Fragment("CREATE TEMP TABLE t (id int)"))

    assert session.copy_in(Fragment("COPY t FROM STDIN"), []) == 0


def test_copy_in_is_flat_in_memory(session):
    """40 MB go in, however large the chunks are, and are never held at once."""
    session.execute(Fragment("CREATE TEMP TABLE t (id int, filler text)"))
    line = b"1\t" + b"x" * 198 + b"\n"
    tracemalloc.start()

    rows = session.copy_in(Fragment("COPY t FROM STDIN"), (line * 5000 for _ in range(40)))

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert rows == 200_000
    assert peak < 6_000_000


def test_failing_chunks_undo_the_copy(session):
    """An exception of the source ends the COPY without a row, and is raised again."""
    session.execute(Fragment("CREATE TEMP TABLE t (id int)"))

    def chunks():
        yield b"1\n"
        raise OSError("the archive cannot be read")

    with pytest.raises(OSError, match="cannot be read"):
        session.copy_in(Fragment("COPY t FROM STDIN"), chunks())

    assert session.execute(Fragment("SELECT count(*) FROM t")).rows == [(0,)]


def test_rows_that_do_not_fit_are_refused(session):
    """A wrong line is the server's error, and the session goes on."""
    session.execute(Fragment("CREATE TEMP TABLE t (id int)"))

    with pytest.raises(DatabaseError) as caught:
        session.copy_in(Fragment("COPY t FROM STDIN"), (b"one\n" * 10_000 for _ in range(100)))

    assert caught.value.sqlstate == "22P02"
    assert session.execute(Fragment("SELECT count(*) FROM t")).rows == [(0,)]


def test_a_trigger_that_talks_does_not_stop_the_stream(session, database):
    """20 MB go in while 20 MB of notices come out: neither side waits for the other."""
    database.run(
        "CREATE TABLE t (filler text);"
        "CREATE FUNCTION loud() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE NOTICE '%', NEW.filler; RETURN NULL; END $$;"
        "CREATE TRIGGER loud BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION loud()"
    )
    line = b"x" * 1000 + b"\n"

    rows = session.copy_in(Fragment("COPY public.t FROM STDIN"), (line * 1000 for _ in range(20)))

    assert rows == 0
    assert len(session.drain_notices()) == 20_000
