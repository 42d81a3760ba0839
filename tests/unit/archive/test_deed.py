"""archive.json: which archive, whose, and how far its database's record had come."""

from __future__ import annotations

import json

import pytest

from maintainer.archive import deed
from maintainer.archive.deed import Deed, Owner
from maintainer.errors import RefusedError, UnreachableError, VerificationError
from maintainer.plan.head import Head

OWNER = Owner("6f1c", "app", None)
HEAD = Head("20260102t030405-abcd", 7, "ab" * 32, 1)


@pytest.fixture
def folder(tmp_path):
    """A folder that was claimed."""
    return deed.claim(tmp_path / "test", OWNER)


def test_a_new_archive_has_an_identity_and_no_head(folder, tmp_path):
    """Its identity is its own, also when the owner is the same."""
    other = deed.claim(tmp_path / "other", OWNER)

    first, second = deed.read(folder.root), deed.read(other.root)

    assert first == Deed(first.archive, OWNER, None)
    assert first.archive != second.archive


@pytest.mark.parametrize("head", [HEAD, Head("x", 1, "y", None)])
def test_the_head_is_kept(folder, head):
    """The rest stays what it was, and no other file is left."""
    before = deed.read(folder.root)

    deed.keep(folder, head)

    assert deed.read(folder.root) == Deed(before.archive, OWNER, head)
    assert sorted(path.name for path in folder.root.iterdir()) == ["_pending", "archive.json"]


def test_the_head_is_one_line(folder):
    """A person can set it to null without knowing JSON."""
    deed.keep(folder, HEAD)
    path = folder.root / deed.NAME
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join('  "head": null,' if '"head"' in one else one for one in lines))

    assert deed.read(folder.root).head is None
    assert json.loads(path.read_text("utf-8"))["layout"] == 1


def test_a_head_is_never_written_where_there_is_no_archive(folder):
    """The volume went away: nothing is founded by that."""
    (folder.root / deed.NAME).unlink()

    with pytest.raises(UnreachableError):
        deed.keep(folder, HEAD)

    assert not deed.is_founded(folder.root)


@pytest.mark.parametrize(
    "head", ['"x"', "[1]", "{}", '{"run": "x", "event": "seven", "hash": "y", "timeline": 1}']
)
def test_a_head_that_cannot_be_read_is_an_error(folder, head):
    """Never a guess."""
    path = folder.root / deed.NAME
    path.write_text(path.read_text("utf-8").replace('"head": null', f'"head": {head}'))

    with pytest.raises(VerificationError, match=r"archive\.json cannot be read"):
        deed.read(folder.root)


def test_somebody_who_has_taken_over_hears_which_lines_differ(folder):
    """After pg_upgrade the cluster has another identifier."""
    with pytest.raises(RefusedError) as refused:
        deed.claim(folder.root, Owner("6f1c", "app", "75"))

    assert f"correct system_identifier in {folder.root / deed.NAME}" in refused.value.hint
