"""Statements that keep a monthly table equal to raw rows plus carry."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass

from maintainer.names import Fragment, TableName, comma, quote
from maintainer.plan import measures
from maintainer.plan.facts import TableFacts
from maintainer.plan.measures import Measure
from maintainer.plan.paths import Walk
from maintainer.plan.steps import Rollup
from maintainer.policy.model import Rollup as Rule
from maintainer.sql.literal import literal
from maintainer.sql.statement import Prepared, named

CARRY_SCHEMA = "maintainer"
ROWS = Fragment("_rows")


@dataclass(frozen=True, slots=True)
class Shape:
    """One rollup, resolved against the tables it reads and writes; `keys` begins with the month."""

    rule: Rule
    walk: Walk
    into: TableFacts
    month: Measure
    keys: tuple[Measure, ...]
    measures: tuple[Measure, ...]

    @property
    def carry(self) -> TableName:
        """The carry of this rollup."""
        return TableName(CARRY_SCHEMA, f"carry_{self.rule.name}")

    @property
    def parts(self) -> tuple[Measure, ...]:
        """Every column but the count of rows."""
        return self.keys + self.measures


def missing_columns(rule: Rule, into: TableFacts) -> list[str]:
    """The columns the rollup fills and the monthly table does not have."""
    wanted = [rule.month, *(name for name, _ in (*rule.group_by, *rule.sum, *rule.max))]
    wanted += [rule.count] if rule.count else []
    return [name for name in wanted if into.column(name) is None]


def month_of(walk: Walk, timezone: str, zone: str | None) -> Fragment:
    """The month of a row by the policy's wall clock; `zone` is that of times without one."""
    clocks = {}
    if walk.type != "date":
        clocks["timezone"] = literal(timezone)
    if walk.type == "timestamp":
        clocks["zone"] = literal(zone or timezone)
    return named(f"month_of_{walk.type}").fill(by=quote(walk.by), **clocks)


def shape(rule: Rule, walk: Walk, first: Fragment, into: TableFacts) -> Shape:
    """Resolve a rollup by its `month_of` rows.

    The monthly table must have the columns (`missing_columns`).
    """
    month = measures.month(first)
    keys = [measures.key(into, name, expression) for name, expression in rule.group_by]
    sums = [measures.added(into, walk.facts, name, source) for name, source in rule.sum]
    tops = [measures.highest(into, walk.facts, name, source) for name, source in rule.max]
    return Shape(rule, walk, into, month, (month, *keys), (*sums, *tops))


def definition(item: Shape) -> str:
    """A hash of what the carry means; carry of another meaning must not be mixed in."""
    columns = sorted((part.column, part.type, part.kept, part.raw) for part in item.parts)
    tables = [item.walk.facts.table.sql, item.into.table.sql]
    return hashlib.sha256(json.dumps([*tables, item.walk.by, columns]).encode()).hexdigest()


def carry_columns(item: Shape) -> Fragment:
    """The columns of the carry's table, for `create_carry`."""
    column = named("carry_column")
    return comma([column.fill(name=part.column, type=part.kept) for part in item.parts])


def carrying(item: Shape) -> Prepared:
    """The part of a segment's statement that appends to the carry."""
    sources = dict.fromkeys(source for _, source in (*item.rule.sum, *item.rule.max))
    odd = [named("measure_nonfinite").fill(source=quote(source)) for source in sources]
    return named("append_carry").prepare(
        carry=item.carry.sql,
        columns=comma([part.column for part in item.parts]),
        values=comma(
            [*(key.raw for key in item.keys), *(_cast(m.raw, m.kept) for m in item.measures)]
        ),
        nonfinite=Fragment(" + ".join(odd)) if odd else Fragment("0"),
        group=_group(item),
    )


def rollup(item: Shape, closed_before: dt.date) -> Rollup:
    """The statements around a purge that has this rollup; months before a day are closed."""
    return Rollup(
        name=item.rule.name,
        into=item.into.table,
        first_month=named("select_first_month").prepare(
            month=item.month.raw,
            table=item.walk.table,
            by=quote(item.walk.by),
            carry=item.carry.sql,
        ),
        rewrite=_rewrite(item),
        check=_check(item, closed_before),
        carried=named("sum_carry").prepare(carry=item.carry.sql),
    )


def _rewrite(item: Shape) -> Prepared:
    names, targets, keys = _columns(item), _targets(item), len(item.keys)
    return named("rewrite_months").prepare(
        into=item.into.table.sql,
        month_column=targets[0],
        whole=_whole(item),
        whole_keys=_prefixed("w", names[:keys]),
        present_keys=_prefixed("x", targets[:keys]),
        present_values=_prefixed("x", targets[keys:]),
        changes=comma([named("set_to").fill(name=name) for name in targets[keys:]]),
        old_values=_prefixed("p", targets[keys:]),
        new_values=_prefixed("f", names[keys:]),
        target_columns=comma(targets),
        target_keys=_prefixed("x", targets[:keys]),
        fresh_columns=_prefixed("f", names),
        fresh_keys=_prefixed("f", names[:keys]),
        carry=item.carry.sql,
        carry_columns=comma(names[:keys]),
        carry_keys=_prefixed("c", names[:keys]),
        new_keys=_prefixed("n", targets[:keys]),
    )


def _check(item: Shape, closed_before: dt.date) -> Prepared:
    return named("check_months").prepare(
        into=item.into.table.sql,
        month_column=quote(item.rule.month),
        whole=_whole(item),
        whole_columns=_prefixed("w", _columns(item)),
        present_columns=_prefixed("x", _targets(item)),
        closed_before=literal(closed_before),
        carry=item.carry.sql,
    )


def _whole(item: Shape) -> Prepared:
    keys = [key.column for key in item.keys]
    count = [_as(_rows_of(item), quote(item.rule.count))] if item.rule.count else []
    return named("add_up_months").prepare(
        totals=comma([*_prefixes("u", keys), *(_total(part) for part in item.measures), *count]),
        raw=comma([_as(part.raw, part.column) for part in item.parts]),
        table=item.walk.table,
        by=quote(item.walk.by),
        month=item.month.raw,
        group=_group(item),
        carried=_prefixed("c", [part.column for part in item.parts]),
        carry=item.carry.sql,
        total_keys=_prefixed("u", keys),
    )


def _group(item: Shape) -> Fragment:
    return comma([key.raw for key in item.keys])


def _columns(item: Shape) -> list[Fragment]:
    """The columns of raw rows and carry together, in the order of the monthly table's."""
    names = [part.column for part in item.parts]
    return names + ([quote(item.rule.count)] if item.rule.count else [])


def _targets(item: Shape) -> list[Fragment]:
    return [quote(item.rule.month), *_columns(item)[1:]]


def _rows_of(item: Shape) -> Fragment:
    total = named("add_up").fill(name=ROWS)
    return _cast(total, measures.column_type(item.into, item.rule.count or ""))


def _total(part: Measure) -> Fragment:
    return _as(_cast(part.total, part.type), part.column)


def _cast(value: Fragment, type_: Fragment) -> Fragment:
    return named("as_type").fill(value=value, type=type_)


def _as(value: Fragment, name: Fragment) -> Fragment:
    return named("named_as").fill(value=value, name=name)


def _prefixed(alias: str, names: list[Fragment]) -> Fragment:
    return comma(_prefixes(alias, names))


def _prefixes(alias: str, names: list[Fragment]) -> list[Fragment]:
    return [Fragment(f"{alias}.{name}") for name in names]
