"""Each row is in the table xor in exactly one committed segment, whatever happens meanwhile."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections import Counter
from itertools import count
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from maintainer.actions import segment
from maintainer.app import StopSignal
from maintainer.archive import readback, sealer
from maintainer.archive.folder import Folder
from maintainer.errors import ConflictError, LockTimeoutError, MaintainerError, UnreachableError
from maintainer.journal import ledger
from tests.db.purge.night import Night, check_books, last
from tests.servers import Database

TABLE = "CREATE TABLE events (id int PRIMARY KEY, at timestamptz, version int NOT NULL DEFAULT 0)"
RULE = "events: {keep: 90 days, by: at, every: day, archive: true, pace: {max_segment_rows: 6}, guard: {max_percent: 100, max_rows: 100000}}"
OLD = "now() - interval '200 days' - (%s %% 17) * interval '1 hour'"
IDS = st.lists(st.integers(0, 120), min_size=1, max_size=8)
FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

PLACES = {
    "sink": (sealer.Sealer, "write", UnreachableError("no store")),
    "disk": (sealer.Sealer, "_store", FULL),
    "ledger": (ledger, "record", MaintainerError("no ledger")),
    "verify": (readback, "confirm", UnreachableError("no")),
    "deadlock": (segment, "_remove", ConflictError("deadlock", sqlstate="40P01")),
    "lock": (segment, "_remove", LockTimeoutError("lock timeout", sqlstate="55P03")),
    "publish": (Folder, "publish", UnreachableError("no folder")),
    "interrupt": (segment, "_allow", KeyboardInterrupt()),
    "kill": (readback, "confirm", None),
    "nothing": (readback, "confirm", None),
}
HOOKS = {
    "before the statement": (segment, "_remove"),
    "after the statement": (readback, "confirm"),
    "before the ledger": (ledger, "record"),
    "after the commit": (Folder, "publish"),
}


class ExactlyOnce(RuleBasedStateMachine):
    """Writers, nights, and what breaks them. `model` is what each row must be: id to version."""

    database: Database
    driver: str
    indexed: bool
    place: Path

    @initialize()
    def begin(self):
        """An empty table and an empty archive."""
        self.database.run(
            f"DROP TABLE IF EXISTS events, public.audit_logs; DROP SCHEMA IF EXISTS maintainer CASCADE; {TABLE}"
        )
        if self.indexed:
            self.database.run("CREATE INDEX ON events (at)")
        self.night = Night(self.database, self.driver, Path(tempfile.mkdtemp(dir=self.place)))
        self.night.policy(RULE).init()
        self.writer = psycopg.connect(self.database.dsn, autocommit=True)
        self.writer.execute("SET lock_timeout = '50ms'")
        self.ids = count()
        self.model: dict[str, int] = {}
        self.insert_old(11)

    def teardown(self):
        """The last night is a quiet one: whatever broke before, now everything old is gone, once."""
        if not hasattr(self, "writer"):
            return
        for _ in range(2):
            report = self.approved()
            assert report.exit_code == 0
        assert last(report).rows == 0
        old = "SELECT count(*) FROM events WHERE at < now() - interval '91 days'"
        assert self.database.run(old) == [(0,)]
        check_books(self.night)
        self.each_row_is_in_one_place()
        self.writer.close()

    @rule(number=st.integers(1, 9))
    def insert_old(self, number):
        """Rows arrive that have expired already."""
        for _ in range(number):
            self._insert(OLD)

    @rule()
    def insert_young(self):
        """A row arrives that stays."""
        self._insert("now() + %s * interval '0'")

    @rule(ids=IDS)
    def change(self, ids):
        """Rows are changed: the archive must have them as they are now."""
        self._write(
            "UPDATE events SET version = version + 1 WHERE id = ANY (%s) RETURNING id", ids, +1
        )

    @rule(ids=IDS)
    def renew(self, ids):
        """Rows are renewed: they stay."""
        self._write(
            "UPDATE events SET at = now(), version = version + 1 WHERE id = ANY (%s) RETURNING id",
            ids,
            +1,
        )

    @rule(ids=IDS)
    def age(self, ids):
        """Rows become old, anywhere before or behind a cursor."""
        self._write(
            "UPDATE events SET at = now() - interval '190 days' - id * interval '1 hour', version = version + 1 WHERE id = ANY (%s) RETURNING id",
            ids,
            +1,
        )

    @rule(ids=IDS)
    def delete(self, ids):
        """Somebody else deletes rows: they are nobody's."""
        self._write("DELETE FROM events WHERE id = ANY (%s) RETURNING id", ids, None)

    @precondition(lambda self: self.model)
    @rule(
        place=st.sampled_from(sorted(PLACES)),
        nth=st.integers(1, 4),
        hook=st.sampled_from(sorted(HOOKS)),
        act=st.sampled_from(["insert_old", "change", "renew", "age", "delete"]),
        ids=IDS,
        stop=st.booleans(),
    )
    def night_falls(self, place, nth, hook, act, ids, stop):
        """A run, somebody who writes in the middle of it, and something that breaks."""
        with pytest.MonkeyPatch.context() as patch:
            self._break(patch, place, nth)
            self._meddle(
                patch,
                hook,
                nth,
                (lambda: getattr(self, act)(ids if act != "insert_old" else 3)),
                stop=stop,
            )
            with contextlib.suppress(KeyboardInterrupt, MaintainerError):
                self.approved()
        self.night.stop = StopSignal()

    @invariant()
    def each_row_is_in_one_place(self):
        """Seen from outside: the table, and the files that the ledger owns."""
        if not hasattr(self, "model"):
            return
        places = Counter(
            (str(row[0]), row[1]) for row in self.database.run("SELECT id, version FROM events")
        )
        owned = [row[0] for row in self.night.segments()]
        for path in [*self.night.files(), *self.night.pending()]:
            if any(uri.endswith(path.name) for uri in owned):
                places.update((row[0], int(row[2])) for row in _rows(path))
        assert places == Counter(self.model.items())

    def approved(self):
        """A run with whatever it asks for, the next day."""
        self.database.run("UPDATE maintainer.step SET ended_at = ended_at - interval '1 day'")
        return self.night.approved()

    def _insert(self, at):
        number = next(self.ids)
        self.writer.execute(f"INSERT INTO events VALUES (%s, {at})", (number, number))
        self.model[str(number)] = 0

    def _write(self, statement, ids, change):
        try:
            rows = self.writer.execute(statement, (ids,)).fetchall()
        except psycopg.errors.LockNotAvailable:
            return  # a segment is at it; the row is as it was
        for (number,) in rows:
            if change is None:
                del self.model[str(number)]
            else:
                self.model[str(number)] += change

    def _break(self, patch, place, nth):
        owner, name, error = PLACES[place]
        if place == "nothing":
            return
        calls, original = count(1), getattr(owner, name)

        def called(*args, **options):
            if next(calls) == nth:
                if place == "kill":
                    self.database.run(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'maintainer'"
                    )
                else:
                    raise error
            return original(*args, **options)

        patch.setattr(owner, name, called)

    def _meddle(self, patch, hook, nth, act, *, stop):
        owner, name = HOOKS[hook]
        calls, original = count(1), getattr(owner, name)

        def called(*args, **options):
            if next(calls) == nth:
                act()
                if stop:
                    self.night.stop.request(15)
            return original(*args, **options)

        patch.setattr(owner, name, called)


def _rows(path):
    from tests.db.purge.night import rows_of

    return rows_of(path)


@pytest.mark.parametrize("indexed", [True, False], ids=["by key", "by blocks"])
def test_each_row_is_in_the_table_or_in_one_segment(database, driver, indexed, tmp_path):
    """Late rows, changed rows, full disks, lost sessions: archived set = deleted set, exactly once."""

    class Machine(ExactlyOnce):
        pass

    Machine.database, Machine.driver, Machine.indexed = database, driver, indexed
    Machine.place = tmp_path
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=4,
            stateful_step_count=9,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
