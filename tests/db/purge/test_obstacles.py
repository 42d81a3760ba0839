"""Tables from which a DELETE would do something else: refused by name, while other rules go on."""

from __future__ import annotations

import pytest

from maintainer.plan.receipts import Outcome
from tests.db.purge.night import check_books, last, other, outcomes
from tests.servers import run_sql

TABLES = """
CREATE TABLE events (id int PRIMARY KEY, at timestamptz);
INSERT INTO events SELECT n, '2020-01-01' FROM generate_series(1, 10) AS n;
CREATE TABLE fine AS SELECT * FROM events;
CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
"""
RULE = "events: {{keep: 90 days, by: at, every: day, archive: true, table: {table}}}"
FINE = "fine: {keep: 90 days, by: at, every: day, archive: true}"
REFERS = "CREATE TABLE child (id int PRIMARY KEY DEFAULT 0, event int DEFAULT 1 {}); INSERT INTO child SELECT id, id FROM events"

AWAY = "DROP TABLE events; CREATE FOREIGN DATA WRAPPER nowhere; CREATE SERVER away FOREIGN DATA WRAPPER nowhere;"
FOREIGN = AWAY + " CREATE FOREIGN TABLE events (id int, at timestamptz) SERVER away"
PARTED = "CREATE TABLE events (id int, at timestamptz) PARTITION BY RANGE (at); CREATE INDEX ON events (at);"
FOREIGN_LEAF = (
    AWAY
    + PARTED.partition(" CREATE INDEX")[0]
    + " CREATE FOREIGN TABLE leaf PARTITION OF events DEFAULT SERVER away"
)
TRIGGER_BELOW = (
    "DROP TABLE events; " + PARTED + " CREATE TABLE leaf PARTITION OF events DEFAULT; INSERT INTO events VALUES (1, '2020-01-01');"
    " CREATE TRIGGER stay BEFORE DELETE ON leaf FOR EACH ROW EXECUTE FUNCTION keep()"
)  # fmt: skip

CASES = {
    "an inheritance child": ("CREATE TABLE child (more int) INHERITS (events)", "inheritance children (public.child)"),
    "a DELETE rule": ("CREATE RULE stay AS ON DELETE TO events DO INSTEAD NOTHING", "rule stay rewrites DELETE"),
    "a DELETE rule that also does": ("CREATE RULE also AS ON DELETE TO events DO ALSO NOTHING", "rule also rewrites DELETE"),
    "a row trigger": ("CREATE TRIGGER stay BEFORE DELETE ON events FOR EACH ROW EXECUTE FUNCTION keep()", "trigger stay fires on DELETE"),
    "a statement trigger": ("CREATE TRIGGER each AFTER DELETE ON events EXECUTE FUNCTION keep()", "trigger each fires on DELETE"),
    "CASCADE": (REFERS.format("REFERENCES events ON DELETE CASCADE"), "foreign key child_event_fkey of public.child is ON DELETE CASCADE"),
    "SET NULL": (REFERS.format("REFERENCES events ON DELETE SET NULL"), "ON DELETE SET NULL"),
    "SET DEFAULT": (REFERS.format("REFERENCES events ON DELETE SET DEFAULT"), "ON DELETE SET DEFAULT"),
    "CASCADE to itself": ("ALTER TABLE events ADD mother int REFERENCES events ON DELETE CASCADE", "ON DELETE CASCADE"),
    "a view": ("ALTER TABLE events RENAME TO e; CREATE VIEW events AS SELECT * FROM e", "it is a view"),
    "a materialized view": ("ALTER TABLE events RENAME TO e; CREATE MATERIALIZED VIEW events AS SELECT * FROM e", "it is a materialized view"),
    "a foreign table": (FOREIGN, "it is a foreign table"),
    "a foreign partition": (FOREIGN_LEAF, "its partition public.leaf is a foreign table"),
    "a trigger of a partition": (TRIGGER_BELOW, "trigger stay fires on DELETE"),
    "no such table": ("DROP TABLE events", "there is no table"),
    "no such column": ('ALTER TABLE events RENAME at TO "At"', "it has no column at; its columns are: id, At"),
    "a time that is text": ("ALTER TABLE events ALTER at TYPE text", "column at is text and has no age"),
    "a timestamp without zone": ("ALTER TABLE events ALTER at TYPE timestamp", "zone: UTC"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_an_obstacle_is_refused_by_name_and_the_others_go_on(night, case):
    """Exit 3, the reason says what stands in the way; nothing of it is deleted, the other rule is done."""
    statement, reason = CASES[case]
    night.database.run(TABLES + statement)
    night.policy(RULE.format(table="events"), FINE).init()

    report = night.approved()

    refused = last(report, "events")
    assert report.exit_code == 3
    assert outcomes(report) == {"events": Outcome.REFUSED, "fine": Outcome.DONE}
    assert reason in f"{refused.detail}; {refused.hint}"
    assert refused.hint
    assert {path.parent.parent.name for path in night.files()} == {"public.fine"}
    assert night.database.run("SELECT count(*) FROM fine") == [(0,)]
    if "DROP TABLE" not in statement and "RENAME TO e" not in statement:
        assert night.database.run("SELECT count(*) FROM events") == [(10,)]


def test_a_temporary_table_of_somebody_is_not_found(night):
    """It is nobody else's business; the other rule goes on."""
    night.database.run(TABLES + "DROP TABLE events")
    night.policy(RULE.format(table="events"), FINE).init()

    with other(night) as somebody:
        somebody.execute("CREATE TEMPORARY TABLE events AS SELECT * FROM fine")
        report = night.approved()
        assert somebody.execute("SELECT count(*) FROM events").fetchone() == (10,)

    assert (report.exit_code, last(report, "fine").rows) == (3, 10)
    assert last(report, "events").detail == "there is no table events"


def test_an_obstacle_that_is_dropped_is_no_obstacle(night):
    """A disabled trigger, a rule and triggers for other events do not stand in the way."""
    night.database.run(
        TABLES
        + """
        CREATE TRIGGER off BEFORE DELETE ON events FOR EACH ROW EXECUTE FUNCTION keep();
        ALTER TABLE events DISABLE TRIGGER off;
        CREATE TRIGGER ins BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION keep();
        CREATE TRIGGER upd BEFORE UPDATE ON events FOR EACH ROW EXECUTE FUNCTION keep();
        CREATE TRIGGER tru BEFORE TRUNCATE ON events EXECUTE FUNCTION keep()"""
    )
    night.policy(RULE.format(table="events")).init()

    report = night.approved()

    assert (report.exit_code, last(report).rows) == (0, 10)


@pytest.mark.parametrize(
    "action", ["RESTRICT", "NO ACTION", "NO ACTION DEFERRABLE INITIALLY DEFERRED"]
)
def test_a_restricting_foreign_key_works(night, action):
    """Rows nobody refers to go; where one is referred to, the segment is rolled back and nothing is lost."""
    night.database.run(TABLES + REFERS.format(f"REFERENCES events ON DELETE {action}"))
    night.policy(RULE.format(table="events")).init()

    failed = night.approved()
    assert (failed.exit_code, last(failed).outcome) == (1, Outcome.FAILED)
    assert "child_event_fkey" in last(failed).detail
    assert night.database.run("SELECT count(*) FROM events") == [(10,)]
    assert night.files() == night.segments() == night.pending() == []
    night.database.run("DELETE FROM child")

    assert last(night.run()).rows == 10
    check_books(night)


def test_a_partition_named_directly_is_refused(night):
    """A purge goes through the parent: it alone knows every partition."""
    night.database.run("""
        CREATE TABLE whole (id int, at timestamptz) PARTITION BY RANGE (at);
        CREATE TABLE leaf PARTITION OF whole DEFAULT; INSERT INTO whole VALUES (1, '2020-01-01')""")
    night.policy(RULE.format(table="leaf")).init()

    report = night.run()

    assert (report.exit_code, last(report).outcome) == (3, Outcome.REFUSED)
    assert last(report).detail == "it is a partition"
    assert night.database.run("SELECT count(*) FROM whole") == [(1,)]


def test_a_role_without_privileges_is_refused_with_the_grant(night, make_role):
    """The missing privileges are named; the other rule goes on."""
    night.database.run(TABLES)
    night.policy(RULE.format(table="events"), FINE).init()
    role = make_role()
    run_sql(
        night.database.dsn,
        f"""
        GRANT USAGE ON SCHEMA maintainer TO {role.name}; GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA maintainer TO {role.name};
        GRANT INSERT ON audit_logs TO {role.name}; GRANT SELECT, DELETE ON fine TO {role.name}; GRANT SELECT ON events TO {role.name}""",
    )
    night.app = _as(night, role)

    report = night.approved()

    assert report.exit_code == 3
    assert "no DELETE privilege" in last(report, "events").detail
    assert 'GRANT DELETE ON "public"."events"' in last(report, "events").hint
    assert last(report, "fine").rows == 10


def test_row_security_that_hides_rows_is_refused(night, make_role):
    """A role that sees a part of the rows would purge a part of them and say it was done."""
    night.database.run(
        TABLES
        + "ALTER TABLE events ENABLE ROW LEVEL SECURITY; CREATE POLICY half ON events USING (id > 5)"
    )
    night.policy(RULE.format(table="events"), FINE).init()
    role = make_role()
    run_sql(
        night.database.dsn,
        f"""
        GRANT USAGE ON SCHEMA maintainer TO {role.name}; GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA maintainer TO {role.name};
        GRANT INSERT ON audit_logs TO {role.name}; GRANT SELECT, DELETE ON fine, events TO {role.name}""",
    )
    night.app = _as(night, role)

    report = night.approved()

    assert report.exit_code == 3
    assert "row level security would hide rows" in last(report, "events").detail
    assert night.database.run("SELECT count(*) FROM events") == [(10,)]
    assert last(report, "fine").rows == 10


def _as(night, role):
    app = night.app
    return lambda: app(night.database.dsn_as(role))
