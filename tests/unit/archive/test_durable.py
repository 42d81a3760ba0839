"""In which order names reach the disk: at no moment would a power cut leave rows without a name."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from maintainer.archive import durable
from maintainer.archive.deed import Owner, claim
from maintainer.archive.folder import Pending, uri
from maintainer.errors import UnreachableError, VerificationError
from maintainer.names import TableName

FINAL = uri(TableName("public", "events"), dt.date(2026, 1, 2), "20260102t030405-abcd", 1)
DAY = str(Path(FINAL).parent)


@pytest.fixture
def folder(tmp_path):
    """A folder that was claimed."""
    return claim(tmp_path / "archive" / "test", Owner("a", "b", "c"))


@pytest.fixture
def waiting(folder):
    """A file of a committed segment."""
    path = folder.pending("20260102t030405-abcd", 1)
    path.write_bytes(b"rows")
    return path


@pytest.fixture
def calls(folder, monkeypatch):
    """What reaches the disk, in order: (call, path below the folder)."""
    seen: list[tuple[str, str]] = []
    fsync, unlink, rename, link = os.fsync, Path.unlink, Path.rename, Path.hardlink_to

    def below(path):
        return os.path.relpath(path, folder.root)

    def synced(file):
        seen.append(("sync", below(Path(f"/proc/self/fd/{file}").readlink())))
        fsync(file)

    def unlinked(self, *given, **named):
        seen.append(("unlink", below(self)))
        unlink(self, *given, **named)

    def renamed(self, target):
        seen.append(("rename", below(self)))
        return rename(self, target)

    def linked(self, target):
        seen.append(("link", below(self)))
        link(self, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "unlink", unlinked)
    monkeypatch.setattr(Path, "rename", renamed)
    monkeypatch.setattr(Path, "hardlink_to", linked)
    return seen


needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="there is no /proc")


@needs_proc
def test_the_final_name_is_on_disk_before_the_pending_one_goes(folder, waiting, calls):
    """Folders of the way first, then the name in them, then the end of the pending name."""
    folder.publish(waiting, FINAL)

    pending = f"_pending/{waiting.name}"
    order = [
        calls.index(("link", FINAL)),
        calls.index(("sync", DAY)),
        calls.index(("unlink", pending)),
        calls.index(("sync", "_pending")),
    ]
    assert order == sorted(order)
    assert {("sync", "."), ("sync", str(Path(DAY).parent))} <= set(calls[: order[0]])


@needs_proc
def test_folders_that_a_killed_run_made_are_made_durable_too(folder, waiting, calls):
    """They are there, but nobody knows whether their names are on the disk."""
    (folder.root / DAY).mkdir(parents=True)

    folder.publish(waiting, FINAL)

    before = calls[: calls.index(("unlink", f"_pending/{waiting.name}"))]
    assert {("sync", "."), ("sync", str(Path(DAY).parent)), ("sync", DAY)} <= set(before)


@needs_proc
def test_a_link_that_a_killed_run_made_is_made_durable_too(folder, waiting, calls):
    """It may never have reached the disk: the pending name stays until it has."""
    (folder.root / DAY).mkdir(parents=True)
    os.link(waiting, folder.root / FINAL)

    folder.publish(waiting, FINAL)

    assert calls.index(("sync", DAY)) < calls.index(("unlink", f"_pending/{waiting.name}"))


@needs_proc
def test_both_folders_are_synced_when_a_file_is_set_aside(folder, waiting, calls):
    """The name in `_void` and the end of the one in `_pending`."""
    aside = folder.void(Pending("20260102t030405-abcd", 1, waiting))

    after = calls[calls.index(("rename", f"_pending/{waiting.name}")) :]
    assert {("sync", "_void"), ("sync", "_pending")} <= set(after)
    assert aside.read_bytes() == b"rows"
    assert list(folder.pendings()) == []


def test_a_folder_that_cannot_be_synced_keeps_the_pending_file(folder, waiting, monkeypatch):
    """The disk reports an error: both names stay, and it is said where the rows are."""

    def fail(place):
        raise OSError(5, os.strerror(5), str(place))

    monkeypatch.setattr(durable, "sync", fail)

    with pytest.raises(UnreachableError, match=f"its rows are archived in {waiting}") as error:
        folder.publish(waiting, FINAL)

    assert "the next run publishes them" in error.value.message
    assert "no row was lost" not in error.value.hint
    assert waiting.read_bytes() == b"rows"


def test_a_pending_file_that_has_gone_is_not_said_to_hold_rows(folder, waiting):
    """A clone may have set it aside meanwhile; no part of a file is left in its place."""
    waiting.unlink()

    with pytest.raises(VerificationError, match="is gone") as error:
        folder.publish(waiting, FINAL)

    assert "_void" in error.value.hint
    assert not (folder.root / FINAL).parent.exists()


def test_a_file_system_without_links_leaves_no_part_of_a_file_that_has_gone(folder, waiting):
    """Nothing is made before the source was opened."""
    (folder.root / DAY).mkdir(parents=True)
    waiting.unlink()

    with pytest.raises(FileNotFoundError):
        durable.link(waiting, folder.root / FINAL)

    assert list((folder.root / DAY).iterdir()) == []


def test_whether_a_file_is_there_with_its_size(folder, waiting):
    """Neither a missing folder nor a file in its place is an error: it is not there."""
    (folder.root / "file").touch()

    assert folder.holds(waiting, 4)
    assert not folder.holds(waiting, 5)
    assert not folder.holds(folder.root / FINAL, 4)
    assert not folder.holds(folder.root / "file" / "x", 4)
