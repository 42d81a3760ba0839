"""The archive's folder: whose it is, names, and files that are made once."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintainer.archive import folder as folders
from maintainer.archive.deed import Owner, claim
from maintainer.archive.folder import Folder, located, place, uri
from maintainer.errors import RefusedError, UnreachableError, UsageError, VerificationError
from maintainer.names import TableName

DAY = dt.date(2026, 1, 2)
OWNER = Owner("6f1c", "app", "7500000000000000001")
TABLE = TableName("public", "events")


@pytest.fixture
def folder(tmp_path) -> Folder:
    """A folder that was claimed."""
    return claim(tmp_path / "archive" / "test", OWNER)


def waiting(folder, content=b"rows", number=1):
    """A pending file."""
    path = folder.pending("20260102t030405-abcd", number)
    path.write_bytes(content)
    return path


def content(folder):
    """Every file below the folder but its owner, by name."""
    return {
        str(path.relative_to(folder.root)): path.read_bytes()
        for path in folder.root.rglob("*")
        if path.is_file() and path.name != "archive.json"
    }


def test_the_first_claim_writes_whose_it_is(folder):
    """A second one by the same owner is the same folder."""
    assert json.loads((folder.root / "archive.json").read_text())["id"] == OWNER.id
    assert claim(folder.root, OWNER) == folder
    assert sorted(path.name for path in folder.root.iterdir()) == ["_pending", "archive.json"]
    assert list((folder.root / "_pending").iterdir()) == []


@pytest.mark.parametrize(
    "other",
    [
        Owner("other", "app", OWNER.system_identifier),
        Owner(OWNER.id, "clone", OWNER.system_identifier),
        Owner(OWNER.id, "app", "8"),
    ],
    ids=["identity", "database", "cluster"],
)
def test_the_archive_of_another_database_is_refused(folder, other):
    """A clone must not touch its original's archive, and hears whose it is."""
    with pytest.raises(RefusedError, match=r"belongs to database app \(owner 6f1c\)") as refused:
        claim(folder.root, other)

    assert "a name of its own" in refused.value.hint
    assert json.loads((folder.root / "archive.json").read_text())["id"] == OWNER.id


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '"x"', "null"])
def test_an_owner_that_cannot_be_read_is_an_error(folder, text):
    """Exit 6, never a guess."""
    (folder.root / "archive.json").write_text(text)

    with pytest.raises(VerificationError, match=r"archive\.json cannot be read"):
        claim(folder.root, OWNER)


def test_a_folder_with_strange_files_is_not_taken(tmp_path):
    """Nobody knows whose they are."""
    root = tmp_path / "test"
    root.mkdir()
    (root / "holiday.jpg").touch()

    with pytest.raises(RefusedError, match=r"holds files but no archive\.json"):
        claim(root, OWNER)


def test_publishing_gives_the_final_name(folder):
    """The content is the same, nothing is pending any more, nobody else may read it."""
    path, final = waiting(folder), uri(TABLE, DAY, "20260102t030405-abcd", 1)

    folder.publish(path, final)

    assert final == "public.events/archived=2026-01-02/20260102t030405-abcd-000001.csv.zst"
    assert content(folder) == {final: b"rows"}


def test_no_file_is_ever_overwritten(folder):
    """A final name that is taken by other content is an error; both files stay."""
    final = uri(TABLE, DAY, "run", 1)
    folder.publish(waiting(folder, b"first"), final)
    second = waiting(folder, b"second")

    with pytest.raises(UnreachableError, match="exists already and is another file"):
        folder.publish(second, final)

    assert content(folder)[final] == b"first"
    assert second.read_bytes() == b"second"


def test_a_crash_between_link_and_unlink_is_finished(folder):
    """Both names are there and are one file: publishing again removes the pending one."""
    path, final = waiting(folder), uri(TABLE, DAY, "run", 1)
    (folder.root / final).parent.mkdir(parents=True)
    (folder.root / final).hardlink_to(path)

    folder.publish(path, final)

    assert content(folder) == {final: b"rows"}


@pytest.fixture
def without_links(monkeypatch):
    """A file system that has no hard links."""

    def refuse(self, target):
        raise OSError(1, os.strerror(1))

    monkeypatch.setattr(Path, "hardlink_to", refuse)


def test_a_file_system_without_hard_links_is_copied_to(folder, without_links):
    """The result is the same, and still nothing is overwritten."""
    final = uri(TABLE, DAY, "run", 1)
    folder.publish(waiting(folder), final)
    with pytest.raises(UnreachableError):
        folder.publish(waiting(folder, b"other"), final)

    assert content(folder)[final] == b"rows"


def test_a_crash_in_mid_copy_is_finished(folder, without_links, monkeypatch):
    """A part of a file never has the final name, and does not stand in the way of the whole."""
    path, final = waiting(folder), uri(TABLE, DAY, "run", 1)
    whole = shutil.copyfileobj

    def half(source, target, *_):
        target.write(source.read(2))
        target.flush()
        raise KeyboardInterrupt

    monkeypatch.setattr(folders.shutil, "copyfileobj", half)
    with pytest.raises(KeyboardInterrupt):
        folder.publish(path, final)
    monkeypatch.setattr(folders.shutil, "copyfileobj", whole)
    assert final not in content(folder)

    folder.publish(path, final)

    assert content(folder) == {final: b"rows"}


def test_a_crash_after_the_copy_is_finished(folder, without_links):
    """Both are there with the same bytes: it was ours."""
    path, final = waiting(folder), uri(TABLE, DAY, "run", 1)
    (folder.root / final).parent.mkdir(parents=True)
    (folder.root / final).write_bytes(b"rows")

    folder.publish(path, final)

    assert content(folder) == {final: b"rows"}


def test_a_symbolic_link_out_of_the_archive_is_refused(folder, tmp_path):
    """Nothing is written behind it."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (folder.root / "public.events").symlink_to(elsewhere)
    path = waiting(folder)

    with pytest.raises(UnreachableError, match="leads out of the archive; its rows are archived"):
        folder.publish(path, uri(TABLE, DAY, "run", 1))
    with pytest.raises(RefusedError, match="leads out of the archive"):
        folder.replace("public.events/x/manifest.json", "{}")

    assert path.exists()
    assert [path for path in elsewhere.rglob("*") if path.is_file()] == []


def test_what_is_pending_is_told_by_its_name(folder):
    """Other names are nobody's business."""
    paths = [waiting(folder, number=number) for number in (2, 1, 1_000_000)]
    for name in ("notes.txt", "x.csv.zst", "_probe.1", "RUN-000001.csv.zst"):
        (folder.root / "_pending" / name).touch()

    found = list(folder.pendings())

    assert {one.path for one in found} == set(paths)
    assert {(one.run, one.number) for one in found} == {
        ("20260102t030405-abcd", n) for n in (1, 2, 1_000_000)
    }


def test_a_small_file_is_replaced_whole(folder):
    """The old content is there until the new one is complete; no other file is left."""
    folder.replace("a/b/manifest.json", "old")
    folder.replace("a/b/manifest.json", "new")

    assert content(folder) == {"a/b/manifest.json": b"new"}


def test_a_read_only_folder_says_what_to_do(folder, monkeypatch):
    """Every error of the file system is ours, with a hint; exit 5."""

    def refuse(*_args, **_options):
        raise OSError(30, os.strerror(30))

    monkeypatch.setattr(folders.os, "open", refuse)

    with pytest.raises(UnreachableError, match="Read-only file system") as error:
        claim(folder.root, OWNER)

    assert "mount it writable" in error.value.hint
    assert error.value.exit_code == 5


def test_an_archive_that_is_not_a_folder_is_a_usage_error():
    """Object stores come later."""
    with pytest.raises(UsageError, match="is not a folder"):
        located("s3://bucket", "test")


@pytest.mark.parametrize(
    ("to", "path"),
    [
        ("file:/a/b", "/a/b/test"),
        ("file:///a/b", "/a/b/test"),
        ("file:a", str(Path.cwd() / "a/test")),
    ],
)
def test_the_place_that_a_policy_means(to, path):
    """With one slash, three, or relative to the current folder."""
    assert str(located(to, "test")) == path


NAME = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=63
)


@given(NAME, NAME)
def test_whatever_a_name_holds_it_stays_one_level_deep(schema, name):
    """No path separator, no hidden or marked folder, no name longer than a file system takes."""
    first, second = place(TableName(schema, name), DAY).split("/")

    assert second == "archived=2026-01-02"
    assert first.isascii()
    assert first[0] not in "._"
    assert 3 <= len(first) <= 255
    assert not set(first) & set('\\/:*?"<>|\n\r\t ')


@given(NAME, NAME, NAME, NAME)
def test_different_tables_have_different_places(a, b, c, d):
    """The dot between schema and table is the only one."""
    one, other = TableName(a, b), TableName(c, d)

    assert (place(one, DAY) == place(other, DAY)) == (one == other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a", "b.c"), ("a.b", "c")),
        (("a%2Eb", "c"), ("a.b", "c")),
        (("é" * 60, "x"), ("é" * 60, "y")),
    ],
)
def test_names_that_could_be_mistaken_for_each_other(one, other):
    """Dots, escapes and names too long for a path are told apart."""
    assert place(TableName(*one), DAY) != place(TableName(*other), DAY)
