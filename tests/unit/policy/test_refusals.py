"""What does not fit, one case a line."""

from __future__ import annotations

import pytest

RULE = "retention:\n  a: {keep: 90 days, by: at, archive: true"
FOREVER = "retention:\n  a: {keep: forever, reason: r"
ROLLUP = f"{RULE}, align: month, rollup: {{into: m, month: mon, group_by: [g]"
VACUUM = "upkeep:\n  v: {do: vacuum, tables: all, every: week"

CASES = {
    "no decision about the archive": (
        "retention:\n  a: {keep: 90 days, by: at}",
        "policy.yaml:7:3: retention.a.archive: the decision is missing; add `archive: true`, or `archive: none`",
    ),
    "no time column": (
        "retention:\n  a: {keep: 90 days, archive: true}",
        "policy.yaml:7:3: retention.a.by: the column of a row's time is missing; add `by: created_at`",
    ),
    "no keep": ("retention:\n  a: {by: at}", "policy.yaml:7:3: retention.a.keep: is missing; add `keep: 90 days`"),
    "a rule that is a word": (
        "retention:\n  a: forever",
        "policy.yaml:7:6: retention.a: 'forever' is not a mapping; write names with values, `name: {…}`",
    ),
    "a purge beside forever": (f"{FOREVER}, archive: true}}", "retention.a.archive: has no meaning beside `keep: forever`; remove it"),
    "a where beside forever": (f"{FOREVER}, where: x}}", "retention.a.where: has no meaning beside `keep: forever`; remove it"),
    "epoch": (f"{RULE.replace('by: at', 'by: {epoch: at}')}}}", "a mapping is not a column: only timestamp and date columns are in this version"),
    "an unknown alignment": (f"{RULE}, align: hour}}", "retention.a.align: 'hour' is not known; write one of day, week, month, quarter, year"),
    "an unknown rhythm": (f"{RULE}, every: daily}}", "retention.a.every: 'daily' is not how often something can be done; write day"),
    "an unknown pace": (f"{RULE}, pace: gentel}}", "retention.a.pace: 'gentel' is not a pace; did you mean 'gentle'?"),
    "a pace too large": (f"{RULE}, pace: {{max_segment_seconds: 60}}}}", "retention.a.pace.max_segment_seconds: 60 is not a length of a segment"),
    "a segment of many bytes": (f"{RULE}, pace: {{max_segment_bytes: 1 GB}}}}", "retention.a.pace.max_segment_bytes: '1 GB' is not a size of a segment"),
    "a segment of no rows": (f"{RULE}, pace: {{max_segment_rows: 0}}}}", "retention.a.pace.max_segment_rows: 0 is not a size of a segment"),
    "no limit": (f"{RULE}, guard: {{max_rows: 0}}}}", "retention.a.guard.max_rows: 0 is not a number of rows that could be allowed"),
    "an empty list of windows": (f"{RULE}, window: []}}", "retention.a.window: a list is empty; write the names of windows, or `any`"),
    "any beside others": (f"{RULE}, window: [any, nightly]}}", "retention.a.window: 'any' stands alone; write `window: any`"),
    "a window in the defaults": ("defaults: {window: [night]}", "defaults.window: 'night' is not a window; did you mean 'nightly'?"),
    "a key that is no table": ("retention:\n  a.b.c: {keep: forever, reason: r}", "retention.a.b.c: 'a.b.c' is not a table; add `table:`"),
    "text that is a number": ("holds: [{name: h, tables: [a], ticket: 1042}]", "holds.0.ticket: 1042 is not text; put it in quotes"),
    "a rollup without months": (
        f"{RULE}, rollup: {{into: m, month: mon, group_by: [g], count: n}}}}",
        "retention.a.rollup: a rollup needs whole months; add `align: month` to the rule",
    ),
    "a rollup of nothing": (f"{ROLLUP}}}}}", "retention.a.rollup: there is nothing to keep of the rows; add `sum:`, `max:` or `count:`"),
    "a rollup without groups": (
        f"{ROLLUP.replace('[g]', '[]')}, count: n}}}}",
        "retention.a.rollup.group_by: a list is empty; write at least one",
    ),
    "a column written twice": (f"{ROLLUP}, sum: [q], max: [q]}}}}", "retention.a.rollup.max: 'q' is already a column of the target; write another"),
    "a group that is a measure": (f"{ROLLUP}, sum: {{g: q}}}}}}", "retention.a.rollup.sum: 'g' is already a column of the target"),
    "a group that is no column": (f"{ROLLUP.replace('[g]', '[{a: b, c: d}]')}, count: n}}}}", "retention.a.rollup.group_by.0: a mapping is not a column"),
    "two rules for the same rows": (
        f"{RULE}}}\n  b: {{table: public.a, keep: 1 day, by: at, archive: true}}",
        "retention.b: 'a' is a rule for the same rows of a; give each its own `where:`, or remove one",
    ),
    "two rollups of a name": (
        f"{ROLLUP}, count: n}}}}\n  b: {{keep: 1 day, by: at, archive: none, align: month, rollup: {{name: m, into: n, month: x, group_by: [g], count: n}}}}",
        "retention.b.rollup: 'a' has a rollup of that name; write another `name:`",
    ),
    "a rollup into its own table": (
        f"{ROLLUP.replace('into: m', 'into: public.a')}, count: n}}}}",
        "retention.a.rollup.into: 'public.a' is the table of rule 'a'; write a table of its own",
    ),
    "a rollup into what is kept for ever": (
        f"{ROLLUP}, count: n}}}}\n  m: {{keep: forever, reason: r}}",
        "policy.yaml:7:74: retention.a.rollup.into: 'm' is the table of rule 'm'; write a table of its own",
    ),
    "two rollups into one table": (
        f"{ROLLUP}, count: n}}}}\n  b: {{keep: 1 day, by: at, archive: none, align: month, rollup: {{name: o, into: '\"public\".m', month: x, group_by: [g], count: n}}}}",
        "retention.b.rollup.into: '\"public\".m' is filled by the rollup of 'a'; write a table of its own",
    ),
    "another rule for a table with a rollup": (
        f"{ROLLUP}, count: n}}}}\n  b: {{table: public.a, keep: 1 day, by: at, archive: none, where: x}}",
        "retention.b: 'a' is a rule for the same table; a rollup adds up all of a table's rows; keep one of the two rules",
    ),
    "a rollup for a table with another rule": (
        f"{RULE}, where: x}}\n  b: {{table: a, keep: 1 day, by: at, archive: none, align: month, rollup: {{into: m, month: x, group_by: [g], count: n}}}}",
        "retention.b: 'a' is a rule for the same table; a rollup adds up",
    ),
    "a rollup of a long name": (f"{ROLLUP.replace('into: m', 'into: ' + 'm' * 58)}, count: n}}}}", "is too long to name a rollup; add a short `name:`"),
    "two holds of a name": (
        "holds: [{name: h, tables: a}, {name: h, tables: b}]",
        "holds.1.name: 'h' is the name of another hold; write another",
    ),
    "a hold of no table": ("holds: [{name: h, tables: []}]", "holds.0.tables: a list is empty; write at least one"),
    "an unknown driver": ("database: {driver: psycopg2}", "database.driver: 'psycopg2' is not known; did you mean 'psycopg'?"),
    "a password key": ("database: {password: x}", "database.password: unknown key 'password'; write `dsn: ${env:DATABASE_URL}`"),
    "a window without an end": ('  w: {from: "01:00"}', 'windows.w: a window ends once; write either `to: "05:00"` or `for: 9h`'),
    "a window with two ends": ('  w: {from: "01:00", to: "02:00", for: 1h}', "windows.w: a window ends once"),
    "a window of no length": ('  w: {from: "01:00", to: "1:00"}', "windows.w.to: the window ends when it begins; write `for: 24h`"),
    "a window named any": ('  any: {from: "01:00", for: 1h}', "windows.any: 'any' stands for no window at all; write another name"),
    "a window on no day": ('  w: {days: [], from: "01:00", for: 1h}', "windows.w.days: a list is empty; write at least one"),
    "a time in seconds": ("  w: {from: 60, for: 1h}", "windows.w.from: 60 is not a time of day; write it as '22:30'"),
    "a blackout without a reason": ("blackouts: [{yearly: 12-24/12-26}]", "blackouts.0.reason: is missing; add `reason: and why`"),
    "a blackout of two kinds": (
        "blackouts: [{yearly: 12-24/12-26, from: 2026-01-01, to: 2026-01-02, reason: r}]",
        "blackouts.0: write either `from:` and `to:`, or `yearly:`",
    ),
    "a blackout backwards": (
        "blackouts: [{from: 2026-01-02, to: 2026-01-01, reason: r}]",
        "blackouts.0.to: '2026-01-01' lies before `from`; exchange the two",
    ),
    "need is for later": (f"{VACUUM}, when: {{bloat: auto}}}}", "upkeep.v.when: not available in this version; remove it"),
    "an unknown action": ("upkeep:\n  v: {do: vaccum, tables: all, every: week}", "upkeep.v.do: 'vaccum' is not known; did you mean 'vacuum'?"),
    "options that mean nothing": (
        "upkeep:\n  v: {do: analyze, tables: all, every: week, options: {freeze: true}}",
        "upkeep.v.options: analyze has no options; remove it",
    ),
    "an unknown option": (f"{VACUUM}, options: {{full: true}}}}", "upkeep.v.options.full: unknown key 'full'; write one of freeze, truncate"),
    "too many workers": (f"{VACUUM}, options: {{parallel: 5000}}}}", "upkeep.v.options.parallel: 5000 does not fit; input should be less than"),
    "a task named like a rule": (
        f"{RULE}}}\nupkeep:\n  a: {{do: vacuum, tables: all, every: week}}",
        "upkeep.a: 'a' is a rule of retention too; give the task another name",
    ),
    "a secret elsewhere": (
        f"{RULE}, where: 'x = ${{env:X}}'}}",
        "retention.a.where: only the values of database: and archive: may come from outside",
    ),
    "an unknown section": ("retenton: {}", "retenton: unknown key 'retenton'; did you mean 'retention'?"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_refused(desk, case):
    """One fault, at its path, with what stood there and what to write."""
    more, expected = CASES[case]

    assert expected in desk.fault(more)


ARCHIVES = {
    "no archive to archive into": (None, "retention.a.archive: there is no archive section to archive into"),
    "an unsafe name": ("{name: ../x, to: /x}", "archive.name: '../x' is not safe as the name of a folder"),
    "no name": ("{to: /x}", "archive.name: is missing"),
    "parquet": ("{name: x, to: /x, format: parquet}", "archive.format: 'parquet' is not available in this version; write csv.zst"),
    "checksum": ("{name: x, to: /x, verify: checksum}", "archive.verify: 'checksum' is not available in this version; write readback"),
    "a store of the cloud": ("{name: x, to: 'gs://b'}", "archive.to: 'gs://b' gs:// is not available in this version"),
}  # fmt: skip


@pytest.mark.parametrize("case", ARCHIVES)
def test_archive_refused(desk, case):
    """The archive is safe, available and there."""
    archive, expected = ARCHIVES[case]
    base = "version: 1\ntimezone: UTC\n" + (f"archive: {archive}\n" if archive else "")

    assert expected in desk.fault(RULE + "}", base=base)


@pytest.mark.parametrize("version", ["2", "'1'", "true", "1.0", "one"])
def test_another_version_is_refused(desk, version):
    """A policy of a later version is not half understood."""
    assert desk.fault("", base=f"version: {version}\ntimezone: UTC\n").startswith(
        "policy.yaml:1:10: version: "
    )


def test_two_rules_with_different_predicates_share_a_table(desk):
    """Usual: a long and a short retention on one table."""
    policy = desk.load(
        f"{RULE}}}\n  b: {{table: a, keep: 1 day, by: at, archive: none, where: kind = 'x'}}"
    )

    assert [rule.table for rule in policy.retention.values()] == ["a", "a"]


def test_tables_of_one_name_in_two_schemas_are_two(desk):
    """`x.a` and `y.a` are not the same table; `a` might be either, which is refused."""
    rule = "{keep: 90 days, by: at, archive: none}"
    policy = desk.load(f"retention:\n  x.a: {rule}\n  y.a: {rule}")

    assert list(policy.retention) == ["x.a", "y.a"]
    assert "'x.a' is a rule for the same rows of a" in desk.fault(
        f"retention:\n  x.a: {rule}\n  a: {rule}"
    )
