"""A hold reaches the rows that it means, or nothing is deleted: it never holds nothing in silence."""

from __future__ import annotations

import pytest

from maintainer.plan.receipts import Outcome
from tests.db.purge.night import last, outcomes

EVENTS = """
CREATE TABLE plain (id int, at timestamptz);
CREATE TABLE events (id int, at timestamptz) PARTITION BY RANGE (at);
CREATE INDEX ON events (at);
CREATE TABLE events_2020 PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01') PARTITION BY LIST (id);
CREATE TABLE events_2020_other PARTITION OF events_2020 DEFAULT;
CREATE VIEW seen AS SELECT * FROM events;
CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM events;
CREATE TABLE family (id int, at timestamptz);
CREATE TABLE child (more int) INHERITS (family);
CREATE TABLE grandchild () INHERITS (child);
INSERT INTO events SELECT i, '2020-06-01' FROM generate_series(1, 10) AS i;
INSERT INTO plain SELECT i, '2020-06-01' FROM generate_series(1, 10) AS i;
INSERT INTO child SELECT i, '2020-06-01', i FROM generate_series(1, 10) AS i;
INSERT INTO grandchild SELECT i, '2020-06-01', i FROM generate_series(1, 10) AS i"""
KEEP = "{keep: 90 days, by: at, every: day, archive: true}"
HOLD = 'holds: [{{name: trial, tables: ["{}"], where: "id > 5"}}]'


@pytest.fixture
def events(night):
    """A partitioned table and a plain one, both old through and through."""
    night.database.run(EVENTS)
    return night.policy(f"events: {KEEP}", f"plain: {KEEP}").init()


def held(night, name: str, *rules: str) -> None:
    """The same policy with a hold on some relation."""
    rules = rules or (f"events: {KEEP}", f"plain: {KEEP}")
    night.policy(*rules, more=HOLD.format(name))


def left(night, table: str) -> int:
    """How many rows a table still has."""
    return night.database.run(f"SELECT count(*) FROM ONLY {table}")[0][0]


@pytest.mark.parametrize("name", ["events_2020_other", "events_2020", "public.events_2020_other"])
def test_a_hold_on_a_partition_stops_partitioned_tables(events, name):
    """The rows leave through the partitioned table, whose rules the hold does not name."""
    held(events, name)

    report = events.approved()

    assert report.exit_code == 3
    assert outcomes(report) == {"events": Outcome.REFUSED, "plain": Outcome.DONE}
    receipt = last(report, "events")
    assert receipt.detail == f"hold trial names a partition: {name}"
    assert "the partitioned table" in receipt.hint
    assert events.database.run("SELECT count(*) FROM events") == [(10,)]


@pytest.mark.parametrize(("name", "what"), [("seen", "a view"), ("counted", "a materialized view")])
def test_a_hold_on_a_view_stops_every_rule(events, name, what):
    """Nobody knows which tables' rows it means."""
    held(events, name)

    report = events.approved()

    assert report.exit_code == 3
    assert outcomes(report) == {"events": Outcome.REFUSED, "plain": Outcome.REFUSED}
    assert last(report, "plain").detail == f"hold trial names {what}: {name}"
    assert left(events, "plain") == 10


@pytest.mark.parametrize("table", ["child", "grandchild"])
def test_a_hold_on_a_parent_does_not_pass_over_its_children(events, table):
    """Whoever reads the parent sees the children's rows, so they are meant as well."""
    events.database.run(
        "ALTER TABLE grandchild NO INHERIT child; ALTER TABLE grandchild INHERIT family"
    )
    if table == "grandchild":
        events.database.run(
            "ALTER TABLE grandchild NO INHERIT family; ALTER TABLE grandchild INHERIT child"
        )
    held(events, "family", f"{table}: {KEEP}")

    report = events.approved()

    assert (report.exit_code, last(report).outcome) == (3, Outcome.REFUSED)
    assert last(report).detail == "hold trial names a table with inheritance children: family"
    assert left(events, table) == 10


def test_a_hold_on_the_table_itself_holds(events):
    """By any spelling; also a whole partitioned table, and a child that has its own rule."""
    events.database.run("ALTER TABLE grandchild NO INHERIT child")
    rules = (f"events: {KEEP}", f"child: {KEEP}")
    tables = 'tables: [public.events, child], where: "id > 5"'
    events.policy(*rules, more=f"holds: [{{name: trial, {tables}}}]")

    report = events.approved()

    assert report.exit_code == 0
    assert events.database.run("SELECT count(*) FROM events") == [(5,)]
    assert left(events, "child") == 5
