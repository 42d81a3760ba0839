"""Files and folders become one policy, or every fault at once."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from maintainer.errors import PolicyError
from maintainer.policy.load import load
from maintainer.policy.model import PACES, Guard, Hold, Pace
from maintainer.schedule.calendar import Span
from maintainer.schedule.window import Blackout, Window, YearlyBlackout

RULE = "retention:\n  events: {keep: 90 days, by: at, every: day, archive: none"


def test_seven_errors_are_reported_at_once(desk):
    """Each with file, line, column, path, what stood there and what to write."""
    desk.write(
        """\
        version: 1
        timezone: Europe/Amsterdm
        windows:
          nightly: {days: [mon, tuu], from: 01:00, to: 05:00}
        archive: {name: prod, to: s3://bucket}
        """,
        "00.yaml",
    )
    desk.write(
        """\
        retention:
          audit_logs: {keep: 90, by: created_at, archive: true, windw: nightly}
          invoices: {keep: forever}
          events: {keep: 1 year, by: at, archive: false, window: nightli}
        """,
        "10.yml",
    )

    with pytest.raises(PolicyError) as refused:
        load([desk.folder], {})

    assert refused.value.exit_code == 2
    assert desk.lines(refused.value) == [
        "00.yaml:2:11: timezone: 'Europe/Amsterdm' is not a time zone; did you mean 'Europe/Amsterdam'?",
        "00.yaml:4:25: windows.nightly.days.1: 'tuu' is not a weekday; write mon, tue, wed, thu, fri, sat or sun",
        "00.yaml:5:27: archive.to: 's3://bucket' s3:// is not available in this version; write 'file:' and a folder",
        "10.yml:2:22: retention.audit_logs.keep: 90 has no unit; write '90 days', '13 months', '7 years' or 'forever'",
        "10.yml:2:57: retention.audit_logs.windw: unknown key 'windw'; did you mean 'window'?",
        "10.yml:3:20: retention.invoices.reason: rows are kept for ever; add `reason:` and why",
        "10.yml:4:43: retention.events.archive: false hides a decision; write `archive: none` to delete without an archive",
        "10.yml:4:58: retention.events.window: 'nightli' is not a window; did you mean 'nightly'?",
    ]


def test_a_rule_on_one_line_takes_the_defaults(desk):
    """Windows, pace, guard and search path come from `defaults:`; a rule may say otherwise."""
    policy = desk.load(
        """\
        defaults: {window: nightly, pace: normal, guard: {max_rows: 5}, search_path: [app]}
        retention:
          a: {keep: 90 days, by: at, every: week, archive: true}
          b:
            table: Sch.B
            keep: P7Y
            by: at
            archive: none
            window: any
            pace: {max_segment_bytes: 64 KiB}
            guard: {max_percent: 1}
            search_path: [x, y]
            where: kind = 'b'
            zone: UTC
            align: year
        """
    )
    a, b = policy.retention.values()

    assert (a.name, a.table, a.keep, a.by, str(a.every)) == (
        "a",
        "a",
        Span(90, "days"),
        "at",
        "week",
    )
    assert (a.archive, a.windows, a.pace, a.guard) == (
        True,
        ("nightly",),
        PACES["normal"],
        Guard(5, 50.0),
    )
    assert (a.search_path, a.where, a.zone, a.align, a.rollup) == (("app",), None, None, None, None)
    assert (b.table, b.keep, str(b.every), b.archive, b.windows) == (
        "Sch.B",
        Span(7, "years"),
        "day",
        False,
        (),
    )
    assert b.pace == Pace(10.0, 250_000, 65536)
    assert b.guard == Guard(5, 1.0)
    assert (b.search_path, b.where, b.zone, b.align) == (("x", "y"), "kind = 'b'", "UTC", "year")


def test_without_defaults_the_safe_side(desk):
    """Gentle, guarded, at any time."""
    rule = desk.load(RULE + "}").retention["events"]

    assert (rule.windows, rule.pace, rule.guard) == ((), PACES["gentle"], Guard(20_000_000, 50.0))


def test_windows_and_blackouts(desk):
    """Both ends of a window, both kinds of blackout."""
    policy = desk.load(
        """\
          weekend: {days: [sun, sat, sun], from: "00:00", for: 9h, timezone: UTC}
          daily: {from: 22:30, to: 5:30}
        blackouts:
          - {from: 2026-11-26, to: 2026-12-01, reason: Black Friday}
          - {yearly: 12-24/12-26, reason: Christmas}
        """
    )

    assert policy.windows["weekend"] == Window((5, 6), time(), timedelta(hours=9), "UTC")
    assert policy.windows["daily"] == Window(tuple(range(7)), time(22, 30), time(5, 30))
    assert policy.blackouts == (
        Blackout(date(2026, 11, 26), date(2026, 12, 1), "Black Friday"),
        YearlyBlackout((12, 24), (12, 26), "Christmas"),
    )


def test_upkeep_and_holds(desk):
    """What is passed on, and nothing else."""
    policy = desk.load(
        """\
        upkeep:
          all: {do: analyze, tables: all, every: week}
          v: {do: vacuum, tables: a, every: sunday, window: nightly, options: {freeze: true, parallel: 0, index_cleanup: false}}
        holds:
          - {name: case, tables: [a, b], where: "x = 'y'", ticket: L-1, reason: court}
          - {name: everything, tables: a}
        """
    )

    assert policy.upkeep["all"].tables == "all"
    vacuum = policy.upkeep["v"]
    assert (vacuum.do, vacuum.tables, vacuum.windows) == ("vacuum", ("a",), ("nightly",))
    assert dict(vacuum.options) == {"freeze": True, "parallel": 0, "index_cleanup": False}
    assert policy.holds == (
        Hold("case", ("a", "b"), "x = 'y'", "L-1", "court"),
        Hold("everything", ("a",), "true"),
    )


def test_audit_columns_map_to_other_names(desk):
    """Another layout of the audit table; an unknown column is refused."""
    audit = desk.load("audit: {table: log.events, columns: {action: verb, created_at: at}}").audit

    assert (audit.table, dict(audit.columns)) == (
        "log.events",
        {"action": "verb", "created_at": "at"},
    )
    assert "did you mean 'action'?" in desk.fault("audit: {columns: {actoin: verb}}")


def test_a_rollup(desk):
    """Its name is its table's unless it has one; measures are a list or a mapping."""
    rollup = (
        desk.load(
            """\
        retention:
          raw:
            keep: 13 months
            by: day
            align: month
            archive: true
            rollup:
              into: monthly
              month: m
              group_by: [org, 'Of"f', {kind: "case when x then 'a' end"}]
              sum: [n]
              max: {peak: n}
              count: rows
        """
        )
        .retention["raw"]
        .rollup
    )

    assert rollup is not None
    assert (rollup.name, rollup.into, rollup.month, rollup.count) == (
        "monthly",
        "monthly",
        "m",
        "rows",
    )
    assert rollup.group_by == (
        ("org", '"org"'),
        ('Of"f', '"Of""f"'),
        ("kind", "case when x then 'a' end"),
    )
    assert (rollup.sum, rollup.max) == ((("n", "n"),), (("peak", "n"),))
