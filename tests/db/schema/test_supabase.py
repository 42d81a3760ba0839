"""The schema beside what Supabase brings along, on a server of its own (roles belong to a server)."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from maintainer.db import conninfo
from maintainer.db.connect import connect
from maintainer.schema import catalogue
from maintainer.schema.apply import Outcome, apply
from maintainer.schema.catalogue import Entry
from maintainer.schema.verify import verify
from tests.servers import run_sql

SUPABASE = """
CREATE ROLE anon; CREATE ROLE authenticated; CREATE ROLE service_role BYPASSRLS;
CREATE SCHEMA auth;
GRANT USAGE ON SCHEMA auth TO anon, authenticated, service_role;
CREATE TABLE auth.users (instance_id uuid, id uuid PRIMARY KEY, aud varchar(255), email varchar(255));
CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS
    $$ SELECT nullif(current_setting('request.jwt.claim.sub', true), '')::uuid $$;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO anon, authenticated, service_role;
"""

COMMITTED = Path(catalogue.__file__).with_name("expected.csv")


@pytest.fixture
def supabase(own_server):
    """A session on a server with the roles, the schema and the default grants of Supabase."""
    run_sql(own_server.dsn(), SUPABASE)
    session = connect(conninfo.resolve(own_server.dsn(), {}), driver="psycopg")
    yield session
    session.close()


def test_policies_address_the_roles_of_supabase(supabase, own_server):
    """Members are `authenticated`; the schema auth that is there is not touched; verify agrees."""
    changes = apply(supabase)

    kept = {change.name for change in changes if change.outcome is Outcome.PRESENT}
    roles = run_sql(own_server.dsn(), "SELECT policyname, roles::text FROM pg_policies")
    assert kept == {"auth", "auth_users", "auth_uid"}
    assert dict(roles)["invoices_select"] == "{authenticated}"
    assert dict(roles)["usage_tracking_insert"] == "{authenticated,service_role}"
    assert verify(supabase) == []


def test_the_anonymous_role_sees_nothing_and_writes_only_security_events(supabase, own_server):
    """Supabase grants new tables to `anon`: the policies are all that stands before them."""
    apply(supabase)
    seen = "SET ROLE anon; SELECT count(*) FROM {}"
    run_sql(own_server.dsn(), "INSERT INTO organizations (name) VALUES ('a')")
    run_sql(own_server.dsn(), "INSERT INTO invoices (organization_id) SELECT id FROM organizations")

    run_sql(
        own_server.dsn(),
        "SET ROLE anon; INSERT INTO audit_logs (action, resource_type) VALUES ('a', 'b')",
    )

    for table in ("organizations", "profiles", "subscriptions", *catalogue.TABLES):
        assert run_sql(own_server.dsn(), seen.format(table)) == [(0,)]
    with pytest.raises(Exception, match="row-level security"):
        run_sql(
            own_server.dsn(),
            "SET ROLE anon; INSERT INTO subscription_changes (organization_id, change_type) VALUES (md5('a')::uuid, 'created')",
        )


def test_the_committed_catalogue_is_what_apply_makes(supabase, accept):
    """expected.csv is current; `pytest --accept` on this file writes it anew."""
    apply(supabase)
    with supabase.transaction(read_only=True):
        text = _as_csv(catalogue.read(supabase))

    if accept:
        COMMITTED.write_text(text, "utf-8")
    assert COMMITTED.read_text("utf-8") == text


def _as_csv(entries: list[Entry]) -> str:
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(("kind", "name", "definition"))
    writer.writerows((entry.kind, entry.name, _placeholders(entry)) for entry in entries)
    return target.getvalue()


def _placeholders(entry: Entry) -> str:
    if entry.kind != "policy":
        return entry.definition
    systems = entry.definition.replace(f" to {catalogue.SUPABASE.systems}", " to {systems}")
    return systems.replace(f" to {catalogue.SUPABASE.members}", " to {members}")
