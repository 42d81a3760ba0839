"""What the survey says about tables, against what the catalogue holds."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from maintainer.names import TableName
from maintainer.survey import look
from tests.servers import run_sql

TABLE = TableName("public", "Odd table")


def facts(session, name=TABLE):
    """The facts of one table."""
    with session.transaction(read_only=True):
        found, lost = look.resolve([str(name)], look.relations(session))
        assert lost == {}
        return look.tables(session, list(found.values()), session.server_version)[name]


def test_columns_and_indexes_are_told_in_order(every_session, every_database):
    """Dropped columns are not there; expressions have no name; partial and invalid indexes say so."""
    every_database.run(f"""
        CREATE SCHEMA kinds; CREATE TYPE kinds.mood AS ENUM ('x'); CREATE DOMAIN kinds.word AS kinds.mood;
        CREATE TABLE {TABLE.sql} (id int PRIMARY KEY, gone int, "At" timestamptz(3), m kinds.mood[], w kinds.word);
        ALTER TABLE {TABLE.sql} DROP COLUMN gone;
        CREATE INDEX by_at ON {TABLE.sql} ("At", (id + 1)) INCLUDE (m);
        CREATE INDEX part ON {TABLE.sql} USING hash (id) WHERE id > 5""")

    seen = facts(every_session)

    assert [(column.name, column.type) for column in seen.columns] == [
        ("id", "integer"), ("At", "timestamp(3) with time zone"), ("m", "kinds.mood[]"), ("w", "kinds.word"),
    ]  # fmt: skip
    assert all("kinds" in column.schemas for column in seen.columns[2:])
    indexes = {index.name.name: index for index in seen.indexes}
    assert indexes["by_at"].keys == ("At", None)
    assert (indexes["part"].method, indexes["part"].is_partial) == ("hash", True)
    assert all(index.is_valid for index in seen.indexes)


def test_rows_are_estimated_when_the_statistics_are_fresh(session, database):
    """Never analysed: stale; just analysed: estimated. Nothing is counted."""
    database.run(
        f"CREATE TABLE {TABLE.sql} (id int) WITH (autovacuum_enabled = off); INSERT INTO {TABLE.sql} SELECT generate_series(1, 5000)"
    )
    assert facts(session).rows.how == "stale"

    database.run(f"ANALYZE {TABLE.sql}")
    fresh = facts(session).rows
    assert (fresh.value, fresh.how) == (5000, "estimated")

    assert facts(session).total_bytes >= facts(session).heap_bytes > 0


def test_a_partitioned_table_is_the_sum_of_its_leaves(every_session, every_database):
    """Sizes, rows and obstacles of every level."""
    every_database.run(f"""
        CREATE TABLE {TABLE.sql} (id int, at date) PARTITION BY RANGE (at);
        CREATE TABLE middle PARTITION OF {TABLE.sql} FOR VALUES FROM ('2020-01-01') TO ('2021-01-01') PARTITION BY HASH (id);
        CREATE TABLE leaf1 PARTITION OF middle FOR VALUES WITH (MODULUS 2, REMAINDER 0);
        CREATE TABLE leaf2 PARTITION OF middle FOR VALUES WITH (MODULUS 2, REMAINDER 1);
        CREATE TABLE rest PARTITION OF {TABLE.sql} DEFAULT;
        INSERT INTO {TABLE.sql} SELECT n, '2020-01-01'::date + n % 800 FROM generate_series(1, 2000) AS n;
        CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
        CREATE TRIGGER deep BEFORE DELETE ON leaf2 FOR EACH ROW EXECUTE FUNCTION f();
        ANALYZE {TABLE.sql}""")

    seen = facts(every_session)

    assert (seen.kind, seen.rows.value, seen.children) == ("p", 2000, ())
    assert seen.heap_bytes == sum(
        row[0]
        for row in every_database.run(
            "SELECT pg_table_size(oid) FROM pg_class WHERE relname IN ('leaf1', 'leaf2', 'rest')"
        )
    )
    assert seen.delete_triggers == ("deep",)
    assert facts(every_session, TableName("public", "rest")).is_partition


@pytest.mark.parametrize(
    "name",
    ["Odd table", "public.Odd table", '"Odd table"', 'public."Odd table"', '"public"."Odd table"'],
)
def test_a_name_in_every_spelling(session, database, name):
    """With its schema or without, in quotes or without."""
    database.run(f"CREATE TABLE {TABLE.sql} (id int)")

    found, lost = look.resolve([name], look.relations(session))

    assert (found[name].name, lost) == (TABLE, {})


def test_a_name_that_is_not_there(session, database):
    """What is near is said, and a schema that is not there as well."""
    database.run(f"CREATE TABLE {TABLE.sql} (id int)")

    _, lost = look.resolve(["odd table", "nowhere.x", "public.x"], look.relations(session))

    assert (
        lost["odd table"]
        == "there is no table odd table; there is Odd table (names are case-sensitive)"
    )
    assert lost["nowhere.x"] == "there is no table nowhere.x, nor any table in a schema nowhere"
    assert lost["public.x"] == "there is no table public.x"


def test_who_we_are_talking_to(every_session, every_database):
    """Database, version, identity of the cluster, encoding, role, and its clock."""
    with every_session.transaction(read_only=True):
        target, now = look.target(every_session)

    ((identifier,),) = every_database.run("SELECT system_identifier::text FROM pg_control_system()")
    assert (target.database, target.system_identifier, target.timeline) == (
        every_database.name,
        identifier,
        1,
    )
    assert target.server_version // 10000 == every_database.server.version
    assert (target.is_standby, target.encoding, target.role) == (
        False,
        "UTF8",
        every_database.server.superuser,
    )
    assert now.utcoffset().total_seconds() == 0


def test_what_a_role_without_rights_is_told(make_role, database, driver):
    """Privileges are those of the role that asks, and an identity it may not read is unknown."""
    database.run(
        f"CREATE TABLE {TABLE.sql} (id int); ALTER TABLE {TABLE.sql} ENABLE ROW LEVEL SECURITY; GRANT SELECT ON {TABLE.sql} TO PUBLIC"
    )
    role = make_role()
    with _opened(database.dsn_as(role), driver) as session:
        seen = facts(session)

    assert (seen.can_select, seen.can_delete, seen.can_write, seen.can_maintain) == (
        True,
        False,
        False,
        False,
    )
    assert seen.hides_rows


MAY_MAINTAIN = {
    "nobody": "SELECT 1",
    "owner": "ALTER TABLE t OWNER TO {role}",
    "member of the owner": "ALTER TABLE t OWNER TO {other}; GRANT {other} TO {role}",
    "owner of the database": "ALTER DATABASE {database} OWNER TO {role}",
    "granted": "GRANT {maintain} ON t TO {role}",
    "owner who gave it up": "ALTER TABLE t OWNER TO {role}; REVOKE {maintain} ON t FROM {role}",
}


@pytest.mark.parametrize("case", MAY_MAINTAIN)
def test_who_may_maintain_a_table_is_what_the_server_does(every_database, driver, make_role, case):
    """Privilege, ownership or the ownership of the database, as each version has it."""
    role, other = (make_role(on=every_database.server) for _ in range(2))
    name = every_database.name
    word = "MAINTAIN" if every_database.server.version >= 17 else "TRUNCATE"
    every_database.run("CREATE TABLE t AS SELECT 1 AS id")
    grant = MAY_MAINTAIN[case].format(
        role=role.name, other=other.name, database=name, maintain=word
    )
    every_database.run(grant)

    with _opened(every_database.dsn_as(role), driver) as session:
        seen = facts(session, TableName("public", "t"))
    run_sql(every_database.dsn_as(role), "ANALYZE t")

    ((rows,),) = every_database.run("SELECT reltuples::int FROM pg_class WHERE relname = 't'")
    assert seen.can_maintain is (rows == 1)
    every_database.run(f"ALTER DATABASE {name} OWNER TO {every_database.server.superuser}")


def test_a_right_to_a_table_in_a_closed_schema_is_half_a_right(every_database, driver, make_role):
    """Both are told, so that the one that is missing can be named."""
    role = make_role(on=every_database.server)
    every_database.run(f"""
        CREATE SCHEMA closed; CREATE TABLE closed.t (id int); CREATE TABLE t (id int);
        GRANT SELECT ON closed.t, t TO {role.name}""")

    with _opened(every_database.dsn_as(role), driver) as session:
        shut, free = (facts(session, TableName(schema, "t")) for schema in ("closed", "public"))

    assert (shut.can_use, shut.can_select) == (False, True)
    assert (free.can_use, free.can_select) == (True, True)


@contextmanager
def _opened(dsn, driver):
    from maintainer.db import conninfo
    from maintainer.db.connect import connect

    session = connect(conninfo.resolve(dsn, {}), driver=driver)
    try:
        yield session
    finally:
        session.close()
