"""A rule with a rollup against the monthly table that is there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from maintainer.plan import aim as aims
from maintainer.plan import rollups
from maintainer.plan.obstacles import No
from tests.unit.plan import given


def with_rollup(*, into=None, **changes):
    """Facts in which ROLLUP could be carried out, changed as asked."""
    seen = given.facts(given.usage(), given.monthly() if into is None else into)
    shape = aims.shaped(
        given.policy(given.ROLLUP),
        aims.bare(given.policy(given.ROLLUP), given.rule(given.policy(given.ROLLUP)), seen),
        given.facts(given.usage(), given.monthly()),
    )
    known = {"carries": {"usage_monthly": rollups.definition(shape)}}
    return given.facts(*seen.tables.values(), **known | changes)


def test_a_rollup_is_resolved_and_its_carry_is_part_of_the_segment() -> None:
    """What leaves is added up by the statement that removes it."""
    aim = given.take(given.policy(given.ROLLUP), with_rollup())

    assert aim.shape is not None
    assert aim.walk.carry is not None
    assert 'INSERT INTO "maintainer"."carry_usage_monthly"' in aim.walk.carry.shown()


def test_a_rollup_without_its_monthly_table_is_refused() -> None:
    """The rule is refused as a whole: rows without their sums would be lost from the months."""
    seen = given.facts(
        given.usage(), unresolved={"usage_monthly": "there is no table usage_monthly"}
    )

    no = given.refused(given.policy(given.ROLLUP), seen)

    assert no.reason == "its rollup needs usage_monthly: there is no table usage_monthly"


def test_a_rollup_whose_monthly_table_lacks_columns_is_refused() -> None:
    """Every column that it lacks is named at once."""
    no = given.refused(given.policy(given.ROLLUP), with_rollup(into=given.monthly("part", "rows")))

    assert "columns that public.usage_monthly does not have: part, rows" in no.reason


def test_a_rollup_into_a_month_that_is_no_date_is_refused() -> None:
    """A month is written as its first day."""
    columns = (replace(given.monthly().columns[0], type="text"), *given.monthly().columns[1:])

    no = given.refused(given.policy(given.ROLLUP), with_rollup(into=given.monthly(columns=columns)))

    assert no.reason.endswith("column month of public.usage_monthly is text")


def test_a_rollup_of_columns_that_are_not_there_is_refused() -> None:
    """A measure is read from the raw rows."""
    made = given.policy(given.ROLLUP.replace("sum: [quantity]", "sum: {quantity: amount}"))

    no = given.refused(made, with_rollup())

    assert no.reason == "its rollup reads columns it does not have: amount"


def test_a_rollup_without_carry_asks_for_init() -> None:
    """The table of the carry is made by `init` and by nothing else."""
    no = given.refused(given.policy(given.ROLLUP), with_rollup(carries={}))

    assert no == No("rollup usage_monthly has no carry table yet", "run: maintainer init")


def test_a_rollup_with_the_carry_of_another_definition_is_refused() -> None:
    """Sums of two meanings are never mixed."""
    no = given.refused(given.policy(given.ROLLUP), with_rollup(carries={"usage_monthly": "other"}))

    assert "is defined otherwise than the carry it has" in no.reason


@pytest.mark.parametrize("lacking", [{"can_write": False}, {"can_select": False}])
def test_a_rollup_into_a_table_that_may_not_be_written_is_refused(lacking) -> None:
    """The monthly table is compared and rewritten: reading and writing are both needed."""
    no = given.refused(given.policy(given.ROLLUP), with_rollup(into=given.monthly(**lacking)))

    assert "the role may not write every row of public.usage_monthly" in no.reason
    assert 'GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."usage_monthly"' in no.hint


def test_a_rollup_into_a_table_that_hides_rows_is_refused() -> None:
    """A hidden monthly row would be written twice."""
    no = given.refused(given.policy(given.ROLLUP), with_rollup(into=given.monthly(hides_rows=True)))

    assert "may not write every row" in no.reason


@pytest.mark.parametrize(
    "shape", [{"kind": "p"}, {"kind": "v"}, {"children": (given.EVENTS,)}, {"delete_rules": ("r",)}]
)
def test_a_rollup_into_anything_but_a_plain_table_is_refused(shape) -> None:
    """Its rows are found by their addresses, which only a plain table has once each."""
    no = given.refused(given.policy(given.ROLLUP), with_rollup(into=given.monthly(**shape)))

    assert no.reason.startswith("its rollup cannot renew public.usage_monthly: ")
    assert no.hint
