"""A rollup writes nothing but its own months: what somebody else put there stays, or it is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest

from maintainer.actions import segment
from maintainer.plan.receipts import Outcome
from tests.db.purge.night import check_books, last, other
from tests.db.purge.test_failures import nth

TABLES = """
CREATE TABLE usage (id int, day date, tenant text, n numeric);
CREATE TABLE months (month date, tenant text, n numeric, how_many bigint);
INSERT INTO usage SELECT i, '2020-01-01'::date + i % 90, nullif('t' || i % 3, 't0'), i FROM generate_series(1, 90) AS i"""
RULE = """usage:
    keep: 90 days
    by: day
    align: month
    every: day
    archive: true
    pace: {{max_segment_rows: 40}}
    rollup: {{name: monthly, into: {into}, month: month, group_by: [tenant], sum: [n], count: how_many}}
"""
RAW = """SELECT date_trunc('month', day)::date, tenant, coalesce(sum(n), 0), count(*)
  FROM {} WHERE day >= '2020-01-01' GROUP BY 1, 2"""
LATER = "UPDATE maintainer.step SET ended_at = ended_at - interval '1 day'"
MINE = "('2020-02-01', 'mine', 1000, 7)"


@pytest.fixture
def usage(night):
    """Three months of raw rows of three tenants, one of them nobody; nothing aggregated yet."""
    night.database.run(TABLES)
    return night.policy(RULE.format(into="months")).init()


def rows(night, source: str) -> list[str]:
    """Rows in an order, as text."""
    return sorted(map(str, night.database.run(source)))


def months(night) -> list[str]:
    """The monthly table."""
    return rows(night, "SELECT month, tenant, n, how_many FROM months")


def is_refused(night, report, number: int) -> None:
    """A refusal that counts strange rows and has changed nothing."""
    receipt = last(report)
    assert (report.exit_code, receipt.outcome, receipt.rows) == (3, Outcome.REFUSED, 0)
    assert f"public.months holds {number} row" in receipt.detail
    assert "empty table" in receipt.hint
    assert night.files() == []


STRANGE = {
    "a group that is not in the raw rows": "VALUES ('2020-02-01'::date, 'mine', 1000, 7)",
    "a month without raw rows": "VALUES ('2026-01-01'::date, 't1', 1000, 7)",
    "another sum": "VALUES ('2020-02-01'::date, 't1', 1000, 7)",
    "another sum of the group of nobody": "VALUES ('2020-02-01'::date, NULL, 1000, 7)",
    "a right row twice": f"SELECT w.* FROM ({RAW.format('usage')} ORDER BY 1, 2 LIMIT 1) AS w, generate_series(1, 2)",
}


@pytest.mark.parametrize("case", STRANGE)
def test_a_monthly_table_with_strange_rows_is_refused_before_anything_is_deleted(usage, case):
    """A rollup must never write over, or delete, what it cannot know to be its own."""
    usage.database.run(f"INSERT INTO months {STRANGE[case]}")
    before, raw = months(usage), rows(usage, "TABLE usage")

    report = usage.approved()

    is_refused(usage, report, 2 if "twice" in case else 1)
    assert (months(usage), rows(usage, "TABLE usage")) == (before, raw)


def test_months_before_the_first_raw_row_are_history(usage):
    """They were aggregated before maintainer came, and stay as they are."""
    usage.database.run(
        "INSERT INTO months VALUES ('2019-12-01', 't1', 5, 5), ('2019-12-01', 't1', 5, 5)"
    )
    expected = sorted(months(usage) + rows(usage, RAW.format("usage")))

    report = usage.approved()

    assert (report.exit_code, last(report).rows) == (0, 90)
    assert months(usage) == expected


def test_rows_that_are_right_already_are_taken_over(usage):
    """They equal the raw rows, so they may be renewed like those that maintainer wrote."""
    usage.database.run(
        f"CREATE TABLE ever AS TABLE usage; INSERT INTO months {RAW.format('usage')}"
    )
    assert usage.approved().exit_code == 0
    late = "INSERT INTO {} VALUES (91, '2020-02-05', 't1', 10), (92, '2020-02-05', NULL, 10)"
    usage.database.run(f"{late.format('usage')}; {late.format('ever')}; {LATER}")

    report = usage.run()

    assert (report.exit_code, last(report).rows) == (0, 2)
    assert months(usage) == rows(usage, RAW.format("ever"))


def test_a_late_row_does_not_write_over_history(usage):
    """Its month was aggregated by somebody else: that sum is not maintainer's to replace."""
    usage.database.run("INSERT INTO months VALUES ('2018-05-01', 't1', 1000, 9)")
    assert usage.approved().exit_code == 0
    files = usage.files()
    usage.database.run(f"INSERT INTO usage VALUES (91, '2018-05-05', 't1', 10); {LATER}")
    before = months(usage)

    report = usage.run()

    assert (report.exit_code, last(report).outcome) == (3, Outcome.REFUSED)
    assert "public.months holds 1 row" in last(report).detail
    assert (months(usage), usage.files()) == (before, files)
    assert usage.database.run("SELECT id FROM usage") == [(91,)]


def test_a_late_row_of_an_empty_month_leaves_history_alone(usage):
    """Its own month is written; the months between it and the others are somebody else's."""
    usage.database.run(
        "CREATE TABLE ever AS TABLE usage; INSERT INTO months VALUES ('2019-05-01', 't1', 1000, 9)"
    )
    assert usage.approved().exit_code == 0
    usage.database.run(f"INSERT INTO usage VALUES (91, '1970-01-01', 't1', 10); {LATER}")

    report = usage.run()

    assert (report.exit_code, last(report).finished) == (0, True)
    assert months(usage) == sorted(
        [
            *rows(usage, RAW.format("ever")),
            str(("x", "t1", Decimal(1000), 9)).replace("'x'", "datetime.date(2019, 5, 1)"),
            str(("x", "t1", Decimal(10), 1)).replace("'x'", "datetime.date(1970, 1, 1)"),
        ]
    )


def test_a_row_written_by_hand_among_the_months_is_found_out(usage):
    """It is no sum of raw rows; it is neither deleted nor passed over."""
    assert usage.approved().exit_code == 0
    usage.database.run(
        f"INSERT INTO months VALUES {MINE}; INSERT INTO usage VALUES (91, '2020-01-05', 't1', 10); {LATER}"
    )
    before = months(usage)

    report = usage.run()

    assert (report.exit_code, last(report).outcome) == (3, Outcome.REFUSED)
    assert months(usage) == before


def test_history_that_a_row_strikes_while_the_run_works_stays_and_is_reported(usage, monkeypatch):
    """The row came after the check and is archived and carried; the month is not written over."""
    usage.database.run("INSERT INTO months VALUES ('2018-05-01', 't1', 1000, 9)")

    def arrive(*_args):
        with other(usage) as somebody:
            somebody.execute("INSERT INTO usage VALUES (91, '2018-05-05', 't1', 10)")

    monkeypatch.setattr(segment, "_committed", nth(1, arrive)(segment._committed))
    report = usage.approved()

    if usage.database.run("SELECT count(*) FROM usage") == [(0,)]:
        assert (report.exit_code, last(report).outcome) == (1, Outcome.FAILED)
        assert "are not raw rows plus carry" in last(report).detail
    assert usage.database.run("SELECT n FROM months WHERE month = '2018-05-01'") == [(1000,)]
    check_books(usage)


def test_a_row_that_comes_beside_ours_while_the_run_works_stays_and_is_reported(usage, monkeypatch):
    """Two rows of a group: which one maintainer wrote cannot be known any more."""
    usage.database.run("CREATE TABLE ever AS TABLE usage")

    def arrive(*_args):
        with other(usage) as somebody:
            somebody.execute("INSERT INTO months VALUES ('2020-02-01', 't1', 1000, 7)")

    monkeypatch.setattr(segment, "_committed", nth(1, arrive)(segment._committed))
    report = usage.approved()

    assert (report.exit_code, last(report).outcome) == (1, Outcome.FAILED)
    assert usage.database.run("SELECT count(*) FROM months WHERE n = 1000") == [(1,)]
    usage.database.run("DELETE FROM months WHERE n = 1000")
    assert months(usage) == rows(usage, RAW.format("ever"))


@pytest.mark.parametrize("tenant", ["'t9'", "NULL"])
def test_a_group_that_left_the_raw_rows_leaves_the_months(usage, tenant):
    """A changed raw row is reflected: maintainer wrote the old group and takes it back."""
    usage.database.run(
        f"INSERT INTO usage VALUES (91, current_date, {tenant}, 10), (92, current_date, 't1', 1)"
    )
    assert usage.approved().exit_code == 0
    assert len(rows(usage, "SELECT FROM months WHERE month > '2020-12-01'")) == 2
    usage.database.run(
        f"UPDATE usage SET tenant = 't8', n = 11 WHERE id = 91; INSERT INTO usage VALUES (93, '2020-01-05', 't1', 1); {LATER}"
    )

    report = usage.run()

    assert report.exit_code == 0
    assert usage.database.run(
        "SELECT tenant, n FROM months WHERE month > '2020-12-01' ORDER BY 1"
    ) == [("t1", 1), ("t8", 11)]


@pytest.mark.parametrize("change", ["tenant = 't8' WHERE id = 91", "day = '2020-01-06'"])
def test_a_group_taken_back_belongs_to_whoever_writes_it_next(usage, change):
    """That maintainer once wrote such a row says nothing about the one that is there now."""
    usage.database.run(
        "INSERT INTO usage VALUES (91, current_date, 't9', 10), (92, current_date, 't1', 1)"
    )
    assert usage.approved().exit_code == 0
    late = "INSERT INTO usage VALUES ({}, '2020-01-05', 't1', 1); " + LATER
    usage.database.run(f"UPDATE usage SET {change}; {late.format(93)}")
    assert usage.run().exit_code == 0
    usage.database.run(
        f"INSERT INTO months VALUES (date_trunc('month', current_date), 't9', 5, 5); {late.format(94)}"
    )

    report = usage.run()

    assert (report.exit_code, last(report).outcome) == (3, Outcome.REFUSED)
    assert usage.database.run("SELECT n FROM months WHERE n = 5") == [(5,)]


@pytest.mark.parametrize("into", ["public.audit_logs", "books", "maintainer.run"])
def test_a_table_that_is_something_else_is_not_filled(night, into):
    """The record, a table under a hold, and maintainer's own: each has all the columns it would need."""
    columns = "month date, tenant text, n numeric, how_many bigint"
    night.database.run(TABLES)
    night.database.run(f"CREATE TABLE books ({columns})")
    night.policy(RULE.format(into="months")).init()
    for name in ("public.audit_logs", "maintainer.run"):
        night.database.run(
            f"ALTER TABLE {name} ADD month date, ADD tenant text, ADD n numeric, ADD how_many bigint"
        )
    night.policy(
        RULE.format(into=into), more="holds: [{name: trial, tables: [public.books]}]"
    ).init()

    report = night.run()

    assert (report.exit_code, last(report).outcome) == (3, Outcome.REFUSED)
    assert last(report).detail.startswith(
        ("its rollup would rewrite ", "its rollup needs maintainer.run: ")
    )
    assert night.database.run("SELECT count(*) FROM usage") == [(90,)]


def test_sums_are_rounded_once(every_night):
    """A month is the true sum in the type of its column, however many segments its rows left in."""
    every_night.database.run("""
        CREATE TABLE usage (id int, day date, tenant text, n numeric(12,4), weight real);
        CREATE TABLE months (month date, tenant text, n numeric(12,2), weight numeric(12,2), how_many bigint);
        INSERT INTO usage SELECT i, '2020-01-01'::date + i % 28, 't', 0.0049, 0.1 FROM generate_series(1, 1000) AS i;
        CREATE INDEX ON usage (day)""")
    rule = RULE.format(into="months").replace("sum: [n]", "sum: [n, weight]")
    every_night.policy(rule).init()

    report = every_night.approved()

    assert (report.exit_code, last(report).rows) == (0, 1000)
    assert last(report).after["segments"] > 5
    assert every_night.database.run("SELECT n::text, weight::text, how_many FROM months") == [
        ("4.90", "100.00", 1000)
    ]


def test_floating_point_sums_do_not_hang_on_the_order_of_rows(usage):
    """Added up by their decimal digits, two readings of the same rows are equal to the last bit."""
    usage.database.run("""
        ALTER TABLE usage ALTER n TYPE double precision; ALTER TABLE months ALTER n TYPE double precision;
        UPDATE usage SET n = CASE id % 3 WHEN 0 THEN 1e17 WHEN 1 THEN -1e17 ELSE 0.1 END, tenant = 't', day = '2020-01-05'""")
    usage.policy(RULE.format(into="months").replace("monthly", "floats")).init()

    report = usage.approved()

    assert report.exit_code == 0
    assert usage.database.run("SELECT n, how_many FROM months") == [(3.0, 90)]


def test_a_maximum_is_the_source_s(usage):
    """Values of an enum are compared in its own order, also across segments."""
    usage.database.run("""
        CREATE TYPE size AS ENUM ('small', 'medium', 'large'); ALTER TABLE usage ADD size size; ALTER TABLE months ADD top text;
        UPDATE usage SET size = (CASE WHEN id = 5 THEN 'large' WHEN id = 80 THEN 'medium' ELSE 'small' END)::size,
          day = CASE WHEN id < 45 THEN '2020-01-05' ELSE '2020-01-06' END::date, tenant = 't';
        CREATE INDEX ON usage (day)""")
    rule = RULE.format(into="months").replace("monthly", "sizes")
    usage.policy(rule.replace("sum: [n]", "sum: [n], max: {top: size}")).init()

    report = usage.approved()

    assert report.exit_code == 0
    assert last(report).after["segments"] == 2
    assert usage.database.run("SELECT top FROM months") == [("large",)]


def test_another_monthly_table_under_the_same_name_is_refused(usage):
    """Its carry belongs to the months of the first; in the second they would be missing."""
    assert usage.approved().exit_code == 0
    usage.database.run(
        f"CREATE TABLE others (LIKE months); INSERT INTO usage VALUES (91, '2020-01-05', 't1', 1); {LATER}"
    )
    usage.policy(RULE.format(into="others")).init()

    report = usage.run()

    assert (report.exit_code, last(report).outcome) == (3, Outcome.REFUSED)
    assert "defined otherwise" in last(report).detail
    assert usage.database.run("SELECT count(*) FROM others") == [(0,)]
