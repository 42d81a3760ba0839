"""The header line, as the server writes it."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintainer.archive.header import header


@pytest.mark.parametrize(
    ("names", "line"),
    [
        (["id", "at"], b"id,at\n"),
        (['say "hi"', "a,b", "c\nd", "e\rf", " g "], b'"say ""hi""","a,b","c\nd","e\rf", g \n'),
        (["\\."], b'"\\."\n'),
        (["\\.", "x"], b"\\.,x\n"),
        (["é"], b"\xc3\xa9\n"),
    ],
)
def test_names_are_quoted_as_the_server_quotes_them(names, line):
    """Only what must be, and the end of COPY where it stands alone."""
    assert header(names) == line


@given(
    st.lists(
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1),
        min_size=1,
    )
)
def test_a_reader_of_csv_gets_the_names_back(names):
    """Whatever they hold."""
    (row,) = csv.reader(io.StringIO(header(names).decode(), newline=""))

    assert row == names
