"""Which archive belongs to which record: neither a copy of the database nor an empty folder is taken for it."""

from __future__ import annotations

import json
import shutil

import pytest

from maintainer.app import ways
from maintainer.plan.receipts import Outcome
from tests.db.journal.broken import KilledError, kept, killed, more, snapshot
from tests.db.purge.night import check_books, last


def head(night):
    """The line of archive.json that says how far the record had come."""
    return json.loads((night.archive / "archive.json").read_text("utf-8"))["head"]


def chain(night):
    """The last event of the record."""
    ((run, number, digest),) = night.database.run(
        "SELECT run, number, hash FROM maintainer.event ORDER BY number DESC LIMIT 1"
    )
    return run, number, digest


def restored(night):
    """The database becomes what it was: call the result to go back."""
    night.database.run(
        "DROP SCHEMA IF EXISTS backup CASCADE; CREATE SCHEMA backup;"
        + "".join(
            f"CREATE TABLE backup.old_{name} AS TABLE {schema}.{name};" for schema, name in TABLES
        )
    )
    return lambda: night.database.run(
        "SET session_replication_role = replica;"
        + "".join(
            f"DELETE FROM {schema}.{name}; INSERT INTO {schema}.{name} TABLE backup.old_{name};"
            for schema, name in TABLES
        )
    )


TABLES = [
    ("public", "events"),
    ("maintainer", "owner"),
    ("maintainer", "archive"),
    ("maintainer", "run"),
    ("maintainer", "step"),
    ("maintainer", "segment"),
    ("maintainer", "event"),
    ("maintainer", "approval"),
]


def refused(report):
    """What the only step said when its archive was refused."""
    receipt = last(report)
    assert (receipt.outcome, report.exit_code) == (Outcome.REFUSED, 3), receipt
    return receipt


def test_the_head_of_the_record_stands_beside_the_archive(night):
    """After a run that ended, on one line of its own: run, event, hash and timeline."""
    kept(night).approved()

    found = head(night)

    assert (found["run"], found["event"], found["hash"]) == chain(night)
    assert found["timeline"] == 1
    (line,) = (
        line
        for line in (night.archive / "archive.json").read_text("utf-8").splitlines()
        if '"head"' in line
    )
    assert json.loads(f"{{{line.rstrip(',')}}}")["head"] == found


def test_a_record_that_is_older_than_the_archive_is_refused(night):
    """A backup was restored, or a clone ran on: nothing is touched, and both ways out are said."""
    kept(night).approved()
    back = restored(night)
    more(night, 201, 210)
    night.approved()
    before = snapshot(night)
    back()
    more(night, 201, 210)

    said = refused(night.run())

    assert "has never seen" in said.detail
    assert "a name of its own" in said.hint
    assert f'"head" in {night.archive / "archive.json"}' in said.hint
    assert snapshot(night) == before
    assert night.database.run("SELECT count(*) FROM events") == [(10,)]


def test_a_record_that_went_another_way_is_refused(night):
    """As many events, but not the same: the hash tells."""
    kept(night).approved()
    back = restored(night)
    more(night, 201, 210)
    night.approved()
    path = night.archive / "archive.json"
    theirs = head(night)
    back()
    night.database.run(
        "INSERT INTO maintainer.event SELECT n, 'x', 'x', 'x', 'x', 'x' || n"
        f" FROM generate_series((SELECT max(number) + 1 FROM maintainer.event), {theirs['event']}) AS n"
    )
    more(night, 201, 210)

    assert "has never seen" in refused(night.run()).detail
    assert head(night) == theirs
    assert f'"hash": "{theirs["hash"]}"' in path.read_text("utf-8")


def test_a_person_says_that_this_database_has_taken_over(night):
    """One line of archive.json set to null: from then on this record leads."""
    kept(night).approved()
    back = restored(night)
    more(night, 201, 210)
    night.approved()
    back()
    more(night, 301, 310)
    refused(night.run())
    path = night.archive / "archive.json"
    lines = path.read_text("utf-8").splitlines()
    path.write_text(
        "\n".join('  "head": null,' if '"head"' in line else line for line in lines), "utf-8"
    )

    report = night.run()

    assert (report.exit_code, last(report).rows) == (0, 10)
    assert (head(night)["run"], head(night)["event"], head(night)["hash"]) == chain(night)
    assert night.run().exit_code == 0


def test_a_killed_run_leaves_the_head_behind_never_ahead(night):
    """Killed in the middle, before the head is written, and again: the next run goes on."""
    waiting = killed(kept(night))
    assert night.run().exit_code == 0
    assert not waiting.exists()
    more(night, 201, 210)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ways, "anchor", _killed)
        with pytest.raises(KilledError):
            night.run()
    assert head(night)["event"] < chain(night)[1]

    more(night, 211, 220)
    assert night.run().exit_code == 0
    assert head(night)["event"] == chain(night)[1]
    check_books(night)


def _killed(*_given):
    raise KilledError


def test_an_archive_that_has_vanished_is_not_founded_anew(night):
    """Not mounted, or a wrong MAINTAINER_ARCHIVE: the place where it was is named, upkeep goes on."""
    kept(night).approved()
    more(night, 201, 210)
    aside = night.folder / "aside"
    night.archive.parent.rename(aside)

    said = refused(night.run())

    assert str(night.archive) in said.detail
    assert "MAINTAINER_ARCHIVE" in said.hint
    assert not night.archive.exists()
    assert night.database.run("SELECT count(*) FROM events") == [(10,)]
    aside.rename(night.archive.parent)
    assert night.run().exit_code == 0
    check_books(night)


def test_a_wrong_place_hears_where_the_archive_is(night):
    """The policy points elsewhere: both places are named."""
    kept(night).approved()
    more(night, 201, 210)
    where = night.archive
    _points_to(night, night.folder / "elsewhere")

    said = refused(night.run())

    assert str(where) in said.detail
    assert str(night.folder / "elsewhere" / "test") in said.detail
    assert not (night.folder / "elsewhere").exists()


def test_a_folder_that_was_moved_with_its_archive_json_goes_on(night):
    """A person moved it, and the policy says so; from then on that place is named."""
    kept(night).approved()
    more(night, 201, 210)
    elsewhere = night.folder / "elsewhere"
    night.archive.parent.rename(elsewhere)
    _points_to(night, elsewhere)

    assert night.run().exit_code == 0
    elsewhere.rename(night.folder / "aside")
    more(night, 211, 220)
    assert str(elsewhere / "test") in refused(night.run()).detail


def test_a_new_name_is_a_new_archive(night):
    """What a clone is told to do works: files of the other archive are neither looked for nor listed."""
    kept(night).approved()
    before = snapshot(night)
    more(night, 201, 210)
    policy = night.folder / "policy.yaml"
    policy.write_text(policy.read_text("utf-8").replace("name: test", "name: clone"), "utf-8")

    assert night.run().exit_code == 0
    assert night.run().exit_code == 0

    assert snapshot(night) == before
    other = night.archive.with_name("clone")
    assert len(list(other.glob("public.events/*/*.csv.zst"))) == 1
    assert len(list(other.glob("public.events/*/*.manifest.json"))) == 1


def test_a_run_that_was_killed_under_the_old_name_is_closed(night):
    """A clone's: its files are in its original's archive, and are not looked for in the new one."""
    waiting = killed(kept(night))
    policy = night.folder / "policy.yaml"
    policy.write_text(policy.read_text("utf-8").replace("name: test", "name: clone"), "utf-8")

    assert night.run().exit_code == 0

    assert waiting.exists()
    assert ("interrupted",) in night.database.run("SELECT outcome FROM maintainer.run")
    assert list(night.archive.with_name("clone").glob("public.events/*")) == []


def test_one_of_two_archives_has_vanished(night):
    """Two policies share a database, each with an archive of its own: using one excuses nothing of the other."""
    kept(night).approved()
    policy = night.folder / "policy.yaml"
    text = policy.read_text("utf-8")
    policy.write_text(text.replace("name: test", "name: other"), "utf-8")
    more(night, 201, 210)
    assert night.run().exit_code == 0
    policy.write_text(text, "utf-8")
    more(night, 211, 220)
    shutil.rmtree(night.archive)

    assert "is not at" in refused(night.run()).detail
    assert not night.archive.exists()


def test_an_archive_without_rows_may_be_founded_anew(night):
    """Nothing was archived yet: a folder that vanished is no loss."""
    kept(night).run()
    shutil.rmtree(night.archive)

    assert night.approved().exit_code == 0
    check_books(night)


def _points_to(night, place):
    policy = night.folder / "policy.yaml"
    text = policy.read_text("utf-8").replace(f"file:{night.folder / 'archive'}", f"file:{place}")
    policy.write_text(text, "utf-8")
