"""The record: audit rows, ledger and the chain of events, and what recovery makes of them."""

from __future__ import annotations

import shutil
import threading

import pytest

from maintainer.db import conninfo, locks
from maintainer.db.connect import connect
from maintainer.errors import DatabaseError, RefusedError, UnreachableError
from maintainer.journal import events, ledger
from tests.db.purge.night import Night, check_books, last
from tests.db.purge.test_failures import until_blocked
from tests.end_to_end.test_seven_tables import check_chain
from tests.servers import run_sql

RULE = "events: {keep: 90 days, by: at, every: day, archive: true}"
TABLE = """
CREATE TABLE events (id int, at timestamptz);
INSERT INTO events SELECT n, '2020-01-01' FROM generate_series(1, 9) AS n"""


@pytest.fixture
def kept(night):
    """A night that is at home, with nine old rows."""
    night.database.run(TABLE)
    return night.policy(RULE).init()


def opened(night):
    """A session of our own."""
    return connect(conninfo.resolve(night.database.dsn, {}), driver=night.driver)


def test_init_twice_changes_nothing(kept):
    """The identity stays, and it is said that everything is there."""
    before = kept.database.run("SELECT id FROM maintainer.owner")

    with kept.app() as core:
        assert core.init() == ["everything is there already"]

    assert kept.database.run("SELECT id FROM maintainer.owner") == before


def test_without_init_a_run_is_refused(night):
    """The hint is the command; nothing was made."""
    night.database.run(TABLE)
    night.policy(RULE)

    with pytest.raises(RefusedError, match="no record") as refused:
        night.run()

    assert refused.value.hint == "run: maintainer init"
    assert night.database.run("SELECT count(*) FROM pg_namespace WHERE nspname = 'maintainer'") == [
        (0,)
    ]


def test_events_are_a_chain_also_when_several_write(kept):
    """One waits for the other: no gap, no fork, the hash of the text that is stored."""
    first, second = opened(kept), opened(kept)
    with first.transaction():
        events.append(first, "one", "a.b", {"text": "ü\n'\"", "n": 1})
        second.execute(_fragment("SET lock_timeout = '50ms'"))
        with pytest.raises(DatabaseError, match="lock timeout"), second.transaction():
            events.append(second, "two", "a.b", {})
    with second.transaction():
        events.append(second, "two", "a.b", {})
    first.close()
    second.close()

    assert kept.database.run("SELECT number, run FROM maintainer.event ORDER BY number") == [
        (1, "one"),
        (2, "two"),
    ]
    check_chain(kept.database)


def test_whoever_appends_waits_for_the_one_before(kept):
    """The second one is not refused: it goes on, with the next number, as soon as the first is done."""
    first, second = opened(kept), opened(kept)
    links = []

    def append():
        with second.transaction():
            links.append(events.append(second, "two", "a.b", {}))

    with first.transaction():
        events.append(first, "one", "a.b", {})
        thread = threading.Thread(target=append)
        thread.start()
        until_blocked(kept)
    thread.join()
    first.close()
    second.close()

    assert [link.number for link in links] == [2]
    check_chain(kept.database)


def _fragment(text):
    from maintainer.names import Fragment

    return Fragment(text)


def test_what_cannot_be_recorded_is_not_done(kept):
    """The audit table refuses the first row: nothing is changed at all."""
    fingerprint = kept.fingerprint()
    kept.database.run("ALTER TABLE audit_logs ADD CHECK (action <> 'maintainer.run.started')")

    with pytest.raises(DatabaseError, match="violates check constraint"):
        kept.run(approve=(fingerprint,))

    assert kept.database.run("SELECT count(*) FROM events") == [(9,)]
    assert kept.database.run("SELECT count(*) FROM maintainer.run") == [(0,)]


def test_a_role_that_may_only_insert_into_the_audit_table_is_enough(kept, make_role):
    """Under row level security, with a policy for INSERT and nothing else."""
    role = make_role()
    run_sql(
        kept.database.dsn,
        f"""
        ALTER TABLE audit_logs ENABLE ROW LEVEL SECURITY; ALTER TABLE audit_logs FORCE ROW LEVEL SECURITY;
        CREATE POLICY add ON audit_logs FOR INSERT WITH CHECK (true); GRANT INSERT ON audit_logs TO {role.name};
        GRANT USAGE ON SCHEMA maintainer TO {role.name}; GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA maintainer TO {role.name};
        GRANT SELECT, DELETE ON events TO {role.name}""",
    )
    app, dsn = kept.app, kept.database.dsn_as(role)
    kept.app = lambda: app(dsn)

    report = kept.approved()

    assert (report.exit_code, last(report).rows) == (0, 9)
    assert [row[0] for row in kept.audit()][-1] == "maintainer.run.finished"


def test_an_audit_table_of_another_shape(night):
    """Columns are mapped by the policy; those that are not there are left out, json and text hold documents."""
    night.database.run(
        TABLE
        + """;
        CREATE TABLE "Log" (what varchar(80) NOT NULL, who name, facts json, metadata text, created_at timestamptz DEFAULT now())"""
    )
    night.policy(
        RULE,
        more='audit: {table: public."Log", columns: {action: what, actor_email: who, new_values: facts}}',
    ).init()

    report = night.approved()

    rows = night.database.run(
        "SELECT what, who IS NOT NULL, facts::text, metadata::json->>'rule' FROM \"Log\" WHERE what LIKE '%purge%'"
    )
    assert report.exit_code == 0
    assert rows[0][:2] == ("maintainer.purge.done", True)
    assert '"rows": 9' in rows[0][2]
    assert rows[0][3] == "events"


def test_a_mapped_column_that_is_not_there_is_refused(kept):
    """By its name, with those that are there."""
    kept.policy(RULE, more="audit: {table: public.audit_logs, columns: {action: deed}}")

    with pytest.raises(RefusedError, match="has no column deed") as refused:
        kept.run()

    assert "its columns are: id, organization_id" in refused.value.hint


def killed(night, *, committed):
    """A run that ended without a word: its row is open, a file is pending, a segment perhaps committed."""
    approved = night.approved()
    (file,) = night.files()
    pending = night.archive / "_pending" / file.name
    file.rename(pending)
    night.database.run(
        f"UPDATE maintainer.run SET ended_at = NULL, outcome = NULL WHERE id = '{approved.run}'"
    )
    night.database.run(
        "UPDATE maintainer.step SET ended_at = NULL, finished = false, outcome = NULL, row_count = 0"
    )
    for path in file.parent.iterdir():
        path.unlink()
    if not committed:
        night.database.run(
            "DELETE FROM maintainer.segment; INSERT INTO events SELECT n, '2020-01-01' FROM generate_series(1, 9) AS n"
        )
    return pending


def test_recovery_publishes_what_was_committed(kept):
    """The file gets its name, its manifest and sums, the run its end and its sums."""
    pending = killed(kept, committed=True)

    report = kept.run()

    assert report.exit_code == 0
    assert not pending.exists()
    assert [event.name for event in kept.events][:2] == ["recovery.published", "recovery.closed"]
    assert kept.database.run(
        "SELECT outcome, row_count, finished FROM maintainer.step ORDER BY started_at LIMIT 1"
    ) == [("interrupted", 9, False)]
    assert ("interrupted",) in kept.database.run("SELECT outcome FROM maintainer.run")
    check_books(kept)
    check_chain(kept.database)


def test_recovery_removes_what_was_not_committed(kept):
    """Its rows are in the table; they go in this run, once."""
    pending = killed(kept, committed=False)

    report = kept.run()

    assert not pending.exists()
    assert kept.events[0].name == "recovery.voided"
    assert last(report).rows == 9
    assert set(kept.ids().values()) == {1}
    check_books(kept)


def test_recovery_leaves_strange_files_alone(kept):
    """A pending file of a run this record does not know, and names that are not ours."""
    kept.approved()
    strange = [
        kept.archive / "_pending" / name
        for name in ("20200101t000000-aaaaaaaa-000001.csv.zst", "notes.txt")
    ]
    for path in strange:
        path.write_bytes(b"whose?")

    kept.run()

    assert [path.read_bytes() for path in strange] == [b"whose?"] * 2
    assert "recovery.ignored" in {event.name for event in kept.events}


def test_recovery_touches_nothing_while_a_segment_may_be_open(kept, monkeypatch):
    """A session still holds the segments' lock: exit 5, who it is, and the file stays."""
    pending = killed(kept, committed=False)
    monkeypatch.setattr("maintainer.runner.recovery.PROOF_MS", 50)
    somebody = opened(kept)
    with somebody.transaction():
        locks.share_segments(somebody)
        with pytest.raises(UnreachableError, match=f"process {somebody.pid}") as refused:
            kept.run()
    somebody.close()

    assert refused.value.exit_code == 5
    assert pending.exists()


def test_a_clone_does_not_touch_the_archive_of_its_original(kept, make_database, tmp_path):
    """Another database with the same record, in the same folder: nothing of the archive is used or changed."""
    kept.approved()
    twin = Night(make_database(), kept.driver, tmp_path / "twin")
    twin.database.run(TABLE)
    twin.policy(RULE).init()
    shutil.copytree(kept.folder / "archive", twin.folder / "archive")
    identity = kept.database.run("SELECT id FROM maintainer.owner")[0][0]
    twin.database.run(f"UPDATE maintainer.owner SET id = '{identity}'")

    code = _exit_code(twin)

    assert code == 3
    assert twin.database.run("SELECT count(*) FROM events") == [(9,)]
    assert len(twin.files()) == 1


def _exit_code(night):
    try:
        return night.approved().exit_code
    except RefusedError as refused:
        return refused.exit_code


def test_the_ledger_has_one_row_for_each_file(kept):
    """With what is in it, the range, the cut-off, the columns and the event."""
    kept.approved()

    ((uri, rows, kind, columns, event),) = kept.database.run(
        "SELECT uri, row_count, range_kind, columns, event FROM maintainer.segment"
    )
    assert kept.files() == [kept.archive / uri]
    assert (rows, kind) == (9, "block")
    assert columns == '[["id", "integer"], ["at", "timestamp with time zone"]]'
    assert kept.database.run(f"SELECT kind FROM maintainer.event WHERE number = {event}") == [
        ("segment.committed",)
    ]


def test_a_run_that_is_still_open_is_ended_by_hand_once(kept):
    """`close` gives steps the sums of their segments and says `run.interrupted` in the chain."""
    killed(kept, committed=True)
    session = opened(kept)
    (run,) = ledger.open_runs(session)

    ledger.close(session, run)

    assert ledger.open_runs(session) == []
    assert ledger.known(session, [run, "other"]) == {run}
    session.close()
    check_chain(kept.database)
