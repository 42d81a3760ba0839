"""The conservation law: monthly row = raw rows still there + carry of what left."""

from __future__ import annotations

import pytest

from maintainer.actions import segment
from maintainer.archive import readback
from maintainer.errors import UnreachableError
from maintainer.plan.receipts import Outcome
from tests.db.purge.night import Night, check_books, last, other
from tests.db.purge.test_failures import nth

TABLES = """
CREATE TABLE usage (id int, day date, tenant text, kind text, n numeric, gauge double precision);
CREATE TABLE months (month date, tenant text, kind text, n numeric, top double precision, how_many bigint);
INSERT INTO usage SELECT i, '2020-01-01'::date + i % 400, nullif('t' || i % 3, 't0'), 'k', i, i FROM generate_series(1, 800) AS i;
INSERT INTO usage VALUES (801, '2020-01-05', 't1', 'k', NULL, NULL), (802, '2020-01-05', 't1', 'k', 'NaN', 'Infinity'),
  (803, NULL, 't1', 'k', 1, 1), (804, 'infinity', 't1', 'k', 1, 1);
CREATE INDEX ON usage (day)"""
RULE = """usage:
    keep: 90 days
    by: day
    align: month
    every: day
    archive: {archive}
    pace: {{max_segment_rows: 100}}
    rollup: {{into: months, month: month, group_by: [tenant, {{kind: "upper(kind)"}}], sum: {{n: n}}, max: {{top: gauge}}, count: how_many}}
"""
RAW = """SELECT date_trunc('month', day)::date, tenant, upper(kind), coalesce(sum(n) FILTER (WHERE n <> 'NaN'), 0),
  max(gauge) FILTER (WHERE gauge < 'Infinity'), count(*) FROM {} WHERE isfinite(day) GROUP BY 1, 2, 3"""


@pytest.fixture
def usage(night):
    """Thirteen months of raw rows, nothing aggregated yet."""
    night.database.run(TABLES)
    return night.policy(RULE.format(archive="true")).init()


def raw(night, table="usage"):
    """The months as a plain GROUP BY has them."""
    return sorted(map(str, night.database.run(RAW.format(table))))


def months(night):
    """The monthly table."""
    return sorted(
        map(str, night.database.run("SELECT month, tenant, kind, n, top, how_many FROM months"))
    )


@pytest.mark.parametrize("archive", ["true", "none"])
def test_the_months_stay_what_the_raw_rows_were(usage, archive):
    """NULL sums count as nothing, NULL keys are a group, non-finite values are left out."""
    usage.policy(RULE.format(archive=archive))
    expected = raw(usage)

    report = usage.approved()

    assert (report.exit_code, last(report).rows) == (0, 802)
    assert usage.database.run("SELECT count(*) FROM usage") == [(2,)]
    assert months(usage) == expected
    assert usage.database.run(
        "SELECT sum(_rows), sum(_nonfinite) FROM maintainer.carry_months"
    ) == [(802, 2)]
    if archive == "true":
        check_books(usage)


def test_late_rows_of_a_purged_month_are_added(usage):
    """They come, they are old, they go the next night; the month has both."""
    usage.database.run("CREATE TABLE ever AS TABLE usage")
    usage.approved()
    late = "INSERT INTO {} SELECT i, '2020-01-05', 't1', 'k', i, i FROM generate_series(2001, 2010) AS i"
    usage.database.run(late.format("usage") + ";" + late.format("ever"))
    usage.database.run("UPDATE maintainer.step SET ended_at = ended_at - interval '1 day'")

    report = usage.run()

    assert last(report).rows == 10
    assert months(usage) == raw(usage, "ever")


def test_a_late_row_that_left_in_a_run_that_failed_is_not_forgotten(usage, monkeypatch):
    """It came after the months were written, left in a segment, and then the run broke: the next one sees to it."""
    usage.database.run("CREATE TABLE ever AS TABLE usage")
    late = "INSERT INTO {} VALUES (2001, '2020-01-05', 't1', 'k', 1000, 1000)"

    def arrive(*_args):
        with other(usage) as somebody:
            somebody.execute(late.format("usage"))
            somebody.execute(late.format("ever"))

    def fail(*_args):
        raise UnreachableError("the store is gone")

    monkeypatch.setattr(segment, "_committed", nth(1, arrive)(segment._committed))
    monkeypatch.setattr(readback, "confirm", nth(3, fail)(readback.confirm))
    failed = usage.approved()
    monkeypatch.undo()
    assert last(failed).outcome is Outcome.FAILED
    assert usage.database.run("SELECT count(*) FROM usage WHERE day < '2020-02-01'") == [(0,)]

    assert last(usage.run()).finished
    assert months(usage) == raw(usage, "ever")


def test_a_changed_rollup_is_refused_while_there_is_carry(usage):
    """Sums of two meanings are never mixed."""
    usage.approved()
    usage.policy(RULE.format(archive="true").replace("upper(kind)", "lower(kind)"))
    usage.database.run(
        "UPDATE maintainer.step SET ended_at = ended_at - interval '1 day'; INSERT INTO usage VALUES (1, '2020-01-01')"
    )

    report = usage.run()

    assert (report.exit_code, last(report).outcome) == (3, Outcome.REFUSED)
    assert "defined otherwise" in last(report).detail


def test_without_init_a_rollup_is_refused(database, driver, tmp_path):
    """There is no carry table for it yet; the hint is the command that makes it."""
    night = Night(database, driver, tmp_path / "night")
    night.database.run(TABLES)
    night.policy("other: {keep: 90 days, by: day, every: day, archive: true, table: usage}").init()
    night.policy(RULE.format(archive="true"))

    report = night.run()

    assert report.exit_code == 3
    assert last(report).hint == "run: maintainer init"


def test_somebody_who_writes_the_monthly_table_is_found_out(usage):
    """A trigger that falsifies the months breaks the law; the step says so, the rows are in the archive."""
    usage.database.run("""
        CREATE FUNCTION more() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.n := NEW.n + 1; RETURN NEW; END $$;
        CREATE TRIGGER more BEFORE INSERT OR UPDATE ON months FOR EACH ROW EXECUTE FUNCTION more()""")

    report = usage.approved()

    assert (report.exit_code, last(report).outcome) == (1, Outcome.FAILED)
    assert "are not raw rows plus carry" in last(report).detail
    assert sum(usage.ids().values()) == 802
    check_books(usage)
