"""Writing one file: complete and on disk, or not there at all."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maintainer.archive import sealer as module
from maintainer.archive.sealer import HeaderChangedError, Sealer
from maintainer.errors import UnreachableError
from tests.db.purge.night import unpacked

HEADER = b"id,at\n"


@pytest.fixture
def path(tmp_path):
    """Where the file will be."""
    return tmp_path / "file.csv.zst"


def seal(path, *chunks, header=HEADER):
    """Write some chunks."""
    with Sealer(path, header) as sealer:
        for chunk in chunks:
            sealer.write(chunk)
        return sealer.finish()


def test_what_goes_in_is_what_is_stored(path):
    """Bytes and hashes, packed and plain."""
    written = seal(path, b"id,", b"at\n1,", b"2\n", b"")

    packed = path.read_bytes()
    assert unpacked(path) == b"id,at\n1,2\n"
    assert (written.raw_bytes, written.stored_bytes) == (10, len(packed))
    assert written.raw_sha256 == hashlib.sha256(b"id,at\n1,2\n").hexdigest()
    assert written.stored_sha256 == hashlib.sha256(packed).hexdigest()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.binary(max_size=3000), st.lists(st.integers(0, 3006), max_size=20))
def test_however_the_stream_is_cut(path, body, cuts):
    """The file does not know where the chunks began."""
    path.unlink(missing_ok=True)
    stream = HEADER + body
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]

    written = seal(path, *(stream[a:b] for a, b in pairwise(edges)))

    assert unpacked(path) == stream
    assert written.raw_bytes == len(stream)


@pytest.mark.parametrize(
    "chunks",
    [[b"id,at,more\n1\n"], [b"id,x"], [b"i", b"d,", b"AT\n"], [b"id"], [b"id,at"], []],
    ids=["a column more", "another", "in pieces", "ended early", "no newline", "nothing"],
)
def test_another_header_leaves_no_file(path, chunks):
    """It is noticed at the first byte that differs, or at the end."""
    with pytest.raises(HeaderChangedError, match="not those that were planned"):
        seal(path, *chunks)

    assert not path.exists()


def test_another_header_is_noticed_at_once(path):
    """Before the rest of a long stream is taken."""

    def stream():
        with Sealer(path, HEADER) as sealer:
            sealer.write(b"id,xy")
            pytest.fail("it went on")

    with pytest.raises(HeaderChangedError):
        stream()


def test_a_failure_of_the_worker_reaches_the_reader(path, monkeypatch):
    """The disk is full in the thread that writes: the next write, or the end, raises it as ours."""
    monkeypatch.setattr(module, "BATCH_BYTES", 1)
    refused = threading.Event()

    def full(_file, _data):
        refused.set()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(module.os, "write", full)

    def stream():
        with Sealer(path, HEADER) as sealer:
            sealer.write(HEADER + os.urandom(1 << 20))
            assert refused.wait(10)
            sealer.finish()

    with pytest.raises(UnreachableError, match="No space left") as error:
        stream()

    assert "no row was lost" in error.value.hint
    assert not path.exists()


def test_a_failure_of_the_worker_stops_the_stream(path, monkeypatch):
    """A reader that goes on hears of it while it writes, not only at the end."""
    monkeypatch.setattr(module, "BATCH_BYTES", 1)
    monkeypatch.setattr(module.Sealer, "_pack", lambda _self, _chunk: 1 / 0)

    def stream():
        with Sealer(path, HEADER) as sealer:
            sealer.write(HEADER)
            for _ in range(100_000):
                sealer.write(b"1,2\n")
        pytest.fail("it took a hundred thousand rows")

    with pytest.raises(ZeroDivisionError):
        stream()

    assert not path.exists()


def test_a_failure_of_the_reader_leaves_no_file(path):
    """The stream broke: nothing is there that could be taken for an archive."""

    def stream():
        with Sealer(path, HEADER) as sealer:
            sealer.write(HEADER)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        stream()

    assert not path.exists()
    assert not {"sealer", "unpacker"} & {thread.name for thread in threading.enumerate()}


def test_fsync_that_fails_leaves_no_file(path, monkeypatch):
    """What is not on disk does not count."""

    def broken(_file):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(module.os, "fsync", broken)

    with pytest.raises(UnreachableError, match="Input/output error"):
        seal(path, HEADER)

    assert not path.exists()


def test_a_short_write_is_continued(path, monkeypatch):
    """os.write may take less than it was given."""
    write = os.write
    monkeypatch.setattr(module.os, "write", lambda file, data: write(file, bytes(data[:3])))

    seal(path, HEADER, b"1,2\n")

    assert unpacked(path) == b"id,at\n1,2\n"


def test_a_name_that_is_taken_is_an_error(path):
    """Nothing is overwritten, and what was there stays."""
    path.write_bytes(b"precious")

    with pytest.raises(UnreachableError, match="File exists"):
        seal(path, HEADER)

    assert path.read_bytes() == b"precious"


def test_only_we_may_read_it(path):
    """An archive holds what a table held."""
    seal(path, HEADER)

    assert path.stat().st_mode & 0o777 == 0o600
