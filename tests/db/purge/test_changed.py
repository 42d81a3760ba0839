"""What changes between the plan and a segment is seen before a row is touched."""

from __future__ import annotations

import pytest

from maintainer.actions import segment
from maintainer.plan.receipts import Outcome
from tests.db.purge.night import check_books, last

ROWS = """
CREATE TABLE events (id int PRIMARY KEY, at timestamptz, word text);
INSERT INTO events SELECT n, '2020-01-01'::timestamptz + n * interval '1 minute', 'w' FROM generate_series(1, 200) AS n;
CREATE INDEX ON events (at);
CREATE TABLE child (event int);
INSERT INTO child SELECT n FROM generate_series(1, 200) AS n"""
RULE = "events: {keep: 90 days, by: at, every: day, archive: ARCHIVE, pace: {max_segment_rows: 50}}"
CHANGES = {
    "a foreign key that cascades": "ALTER TABLE child ADD FOREIGN KEY (event) REFERENCES events ON DELETE CASCADE",
    "a trigger": "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
    "CREATE TRIGGER keep BEFORE DELETE ON events FOR EACH ROW EXECUTE FUNCTION keep()",
    "a rule": "CREATE RULE keep AS ON DELETE TO events DO INSTEAD NOTHING",
    "another table of that name": "ALTER TABLE events RENAME TO old_events;"
    "CREATE TABLE events (LIKE old_events INCLUDING ALL); INSERT INTO events SELECT * FROM old_events",
    "a view of that name": "ALTER TABLE events RENAME TO old_events; CREATE VIEW events AS SELECT * FROM old_events",
    "a new column": "ALTER TABLE events ADD COLUMN note text DEFAULT 'x'",
    "another type": "ALTER TABLE events ALTER COLUMN word TYPE varchar(5)",
    "an inheritance child": "CREATE TABLE late () INHERITS (events)",
}


@pytest.mark.parametrize("archive", ["true", "none"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_table_that_changed_since_the_plan_is_left_alone(night, change, archive) -> None:
    """Nothing leaves, nothing cascades; the step fails by name and the next run plans again."""
    night.database.run(ROWS)
    night.policy(RULE.replace("ARCHIVE", archive)).init()
    night.shown = lambda _plan: night.database.run(CHANGES[change])

    receipt = last(night.approved())

    assert (receipt.outcome, receipt.rows, receipt.exit_code) == (Outcome.FAILED, 0, 1)
    assert "is not what it was" in receipt.detail
    assert night.database.run("SELECT count(*) FROM events") == [(200,)]
    assert night.database.run("SELECT count(*) FROM child") == [(200,)]
    check_books(night)


def test_nobody_changes_the_table_while_a_segment_is_open(night, monkeypatch) -> None:
    """A foreign key that cascades has to wait until the segment is over, and then is seen."""
    night.database.run(ROWS)
    night.policy(RULE.replace("ARCHIVE", "true")).init()
    waited = []
    original = segment._remove

    def remove(*args):
        with pytest.raises(Exception, match="lock timeout"):
            night.database.run(
                f"SET lock_timeout = '100ms'; {CHANGES['a foreign key that cascades']}"
            )
        waited.append(True)
        return original(*args)

    monkeypatch.setattr(segment, "_remove", remove)

    assert last(night.approved()).rows == 200
    assert waited
    assert night.database.run("SELECT count(*) FROM child") == [(200,)]
    check_books(night)


def test_a_partition_that_comes_meanwhile_is_no_hindrance(night) -> None:
    """New partitions are made every night by others; one that has nothing odd changes nothing."""
    night.database.run("""
        CREATE TABLE events (id int, at timestamptz) PARTITION BY RANGE (at);
        CREATE TABLE old PARTITION OF events FOR VALUES FROM ('2019-01-01') TO ('2021-01-01');
        INSERT INTO events SELECT n, '2020-01-01'::timestamptz + n * interval '1 minute' FROM generate_series(1, 200) AS n;
        CREATE INDEX ON events (at)""")
    night.policy(RULE.replace("ARCHIVE", "true")).init()
    night.shown = lambda _plan: night.database.run(
        "CREATE TABLE new PARTITION OF events FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')"
    )

    assert last(night.approved()).rows == 200
    check_books(night)


def test_a_table_dropped_since_the_plan_fails_by_name(night) -> None:
    """The other rules go on; no message speaks of a bug."""
    night.database.run(ROWS.replace("CREATE INDEX ON events (at);", ""))
    night.policy(RULE.replace("ARCHIVE", "true")).init()
    night.shown = lambda _plan: night.database.run("DROP TABLE events")

    receipt = last(night.approved())

    assert (receipt.outcome, receipt.exit_code) == (Outcome.FAILED, 1)
    assert "public.events" in receipt.detail


def test_a_heap_of_toasted_rows_is_cut_small(night) -> None:
    """A row's size in TOAST says nothing of how many rows a block of the heap holds."""
    night.database.run("""
        CREATE TABLE events (id int, at timestamptz, body text);
        ALTER TABLE events ALTER COLUMN body SET STORAGE EXTERNAL;
        INSERT INTO events SELECT n, '2020-01-01', repeat('x', 20000) FROM generate_series(1, 2000) AS n;
        ANALYZE events""")
    rule = RULE.replace("max_segment_rows: 50", "max_segment_rows: 500").replace("ARCHIVE", "true")
    night.policy(rule).init()

    assert last(night.approved()).rows == 2000
    assert max(rows for _, rows, *_ in night.segments()) <= 700
    check_books(night)
