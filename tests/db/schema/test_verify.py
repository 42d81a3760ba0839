"""`schema verify` on real servers: it names each thing that is not what it should be."""

from __future__ import annotations

import pytest

from maintainer.schema.apply import apply
from maintainer.schema.verify import verify

BREAKS = {
    "an index is gone": (
        "DROP INDEX idx_usage_tracking_composite",
        ("missing", "index", "usage_tracking.idx_usage_tracking_composite"),
    ),
    "an index has other columns": (
        "DROP INDEX idx_audit_logs_action; CREATE INDEX idx_audit_logs_action ON audit_logs (action, id)",
        ("different", "index", "audit_logs.idx_audit_logs_action"),
    ),
    "an index is new": (
        "CREATE INDEX mine ON invoices (notes)",
        ("unexpected", "index", "invoices.mine"),
    ),
    "a column has another type": (
        "ALTER TABLE performance_analytics ALTER value TYPE float8",
        ("different", "column", "performance_analytics.value"),
    ),
    "a column may be null": (
        "ALTER TABLE invoices ALTER status DROP NOT NULL",
        ("different", "column", "invoices.status"),
    ),
    "a default is gone": (
        "ALTER TABLE invoices ALTER currency DROP DEFAULT",
        ("different", "column", "invoices.currency"),
    ),
    "a column is gone": (
        "ALTER TABLE audit_logs DROP COLUMN user_agent",
        ("missing", "column", "audit_logs.user_agent"),
    ),
    "a column is new": (
        "ALTER TABLE audit_logs ADD COLUMN tenant text",
        ("unexpected", "column", "audit_logs.tenant"),
    ),
    "a policy is gone": (
        "DROP POLICY scheduled_reports_update ON scheduled_reports",
        ("missing", "policy", "scheduled_reports.scheduled_reports_update"),
    ),
    "a policy lets others in": (
        "ALTER POLICY audit_logs_select ON audit_logs USING (true)",
        ("different", "policy", "audit_logs.audit_logs_select"),
    ),
    "a policy is for another role": (
        "ALTER POLICY audit_logs_select ON audit_logs TO pg_monitor",
        ("different", "policy", "audit_logs.audit_logs_select"),
    ),
    "a policy is new": (
        "CREATE POLICY open ON invoices USING (true)",
        ("unexpected", "policy", "invoices.open"),
    ),
    "row level security is off": (
        "ALTER TABLE usage_tracking_monthly DISABLE ROW LEVEL SECURITY",
        ("different", "table", "usage_tracking_monthly"),
    ),
    "a trigger is gone": (
        "DROP TRIGGER invoices_updated_at ON invoices",
        ("missing", "trigger", "invoices.invoices_updated_at"),
    ),
    "a trigger is disabled": (
        "ALTER TABLE invoices DISABLE TRIGGER invoices_updated_at",
        ("different", "trigger", "invoices.invoices_updated_at"),
    ),
    "the function behind the triggers does nothing": (
        "CREATE OR REPLACE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        ("different", "function", "touch_updated_at()"),
    ),
    "a rule is new": (
        "CREATE RULE silent AS ON DELETE TO audit_logs DO INSTEAD NOTHING",
        ("unexpected", "rule", "audit_logs.silent"),
    ),
    "a check allows more": (
        "ALTER TABLE invoices DROP CONSTRAINT invoices_status_check, ADD CONSTRAINT invoices_status_check CHECK (status <> '')",
        ("different", "constraint", "invoices.invoices_status_check"),
    ),
    "the unique constraint is gone": (
        "ALTER TABLE usage_tracking DROP CONSTRAINT usage_tracking_organization_id_usage_date_usage_hour_resour_key",
        (
            "missing",
            "constraint",
            "usage_tracking.usage_tracking_organization_id_usage_date_usage_hour_resour_key",
        ),
    ),
    "a foreign key cascades": (
        "ALTER TABLE invoices DROP CONSTRAINT invoices_organization_id_fkey, ADD CONSTRAINT invoices_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE",
        ("different", "constraint", "invoices.invoices_organization_id_fkey"),
    ),
    "another table refers to audit_logs": (
        "CREATE TABLE comments (log uuid REFERENCES audit_logs (id))",
        ("unexpected", "constraint", "comments.comments_log_fkey"),
    ),
    "a table is gone": (
        "DROP TABLE message_templates",
        ("missing", "table", "message_templates"),
    ),
}


@pytest.mark.parametrize("case", BREAKS)
def test_one_thing_is_broken(case, session, database):
    """Exactly the broken thing is named, and what should stand there beside what does."""
    apply(session)
    statement, expected = BREAKS[case]
    database.run(statement)

    (difference,) = verify(session)

    assert (difference.problem, difference.kind, difference.name) == expected
    assert bool(difference.expected) is (difference.problem != "unexpected")
    assert bool(difference.found) is (difference.problem != "missing")
    assert difference.expected != difference.found


def test_an_empty_database_lacks_the_eight_tables(session):
    """Only the tables are named, and the function beside them, not their two hundred parts."""
    differences = verify(session)

    assert {(d.problem, d.kind) for d in differences} == {
        ("missing", "table"),
        ("missing", "function"),
    }
    assert len(differences) == 8 + 1


def test_the_search_path_of_the_session_does_not_matter(session, database):
    """Definitions are compared as spelled under one search_path, whatever the database's default is."""
    apply(session)
    database.run(f'ALTER DATABASE "{database.name}" SET search_path = public, auth')
    database.run(f'ALTER DATABASE "{database.name}" SET quote_all_identifiers = on')
    session.execute("SELECT set_config('search_path', 'public', false)")
    session.execute("SELECT set_config('quote_all_identifiers', 'on', false)")

    assert verify(session) == []


def test_an_invalid_index_is_no_index(session, database):
    """What a failed CREATE INDEX CONCURRENTLY left behind is different from the index."""
    apply(session)
    database.run(
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'idx_invoices_status'::regclass"
    )

    (difference,) = verify(session)

    assert difference.found == difference.expected + " (invalid)"
