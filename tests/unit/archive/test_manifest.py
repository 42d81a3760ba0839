"""What lies beside the files of a run."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from maintainer.archive import manifest
from maintainer.archive.deed import Owner, claim
from maintainer.archive.folder import uri
from maintainer.names import TableName
from maintainer.plan.segment import Sealed, Segment

RUN = "20260102t030405-abcd"


def segment(number, table="events", day=dt.date(2026, 1, 2), rows=3, *, sealed=True):
    """A committed segment."""
    place = uri(TableName("public", table), day, RUN, number)
    stored = Sealed(place, rows, 10, 5, "aa", f"{number:064x}", has_copy_end=False)
    return Segment(
        RUN, number, 1, "rule", "public", table, stored if sealed else None, rows, "2020-01-01",
        "2020-01-02", "key", dt.datetime(2025, 1, 1, tzinfo=dt.UTC), '[["id", "integer"]]',
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    """A folder of our own."""
    return claim(tmp_path / "test", Owner("a", "b", "c"))


def written(folder):
    """Manifests and sums by their place."""
    return {
        str(path.relative_to(folder.root)): path.read_text() for path in folder.root.glob("*/*/*")
    }


def test_each_table_has_a_manifest_and_sums(folder):
    """One pair beside its files, whatever order the segments come in; what has no file is left out."""
    segments = [segment(3, "b"), segment(2), segment(1), segment(4, sealed=False)]

    manifest.write(
        folder, segments, {"version": "0.1.0", "started_at": dt.datetime(2026, 1, 2, tzinfo=dt.UTC)}
    )

    found = written(folder)
    base = "public.{}/archived=2026-01-02/" + RUN
    assert sorted(found) == sorted(
        base.format(t) + e for t in ("events", "b") for e in (".SHA256SUMS", ".manifest.json")
    )
    document = json.loads(found[base.format("events") + ".manifest.json"])
    assert document["table"] == {"schema": "public", "name": "events"}
    assert (document["rows"], [file["name"][-14:] for file in document["files"]]) == (
        6,
        ["000001.csv.zst", "000002.csv.zst"],
    )
    assert document["files"][0]["columns"] == [["id", "integer"]]
    assert found[base.format("events") + ".SHA256SUMS"] == "".join(
        f"{n:064x}  {RUN}-{n:06d}.csv.zst\n" for n in (1, 2)
    )


def test_writing_again_says_the_same(folder):
    """A run that goes on replaces its manifest whole."""
    manifest.write(folder, [segment(1)], {})
    manifest.write(folder, [segment(1), segment(2)], {})
    first = written(folder)
    manifest.write(folder, [segment(2), segment(1)], {})

    assert written(folder) == first


def test_nothing_stored_writes_nothing(folder):
    """`archive: none` leaves no manifest."""
    manifest.write(folder, [segment(1, sealed=False)], {})

    assert written(folder) == {}


def test_a_missing_file_is_named_and_not_vouched_for(folder):
    """What it held stays known; `sha256sum --check` does not look for it."""
    manifest.write(folder, [segment(1), segment(2)], {})
    manifest.write(folder, [segment(1), segment(2)], {}, {1})

    base = f"public.events/archived=2026-01-02/{RUN}"
    files = json.loads(written(folder)[f"{base}.manifest.json"])["files"]
    assert [(file["name"][-14:], file.get("missing")) for file in files] == [
        ("000001.csv.zst", True),
        ("000002.csv.zst", None),
    ]
    assert written(folder)[f"{base}.SHA256SUMS"] == f"{2:064x}  {RUN}-000002.csv.zst\n"
