"""The shipped policies on the seven tables: policy, plan, run, and what can be seen afterwards."""

from __future__ import annotations

import json
import subprocess

import psycopg

from maintainer.plan.receipts import Outcome
from maintainer.plan.steps import Purge
from tests.db.purge.night import check_books, manifests, outcomes, unpacked
from tests.end_to_end.world import rows, whole
from tests.parts import need_program
from tests.servers import run_sql

SEVEN = (
    "performance_analytics", "scheduled_reports", "audit_logs", "invoices",
    "subscription_changes", "usage_tracking", "message_templates",
)  # fmt: skip
PURGED = ("audit_logs", "performance_analytics", "usage_tracking")
NOT_OURS = "t.action NOT LIKE 'maintainer.%'"
MONTHS = """
SELECT date_trunc('month', usage_date)::date, organization_id, resource_type, unit, currency, is_billable,
  CASE WHEN usage_hour IS NULL THEN 'day' ELSE 'hour' END, coalesce(sum(quantity), 0), coalesce(sum(total_cost), 0),
  coalesce(sum(included_quantity), 0), coalesce(sum(overage_quantity), 0), max(quantity), count(*)
FROM usage_tracking GROUP BY 1, 2, 3, 4, 5, 6, 7
"""
KEPT_MONTHS = """
SELECT usage_month, organization_id, resource_type, unit, currency, is_billable, granularity, quantity, total_cost,
  included_quantity, overage_quantity, peak_quantity, usage_rows FROM usage_tracking_monthly
"""


def remember(database):
    """Every raw row, and the months as a plain GROUP BY has them."""
    before = {table: rows(database, table) for table in SEVEN}
    return before, sorted(map(str, database.run(MONTHS)))


def test_a_dry_run_writes_nothing(shipped, make_role):
    """Every table and every catalogue is the same afterwards; before init, after it, by API and command."""
    shipped.init()
    reader = make_role("SUPERUSER")
    run_sql(
        shipped.database.dsn, f"ALTER ROLE {reader.name} SET default_transaction_read_only = on"
    )
    before = whole(shipped.database)

    for exact in (False, True):
        with shipped.app(shipped.database.dsn_as(reader)) as core:
            assert core.plan(exact=exact).has_work
            assert core.status()
    shown = shipped.command("dry-run", "--exact", "--sql")
    asked = shipped.command("dry-run", "--detailed-exitcode")

    assert (shown.returncode, asked.returncode) == (0, 10)
    assert "DELETE FROM" in shown.stdout
    assert whole(shipped.database) == before
    assert list(shipped.folder.iterdir()) == []


def test_a_dry_run_needs_no_record(shipped):
    """Before init it shows the same, and makes nothing."""
    before = whole(shipped.database)

    assert shipped.command("dry-run").returncode == 0

    assert whole(shipped.database) == before


def test_one_pass_by_command_line(shipped):
    """init, refused run, dry-run -o json, approved run, second run, status: the exit codes and what they mean."""
    before, months = remember(shipped.database)
    assert shipped.command("init").returncode == 0

    refused = shipped.command("run", "--ignore-window", "--reason", "a test")
    assert refused.returncode == 3
    assert {
        table: rows(shipped.database, table, NOT_OURS if table == "audit_logs" else "true")
        for table in SEVEN
    } == before
    assert shipped.files() == []

    preview = shipped.command("-o", "json", "dry-run", "--exact")
    fingerprint = json.loads(preview.stdout)["fingerprint"]
    done = shipped.command("run", "--ignore-window", "--reason", "a test", "--approve", fingerprint)
    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0)
    check_kept(shipped, before, months)

    again = shipped.command("-o", "json", "run", "--ignore-window", "--reason", "a test")
    assert again.returncode == 0
    assert shipped.command("status").returncode == 0
    assert shipped.command("dry-run", "--detailed-exitcode").returncode == 0
    check_kept(shipped, before, months)


def check_kept(shipped, before, months):
    """Table and archive together are what was there; the months are what they were."""
    archive = {table: [] for table in SEVEN}
    for table in PURGED:
        names = [column[0] for column in columns(shipped.database, table)]
        run_sql(
            shipped.database.dsn, f"DROP TABLE IF EXISTS back; CREATE TABLE back (LIKE {table})"
        )
        with psycopg.connect(shipped.database.dsn) as connection:
            for path in shipped.files():
                if path.parent.parent.name == f"public.{table}":
                    assert unpacked(path).split(b"\n", 1)[0].decode() == ",".join(names)
                    with connection.cursor().copy(
                        "COPY back FROM STDIN (FORMAT csv, HEADER)"
                    ) as copy:
                        copy.write(unpacked(path))
        archive[table] = rows(shipped.database, "back")
        run_sql(shipped.database.dsn, "DROP TABLE back")
    for table in SEVEN:
        left = rows(shipped.database, table, NOT_OURS if table == "audit_logs" else "true")
        assert sorted(left + archive[table]) == before[table], table
        assert not set(left) & set(archive[table])
        assert bool(archive[table]) == (table in PURGED)
    assert sorted(map(str, shipped.database.run(KEPT_MONTHS))) == months


def columns(database, table):
    """The columns of a table in their order."""
    return database.run(
        f"SELECT attname FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
    )


def test_archived_rows_are_the_deleted_rows(shipped):
    """For every table, from outside; the books agree; a second run finds nothing."""
    before, months = remember(shipped.database)
    shipped.init()

    report = shipped.approved()

    assert report.exit_code == 0
    purges = [one for one in report.receipts if isinstance(one.step, Purge)]
    assert {one.step.rule for one in purges} == set(PURGED)
    assert {one.step.rule: one.rows for one in purges} == dict(
        shipped.database.run(
            "SELECT rule, sum(row_count)::int FROM maintainer.segment GROUP BY rule"
        )
    )
    check_kept(shipped, before, months)
    check_books(shipped)
    second = shipped.run()
    assert second.exit_code == 0
    assert set(outcomes(second).values()) == {Outcome.SKIPPED}
    check_kept(shipped, before, months)


def test_the_cut_offs_are_those_of_the_specification(shipped):
    """7 years, 90 days, 13 months by whole months; what is kept for ever is whole."""
    before = {table: len(rows(shipped.database, table)) for table in SEVEN}
    shipped.init()
    zone = "timezone('Europe/Amsterdam', now())"

    shipped.approved()

    ((audit, metrics, usage),) = shipped.database.run(f"""
        SELECT (SELECT min(created_at AT TIME ZONE 'Europe/Amsterdam') >= {zone} - interval '7 years 1 minute' FROM audit_logs),
               (SELECT min("timestamp" AT TIME ZONE 'Europe/Amsterdam') >= {zone} - interval '90 days 1 minute' FROM performance_analytics),
               (SELECT min(usage_date) = date_trunc('month', {zone} - interval '13 months')::date FROM usage_tracking)""")
    assert (audit, metrics, usage) == (True, True, True)
    for table in set(SEVEN) - set(PURGED):
        assert len(rows(shipped.database, table)) == before[table]


def test_the_record_says_who_did_what_and_why(shipped):
    """Audit rows as the design has them, tied to a chain of events that adds up."""
    shipped.init()
    shipped.run()
    fingerprint = shipped.fingerprint()
    report = shipped.run(approve=(fingerprint,))

    rows_ = shipped.database.run(
        "SELECT action, risk_level, actor_role, actor_email, resource_type, metadata, new_values FROM audit_logs"
        f" WHERE session_id = '{report.run}' ORDER BY (metadata->>'event')::bigint"
    )
    actions = [row[0] for row in rows_]
    assert actions[:3] == [
        "maintainer.run.started",
        "maintainer.window.overridden",
        "maintainer.guard.overridden",
    ]
    assert actions[-1] == "maintainer.run.finished"
    assert actions.count("maintainer.purge.done") == 3
    risks = {
        action.split(".")[1]: risk
        for action, risk in shipped.audit("action, risk_level")
        if not action.endswith(".refused")
    }
    assert risks == {
        "run": "low", "window": "critical", "guard": "critical",
        "purge": "high", "vacuum": "low", "analyze": "low", "reindex": "medium",
    }  # fmt: skip
    assert {row[2] for row in rows_} == {"system"}
    assert all(row[3].endswith("@host") for row in rows_)
    for action, _, _, _, resource, facts, counters in rows_:
        assert facts["reason"] == "a test"
        assert len(facts["policy"]) > 10
        if action == "maintainer.purge.done":
            assert resource == "table"
            assert {"rule", "table", "cutoff", "by", "keep"} <= set(facts)
            assert counters["rows"] > 0
    check_chain(shipped.database)
    refusals = "SELECT count(*) FROM audit_logs WHERE action = 'maintainer.purge.refused'"
    assert shipped.database.run(refusals) == [(3,)]


def check_chain(database):
    """Each event holds the hash of the one before, numbers have no gap, audit rows name their event."""
    broken = """
        SELECT count(*) FROM (SELECT *, lag(hash, 1, repeat('0', 64)) OVER w AS before, row_number() OVER w AS place
          FROM maintainer.event WINDOW w AS (ORDER BY number)) AS e
        WHERE number <> place OR previous <> before
           OR hash <> encode(sha256(convert_to(concat_ws(E'\\n', previous, number::text, run, kind, body), 'UTF8')), 'hex')"""
    assert database.run(broken) == [(0,)]
    lost = """
        SELECT count(*) FROM audit_logs AS a LEFT JOIN maintainer.event AS e ON e.number = (a.metadata->>'event')::bigint
        WHERE a.action LIKE 'maintainer.%' AND (e.hash IS DISTINCT FROM a.metadata->>'hash' OR 'maintainer.' || e.kind <> a.action)"""
    assert database.run(lost) == [(0,)]


def test_the_manifests_tell_what_one_needs_to_know(shipped):
    """Columns with their types, ranges, cut-off, hashes, the run and its policy."""
    shipped.init()
    report = shipped.approved()

    found = manifests(shipped)

    assert {manifest["table"]["name"] for manifest in found} == set(PURGED)
    for manifest in found:
        table = manifest["table"]["name"]
        assert manifest["run"] == report.run
        assert manifest["policy_fingerprint"]
        assert manifest["system_identifier"]
        assert manifest["encoding"] == "UTF8"
        assert manifest["server_version"].startswith(str(shipped.database.server.version))
        types = shipped.database.run(
            f"SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0 ORDER BY attnum"
        )
        for file in manifest["files"]:
            assert [tuple(column) for column in file["columns"]] == types
            assert file["range"]["from"] <= file["range"]["to"]
            assert file["cutoff"] > file["range"]["to"]


def test_plain_tools_bring_every_table_into_a_second_database(shipped, make_database):
    r"""`zstdcat | psql \copy` of every file: the rows that left are the rows that arrive."""
    psql, zstdcat = need_program("psql"), need_program("zstdcat")
    before, _ = remember(shipped.database)
    shipped.init()
    shipped.approved()
    second = make_database()
    for table in PURGED:
        names = shipped.database.run(
            f"SELECT string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0"
        )[0][0]
        second.run(f"CREATE TABLE {table} ({names})")

    for path in shipped.files():
        table = path.parent.parent.name.removeprefix("public.")
        unpacking = subprocess.Popen([zstdcat, path], stdout=subprocess.PIPE)
        command = [
            psql,
            "--no-psqlrc",
            "-v",
            "ON_ERROR_STOP=1",
            "-qc",
            f"\\copy {table} from stdin csv header",
            second.dsn,
        ]
        subprocess.run(command, stdin=unpacking.stdout, check=True)
        unpacking.stdout.close()
        assert unpacking.wait() == 0

    for table in PURGED:
        left = rows(shipped.database, table, NOT_OURS if table == "audit_logs" else "true")
        assert sorted(left + rows(second, table)) == before[table]


def test_outside_of_every_window_nothing_is_started(shipped, tmp_path, monkeypatch):
    """Exit 0, every step that is due is skipped with the window's name, and everything is still due."""
    import shutil

    from tests.end_to_end import conftest

    copy = tmp_path / "policies"
    shutil.copytree(conftest.POLICIES, copy)
    day = shipped.database.run("SELECT lower(to_char(now() + interval '3 days', 'Dy'))")[0][0]
    (copy / "10-windows.yaml").write_text(
        f'windows:\n  nightly: {{days: [{day}], from: "01:00", to: "05:00"}}\n  weekend: {{days: [{day}], from: "00:00", for: 1h}}\n'
    )
    monkeypatch.setattr(conftest, "POLICIES", copy)
    shipped.init()
    before = {
        table: rows(shipped.database, table, NOT_OURS if table == "audit_logs" else "true")
        for table in SEVEN
    }

    report = shipped.run(ignore_window=False)

    assert report.exit_code == 0
    assert set(outcomes(report).values()) == {Outcome.SKIPPED}
    assert {
        table: rows(shipped.database, table, NOT_OURS if table == "audit_logs" else "true")
        for table in SEVEN
    } == before
    assert shipped.database.run("SELECT count(*) FROM maintainer.step WHERE finished") == [(0,)]
    assert any("outside of" in receipt.detail for receipt in report.receipts)
