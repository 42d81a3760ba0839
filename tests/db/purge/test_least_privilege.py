"""The role that `init --print-sql` makes: what it can do is enough, and what is missing is named."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from maintainer.app.rights import ROLE
from maintainer.db import conninfo
from maintainer.db.connect import connect
from maintainer.demo.seed import seed
from maintainer.plan.receipts import Outcome
from maintainer.schedule.clock import SystemClock
from maintainer.schema.apply import apply
from tests.db.purge.night import Night, last, outcomes
from tests.end_to_end.conftest import Shipped
from tests.servers import Database, Role

APART = """
CREATE SCHEMA "Raw"; CREATE SCHEMA months; CREATE SCHEMA words; CREATE SCHEMA log;
CREATE FUNCTION words.is_old(date) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 < ''2021-01-01''';
CREATE TABLE "Raw".usage (id int PRIMARY KEY, tenant int, day date, quantity numeric);
CREATE INDEX ON "Raw".usage (day);
INSERT INTO "Raw".usage SELECT n, n % 3, '2020-01-01'::date + n, n FROM generate_series(1, 300) AS n;
CREATE TABLE months.usage_monthly (month date, tenant int, quantity numeric);
ALTER TABLE "Raw".usage ENABLE ROW LEVEL SECURITY; ALTER TABLE months.usage_monthly ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON SCHEMA public FROM PUBLIC"""
RULE = """usage: {table: Raw.usage, keep: 90 days, by: day, align: month, every: day, archive: true, where: is_old(day),
    search_path: [words, pg_catalog, nowhere], rollup: {into: months.usage_monthly, month: month, group_by: [tenant], sum: [quantity]}}"""
MORE = "audit: {table: log.audit}\nupkeep: {care: {do: vacuum, tables: [months.usage_monthly], every: week}}"
EVENTS = """
CREATE TABLE events (id int, at timestamptz); CREATE TABLE others (id int);
INSERT INTO events SELECT n, '2020-01-01' FROM generate_series(1, 9) AS n"""
EVENT = "events: {keep: 90 days, by: at, every: day, archive: true}"


@pytest.fixture
def runner(every_database: Database) -> Iterator[Role]:
    """A name for the role that a script makes, and its password."""
    role = Role(f"runner_{secrets.token_hex(6)}", secrets.token_urlsafe(12))
    yield role
    if every_database.run(f"SELECT 1 FROM pg_roles WHERE rolname = '{role.name}'"):
        every_database.run(f"DROP OWNED BY {role.name} CASCADE; DROP ROLE {role.name}")


def printed(night: Night, role: Role) -> str:
    """What `maintainer init --print-sql` prints, for a role of another name."""
    with night.app() as core:
        return core.init_sql().replace(ROLE, role.name)


def advised(script: str) -> str:
    """The statements that the script only mentions."""
    lines = (line.removeprefix("-- ") for line in script.splitlines())
    return "".join(
        line for line in lines if line.startswith(("ALTER TABLE", "GRANT")) and ";" in line
    )


def moved_in(night: Night, role: Role) -> str:
    """Run the script as a DBA does, twice; from now on `night` is the role's."""
    script = printed(night, role)
    for _ in range(2):
        night.database.run(script)
    night.database.run(f"ALTER ROLE {role.name} PASSWORD '{role.password}'")
    app, dsn = night.app, night.database.dsn_as(role)
    night.app = lambda: app(dsn)
    return script


@pytest.fixture
def shipped(every_database, driver, tmp_path) -> Shipped:
    """The seven tables on each version, with some rows."""
    session = connect(conninfo.resolve(every_database.dsn, {}), driver="psycopg")
    apply(session)
    seed(session, 1_000, SystemClock().now())
    session.close()
    return Shipped(every_database, driver, tmp_path)


def test_the_printed_role_does_all_of_the_shipped_policy(shipped, runner):
    """Purge, rollup and record by a role that is no superuser, with row level security as it was."""
    shipped.clock = SystemClock()  # 13 and 14 count late: waiting must take its time
    script = moved_in(shipped, runner)
    database = shipped.database

    report = shipped.approved(only="retention")

    assert (report.exit_code, report.stopped) == (0, "")
    done = [receipt.rows for receipt in report.receipts if receipt.outcome is Outcome.DONE]
    assert len(done) == 3
    assert min(done) > 0
    assert database.run("SELECT count(*) > 0 FROM usage_tracking_monthly") == [(True,)]
    assert database.run("SELECT count(*) > 0 FROM maintainer.carry_usage_tracking_monthly") == [
        (True,)
    ]
    assert {row[0] for row in shipped.audit()} >= {
        "maintainer.purge.done",
        "maintainer.run.finished",
    }
    assert database.run("SELECT relrowsecurity FROM pg_class WHERE relname = 'audit_logs'") == [
        (True,)
    ]
    assert database.run(
        f"SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = '{runner.name}'"
    ) == [(False, True, False)]
    if database.server.version < 17:
        assert shipped.run(only="upkeep").exit_code == 3
        database.run(advised(script))
    upkeep = shipped.run(only="upkeep")
    assert (upkeep.exit_code, upkeep.stopped) == (0, "")
    kinds = {type(r.step).__name__ for r in upkeep.receipts if r.outcome is Outcome.DONE}
    assert kinds == {"Vacuum", "Analyze", "Reindex"}


def test_schemas_of_targets_words_and_record_are_opened(every_night, runner):
    """A rollup's target, an audit table and a search_path may each live in a schema of their own."""
    every_night.database.run(APART)
    every_night.policy(RULE, more=MORE)
    moved_in(every_night, runner)

    report = every_night.approved(only="retention")

    assert (report.exit_code, last(report).rows) == (0, 300)
    assert every_night.database.run("SELECT sum(quantity) FROM months.usage_monthly") == [(45150,)]
    assert every_night.database.run("SELECT count(*) > 0 FROM log.audit") == [(True,)]
    if every_night.database.server.version >= 17:
        assert every_night.run(only="upkeep").exit_code == 0


def test_before_17_a_dba_is_told_how_upkeep_would_work(every_night, runner, make_role):
    """Membership in the owner's role, or the table itself where a superuser owns it; not done unasked."""
    owner = make_role(on=every_night.database.server)
    every_night.database.run(f"{EVENTS}; ALTER TABLE others OWNER TO {owner.name}")
    every_night.policy(
        EVENT, more="upkeep: {care: {do: vacuum, tables: [events, others], every: week}}"
    )

    script = printed(every_night, runner)

    if every_night.database.server.version >= 17:
        assert f'\nGRANT MAINTAIN ON TABLE "public"."events" TO "{runner.name}";' in script
        assert "OWNER TO" not in script
    else:
        assert f'\n-- GRANT "{owner.name}" TO "{runner.name}";' in script
        assert f'\n-- ALTER TABLE "public"."events" OWNER TO "{runner.name}";' in script
        assert "MAINTAIN" not in script


def test_without_upkeep_no_right_to_it_is_given(every_night, runner):
    """Nobody gets more than the policy needs."""
    every_night.database.run(EVENTS)

    script = printed(every_night.policy(EVENT), runner)

    assert "MAINTAIN" not in script
    assert "OWNER TO" not in script


def test_a_rollup_that_cannot_be_made_yet_is_said(every_night, runner):
    """Its carry has the types of a table that is not there."""
    every_night.database.run(APART + "; DROP TABLE months.usage_monthly")
    every_night.policy(RULE, more="audit: {table: log.audit}")

    script = printed(every_night, runner)

    assert "-- rollup usage has no carry yet: its rollup needs months.usage_monthly" in script
    every_night.database.run(script)


@pytest.mark.parametrize("schema", ["Raw", "months"])
def test_a_closed_schema_is_named_with_the_grant(every_night, runner, schema):
    """That of the table, or that of its rollup's target."""
    every_night.database.run(APART)
    every_night.policy(RULE, more=MORE)
    moved_in(every_night, runner)
    every_night.database.run(f'REVOKE USAGE ON SCHEMA "{schema}" FROM {runner.name}')

    report = every_night.run(only="retention")

    assert report.exit_code == 3
    assert f"no USAGE privilege on schema {schema}" in last(report).detail
    assert f'GRANT USAGE ON SCHEMA "{schema}" TO the role' in last(report).hint


def test_upkeep_of_all_tables_by_a_role_that_may_touch_none_is_refused(night, make_role):
    """Week after week nothing would be done, with exit 0; one table that it may touch is enough."""
    night.database.run(EVENTS)
    night.policy(EVENT, more="upkeep: {care: {do: analyze, tables: all, every: week}}").init()
    role, app = make_role(), night.app
    night.database.run(f"""
        GRANT USAGE ON SCHEMA maintainer TO {role.name}; GRANT INSERT ON audit_logs TO {role.name};
        GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA maintainer TO {role.name}""")
    night.app = lambda: app(night.database.dsn_as(role))

    refused = night.run(only="upkeep")
    night.database.run(f"ALTER TABLE others OWNER TO {role.name}")
    some = night.run(only="upkeep")

    assert (refused.exit_code, outcomes(refused)) == (3, {"care": Outcome.REFUSED})
    assert f"the role {role.name} may analyze none of the 3 tables" in refused.receipts[-1].detail
    assert some.exit_code == 0
    assert [r.outcome for r in some.receipts].count(Outcome.DONE) == 1
