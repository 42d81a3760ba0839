"""The steps of upkeep, or why there is none: VACUUM, ANALYZE, and REINDEX one index at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from maintainer.names import Fragment, comma
from maintainer.plan import scope, unfit
from maintainer.plan.facts import Count, Index, TableFacts, Target
from maintainer.plan.steps import (
    ANY_TIME,
    Analyze,
    Estimate,
    Hours,
    Refuse,
    Reindex,
    Skip,
    Vacuum,
)
from maintainer.sql.statement import named

LOCK = "SHARE UPDATE EXCLUSIVE"
RESTRICTS_SINCE = 170000  # index expressions run under a search_path of the server's own
RECURSES_SINCE = 180000  # VACUUM of a table goes on to its inheritance children
REBUILT = frozenset({"btree", "gin", "gist", "hash", "spgist"})
LEFTOVER = re.compile(r"_cc(new|old)[0-9]*$")


@dataclass(frozen=True, slots=True)
class VacuumOptions:
    """How to VACUUM; None leaves it to the table's and the server's own settings.

    No truncation, because it cancels queries on standbys; no parallel workers, because they were
    slower than none on two cores and take what others need.
    """

    freeze: bool = False
    truncate: bool | None = False
    index_cleanup: bool | None = None
    parallel: int | None = 0


PLAIN = VacuumOptions()


@dataclass(frozen=True, slots=True)
class Task:
    """What every step of one upkeep rule has in common."""

    rule: str
    reason: str
    hours: Hours = ANY_TIME


def vacuum_step(
    task: Task, facts: TableFacts, target: Target, options: VacuumOptions = PLAIN
) -> Vacuum | Skip | Refuse:
    """One VACUUM of one table; the partitions of a partitioned one are steps of their own."""
    if no := unfit.against(task.rule, facts, target, "vacuum"):
        return no
    alone = facts.children and target.server_version >= RECURSES_SINCE
    table = named("table_alone").fill(table=facts.table.sql) if alone else facts.table.sql
    return Vacuum(
        rule=task.rule,
        table=facts.table,
        statement=named("vacuum_table").fill(options=_written(options), table=table),
        reason=task.reason,
        estimate=Estimate(Count(facts.dead_rows, "estimated"), facts.total_bytes, LOCK),
        hours=task.hours,
    )


def analyze_step(task: Task, facts: TableFacts, target: Target) -> Analyze | Skip | Refuse:
    """One ANALYZE of one table; a partitioned one needs it too, autovacuum never does it."""
    if no := unfit.against(task.rule, facts, target, "analyze"):
        return no
    return Analyze(
        rule=task.rule,
        table=facts.table,
        statement=named("analyze_table").fill(table=facts.table.sql),
        reason=task.reason,
        estimate=Estimate(facts.rows, facts.heap_bytes, LOCK),
        hours=task.hours,
        search_path=_search_path(facts, target),
    )


def reindex_steps(
    task: Task, facts: TableFacts, target: Target
) -> Iterator[Reindex | Skip | Refuse]:
    """One REINDEX for each index of a table, the smallest first; or why the table has none."""
    if no := unfit.against(task.rule, facts, target, "reindex"):
        yield no
        return
    for index in sorted(facts.indexes, key=lambda index: (index.bytes, index.name)):
        yield _reindex_step(task, facts, target, index)
    if not facts.indexes:
        yield Skip(task.rule, facts.table, "it has no index", kind="reindex")


def _reindex_step(
    task: Task, facts: TableFacts, target: Target, index: Index
) -> Reindex | Skip | Refuse:
    if not index.is_valid and LEFTOVER.search(index.name.name):
        why = f"{index.name} was left by an interrupted rebuild; rebuilding its original removes it"
        return Skip(task.rule, facts.table, why, kind="reindex")
    if index.is_exclusion:
        why = f"{index.name} serves an exclusion constraint and cannot be rebuilt concurrently"
        statement = named("reindex_index_locking").fill(index=index.name.sql)
        how = f"{statement} does it, at an hour when nobody needs to write {facts.table}"
        return Skip(task.rule, facts.table, f"{why}; {how}", kind="reindex")
    if index.method not in REBUILT:
        why = f"{index.name} is a {index.method} index; these are not rebuilt"
        return Skip(task.rule, facts.table, why, kind="reindex")
    return Reindex(
        rule=task.rule,
        table=facts.table,
        index=index.name,
        statement=named("reindex_index").fill(index=index.name.sql),
        reason=task.reason if index.is_valid else f"{task.reason}; it is invalid now",
        estimate=Estimate(facts.rows, index.bytes, LOCK),
        hours=task.hours,
        search_path=_search_path(facts, target),
    )


def _search_path(facts: TableFacts, target: Target) -> tuple[str, ...]:
    if target.server_version >= RESTRICTS_SINCE:
        return (scope.FIRST,)
    return scope.search_path(facts)


def _written(options: VacuumOptions) -> Fragment:
    values = {
        "vacuum_freeze": options.freeze,
        "vacuum_truncate": options.truncate,
        "vacuum_index_cleanup": options.index_cleanup,
        "vacuum_parallel": options.parallel,
    }
    given = {name: value for name, value in values.items() if value is not None}
    return comma([named(n).fill(value=Fragment(str(v).lower())) for n, v in given.items()])
