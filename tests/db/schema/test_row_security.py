"""The policies, as users meet them."""

from __future__ import annotations

import psycopg
import pytest

from maintainer.schema.apply import apply

TABLES = (
    "performance_analytics",
    "scheduled_reports",
    "audit_logs",
    "invoices",
    "subscription_changes",
    "usage_tracking",
    "message_templates",
    "usage_tracking_monthly",
)

TWO_TENANTS = """
INSERT INTO auth.users (id) SELECT md5(u)::uuid FROM unnest(ARRAY['ann', 'bob', 'root', 'new']) AS u;
INSERT INTO organizations (id, name) VALUES (md5('a')::uuid, 'a'), (md5('b')::uuid, 'b');
INSERT INTO profiles (id, organization_id, is_super_admin) VALUES
    (md5('ann')::uuid, md5('a')::uuid, false), (md5('bob')::uuid, md5('b')::uuid, false), (md5('root')::uuid, NULL, true);
INSERT INTO performance_analytics (organization_id, type) SELECT id, 'LCP' FROM organizations;
INSERT INTO scheduled_reports (organization_id, report_type, start_date, end_date) SELECT id, 'agents', '2026-01-01', '2026-01-01' FROM organizations;
INSERT INTO audit_logs (organization_id, action, resource_type) SELECT id, 'x', 'y' FROM organizations;
INSERT INTO invoices (organization_id) SELECT id FROM organizations;
INSERT INTO subscription_changes (organization_id, change_type) SELECT id, 'created' FROM organizations;
INSERT INTO usage_tracking (organization_id, usage_date, resource_type) SELECT id, '2026-01-01', 'api_calls' FROM organizations;
INSERT INTO message_templates (organization_id, name, content) SELECT id, 'n', 'c' FROM organizations;
INSERT INTO usage_tracking_monthly (organization_id, usage_month, usage_rows) SELECT id, '2026-01-01', 1 FROM organizations;
"""

INSERT_REPORT = """INSERT INTO scheduled_reports (organization_id, created_by, report_type, start_date, end_date)
    VALUES (md5($1)::uuid, md5($2)::uuid, 'agents', '2026-01-01', '2026-01-01')"""
INSERT_METRIC = """INSERT INTO performance_analytics (organization_id, user_id, type)
    VALUES (md5($1)::uuid, md5($2)::uuid, 'LCP')"""


@pytest.fixture
def as_user(database, session, make_role):
    """Connect as an ordinary role that speaks for one user."""
    apply(session)
    database.run(TWO_TENANTS)
    role = make_role()
    database.run(
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role.name}"
    )
    opened = []

    def connect(user: str) -> psycopg.Connection:
        connection = psycopg.connect(
            database.dsn_as(role), autocommit=True, cursor_factory=psycopg.RawCursor
        )
        opened.append(connection)
        claim = "SELECT set_config('request.jwt.claim.sub', CASE $1 WHEN '' THEN '' ELSE md5($1)::uuid::text END, false)"
        connection.execute(claim, [user])
        return connection

    yield connect
    for connection in opened:
        connection.close()


def visible(connection: psycopg.Connection, table: str) -> int:
    """How many rows of a table this connection sees."""
    return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


@pytest.mark.parametrize("driver", ["psycopg"], indirect=True)
class TestIsolation:
    """Each user meets the rows of one tenant."""

    def test_who_sees_what(self, as_user):
        """A member sees one tenant, a super admin both, a stranger and nobody nothing."""
        seen = {
            user: {visible(as_user(user), table) for table in TABLES}
            for user in ("ann", "bob", "root", "new", "")
        }

        assert seen == {"ann": {1}, "bob": {1}, "root": {2}, "new": {0}, "": {0}}

    def test_a_token_as_json_speaks_for_its_subject(self, as_user):
        """auth.uid() reads request.jwt.claims where the single claim is not set."""
        connection = as_user("")
        connection.execute(
            """SELECT set_config('request.jwt.claims', json_build_object('sub', md5('ann')::uuid)::text, false)"""
        )

        assert visible(connection, "invoices") == 1

    def test_members_write_only_for_their_own_tenant(self, as_user):
        """Reports are made by their creator for the creator's tenant, and cannot be moved out of it."""
        ann = as_user("ann")

        ann.execute(INSERT_REPORT, ["a", "ann"])
        for tenant, creator in (("b", "ann"), ("a", "bob")):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                ann.execute(INSERT_REPORT, [tenant, creator])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ann.execute("UPDATE scheduled_reports SET organization_id = md5('b')::uuid")
        assert ann.execute("DELETE FROM scheduled_reports").rowcount == 2
        assert visible(as_user("root"), "scheduled_reports") == 1

    def test_metrics_are_inserted_for_the_own_tenant_or_oneself(self, as_user):
        """A member writes any metric of the tenant; a user without tenant only what is about oneself."""
        as_user("ann").execute(INSERT_METRIC, ["a", "bob"])
        as_user("new").execute(INSERT_METRIC, ["a", "new"])

        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            as_user("ann").execute(INSERT_METRIC, ["b", "bob"])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            as_user("").execute(INSERT_METRIC, ["a", "ann"])

    def test_security_events_are_written_by_anyone_and_changed_by_no_one(self, as_user):
        """audit_logs takes inserts from any context; not even a super admin updates or deletes."""
        as_user("").execute(
            "INSERT INTO audit_logs (action, resource_type) VALUES ('login_failed', 'session')"
        )

        for user in ("", "ann", "root"):
            assert as_user(user).execute("DELETE FROM audit_logs").rowcount == 0
            assert as_user(user).execute("UPDATE audit_logs SET action = 'z'").rowcount == 0

    @pytest.mark.parametrize("table", ["invoices", "subscription_changes", "usage_tracking"])
    def test_only_a_super_admin_manages_billing(self, table, as_user):
        """A member reads billing records and changes none."""
        change = f"UPDATE {table} SET metadata = NULL"

        assert as_user("ann").execute(change).rowcount == 0
        assert as_user("root").execute(change).rowcount == 2

    def test_monthly_usage_is_written_by_no_member(self, as_user):
        """usage_tracking_monthly is maintainer's to write; a member's INSERT is refused."""
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            as_user("ann").execute(
                "INSERT INTO usage_tracking_monthly (organization_id, usage_month, usage_rows) VALUES (md5('a')::uuid, '2026-01-01', 1)"
            )
