"""What of a rollup the meaning of its carry hangs on."""

from __future__ import annotations

import pytest

from maintainer.names import TableName
from maintainer.plan import aim as aims
from maintainer.plan import rollups
from maintainer.plan.facts import Column
from tests.unit.plan import given

CHANGES = {
    "by": ("by: day", "by: later"),
    "a key more": ("[tenant,", "[tenant, hour: hour,"),
    "another expression": ("then 'day'", "then 'Day'"),
    "another column summed": ("sum: [quantity]", "sum: {quantity: amount}"),
    "sum becomes max": ("sum: [quantity]\n      max: {peak: quantity}", "max: [quantity, peak]"),
    "a measure less": ("      max: {peak: quantity}\n", ""),
}


def several(text: str, base: str = given.BASE, type_: str = "date", **names: TableName) -> str:
    """The definition of a rollup that may read and fill some columns more, or other tables."""
    columns = (
        *given.usage().columns[:1],
        *given.usage().columns[2:],
        Column("day", type_), Column("later", "date"), Column("amount", "numeric"),
        Column("peak", "numeric"),
    )  # fmt: skip
    more = (*given.monthly().columns, Column("hour", "integer"))
    source, into = names.get("source", given.USAGE), names.get("into", given.MONTHLY)
    made = given.policy(text, base)
    seen = given.facts(
        given.usage(columns=columns, table=source),
        given.monthly(columns=more, table=into),
        resolved={"usage": source, "usage_monthly": into},
    )
    found = aims.shaped(made, aims.bare(made, given.rule(made), seen), seen)
    assert isinstance(found, rollups.Shape)
    return rollups.definition(found)


@pytest.mark.parametrize("change", CHANGES)
def test_another_meaning_is_another_definition(change: str) -> None:
    """Carry of two meanings must not be added up."""
    old, new = CHANGES[change]
    assert old in given.ROLLUP

    assert several(given.ROLLUP.replace(old, new)) != several(given.ROLLUP)


@pytest.mark.parametrize("role", ["source", "into"])
def test_another_table_is_another_definition(role: str) -> None:
    """What was carried out of one table, for the months of one, is missing in any other's."""
    other = {role: TableName("public", "other")}

    assert several(given.ROLLUP, **other) != several(given.ROLLUP)


def test_another_time_zone_is_another_definition_of_moments() -> None:
    """Its months begin at other moments; those of dates do not."""
    tokyo = given.BASE.replace("Europe/Amsterdam", "Asia/Tokyo")

    assert several(given.ROLLUP, tokyo) == several(given.ROLLUP)
    assert several(given.ROLLUP, tokyo, "timestamp with time zone") != several(
        given.ROLLUP, type_="timestamp with time zone"
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            """[tenant, {part: "case when hour is null then 'day' else 'hour' end"}]""",
            """[{part: "case when hour is null then 'day' else 'hour' end"}, tenant]""",
        ),
        (
            "sum: [quantity]\n      max: {peak: quantity}",
            "max: {peak: quantity}\n      sum: [quantity]",
        ),
        ("      count: rows\n", ""),
        ("keep: 13 months", "keep: 7 years"),
        ("archive: true", "archive: none"),
    ],
)
def test_the_same_meaning_written_otherwise_is_the_same_definition(old: str, new: str) -> None:
    """Order, keep and what is not carried change nothing."""
    assert old in given.ROLLUP

    assert several(given.ROLLUP.replace(old, new)) == several(given.ROLLUP)
