"""Recovery never removes a file that could be somebody's only copy of rows."""

from __future__ import annotations

from maintainer.archive.folder import Folder, Pending
from tests.db.journal.broken import EXPIRED, forget_segment, kept, killed
from tests.db.purge.night import check_books, unpacked


def test_a_file_that_was_not_committed_here_is_set_aside(night):
    """A clone's ledger does not know the segment that its original has committed: the file stays whole."""
    waiting = killed(kept(night))
    rows = unpacked(waiting)
    forget_segment(night, waiting)
    night.database.run(EXPIRED.format(first=101, last=200))

    report = night.run()

    aside = night.archive / "_void" / waiting.name
    assert report.exit_code == 0
    assert unpacked(aside) == rows
    assert not waiting.exists()
    (event,) = night.tell("recovery.voided")
    assert event.fields["file"] == str(aside)
    check_books(night)


def test_what_was_set_aside_is_never_read_again(night):
    """Not by recovery, not as an archive file: the rows that were taken later count once."""
    waiting = killed(kept(night))
    forget_segment(night, waiting)
    night.database.run(EXPIRED.format(first=101, last=200))
    night.run()

    night.run()

    assert [event.name for event in night.events if event.name.startswith("recovery.")] == []
    assert set(night.ids().values()) == {1}
    assert len(night.ids()) == 200


def test_two_files_of_one_name_are_both_kept(night):
    """A person put it back, and it was set aside again: the first one is not overwritten."""
    waiting = killed(kept(night))
    folder = Folder(night.archive)
    pending = Pending("x", 1, waiting)
    contents = [b"first", b"second"]

    for content in contents:
        waiting.write_bytes(content)
        folder.void(pending)

    assert sorted(path.read_bytes() for path in (night.archive / "_void").iterdir()) == contents
