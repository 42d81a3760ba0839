"""A rule resolved against the tables that are there, or the reason why it cannot be carried out."""

from __future__ import annotations

from dataclasses import dataclass, replace

from maintainer.plan import claims, obstacles, predicates, reach, rollups
from maintainer.plan.facts import Facts, TableFacts
from maintainer.plan.obstacles import No
from maintainer.plan.paths import Walk
from maintainer.plan.scope import search_path
from maintainer.plan.times import Cutoff, cutoff_for, short_type
from maintainer.policy.model import Hold, Policy, Rollup, Rule


@dataclass(frozen=True, slots=True)
class Aim:
    """One rule and all that its statements are made of."""

    rule: Rule
    table: TableFacts
    cutoff: Cutoff
    walk: Walk
    holds: tuple[Hold, ...]
    search_path: tuple[str, ...]
    shape: rollups.Shape | None


def take(policy: Policy, rule: Rule, facts: Facts) -> Aim | No:
    """Resolve a rule that does not keep for ever."""
    aim = bare(policy, rule, facts)
    if isinstance(aim, No):
        return aim
    if no := _forbidden(policy, aim, facts):
        return no
    return aim if rule.rollup is None else _with_rollup(policy, aim, facts)


def bare(policy: Policy, rule: Rule, facts: Facts) -> Aim | No:
    """A rule resolved as far as its table and time column go, without its rollup."""
    table = reach.found(rule.table, facts)
    return table if isinstance(table, No) else _timed(policy, rule, facts, table)


def _forbidden(policy: Policy, aim: Aim, facts: Facts) -> No | None:
    return (
        obstacles.to_delete(aim.table)
        or reach.short(policy, facts, aim.table)
        or claims.to_purge(policy, aim.rule, aim.table.table, facts)
    )


def _timed(policy: Policy, rule: Rule, facts: Facts, table: TableFacts) -> Aim | No:
    column = table.column(rule.by)
    if column is None:
        names = ", ".join(column.name for column in table.columns)
        return No(f"it has no column {rule.by}", f"its columns are: {names}")
    type_ = short_type(column.type)
    if type_ is None:
        reason = f"column {rule.by} is {column.type} and has no age"
        return No(reason, "name a column of type timestamptz, timestamp or date")
    if type_ == "timestamp" and not rule.zone:
        reason = f"column {rule.by} is a timestamp without time zone"
        return No(reason, "write the zone its values are in: zone: UTC, for example")
    return _aimed(policy, rule, facts, table, type_)


def _aimed(policy: Policy, rule: Rule, facts: Facts, table: TableFacts, type_: str) -> Aim | No:
    try:
        cutoff = cutoff_for(rule, type_, facts.as_of or facts.now, policy.timezone)
    except (OverflowError, ValueError):
        return No(f"keep: {rule.keep} reaches before the calendar", "write keep: forever")
    holds = reach.holds(policy, facts, table.table)
    past = predicates.past(rule.by, type_, cutoff.text)
    expired = predicates.expired(past, rule.where, [hold.where for hold in holds])
    walk = Walk(table, rule.by, type_, past, expired, archived=rule.archive)
    path = search_path(table, rule.search_path)
    return Aim(rule, table, cutoff, walk, holds, path, None)


def _with_rollup(policy: Policy, aim: Aim, facts: Facts) -> Aim | No:
    shape = shaped(policy, aim, facts)
    if isinstance(shape, No):
        return shape
    name = shape.rule.name
    if (known := facts.carries.get(name)) != rollups.definition(shape):
        return _strange_carry(name, known)
    return replace(aim, shape=shape, walk=replace(aim.walk, carry=rollups.carrying(shape)))


def shaped(policy: Policy, aim: Aim, facts: Facts) -> rollups.Shape | No:
    """The rollup of a rule that has one, resolved against its monthly table."""
    rule = aim.rule.rollup
    if rule is None:
        return No("it has no rollup", "")
    into = reach.found(rule.into, facts)
    if isinstance(into, No):
        return No(f"its rollup needs {rule.into}: {into.reason}", into.hint)
    if no := claims.to_fill(policy, aim.rule, into.table, facts) or _unfilled(rule, into):
        return no
    if absent := _absent_sources(aim):
        return No(f"its rollup reads columns it does not have: {absent}", "correct the rollup")
    first = rollups.month_of(aim.walk, policy.timezone, aim.rule.zone)
    return _unwritable(into) or rollups.shape(rule, aim.walk, first, into)


def _unfilled(rule: Rollup, into: TableFacts) -> No | None:
    """Why a table has no place for what a rollup writes."""
    if missing := rollups.missing_columns(rule, into):
        reason = f"its rollup fills columns that {into.table} does not have: {', '.join(missing)}"
        return No(reason, "add the columns, or correct the rollup")
    month = into.column(rule.month)
    if month is not None and month.type != "date":
        reason = f"column {rule.month} of {into.table} is {month.type}"
        return No(f"its rollup writes months: {reason}", "make it a date")
    return None


def _unwritable(into: TableFacts) -> No | None:
    """Why a monthly table cannot be renewed, whose rows are found by their addresses."""
    if not (into.can_select and into.can_write) or into.hides_rows:
        reason = f"the role may not write every row of {into.table}, which its rollup fills"
        return No(reason, f"GRANT SELECT, INSERT, UPDATE, DELETE ON {into.table.sql}; BYPASSRLS")
    against = obstacles.to_delete(into)
    if into.kind == "p":
        against = No("it is partitioned", "name a plain table for the monthly rows")
    if against is None:
        return None
    return No(f"its rollup cannot renew {into.table}: {against.reason}", against.hint)


def _absent_sources(aim: Aim) -> str:
    rule = aim.rule.rollup
    sources = [source for _, source in (*rule.sum, *rule.max)] if rule else []
    return ", ".join(name for name in sources if aim.table.column(name) is None)


def _strange_carry(name: str, known: str | None) -> No:
    if known is None:
        return No(f"rollup {name} has no carry table yet", "run: maintainer init")
    return No(
        f"rollup {name} is defined otherwise than the carry it has",
        "restore its definition, or give the changed rollup a new name and monthly table",
    )
