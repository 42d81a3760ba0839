"""The columns of a monthly table: what each is made of, how it is carried, how it adds up.

A column is written three ways: as an expression over raw rows (`g`), as a column of the carry
(`c`), and as a column of both together (`u`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from maintainer.names import Fragment, quote
from maintainer.plan.facts import TableFacts
from maintainer.sql.statement import named

MONTH = Fragment("_month")
DATE, EXACT = Fragment("date"), Fragment("numeric")
ADDED_EXACTLY = frozenset({"smallint", "integer", "bigint", "numeric"})
LIMITED = re.compile(r"(numeric|character varying)\(.*\)")  # what is rounded or cut to its limit


@dataclass(frozen=True, slots=True)
class Measure:
    """One column: `type` is its own in the monthly table, `kept` that of the carry.

    What is carried is rounded by no column: the monthly table's type comes when all is added up.
    """

    column: Fragment
    type: Fragment
    kept: Fragment
    raw: Fragment
    total: Fragment


def month(expression: Fragment) -> Measure:
    """The month, which is the first key."""
    return Measure(MONTH, DATE, DATE, expression, expression)


def key(into: TableFacts, name: str, expression: str) -> Measure:
    """What rows are grouped by."""
    type_ = column_type(into, name)
    raw = named("measure_key").fill(expression=Fragment(expression), type=type_)
    return Measure(quote(name), type_, type_, raw, raw)


def added(into: TableFacts, source: TableFacts, name: str, of: str) -> Measure:
    """A sum, carried as an exact number."""
    exact = _unlimited(column_type(source, of)) in ADDED_EXACTLY
    how = named("measure_sum" if exact else "measure_sum_of_digits")
    total = named("add_up").fill(name=quote(name))
    raw = how.fill(source=quote(of))
    return Measure(quote(name), column_type(into, name), EXACT, raw, total)


def highest(into: TableFacts, source: TableFacts, name: str, of: str) -> Measure:
    """A maximum, carried in the type in which the values were compared."""
    total = named("highest").fill(name=quote(name))
    raw = named("measure_max").fill(source=quote(of))
    kept = _unlimited(column_type(source, of))
    return Measure(quote(name), column_type(into, name), kept, raw, total)


def column_type(table: TableFacts, name: str) -> Fragment:
    """The type of a column as the server writes it."""
    column = table.column(name)
    return Fragment(column.type if column else "text")


def _unlimited(type_: Fragment) -> Fragment:
    limited = LIMITED.fullmatch(type_)
    return Fragment(limited[1]) if limited else type_
