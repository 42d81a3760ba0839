"""What a DELETE would trip over in silence."""

from __future__ import annotations

import pytest

from maintainer.names import TableName
from maintainer.plan.facts import ForeignKey
from maintainer.plan.obstacles import to_delete
from tests.unit.plan import given

CHILD = TableName("public", "child")

AGAINST = {
    "view": ({"kind": "v"}, "it is a view"),
    "materialized view": ({"kind": "m"}, "it is a materialized view"),
    "foreign table": ({"kind": "f"}, "it is a foreign table"),
    "temporary table": ({"persistence": "t"}, "it is a temporary table"),
    "children": ({"children": (CHILD,)}, "it has inheritance children (public.child)"),
    "partition": ({"is_partition": True}, "it is a partition"),
    "foreign partition": (
        {"kind": "p", "foreign_partitions": (CHILD,)},
        "its partition public.child is a foreign table",
    ),
    "rule": ({"delete_rules": ("keep_all",)}, "rule keep_all rewrites DELETE"),
    "trigger": ({"delete_triggers": ("audit",)}, "trigger audit fires on DELETE"),
    "no SELECT": ({"can_select": False}, "the role has no SELECT privilege on it"),
    "no DELETE": ({"can_delete": False}, "the role has no DELETE privilege on it"),
    "neither": (
        {"can_select": False, "can_delete": False},
        "the role has no SELECT and no DELETE privilege on it",
    ),
    "no USAGE": ({"can_use": False}, "the role has no USAGE privilege on schema public"),
    "hidden rows": ({"hides_rows": True}, "row level security would hide rows"),
}


def test_nothing_stands_against_a_plain_table() -> None:
    """Most tables are plain."""
    assert to_delete(given.table()) is None


@pytest.mark.parametrize("case", AGAINST)
def test_what_stands_against_a_delete_is_named_with_the_way_out(case: str) -> None:
    """Every kind has a reason and a hint of its own."""
    changes, reason = AGAINST[case]

    no = to_delete(given.table(**changes))

    assert no is not None
    assert no.reason.startswith(reason)
    assert no.hint


@pytest.mark.parametrize("action", ["CASCADE", "SET NULL", "SET DEFAULT", "something new"])
def test_a_foreign_key_that_would_change_other_rows_is_named(action: str) -> None:
    """Also an action that is not known yet: what is not known to be harmless is refused."""
    no = to_delete(given.table(inbound=(ForeignKey("child_fk", CHILD, action),)))

    assert no is not None
    assert f"foreign key child_fk of public.child is ON DELETE {action}" in no.reason


@pytest.mark.parametrize("action", ["NO ACTION", "RESTRICT"])
def test_a_foreign_key_that_would_only_fail_passes(action: str) -> None:
    """A failing DELETE is rolled back and says so."""
    assert to_delete(given.table(inbound=(ForeignKey("child_fk", CHILD, action),))) is None


def test_a_harmless_foreign_key_does_not_hide_a_harmful_one() -> None:
    """All of them are looked at."""
    keys = (ForeignKey("a", CHILD, "RESTRICT"), ForeignKey("b", CHILD, "CASCADE"))

    no = to_delete(given.table(inbound=keys))

    assert no is not None
    assert "foreign key b" in no.reason


def test_a_partitioned_table_passes() -> None:
    """It is deleted through the parent."""
    assert to_delete(given.table(kind="p")) is None


def test_the_grant_names_just_what_is_lacking() -> None:
    """A DBA can copy it."""
    no = to_delete(given.table(can_delete=False))

    assert no is not None
    assert no.hint == 'GRANT DELETE ON "public"."events" TO the role'


def test_the_grant_on_the_schema_is_told_with_those_on_the_table() -> None:
    """Who grants one of them has to grant the other."""
    no = to_delete(given.table(can_use=False, can_select=False))

    assert no is not None
    assert no.reason == (
        "the role has no USAGE privilege on schema public and no SELECT privilege on it"
    )
    assert no.hint == (
        'GRANT USAGE ON SCHEMA "public" TO the role; GRANT SELECT ON "public"."events" TO the role'
    )
