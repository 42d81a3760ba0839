"""The statements that keep a monthly table equal to raw rows plus carry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import pytest

from maintainer.plan import aim as aims
from maintainer.plan import rollups
from maintainer.plan.facts import Column, Facts, TableFacts
from maintainer.policy.model import Policy
from maintainer.sql.literal import Typed
from tests.unit.plan import given

FILTER = """FILTER (WHERE g."quantity"::text NOT IN ('NaN', 'Infinity', '-Infinity'))"""
AT_HOME = "AT TIME ZONE 'Europe/Amsterdam'::text"
DAY = Typed("2025-01-01", "date")
CLOSED = dt.date(2025, 2, 1)


def typed(table: TableFacts, types: Mapping[str, str]) -> tuple[Column, ...]:
    """The columns of a table, some of another type."""
    return tuple(Column(c.name, types.get(c.name, c.type)) for c in table.columns)


def shape(
    text: str = given.ROLLUP,
    source: TableFacts | None = None,
    base: str = given.BASE,
    into: TableFacts | None = None,
):
    """The rollup of a policy, resolved against the tables it reads and fills."""
    made = given.policy(text, base)
    seen = given.facts(source or given.usage(), into or given.monthly())
    aim = aims.bare(made, given.rule(made), seen)
    assert isinstance(aim, aims.Aim)
    found = aims.shaped(made, aim, seen)
    assert isinstance(found, rollups.Shape)
    return found


def with_carry(seen: Facts, made: Policy | None = None) -> Facts:
    """Facts in which `init` has made the carry."""
    made = made or given.policy(given.ROLLUP)
    aim = aims.bare(made, given.rule(made), seen)
    assert isinstance(aim, aims.Aim)
    found = aims.shaped(made, aim, seen)
    assert isinstance(found, rollups.Shape)
    return replace(seen, carries={"usage_monthly": rollups.definition(found)})


def timed(type_: str) -> TableFacts:
    """The table that is read, with another type of time."""
    columns = [column for column in given.usage().columns if column.name != "day"]
    return given.usage(columns=(*columns, Column("day", type_)))


def test_a_segment_carries_every_key_and_measure() -> None:
    """Each exactly as it is; values that are no number are counted."""
    made = rollups.carrying(shape()).shown()

    assert 'INSERT INTO "maintainer"."carry_usage_monthly"' in made
    for column in ('"tenant"', '"part"', '"quantity"', '"peak"'):
        assert column in made
    assert f'CAST(coalesce(sum(g."quantity") {FILTER}, 0) AS numeric)' in made
    assert f'CAST(max(g."quantity") {FILTER} AS numeric)' in made
    assert "CAST((\ncase when hour is null then 'day' else 'hour' end\n) AS text)" in made
    assert made.count("IN ('NaN', 'Infinity', '-Infinity')") == 3
    assert made.index("FROM gone") < made.index("GROUP BY")


def test_the_months_are_made_of_raw_rows_and_carry() -> None:
    """Sums add up, maxima stay maxima, rows are counted; nothing else is read."""
    made = rollups.rollup(shape(), CLOSED).rewrite.shown()

    assert 'FROM ONLY "public"."usage" AS g' in made
    assert 'FROM "maintainer"."carry_usage_monthly" AS c' in made
    assert 'CAST(sum(u."quantity") AS numeric) AS "quantity"' in made
    assert 'CAST(max(u."peak") AS numeric) AS "peak"' in made
    assert 'CAST(sum(u._rows) AS bigint) AS "rows"' in made
    assert 'WHERE x."month" >= :from_month' in made


def test_every_column_of_the_monthly_table_is_written_and_checked() -> None:
    """One that is forgotten would stay as it was."""
    made = rollups.rollup(shape(), CLOSED)

    for column in ("quantity", "peak", "rows"):
        assert f'"{column}" = f."{column}"' in made.rewrite.shown()
    for column in ("tenant", "part", "quantity", "peak", "rows"):
        assert f'x."{column}"' in made.check.shown()
        assert f'w."{column}"' in made.check.shown()


def test_the_statements_have_no_slot_but_their_values() -> None:
    """With run, segment and months given, nothing stays open."""
    made = rollups.rollup(shape(), CLOSED)
    statements = [
        made.first_month.bind(run="r", before=DAY),
        made.rewrite.bind(run="r", from_month=DAY),
        made.check.bind(from_month=DAY),
        made.carried.bind(run="r"),
        rollups.carrying(shape()).bind(run="r", segment=1),
    ]

    assert not any(" :" in text or "{" in text for text in statements)


@pytest.mark.parametrize(
    "measures",
    [
        "count: rows",
        "sum: [quantity]",
        "max: {peak: quantity}",
        "sum: [quantity]\n      count: rows",
    ],
)
def test_any_measure_may_be_alone(measures: str) -> None:
    """No list of columns has a hole where a measure is missing."""
    start = given.ROLLUP.index("sum:")
    item = shape(given.ROLLUP[:start] + measures)
    made = rollups.rollup(item, CLOSED)

    for text in (rollups.carrying(item).shown(), made.rewrite.shown(), made.check.shown()):
        squeezed = " ".join(text.split())
        assert ", ," not in squeezed
        assert ", FROM" not in squeezed
        assert ", )" not in squeezed
        assert "SELECT ," not in squeezed


def test_a_column_may_have_any_name() -> None:
    """Also those that the statements use for themselves."""
    into = given.monthly()
    columns = (*into.columns, Column("key", "text"), Column("place", "text"))
    made = given.policy(given.ROLLUP.replace("[tenant,", "[tenant, key: tenant, place: tenant,"))
    seen = given.facts(given.usage(), given.monthly(columns=columns))
    aim = aims.bare(made, given.rule(made), seen)
    found = aims.shaped(made, aim, seen)

    text = rollups.rollup(found, CLOSED).rewrite.shown()

    assert " AS key" not in text
    assert " AS place" not in text


@pytest.mark.parametrize(
    ("type_", "more", "month"),
    [
        ("date", "", """date_trunc('month', g."day"::timestamp)::date"""),
        (
            "timestamp with time zone",
            "",
            f"""date_trunc('month', g."day" {AT_HOME})::date""",
        ),
        (
            "timestamp without time zone",
            "zone: UTC",
            f"""date_trunc('month', g."day" AT TIME ZONE 'UTC'::text {AT_HOME})::date""",
        ),
    ],
)
def test_a_month_is_one_of_the_policy_s_wall(type_: str, more: str, month: str) -> None:
    """The same months that `align: month` lets leave together, whatever zone a column is in."""
    text = given.ROLLUP.replace("    by: day\n", f"    by: day\n    {more}\n")

    assert shape(text, timed(type_)).month.raw == month


@pytest.mark.parametrize("type_", ["date", "timestamp with time zone"])
def test_the_months_that_are_checked_end_at_the_cutoff(type_: str) -> None:
    """The month that has just left is one of them, east and west of Greenwich."""
    for zone in ("Europe/Amsterdam", "America/New_York", "Pacific/Kiritimati", "UTC"):
        made = given.policy(given.ROLLUP, given.BASE.replace("Europe/Amsterdam", zone))

        step = given.purge(made, with_carry(given.facts(timed(type_), given.monthly()), made))

        assert step.rollup is not None
        assert """"month" < '2025-02-01'::date""" in step.rollup.check.bind(from_month=DAY)


def test_a_month_that_is_partly_old_is_not_checked() -> None:
    """It is still written to."""
    made = given.policy(given.ROLLUP)
    seen = with_carry(given.facts(given.usage(), given.monthly()))
    odd = replace(made, retention={"usage": replace(given.rule(made), align=None)})

    step = given.purge(odd, seen)

    assert step.cutoff == "2025-02-04"
    assert step.rollup is not None
    assert """"month" < '2025-02-01'::date""" in step.rollup.check.bind(from_month=DAY)


def test_the_carry_has_a_column_for_each_key_and_measure() -> None:
    """The month first; sums are kept exactly, maxima in the type that was compared."""
    columns = {"quantity": "numeric(12,2)", "peak": "text", "rows": "integer"}
    into = given.monthly(columns=typed(given.monthly(), columns))
    source = given.usage(columns=typed(given.usage(), {"quantity": "numeric(12,4)"}))

    item = shape(source=source, into=into)

    assert rollups.carry_columns(item) == (
        '_month date, "tenant" uuid, "part" text, "quantity" numeric, "peak" numeric'
    )
    whole = rollups.rollup(item, CLOSED).rewrite.shown()
    assert 'CAST(sum(u."quantity") AS numeric(12,2)) AS "quantity"' in whole
    assert 'CAST(max(u."peak") AS text) AS "peak"' in whole


@pytest.mark.parametrize(
    ("type_", "kept"),
    [
        ("character varying(20)", "character varying"),
        ("character(20)", "character(20)"),
        ("public.mood", "public.mood"),
        ("double precision", "double precision"),
    ],
)
def test_a_maximum_is_carried_as_what_was_compared(type_: str, kept: str) -> None:
    """But for a limit that may be widened some day: it changes no value."""
    item = shape(source=given.usage(columns=typed(given.usage(), {"quantity": type_})))

    assert rollups.carry_columns(item).endswith(f'"quantity" numeric, "peak" {kept}')


@pytest.mark.parametrize("type_", ["smallint", "integer", "bigint", "numeric", "numeric(12,4)"])
def test_exact_numbers_are_added_up_as_they_are(type_: str) -> None:
    """Nothing is gained by looking at their digits."""
    item = shape(source=given.usage(columns=typed(given.usage(), {"quantity": type_})))

    assert 'sum(g."quantity")' in item.measures[0].raw


@pytest.mark.parametrize("type_", ["real", "double precision", "public.weight"])
def test_other_numbers_are_added_up_by_their_digits(type_: str) -> None:
    """A float's sum hangs on the order of rows, and a domain may be one of floats."""
    item = shape(source=given.usage(columns=typed(given.usage(), {"quantity": type_})))

    assert 'sum(CAST(g."quantity"::text AS numeric))' in item.measures[0].raw


def test_values_are_bound_as_literals() -> None:
    """A run is text, a segment a number."""
    made = rollups.carrying(shape()).bind(run="it's", segment=dt.date.max.day)

    assert "'it''s'::text" in made
    assert "'31'::bigint" in made
