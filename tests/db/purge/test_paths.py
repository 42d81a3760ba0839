"""Which rows go, by which access path."""

from __future__ import annotations

import datetime as dt

import pytest

from maintainer.archive import readback
from maintainer.plan.receipts import Outcome
from maintainer.plan.steps import BlockRange, KeyRange, Purge, Skip
from tests.db.purge.night import check_books, last, other

EVENTS = "events: {keep: 90 days, by: at, every: day, archive: true}"
MANY = """
CREATE TABLE events (id int PRIMARY KEY, at timestamptz, word text);
INSERT INTO events SELECT n, now() - n * interval '1 day', 'word ' || n FROM generate_series(1, 400) AS n;
"""
INDEX = "CREATE INDEX ON events (at)"


def left(night, columns="id"):
    """What is still in the table."""
    return night.database.run(f"SELECT {columns} FROM events ORDER BY id")


def small(night, rows=50):
    """Segments so small that several are needed."""
    return night.policy(
        f"events: {{keep: 90 days, by: at, every: day, archive: true, pace: {{max_segment_rows: {rows}}}}}"
    )


def test_the_key_range_takes_what_is_older(every_night):
    """With an index that leads with the time the walk is by key, in several segments."""
    every_night.database.run(MANY + INDEX)
    small(every_night).init()

    report = every_night.approved()

    assert isinstance(every_night.plans[-1].steps[0].path, KeyRange)
    assert (report.exit_code, last(report).rows, last(report).finished) == (0, 311, True)
    assert [row[0] for row in left(every_night)] == list(range(1, 90))
    assert sorted(every_night.ids().elements(), key=int) == [str(n) for n in range(90, 401)]
    assert len(every_night.files()) == 7
    check_books(every_night)


def test_without_an_index_the_walk_is_by_blocks(every_night):
    """Block ranges on 14 and later, row addresses on 13; the plan says which."""
    every_night.database.run(MANY)
    every_night.database.run(
        "INSERT INTO events SELECT n, now(), repeat('x', 900) FROM generate_series(1000, 1400) AS n"
    )
    small(every_night).init()

    report = every_night.approved()

    step = every_night.plans[-1].steps[0]
    version = every_night.database.server.version
    assert isinstance(step.path, BlockRange)
    assert ("13 has no block ranges" in step.reason) == (version == 13)
    assert ("generate_series" in step.path.purge.shown()) == (version == 13)
    assert (report.exit_code, last(report).rows, last(report).finished) == (0, 311, True)
    assert sum(every_night.ids().values()) == len(every_night.ids()) == 311
    assert len(left(every_night)) == 400 + 401 - 311
    check_books(every_night)


def test_thousands_of_equal_times_stay_together(night):
    """One key that is larger than a segment goes whole: nothing of it is skipped or taken twice."""
    night.database.run("""
        CREATE TABLE events (id int, at timestamptz);
        INSERT INTO events SELECT n, '2020-01-01' FROM generate_series(1, 3000) AS n;
        INSERT INTO events SELECT n, '2020-01-01'::timestamptz + (n / 700) * interval '1 s' FROM generate_series(3001, 6000) AS n;
        CREATE INDEX ON events (at);""")
    small(night, 100).init()

    report = night.approved()

    assert last(report).rows == 6000
    assert len(night.ids()) == sum(night.ids().values()) == 6000
    assert left(night) == []
    check_books(night)


@pytest.mark.parametrize("index", ["", "CREATE INDEX ON events (at)"])
@pytest.mark.parametrize(
    ("zone", "first"),
    [("Pacific/Kiritimati", dt.date(2020, 6, 2)), ("Pacific/Pago_Pago", dt.date(2020, 5, 30))],
)
def test_a_date_is_compared_with_the_local_date(night, index, zone, first):
    """At 10:30 UTC on 1 July it is already the 2nd in one zone and still the 30th in the other."""
    night.database.run(f"""
        CREATE TABLE events (id int, at date);
        INSERT INTO events SELECT n, '2020-05-20'::date + n FROM generate_series(0, 30) AS n; {index}""")
    night.policy("events: {keep: 1 month, by: at, every: day, archive: true}", timezone=zone).init()

    report = night.approved(as_of=dt.datetime(2020, 7, 1, 10, 30, tzinfo=dt.UTC))

    assert report.exit_code == 0
    assert night.database.run("SELECT min(at) FROM events") == [(first,)]


@pytest.mark.parametrize("index", ["", "CREATE INDEX ON events (at)"])
def test_a_timestamp_without_zone_is_read_in_the_zone_of_its_rule(night, index):
    """The cut-off is the wall clock of `zone:`; a row exactly at it stays."""
    night.database.run(f"""
        CREATE TABLE events (id int, at timestamp);
        INSERT INTO events VALUES (1, '2020-06-01 07:59:59.999999'), (2, '2020-06-01 08:00:00'), (3, '2020-06-01 08:00:00.000001'); {index}""")
    night.policy(
        "events: {keep: 30 days, by: at, zone: America/New_York, every: day, archive: true}"
    ).init()

    report = night.approved(as_of=dt.datetime(2020, 7, 1, 12, 0, tzinfo=dt.UTC))

    assert report.exit_code == 0
    assert left(night) == [(2,), (3,)]


def test_a_row_exactly_at_the_cut_off_stays(night):
    """`by < cut-off`, by the microsecond, in the policy's time zone across a clock change."""
    night.database.run("""
        CREATE TABLE events (id int, at timestamptz);
        INSERT INTO events VALUES (1, '2025-03-29 11:59:59.999999+01'), (2, '2025-03-29 12:00+01'), (3, '2025-03-29 12:00:00.000001+01');
        CREATE INDEX ON events (at)""")
    night.policy(
        "events: {keep: 7 days, by: at, every: day, archive: true}", timezone="Europe/Amsterdam"
    ).init()

    night.approved(as_of=dt.datetime(2025, 4, 5, 10, 0, tzinfo=dt.UTC))  # 12:00 in summer time

    assert left(night) == [(2,), (3,)]


@pytest.mark.parametrize("index", ["", INDEX])
def test_rows_without_an_age_stay_and_are_counted(night, index):
    """NULL, both infinities and future times stay, and the report says how many."""
    night.database.run(f"""
        CREATE TABLE events (id int, at timestamptz);
        INSERT INTO events VALUES (1, NULL), (2, '-infinity'), (3, 'infinity'), (4, now() + interval '1 day'),
          (5, now()), (6, '2020-01-01'), (7, '0044-03-15 BC'), (8, '12026-01-01'); {index}""")
    night.policy(EVENTS).init()

    receipt = last(night.approved())

    assert (receipt.rows, receipt.finished) == (2, True)
    assert left(night) == [(1,), (2,), (3,), (4,), (5,), (8,)]
    assert receipt.after["rows_without_time"] == 1
    assert receipt.after["rows_at_infinity"] == 2
    assert receipt.after["rows_in_the_future"] == 2


@pytest.mark.parametrize("index", ["", INDEX])
def test_a_table_that_grows_while_it_is_walked(night, index, monkeypatch):
    """Late rows behind the cursor are counted and go next time; none is lost or taken twice."""
    night.database.run(MANY + index)
    small(night).init()
    late = iter(range(10_000, 10_003))

    confirm = readback.confirm

    def arrive(path, found):
        if (number := next(late, None)) is not None:
            with other(night) as somebody:
                somebody.execute("INSERT INTO events VALUES (%s, '2001-01-01', 'late')", (number,))
        return confirm(path, found)

    monkeypatch.setattr(readback, "confirm", arrive)
    first = last(night.approved())
    came = night.database.run("SELECT count(*) FROM events WHERE id >= 10000")[0][0]
    second = last(night.run())

    assert (first.finished, first.outcome) == (False, Outcome.DONE)
    assert first.after["rows_still_due"] == came > 0
    assert "still due: they go next time" in first.detail
    assert (second.rows, second.finished) == (came, True)
    assert night.ids() == dict.fromkeys([*map(str, range(90, 401)), "10000", "10001", "10002"], 1)
    check_books(night)


def test_a_partitioned_table_goes_through_its_parent(every_night):
    """With an index on the time, through the parent, from every partition and the default one."""
    every_night.database.run("""
        CREATE TABLE events (id int, at timestamptz) PARTITION BY RANGE (at);
        CREATE TABLE events_2019 PARTITION OF events FOR VALUES FROM ('2019-01-01') TO ('2020-01-01');
        CREATE TABLE events_2020 PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
        CREATE TABLE events_rest PARTITION OF events DEFAULT;
        CREATE INDEX ON events (at);
        INSERT INTO events SELECT n, '2019-06-01'::timestamptz + n * interval '1 day' FROM generate_series(1, 400) AS n;
        INSERT INTO events VALUES (500, now()), (501, '2018-01-01')""")
    small(every_night).init()

    report = every_night.approved()

    assert (report.exit_code, last(report).rows) == (0, 401)
    assert left(every_night) == [(500,)]
    assert len(every_night.ids()) == 401
    check_books(every_night)


def test_a_partitioned_table_without_an_index_is_refused(night):
    """There is no walk over it, and the hint is the index that would make one."""
    night.database.run("""
        CREATE TABLE events (id int, at timestamptz) PARTITION BY RANGE (at);
        CREATE TABLE events_rest PARTITION OF events DEFAULT;
        INSERT INTO events VALUES (1, '2020-01-01')""")
    night.policy(EVENTS).init()

    receipt = last(night.run())

    assert (receipt.outcome, receipt.exit_code) == (Outcome.REFUSED, 3)
    assert "no index leads with at" in receipt.detail
    assert "CREATE INDEX ON" in receipt.hint


@pytest.mark.parametrize("index", ["", INDEX])
def test_archive_none_deletes_without_a_file(night, index):
    """The same loop with a plain DELETE; the ledger accounts for the rows, no file is made."""
    night.database.run(MANY + index)
    night.policy(
        "events: {keep: 90 days, by: at, every: day, archive: none, pace: {max_segment_rows: 50}}"
    ).init()

    report = night.approved()

    assert (report.exit_code, last(report).rows) == (0, 311)
    assert len(left(night)) == 89
    assert night.files() == []
    assert {row[0] for row in night.segments()} == {None}
    assert sum(row[1] for row in night.segments()) == 311


def test_where_and_holds_decide_and_null_decides_nothing(night):
    """A row goes when `where` is true and no hold is true: unknown takes nothing and holds nothing."""
    night.database.run("""
        CREATE TABLE events (id int, at timestamptz, kind text, tenant text);
        INSERT INTO events VALUES
          (1, '2020-01-01', 'noise', 'a'), (2, '2020-01-01', 'noise', 'held'), (3, '2020-01-01', 'noise', NULL),
          (4, '2020-01-01', NULL, 'a'),    (5, '2020-01-01', 'signal', 'a'),   (6, now(), 'noise', 'a'),
          (7, '2020-01-01', 'noise', 'b%''\\')""")
    night.policy(
        """events: {keep: 90 days, by: at, every: day, archive: true, where: "kind = 'noise'"}""",
        more="""holds:
  - {name: case, tables: [public.events], where: "tenant = 'held'"}
  - {name: odd, tables: [events], where: "tenant LIKE 'b%''\\\\\\\\%'"}""",
    ).init()

    report = night.approved()

    assert report.exit_code == 0
    assert [row[0] for row in night.archived()] == ["1", "3"]
    assert left(night) == [(2,), (4,), (5,), (6,), (7,)]


def test_a_hold_without_where_keeps_every_row(night):
    """Then nothing is due, and the second rule of the policy goes on."""
    night.database.run(MANY + "CREATE TABLE noise AS SELECT * FROM events")
    night.policy(
        EVENTS,
        "noise: {keep: 90 days, by: at, every: day, archive: true}",
        more="holds:\n  - {name: all, tables: [events]}",
    ).init()

    report = night.approved()

    assert [receipt.rows for receipt in report.receipts] == [0, 311]
    assert len(left(night)) == 400


@pytest.mark.parametrize(
    "predicate", ["true) OR (true", "no_such_column = 1", "kind", "true; DELETE FROM events", "/* "]
)
def test_a_hold_that_the_server_does_not_take_stops_its_rule(night, predicate):
    """Nothing breaks out of the parentheses; the rule is refused by name, the others go on."""
    night.database.run(MANY + "CREATE TABLE noise AS SELECT * FROM events")
    night.policy(
        EVENTS,
        "noise: {keep: 90 days, by: at, every: day, archive: true}",
        more=f"holds:\n  - {{name: broken, tables: [events], where: '{predicate}'}}",
    ).init()

    report = night.approved()

    refused, done = report.receipts
    assert report.exit_code == 3
    assert refused.outcome is Outcome.REFUSED
    assert "hold broken is not accepted" in refused.detail
    assert (len(left(night)), done.rows) == (400, 311)


def test_whole_months_leave_together(night):
    """`align: month` floors the cut-off: rows stay longer, never shorter."""
    night.database.run("""
        CREATE TABLE events (id int, at date);
        INSERT INTO events SELECT n, '2020-01-01'::date + n FROM generate_series(0, 365) AS n""")
    night.policy("events: {keep: 2 months, by: at, align: month, every: day, archive: true}").init()

    night.approved(as_of=dt.datetime(2020, 9, 25, tzinfo=dt.UTC))

    assert night.database.run("SELECT min(at) FROM events") == [(dt.date(2020, 7, 1),)]


def test_as_of_reckons_from_a_past_moment_and_proves_nothing(night):
    """Only what was old then goes, and the rule is still due today."""
    night.database.run(MANY + INDEX)
    night.policy(EVENTS).init()
    then = dt.datetime.now(dt.UTC) - dt.timedelta(days=200)

    first = last(night.approved(as_of=then))
    second = last(night.approved())

    assert (first.rows, first.finished) == (111, False)
    assert (second.rows, second.finished) == (200, True)


def test_a_second_run_finds_nothing_to_do(night):
    """Finished is finished until the next period; and a rule that finds nothing is finished too."""
    night.database.run(MANY + INDEX)
    night.policy(EVENTS).init()
    night.approved()
    before = night.archived()

    report = night.run()

    assert (report.exit_code, last(report).outcome) == (0, Outcome.SKIPPED)
    assert isinstance(last(report).step, Skip)
    assert "not due" in last(report).detail
    assert night.archived() == before


def test_the_plan_that_ran_is_the_plan_that_was_shown(night):
    """Dry-run and run of the same moment decide the same: the digest of the run is the plan's."""
    from maintainer.plan import document

    night.database.run(MANY + INDEX)
    night.policy(EVENTS).init()
    fingerprint = night.fingerprint()

    night.run(approve=(fingerprint,))

    (shown,) = night.plans
    assert isinstance(shown.steps[0], Purge)
    assert night.database.run("SELECT plan_digest FROM maintainer.run") == [
        (document.digest(shown),)
    ]
