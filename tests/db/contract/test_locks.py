"""The run lock and the segments lock."""

from __future__ import annotations

import hashlib
import threading

import pytest

from maintainer.db import locks
from maintainer.errors import LockHeldError, LockTimeoutError, UnreachableError
from maintainer.names import Fragment
from tests.db.contract.backend import terminate


def test_the_keys_are_what_their_comment_says():
    """Two versions of maintainer must agree on them for ever."""
    for key, name in ((locks.RUN, "run"), (locks.SEGMENTS, "segments")):
        digest = hashlib.sha256(f"maintainer.{name}".encode()).digest()
        assert key == int.from_bytes(digest[:8], "big", signed=True)


@pytest.mark.parametrize("wait", [0, 0.05])
def test_a_second_run_is_told_who_runs(opened, database, wait):
    """Process, application and time of the holder are in the message; afterwards it is free."""
    first = opened(database.dsn, application_name="maintainer/first")
    second = opened(database.dsn)

    with locks.held_run_lock(first):
        with pytest.raises(LockHeldError) as caught, locks.held_run_lock(second, wait):
            pass
        assert f"process {first.pid} (maintainer/first, user postgres, since 2" in str(caught.value)
        assert caught.value.exit_code == 4

    with locks.held_run_lock(second):
        pass


def test_a_run_waits_for_the_one_before(opened, database):
    """Within its patience it gets the lock, and lock_timeout is as before."""
    first, second = opened(database.dsn), opened(database.dsn)
    first.execute(Fragment("SELECT pg_advisory_lock($1::bigint)"), [locks.RUN])

    def end() -> None:
        database.run(
            "DO $$ BEGIN WHILE NOT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)"
            " LOOP END LOOP; END $$"
        )
        first.close()

    ending = threading.Thread(target=end)
    ending.start()
    with locks.held_run_lock(second, wait=60):
        ending.join()
        timeout = second.execute(Fragment("SELECT current_setting('lock_timeout')")).rows

    assert timeout == [("2s",)]


def test_the_lock_ends_with_its_session(opened, database):
    """A killed run holds nothing."""
    first, second = opened(database.dsn), opened(database.dsn)

    with locks.held_run_lock(first):
        terminate(database, first.pid)
        with locks.held_run_lock(second):
            pass
        first.close()


def test_other_databases_do_not_matter(opened, make_database):
    """The lock is one for each database."""
    one, other = make_database(), make_database()

    with locks.held_run_lock(opened(one.dsn)), locks.held_run_lock(opened(other.dsn)):
        pass


def test_segments_share(opened, database):
    """Several segments are open at once."""
    first, second = opened(database.dsn), opened(database.dsn)

    with first.transaction(), second.transaction():
        locks.share_segments(first)
        locks.share_segments(second)


def test_an_open_segment_is_out_of_reach(opened, database):
    """Nobody may judge while a segment's transaction is open: exit 5, with its name; then it works."""
    segment = opened(database.dsn, application_name="maintainer/segment")
    recovery = opened(database.dsn)

    with segment.transaction():
        locks.share_segments(segment)
        with pytest.raises(UnreachableError) as caught:
            locks.exclude_segments(recovery, 50)
    assert f"process {segment.pid} (maintainer/segment" in str(caught.value)
    assert caught.value.exit_code == 5

    locks.exclude_segments(recovery, 50)
    locks.release(recovery)
    with segment.transaction():
        locks.share_segments(segment)


def test_exclusion_keeps_segments_out(opened, database):
    """While it is held no segment begins."""
    segment, recovery = opened(database.dsn), opened(database.dsn)
    segment.execute(Fragment("SET lock_timeout = '20ms'"))
    locks.exclude_segments(recovery, 50)

    with pytest.raises(LockTimeoutError), segment.transaction():
        locks.share_segments(segment)

    locks.release(recovery)
