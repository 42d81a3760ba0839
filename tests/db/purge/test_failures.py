"""What fails in the middle of a segment loses nothing, and the next run goes on."""

from __future__ import annotations

import errno
import os
import threading

import pytest

from maintainer.actions import segment
from maintainer.archive import readback, sealer
from maintainer.archive.folder import Folder
from maintainer.archive.zstandard import compressor
from maintainer.errors import MaintainerError, UnreachableError
from maintainer.journal import ledger
from maintainer.plan.receipts import Outcome
from tests.db.purge.night import check_books, last, other, unpacked

ROWS = """
CREATE TABLE events (id int PRIMARY KEY, at timestamptz, word text);
INSERT INTO events SELECT n, '2020-01-01'::timestamptz + n * interval '1 minute', 'word ' || n FROM generate_series(1, 200) AS n;
CREATE INDEX ON events (at)"""
RULE = "events: {keep: 90 days, by: at, every: day, archive: true, pace: {max_segment_rows: 50}}"
EVERY = {str(n): 1 for n in range(1, 201)}


@pytest.fixture
def full(night):
    """Four segments' worth of old rows, approved for as long as there is a backlog."""
    night.database.run(ROWS)
    return night.policy(RULE).init()


def there(night):
    """The rows in the table."""
    return {str(row[0]): 1 for row in night.database.run("SELECT id FROM events")}


def nth(number, act):
    """Replace a function so that its call of that number does something else first."""
    calls = []

    def replaced(original):
        def called(*args, **options):
            calls.append(args)
            if len(calls) == number:
                act(*args)
            return original(*args, **options)

        return called

    return replaced


def fail(error):
    """Something that raises."""

    def act(*_args):
        raise error

    return act


def spoil(path, *_):
    """One bit of a file that was complete turns over."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def replace(path, *_):
    """Another file stands there, whole in itself: it has a row less."""
    lines = unpacked(path).splitlines(keepends=True)
    press = compressor()
    path.write_bytes(press.compress(b"".join(lines[:-1])) + press.flush())


def rewrite(path, *_):
    """Another file stands there with as many rows, one of them changed."""
    press = compressor()
    path.write_bytes(press.compress(unpacked(path).replace(b"word", b"w0rd", 1)) + press.flush())


FAILURES = {
    "the sink fails": (sealer.Sealer, "write", fail(UnreachableError("the store is gone")), 5),
    "the file system fails at the end": (sealer.Sealer, "finish", fail(UnreachableError("no store")), 5),
    "the disk is full": (sealer.Sealer, "_store", fail(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))), 5),
    "a bit has turned": (readback, "confirm", spoil, 6),
    "another file is there": (readback, "confirm", replace, 6),
    "a row was changed on the way": (readback, "confirm", rewrite, 6),
    "the ledger cannot be written": (ledger, "record", fail(MaintainerError("no ledger")), 1),
    "there is no room to start": (segment, "_check_room", fail(UnreachableError("no room")), 5),
}  # fmt: skip


@pytest.mark.parametrize("case", FAILURES)
def test_a_segment_that_fails_is_rolled_back(full, case, monkeypatch):
    """What was committed before stays committed, the rows of the failed one are in the table, no file is left."""
    place, name, act, code = FAILURES[case]
    monkeypatch.setattr(place, name, nth(3, act)(getattr(place, name)))

    report = full.approved()
    monkeypatch.undo()

    assert (report.exit_code, last(report).outcome) == (code, Outcome.FAILED)
    assert last(report).detail
    assert not set(full.ids()) & set(there(full))
    assert {**full.ids(), **there(full)} == EVERY
    assert 0 < len(full.ids()) == last(report).rows < 200
    check_books(full)
    assert last(full.run()).finished
    assert full.ids() == EVERY
    assert there(full) == {}
    check_books(full)


def test_a_full_disk_says_what_to_do(full, monkeypatch):
    """ENOSPC from the disk itself, in the thread that writes: one message, the way out, exit 5."""

    def write(_file, _bytes):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(sealer.os, "write", write)
    report = full.approved()
    monkeypatch.undo()

    assert report.exit_code == 5
    assert "No space left on device" in last(report).detail
    assert "make room there" in last(report).hint
    assert there(full) == EVERY
    assert full.pending() == full.files() == []


def test_a_spoiled_file_names_itself_and_keeps_the_rows(full, monkeypatch):
    """Exit 6 and a page: something lies below us."""
    monkeypatch.setattr(readback, "confirm", nth(1, spoil)(readback.confirm))
    report = full.approved()
    monkeypatch.undo()

    assert report.exit_code == 6
    assert ".csv.zst" in last(report).detail
    assert there(full) == EVERY


def test_a_file_that_cannot_be_published_is_published_by_the_next_run(full, monkeypatch):
    """Its rows are gone and the ledger owns it: sums and manifest count it, recovery gives it its name."""
    unreachable = UnreachableError("the folder is gone")
    monkeypatch.setattr(Folder, "publish", nth(2, fail(unreachable))(Folder.publish))
    report = full.approved()
    monkeypatch.undo()

    assert report.exit_code == 5
    (waiting,) = full.pending()
    assert len(full.files()) == 1
    committed = sum(row[1] for row in full.segments())
    assert committed == 200 - len(there(full)) == 100
    assert full.database.run("SELECT sum(row_count) FROM maintainer.step") == [(committed,)]
    assert last(report).rows == committed
    full.run()

    assert not waiting.exists()
    assert "recovery.published" in {event.name for event in full.events}
    assert full.ids() == EVERY
    check_books(full)


@pytest.mark.parametrize("impatience", [KeyboardInterrupt, SystemExit, MemoryError])
def test_a_second_ctrl_c_during_commit_leaves_the_file_to_recovery(full, impatience, monkeypatch):
    """Whether the COMMIT arrived is not known then: the file must stay until somebody has looked."""
    from contextlib import contextmanager

    committed = segment._committed

    @contextmanager
    def interrupted(session, transaction=None):
        with transaction():
            yield
        raise impatience

    def commit(step, ctx, *args):
        real = type(ctx.session).transaction
        with monkeypatch.context() as patch:
            patch.setattr(
                type(ctx.session),
                "transaction",
                lambda self, **options: interrupted(self, lambda: real(self, **options)),
            )
            return committed(step, ctx, *args)

    fingerprint = full.fingerprint()
    monkeypatch.setattr(segment, "_committed", commit)
    with pytest.raises(impatience):
        full.run(approve=(fingerprint,))
    monkeypatch.undo()

    assert len(there(full)) == 150
    assert len(full.pending()) == 1
    assert last(full.run()).finished
    assert full.ids() == EVERY
    check_books(full)


def test_a_lock_that_is_released_in_time_is_waited_for(full):
    """Somebody else's lock on the table: the segment is tried again, and everything goes."""
    lock = other(full)
    lock.autocommit = False
    lock.execute("LOCK TABLE events IN EXCLUSIVE MODE")
    naps = full.clock.naps

    class Patient(type(full.clock)):
        """Gives the lock back when maintainer waits."""

        def sleep(self, seconds):
            naps.append(seconds)
            lock.commit()

    full.clock = Patient()
    report = full.approved()
    lock.close()

    assert (report.exit_code, last(report).rows) == (0, 200)
    assert len(naps) == 1
    check_books(full)


def test_rows_that_somebody_keeps_locked_end_the_step_and_lose_nothing(full):
    """After four tries the step fails; what went before is gone and accounted for."""
    with other(full) as lock:
        lock.autocommit = False
        lock.execute("SELECT FROM events WHERE id = 120 FOR UPDATE")
        report = full.approved()

    assert (report.exit_code, last(report).outcome) == (1, Outcome.FAILED)
    assert "lock timeout" in last(report).detail
    assert {**full.ids(), **there(full)} == EVERY
    assert last(full.run()).finished
    assert full.ids() == EVERY
    check_books(full)


def test_a_deadlock_is_tried_again(full, monkeypatch):
    """The server picks a victim; when it is the segment, its rows are there and go on the next try."""
    full.database.run("CREATE TABLE elsewhere (id int); INSERT INTO elsewhere VALUES (1)")
    somebody = other(full)
    somebody.autocommit = False
    somebody.execute("SELECT FROM events WHERE id = 10 FOR UPDATE")
    remove, threads = segment._remove, []

    def crossing(step, ctx, *args):
        if not threads:
            ctx.session.execute(_fragment("SELECT FROM public.elsewhere FOR UPDATE"))
            ctx.session.execute(_fragment("SET LOCAL deadlock_timeout = '100ms'"))
            threads.append(threading.Thread(target=_cross, args=(full, somebody)))
            threads[0].start()
        return remove(step, ctx, *args)

    monkeypatch.setattr(segment, "_remove", crossing)
    report = full.approved()
    threads[0].join()
    somebody.close()

    assert (report.exit_code, last(report).rows) == (0, 200)
    assert len(full.clock.naps) == 1
    assert full.ids() == EVERY
    check_books(full)


def _cross(night, somebody):
    """Want what the segment has as soon as it wants what we have, then let go."""
    until_blocked(night)
    somebody.execute("SELECT FROM elsewhere FOR UPDATE")
    somebody.rollback()


def until_blocked(night):
    """Wait until somebody waits for a lock."""
    from maintainer.schedule.clock import SystemClock

    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    for _ in range(500):
        if night.database.run(waiting):
            return
        SystemClock().sleep(0.01)


def _fragment(text):
    from maintainer.names import Fragment

    return Fragment(text)


@pytest.mark.parametrize(
    ("change", "stays", "archived"),
    [
        ("UPDATE events SET at = now() WHERE id = 10", ["10"], None),
        ("UPDATE events SET word = 'changed' WHERE id = 10", [], ("10", "changed")),
        ("DELETE FROM events WHERE id = 10", [], None),
    ],
    ids=["renewed", "changed", "deleted"],
)
def test_a_row_that_changes_under_the_delete(full, change, stays, archived, monkeypatch):
    """Renewed it is kept, changed it is archived as it is now, deleted it is nobody's."""
    full.policy(RULE)
    somebody = other(full)
    somebody.autocommit = False
    somebody.execute(change)
    fingerprint, remove = full.fingerprint(), segment._remove
    threads = []

    def slow(step, ctx, *args):
        if not threads:
            threads.append(threading.Thread(target=_commit, args=(full, somebody)))
            threads[0].start()
        return remove(step, ctx, *args)

    monkeypatch.setattr(segment, "_remove", slow)
    report = full.run(approve=(fingerprint,))
    threads[0].join()
    somebody.close()

    rows = {row[0]: row for row in full.archived()}
    assert report.exit_code == 0
    assert list(there(full)) == stays
    assert (rows["10"][0], rows["10"][2]) == archived if archived else "10" not in rows
    assert set(EVERY) - set(rows) <= {"10"}
    check_books(full)


def _commit(night, somebody):
    until_blocked(night)
    somebody.commit()


def test_a_column_that_is_added_meanwhile_is_not_lost(full):
    """The header differs from the planned columns: the segment is rolled back, the next run takes it along."""
    fingerprint = full.fingerprint()
    full.shown = lambda _plan: full.database.run("ALTER TABLE events ADD late text DEFAULT 'here'")
    report = full.run(approve=(fingerprint,))
    full.shown = lambda _plan: None

    assert (report.exit_code, last(report).outcome) == (1, Outcome.FAILED)
    assert "is not what it was" in last(report).detail
    assert there(full) == EVERY
    assert last(full.run()).finished
    assert {row[3] for row in full.archived()} == {"here"}


def test_a_killed_session_is_settled_at_once(full, monkeypatch):
    """The server ends our session in mid-segment: the run says so, nothing is lost, the next one goes on."""

    def kill(*_):
        full.database.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'maintainer'"
        )

    monkeypatch.setattr(readback, "confirm", nth(2, kill)(readback.confirm))
    report = full.approved()
    monkeypatch.undo()

    assert (report.exit_code, last(report).outcome) == (5, Outcome.FAILED)
    assert full.pending() == []
    assert {**full.ids(), **there(full)} == EVERY
    assert full.database.run("SELECT outcome FROM maintainer.run") == [("interrupted",)]
    assert last(full.run()).finished
    assert full.ids() == EVERY
    check_books(full)
