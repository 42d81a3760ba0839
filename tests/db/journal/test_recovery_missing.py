"""A committed segment whose file has gone is noticed, told once, and never vouched for."""

from __future__ import annotations

import pytest

from maintainer.errors import VerificationError
from tests.db.journal.broken import kept, killed, more
from tests.db.purge.night import check_books, last, manifests


def sums(night):
    """The names that SHA256SUMS vouches for."""
    return {
        line.split("  ")[1]
        for path in night.archive.glob("[!_]*/*/*.SHA256SUMS")
        for line in path.read_text("utf-8").splitlines()
    }


def gone(path):
    """Somebody removed it."""
    path.unlink()


def truncated(path):
    """A disk lost its end."""
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize("harm", [gone, truncated])
def test_the_file_of_a_killed_run_is_not_there(night, harm):
    """Exit 6 with the file, its rows and what to do; the run is closed, the sums leave the file out."""
    waiting = killed(kept(night))
    harm(waiting)

    with pytest.raises(VerificationError, match=rf"{waiting.name} \(100 rows\)") as refused:
        night.run()

    assert refused.value.exit_code == 6
    assert "_void" in refused.value.hint
    assert "the next run goes on" in refused.value.hint
    assert waiting.name not in sums(night)
    assert len(sums(night)) == 1
    assert night.database.run("SELECT outcome FROM maintainer.run") == [("interrupted",)]


@pytest.mark.parametrize("harm", [gone, truncated])
def test_a_file_of_the_last_night_is_not_there(night, harm):
    """Also when that night had ended well."""
    kept(night).approved()
    first, second = night.files()
    harm(first)
    more(night, 201, 210)

    with pytest.raises(VerificationError, match=rf"{first.name} \(100 rows\)"):
        night.run()

    assert night.database.run("SELECT count(*) FROM events") == [(10,)]
    assert sums(night) == {second.name}
    (entry,) = (file for file in manifests(night)[0]["files"] if file.get("missing"))
    assert (entry["name"], entry["rows"]) == (first.name, 100)


def test_both_files_of_a_place_are_gone(night):
    """Then its list of sums is empty, not stale."""
    kept(night).approved()
    for path in night.files():
        path.unlink()

    with pytest.raises(VerificationError, match=r"100 rows\).*100 rows\)"):
        night.run()

    assert sums(night) == set()


def test_nights_of_upkeep_in_between_hide_nothing(night):
    """The last run that stored files is looked at, not the last that ran."""
    kept(night).approved()
    night.run()
    night.run()
    gone(night.files()[0])

    with pytest.raises(VerificationError):
        night.run()


def test_it_is_told_once(night):
    """An old loss does not stop the nights that follow."""
    kept(night).approved()
    gone(night.files()[0])
    with pytest.raises(VerificationError):
        night.run()
    more(night, 201, 210)

    report = night.run()

    assert (report.exit_code, last(report).rows) == (0, 10)
    assert night.run().exit_code == 0
    assert night.database.run(
        "SELECT kind, body::json->>'rows' FROM maintainer.event WHERE kind LIKE 'archive.%'"
    ) == [("archive.missing", "100")]


def test_a_file_that_was_put_back_counts_again(night):
    """At its final name or as a pending file: sums and manifest are as if it had never been away."""
    kept(night).approved()
    first, second = night.files()
    contents = first.read_bytes(), second.read_bytes()
    gone(first)
    gone(second)
    with pytest.raises(VerificationError):
        night.run()
    first.write_bytes(contents[0])
    (night.archive / "_pending" / second.name).write_bytes(contents[1])
    more(night, 201, 210)

    assert night.run().exit_code == 0

    check_books(night)
    assert not any(file.get("missing") for one in manifests(night) for file in one["files"])
    assert len(night.ids()) == 210
    assert night.database.run(
        "SELECT kind, count(*) FROM maintainer.event WHERE kind LIKE 'archive.%' GROUP BY 1 ORDER BY 1"
    ) == [("archive.found", 2), ("archive.missing", 2)]
    assert night.run().exit_code == 0


def test_a_pending_file_of_another_size_is_not_published(night):
    """It is not what was verified: it stays where it is."""
    waiting = killed(kept(night))
    truncated(waiting)

    with pytest.raises(VerificationError):
        night.run()

    assert waiting.exists()
    assert len(night.files()) == 1


def test_a_run_that_ended_while_the_archive_was_away_is_described_later(night, monkeypatch):
    """Its record is closed without the archive; files, sums and manifest come when it is back."""
    from maintainer.runner import recovery

    kept(night)
    describe = recovery.describe

    def killed_there(*given):
        raise KeyboardInterrupt

    monkeypatch.setattr(recovery, "describe", killed_there)
    with pytest.raises(KeyboardInterrupt):
        night.approved()
    monkeypatch.setattr(recovery, "describe", describe)
    away = night.folder / "away"
    night.archive.parent.rename(away)
    night.run()
    away.rename(night.archive.parent)

    night.run()

    check_books(night)


def test_a_table_whose_folder_cannot_be_made(night):
    """The rows are archived, and it is said where; the next run publishes them when the way is free."""
    kept(night)
    in_the_way = night.archive / "public.events"

    def put():
        in_the_way.touch()

    night.shown = lambda _plan: put()
    report = night.approved()
    night.shown = lambda _plan: None

    said = last(report)
    (waiting,) = night.pending()
    assert report.exit_code == 5
    assert f"its rows are archived in {waiting}" in said.detail
    assert "the next run publishes them" in said.detail
    assert "no row was lost" not in said.detail + said.hint
    assert night.database.run("SELECT outcome FROM maintainer.run") == [("failed",)]

    assert night.run().exit_code == 5
    assert night.pending() == [waiting]
    assert night.database.run("SELECT count(*) FROM events") == [(100,)]
    in_the_way.unlink()
    assert night.run().exit_code == 0
    check_books(night)
    assert len(night.ids()) == 200
