"""Names that are hard on SQL, on paths and on policies."""

from __future__ import annotations

import json

import pytest

from maintainer.names import TableName
from maintainer.plan.receipts import Outcome
from tests.db.purge.night import check_books, last, manifests, outcomes

LONG = "é" * 31 + "x"  # 63 bytes
NAMES = [
    TableName("public", "Events"),
    TableName("public", 'Say "hi"'),
    TableName("public", "it's 100 % :x $1 {y} \\."),
    TableName("My Schema", "order"),
    TableName("public", LONG),
    TableName(LONG, LONG),
    TableName("public", "../../escape"),
    TableName("_x", ".hidden"),
    TableName("CON", "nul"),
]

COLUMNS = ["timestamp", 'Order "by" %', LONG] * 3


@pytest.mark.parametrize(
    ("name", "by"), list(zip(NAMES, COLUMNS, strict=True)), ids=range(len(NAMES))
)
def test_a_hard_name_is_purged_like_any_other(night, name, by):
    """Schema, table and column are taken exactly as they are spelled; the files stay in the archive."""
    column = '"' + by.replace('"', '""') + '"'
    night.database.run(f"""
        CREATE SCHEMA IF NOT EXISTS {TableName(name.schema, "x").sql.rpartition(".")[0]};
        CREATE TABLE {name.sql} (id int, {column} timestamptz, "a,b" text, "c\nd" text);
        INSERT INTO {name.sql} SELECT n, '2020-01-01', 'x' FROM generate_series(1, 9) AS n;
        INSERT INTO {name.sql} VALUES (10, now())""")
    night.policy(
        f"rule: {{table: {json.dumps(name.sql)}, by: {json.dumps(by)}, keep: 90 days, every: day, archive: true}}"
    ).init()

    report = night.approved()

    assert (report.exit_code, last(report).rows) == (0, 9)
    assert night.database.run(f"SELECT id FROM {name.sql}") == [(10,)]
    assert [row[0] for row in night.archived()] == [str(n) for n in range(1, 10)]
    (manifest,) = manifests(night)
    assert manifest["table"] == {"schema": name.schema, "name": name.name}
    assert [column[0] for column in manifest["files"][0]["columns"]] == ["id", by, "a,b", "c\nd"]
    assert sorted(path.name for path in night.folder.iterdir()) == ["archive", "policy.yaml"]
    assert sorted(path.name for path in night.archive.parent.iterdir()) == ["test"]
    check_books(night)


def test_names_that_differ_in_their_dots_have_places_of_their_own(night):
    """Schema `a` with table `b.c`, and schema `a.b` with table `c`: two tables, two manifests."""
    for schema, table in (("a", "b.c"), ("a.b", "c")):
        night.database.run(f"""
            CREATE SCHEMA "{schema}"; CREATE TABLE "{schema}"."{table}" (id text, at timestamptz);
            INSERT INTO "{schema}"."{table}" VALUES ('{schema}', '2020-01-01')""")
    rule = "{}: {{keep: 90 days, by: at, every: day, archive: true, table: '{}'}}"
    night.policy(rule.format("one", 'a."b.c"'), rule.format("two", '"a.b".c')).init()

    report = night.approved()

    assert outcomes(report) == {"one": Outcome.DONE, "two": Outcome.DONE}
    assert [(m["table"]["schema"], m["rows"]) for m in manifests(night)] in (
        [("a", 1), ("a.b", 1)],
        [("a.b", 1), ("a", 1)],
    )
    check_books(night)


def test_a_name_without_schema_must_be_unique(night):
    """In two places it is refused with both of them; with its schema it is taken."""
    night.database.run("""
        CREATE SCHEMA a; CREATE TABLE a.events (id int, at timestamptz); CREATE TABLE public.events (id int, at timestamptz);
        INSERT INTO a.events VALUES (1, '2020-01-01')""")
    rule = "one: {keep: 90 days, by: at, every: day, archive: true, table: %s}"
    night.policy(rule % "events").init()

    refused = night.run()
    night.policy(rule % "a.events")
    taken = night.approved()

    assert (refused.exit_code, taken.exit_code) == (3, 0)
    assert "a.events, public.events" in last(refused).detail
    assert last(taken).rows == 1


def test_names_are_not_folded(night):
    """`events` is not `Events`; the refusal says what is there."""
    night.database.run('CREATE TABLE "Events" (id int, at timestamptz)')
    night.policy("events: {keep: 90 days, by: at, every: day, archive: true}").init()

    refused = night.run()

    assert refused.exit_code == 3
    assert "there is Events (names are case-sensitive)" in last(refused).detail
