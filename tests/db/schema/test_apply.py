"""`schema apply` on real servers."""

from __future__ import annotations

from collections import Counter

import pytest

from maintainer.errors import MissingObjectError
from maintainer.schema import catalogue
from maintainer.schema.apply import Change, Outcome, apply
from maintainer.schema.verify import verify
from tests.servers import run_sql

THEIRS = """
CREATE TABLE public.organizations (id uuid PRIMARY KEY, slug text);
CREATE SCHEMA auth;
CREATE TABLE auth.users (id uuid PRIMARY KEY, phone text);
CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid';
CREATE FUNCTION public.is_super_admin() RETURNS boolean LANGUAGE sql AS 'SELECT false';
"""

BODIES = "SELECT proname, prosrc FROM pg_proc WHERE proname IN ('uid', 'is_super_admin') ORDER BY 1"


def made(changes: list[Change]) -> Counter[str]:
    """How many objects of each kind were made."""
    return Counter(change.kind for change in changes if change.outcome is Outcome.CREATED)


def test_an_empty_database_gets_everything(every_session):
    """Seven tables and the monthly one with 43 + 1 indexes, 20 + 2 policies and 4 triggers."""
    changes = apply(every_session)

    assert made(changes) == {
        "schema": 1, "table": 8 + 4, "function": 4, "index": 43 + 1, "policy": 20 + 2, "trigger": 4,
        "row level security": 8 + 3,
    }  # fmt: skip
    assert verify(every_session) == []


def test_the_second_time_nothing_changes(session):
    """Applying twice says that everything is there, and the catalogue is the same."""
    apply(session)
    with session.transaction():
        before = catalogue.read(session)

    changes = apply(session)

    with session.transaction():
        assert catalogue.read(session) == before
    assert {change.outcome for change in changes} == {Outcome.PRESENT}
    assert len(changes) > 80


def test_only_what_is_missing_is_made(session, database):
    """A dropped index and a dropped policy come back; nothing else is touched."""
    apply(session)
    database.run("DROP INDEX idx_audit_logs_action; DROP POLICY invoices_all ON invoices")

    created = [change for change in apply(session) if change.outcome is Outcome.CREATED]

    assert [(change.kind, change.name) for change in created] == [
        ("index", "idx_audit_logs_action"),
        ("policy", "invoices_all"),
    ]
    assert verify(session) == []


def test_surroundings_that_are_there_stay_as_they_are(session, database):
    """Tables and functions the seven tables refer to are never replaced or altered."""
    database.run(THEIRS)
    before = database.run(BODIES)

    changes = apply(session)

    kept = {c.name for c in changes if c.outcome is Outcome.PRESENT}
    assert kept == {
        "auth", "auth_users", "auth_uid", "organizations", "is_super_admin",
    }  # fmt: skip
    assert database.run(BODIES) == before
    assert database.run("SELECT relrowsecurity FROM pg_class WHERE relname = 'organizations'") == [
        (False,)
    ]
    assert verify(session) == []


def test_rows_that_are_there_stay(session, database):
    """Applying over tables with rows loses none."""
    apply(session)
    database.run("INSERT INTO audit_logs (action, resource_type) VALUES ('a', 'b')")

    apply(session)

    assert database.run("SELECT action FROM audit_logs") == [("a",)]


def test_a_table_with_other_columns_ends_it_and_nothing_was_applied(session, database):
    """Someone else's audit_logs is left alone: one message, and not half a schema."""
    database.run("CREATE TABLE public.audit_logs (id int)")

    with pytest.raises(MissingObjectError, match="idx_audit_logs_organization_id") as caught:
        apply(session)

    assert "schema verify" in caught.value.hint
    assert database.run(
        "SELECT to_regclass('public.invoices'), to_regclass('public.organizations')"
    ) == [(None, None)]


def test_definer_functions_pin_their_search_path(session, database):
    """A function that runs as its owner never looks names up in the caller's search_path."""
    apply(session)

    definers = database.run("SELECT proname, proconfig FROM pg_proc WHERE prosecdef ORDER BY 1")

    pinned = ["search_path=pg_catalog, pg_temp"]
    assert definers == [("get_user_organization", pinned), ("is_super_admin", pinned)]


def test_no_foreign_key_and_no_delete_trigger_stands_in_the_way_of_a_purge(session, database):
    """What maintainer purges is referenced by nothing; only invoices is, and RESTRICT guards it."""
    apply(session)

    inbound = database.run("""
        SELECT confrelid::regclass::text, conrelid::regclass::text, confdeltype::text FROM pg_constraint
        WHERE contype = 'f' AND confrelid IN (SELECT oid FROM pg_class WHERE relname IN (
            'performance_analytics', 'scheduled_reports', 'audit_logs', 'invoices', 'subscription_changes',
            'usage_tracking', 'usage_tracking_monthly', 'message_templates'))""")
    on_delete = database.run(
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgtype & 8 > 0"
    )

    assert inbound == [("invoices", "usage_tracking", "r")]
    assert on_delete == []


@pytest.mark.parametrize(
    "table", ["invoices", "audit_logs", "subscription_changes", "usage_tracking"]
)
def test_an_organization_with_records_cannot_be_deleted(table, session, database):
    """Deleting a tenant never takes a record away with it."""
    apply(session)
    database.run("INSERT INTO organizations (id, name) VALUES (md5('o')::uuid, 'o')")
    database.run(RECORDS[table])

    with pytest.raises(Exception, match=f'on table "{table}"'):
        run_sql(database.dsn, "DELETE FROM organizations")


RECORDS = {
    "invoices": "INSERT INTO invoices (organization_id) VALUES (md5('o')::uuid)",
    "audit_logs": "INSERT INTO audit_logs (organization_id, action, resource_type) VALUES (md5('o')::uuid, 'a', 'b')",
    "subscription_changes": "INSERT INTO subscription_changes (organization_id, change_type) VALUES (md5('o')::uuid, 'created')",
    "usage_tracking": "INSERT INTO usage_tracking (organization_id, usage_date, resource_type) VALUES (md5('o')::uuid, '2026-01-01', 'api_calls')",
}


@pytest.mark.parametrize(
    "table", ["scheduled_reports", "invoices", "usage_tracking", "message_templates"]
)
def test_an_update_moves_updated_at(table, session, database):
    """The four triggers set updated_at, whatever the UPDATE says."""
    apply(session)
    database.run("INSERT INTO organizations (id, name) VALUES (md5('o')::uuid, 'o')")
    database.run({**RECORDS, **SETTINGS}[table])

    database.run(f"UPDATE {table} SET updated_at = '2001-01-01'")

    assert database.run(f"SELECT updated_at > now() - interval '1 hour' FROM {table}") == [(True,)]


SETTINGS = {
    "scheduled_reports": "INSERT INTO scheduled_reports (organization_id, report_type, start_date, end_date) VALUES (md5('o')::uuid, 'agents', '2026-01-01', '2026-01-02')",
    "message_templates": "INSERT INTO message_templates (organization_id, name, content) VALUES (md5('o')::uuid, 'n', 'c')",
}
