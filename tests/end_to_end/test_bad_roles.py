"""Roles that may not do what the policy wants: refused by name, with the grant that is missing."""

from __future__ import annotations

import pytest

from tests.end_to_end.bad import DONE, REFUSED, elsewhere, one_error, one_failure, staged, untouched
from tests.faults import outside

RECORD = """
GRANT USAGE ON SCHEMA maintainer TO {role};
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA maintainer TO {role}"""
AUDIT = "GRANT INSERT ON audit_logs TO {role}"
PURGE = "GRANT SELECT, DELETE ON metrics TO {role}"


@pytest.fixture
def as_role(database, tmp_path, driver, make_role):
    """A stage seen by a role with some grants, and the fingerprint for its first run."""

    def make(*grants):
        stage, approval = staged(database, tmp_path, driver)
        role = make_role()
        for grant in grants:
            database.run(grant.format(role=role.name))
        return elsewhere(stage, database.dsn_as(role)), approval

    return make


def test_the_grants_of_the_readme_are_enough(as_role) -> None:
    """What the other tests leave out one by one is all that is needed."""
    stage, approval = as_role(RECORD, AUDIT, PURGE)

    said = stage.cli("run", "--approve", approval)

    assert said.code == DONE, said
    assert outside.check_done(stage) == 900


@pytest.mark.parametrize("words", [("run",), ("dry-run",), ("status",), ("init",)])
def test_no_grant_at_all(as_role, words) -> None:
    """The record's schema is closed: nothing is begun, and the hint says who prints the grants."""
    stage, _ = as_role()

    said = stage.cli(*words)

    one_error(said, REFUSED, "schema maintainer", "maintainer init --print-sql")
    untouched(stage)


def test_no_insert_on_audit_logs(as_role) -> None:
    """What cannot be recorded is not done."""
    stage, approval = as_role(RECORD, PURGE)

    said = stage.cli("run", "--approve", approval)

    one_error(said, REFUSED, "audit_logs", "maintainer init --print-sql")
    untouched(stage)
    assert stage.database.run("SELECT count(*) FROM maintainer.run") == [(0,)]


@pytest.mark.parametrize(
    ("grants", "lacking"),
    [
        (("GRANT SELECT ON metrics TO {role}",), "DELETE"),
        (("GRANT DELETE ON metrics TO {role}",), "SELECT"),
        ((), "SELECT, DELETE"),
    ],
)
def test_no_privilege_on_the_table(as_role, grants, lacking) -> None:
    """The rule is refused with the statement that would allow it."""
    stage, approval = as_role(RECORD, AUDIT, *grants)

    said = stage.cli("run", "--approve", approval)

    one_failure(said, REFUSED, f'GRANT {lacking} ON "public"."metrics"')
    untouched(stage)


def test_row_level_security_hides_rows(as_role) -> None:
    """Half an archive is none: the rule is refused."""
    stage, approval = as_role(RECORD, AUDIT, PURGE)
    stage.database.run(
        "ALTER TABLE metrics ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON metrics USING (id < 100)"
    )

    said = stage.cli("run", "--approve", approval)

    one_failure(said, REFUSED, "row level security would hide rows", "BYPASSRLS")
    untouched(stage)


def test_upkeep_without_the_right(as_role) -> None:
    """VACUUM would say success and skip the table; it is refused instead."""
    stage, _ = as_role(RECORD, AUDIT)

    for command in ("vacuum", "analyze", "reindex"):
        one_failure(stage.cli(command, "public.metrics"), REFUSED, "metrics", "GRANT")
