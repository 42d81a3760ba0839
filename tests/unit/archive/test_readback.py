"""Reading a file again: what is in it, and that nothing else is."""

from __future__ import annotations

import csv
import hashlib
import io
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maintainer.archive import readback
from maintainer.archive.readback import Counter, confirm, read
from maintainer.archive.zstandard import compressor
from maintainer.errors import UnreachableError, VerificationError

PLAIN = b"id,word\n" + b"".join(b'%d,"a ""b""\nc"\n' % n for n in range(2000))


def packed(plain):
    """As the sealer packs it."""
    press = compressor()
    return press.compress(plain) + press.flush()


@pytest.fixture
def path(tmp_path):
    """A file of two thousand rows."""
    made = tmp_path / "file.csv.zst"
    made.write_bytes(packed(PLAIN))
    return made


@pytest.mark.parametrize("size", [1, 7, 4096, 1 << 20])
def test_what_is_in_a_whole_file(path, size, monkeypatch):
    """Rows without the header, bytes and hashes; however it is read."""
    monkeypatch.setattr(readback, "READ_BYTES", size)

    found = read(path)

    stored = path.read_bytes()
    assert (found.rows, found.raw_bytes, found.stored_bytes) == (2000, len(PLAIN), len(stored))
    assert found.raw_sha256 == hashlib.sha256(PLAIN).hexdigest()
    assert found.stored_sha256 == hashlib.sha256(stored).hexdigest()
    assert not found.has_copy_end


@pytest.mark.parametrize("cut", [1, 2, 5, 100])
def test_a_truncated_file_is_found_out(path, cut):
    """Down to one byte at its end."""
    path.write_bytes(path.read_bytes()[:-cut])

    with pytest.raises(VerificationError):
        read(path)


@pytest.mark.parametrize("kept", [0, 1, 4])
def test_a_file_with_hardly_anything_is_found_out(path, kept):
    """Empty is not a file without rows."""
    path.write_bytes(path.read_bytes()[:kept])

    with pytest.raises(VerificationError):
        read(path)


@pytest.mark.parametrize(
    "tail",
    [b"\0", b"x", b"garbage" * 1000, packed(b"more\n")],
    ids=["NUL", "a byte", "much", "another frame"],
)
def test_something_after_the_end_is_found_out(path, tail):
    """Also when it is a valid frame of its own."""
    path.write_bytes(path.read_bytes() + tail)

    with pytest.raises(VerificationError):
        read(path)


def test_each_bit_that_turns_is_found_out(tmp_path):
    """In head, body and checksum: unpacking fails, or the hashes differ from what was written."""
    path = tmp_path / "file"
    good = packed(b"id\n1\n2\n")
    path.write_bytes(good)
    expected = read(path)

    for position in range(len(good) * 8):
        spoiled = bytearray(good)
        spoiled[position // 8] ^= 1 << position % 8
        path.write_bytes(spoiled)
        try:
            found = read(path)
        except VerificationError:
            continue
        assert found != expected
        assert found.stored_sha256 != expected.stored_sha256


def test_a_file_that_is_gone_is_out_of_reach(tmp_path):
    """Exit 5, not a traceback."""
    with pytest.raises(UnreachableError, match="No such file"):
        read(tmp_path / "gone")


@pytest.mark.parametrize("spoiled", [b"", b"other", PLAIN, None])
def test_the_disk_must_hold_what_was_written_to_it(path, spoiled):
    """The very bytes: any other content is an error that keeps the rows where they are."""
    seen = read(path)
    confirm(path, seen)
    path.write_bytes(packed(PLAIN[:-1]) if spoiled is None else spoiled)

    with pytest.raises(VerificationError, match="does not hold what was written") as error:
        confirm(path, seen)

    assert "the rows are still in the table" in error.value.hint


FIELD = st.text(st.sampled_from('a",\n\r\\.é '), max_size=8)
TABLE = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(FIELD, min_size=width, max_size=width), max_size=12)
)


def text_of(rows):
    """CSV as COPY writes it: newline after each row, quotes where they are needed."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    return file.getvalue().encode()


def pieces(content, cuts):
    """Content cut at some places."""
    edges = [0, *sorted(min(cut, len(content)) for cut in cuts), len(content)]
    return [content[a:b] for a, b in pairwise(edges)]


@given(TABLE, st.lists(st.integers(0, 200), max_size=30))
def test_rows_are_counted_across_every_seam(rows, cuts):
    """Newlines inside quotes are no rows, wherever a chunk ends."""
    content = text_of(rows)
    counter = Counter()

    for piece in pieces(content, cuts):
        counter.count(piece)

    assert (
        counter.records
        == len(list(csv.reader(io.StringIO(content.decode(), newline=""))))
        == len(rows)
    )


@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(
    st.lists(
        st.sampled_from([b"\n", b"\\", b".", b"\r", b"x", b'"', b"\n\\.\n", b"\n\\.\r\n"]),
        max_size=12,
    ),
    st.lists(st.integers(0, 40), max_size=40),
)
def test_the_end_of_copy_is_seen_across_every_seam(parts, cuts):
    r"""A line that is just `\.`, with either line end, wherever a chunk ends."""
    content = b"".join(parts)
    counter = Counter()

    for piece in pieces(content, cuts):
        counter.count(piece)

    lines = content.split(b"\n")[1:-1]
    assert counter.has_copy_end == any(line in {b"\\.", b"\\.\r"} for line in lines)
