"""A physical copy of the server runs with the archive of its original: no row is lost by that."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from itertools import count

import psycopg
import pytest

from maintainer.errors import VerificationError
from maintainer.journal import ledger
from maintainer.plan.receipts import Outcome
from tests.db.journal.broken import kept, killed, more, snapshot
from tests.db.purge.night import Night, check_books, last, rows_of
from tests.servers import Database, Server, account

OWN = ("port", "unix_socket_directories")


@dataclass
class Copies:
    """Copies of one server; each begins as its original was at that moment."""

    server: Server
    make: object

    def copy(self) -> Server:
        """An online backup without pg_basebackup, started on a port of its own."""
        twin = self.make()
        twin.stop()
        port = _port_line(twin)
        shutil.rmtree(twin.data_dir)
        label = self._backed_up(twin)
        (twin.data_dir / "backup_label").write_text(label)
        (twin.data_dir / "postmaster.pid").unlink()
        settings = twin.data_dir / "postgresql.auto.conf"
        kept_lines = [
            line for line in settings.read_text().splitlines() if not line.startswith(OWN)
        ]
        settings.write_text("\n".join([*kept_lines, *port, ""]))
        for path in (twin.data_dir, *twin.data_dir.rglob("*")):
            account.own(path)
        twin.start()
        return replace(twin, password=self.server.password)

    def _backed_up(self, twin: Server) -> str:
        new = self.server.version >= 15
        start, stop = (
            ("pg_backup_start('x', true)", "pg_backup_stop(false)")
            if new
            else ("pg_start_backup('x', true, false)", "pg_stop_backup(false, false)")
        )
        with psycopg.connect(self.server.dsn(), autocommit=True) as connection:
            connection.execute(f"SELECT {start}")
            shutil.copytree(self.server.data_dir, twin.data_dir)
            row = connection.execute(f"SELECT (s).labelfile FROM {stop} AS s").fetchone()
        shutil.rmtree(twin.data_dir / "pg_wal")
        shutil.copytree(self.server.data_dir / "pg_wal", twin.data_dir / "pg_wal")
        return row[0]


def _port_line(server: Server) -> list[str]:
    return [
        line
        for line in (server.data_dir / "postgresql.auto.conf").read_text().splitlines()
        if line.startswith(OWN)
    ]


@pytest.fixture
def copies(make_own_server):
    """A server that can be copied."""
    return Copies(make_own_server(), make_own_server)


@pytest.fixture
def night(copies, make_database, driver, tmp_path):
    """Rows that have expired, on that server."""
    return kept(Night(make_database(copies.server), driver, tmp_path / "night"))


def on(night: Night, server: Server) -> Night:
    """The same policy and archive, on a copy of the server."""
    return Night(Database(night.database.name, server), night.driver, night.folder)


def killed_after_a_copy(night: Night, copies: Copies) -> tuple[Night, object]:
    """The copy is made just before the COMMIT of the second segment; just after it the run is killed."""
    twins: list[Server] = []
    calls, record = count(1), ledger.record

    def copied(*given: object) -> object:
        link = record(*given)
        if next(calls) == 2:
            twins.append(copies.copy())
        return link

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger, "record", copied)
        waiting = killed(night)
    return on(night, twins[0]), waiting


def test_the_copy_runs_first(night, copies) -> None:
    """It sets aside what its original had committed; the original is refused, told why, and complete again."""
    clone, waiting = killed_after_a_copy(night, copies)
    rows = rows_of(waiting)
    assert len(rows) == 100

    assert clone.approved().exit_code == 0
    aside = night.archive / "_void" / waiting.name
    assert rows_of(aside) == rows
    before = snapshot(night)

    more(night, 201, 210)
    assert last(night.approved()).outcome is Outcome.REFUSED
    assert snapshot(night) == before

    _take_over(night)
    with pytest.raises(VerificationError, match=rf"{waiting.name} \(100 rows\)") as missing:
        night.run()
    assert "_void" in missing.value.hint
    aside.rename(waiting)
    assert night.run().exit_code == 0
    owned = [row[0] for row in night.segments()]
    assert {row[0] for uri in owned for row in rows_of(night.archive / uri)} == {
        str(n) for n in range(1, 211)
    }


def test_the_original_runs_on_first(night, copies) -> None:
    """The copy is refused before it touches anything, and says what to do."""
    clone, waiting = killed_after_a_copy(night, copies)
    assert night.approved().exit_code == 0
    assert not waiting.exists()
    before = snapshot(night)

    report = clone.approved()

    receipt = last(report)
    assert (report.exit_code, receipt.outcome) == (3, Outcome.REFUSED)
    assert "has never seen" in receipt.detail
    assert "a name of its own" in receipt.hint
    assert snapshot(night) == before
    check_books(night)


def test_the_copy_gets_an_archive_of_its_own(night, copies) -> None:
    """What it was told to do: a new name, and both go on, each with its own files."""
    clone, _ = killed_after_a_copy(night, copies)
    assert night.approved().exit_code == 0
    before = snapshot(night)
    clone.folder = night.folder.with_name("clone")
    shutil.copytree(night.folder, clone.folder, ignore=lambda *_: {"archive"})
    policy = clone.folder / "policy.yaml"
    policy.write_text(policy.read_text("utf-8").replace("name: test", "name: clone"), "utf-8")

    assert clone.approved().exit_code == 0
    more(night, 201, 210)
    assert night.run().exit_code == 0

    assert {path for path, content in before.items() if snapshot(night)[path] != content} == {
        "archive.json"
    }
    check_books(night)
    assert clone.database.run("SELECT count(*) FROM events") == [(0,)]


def _take_over(night: Night) -> None:
    path = night.archive / "archive.json"
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join('  "head": null,' if '"head"' in one else one for one in lines))
