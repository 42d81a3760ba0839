"""How a purge walks a table: the access path, the statements of a segment, and why this one."""

from __future__ import annotations

from dataclasses import dataclass

from maintainer.names import Fragment, quote
from maintainer.plan.facts import Index, TableFacts
from maintainer.plan.steps import BlockRange, KeyRange, Path
from maintainer.sql.literal import literal
from maintainer.sql.statement import Prepared, named

TID_RANGE_VERSION = 140000  # TID range scans came with PostgreSQL 14


@dataclass(frozen=True, slots=True)
class Walk:
    """What every statement of one purge shares."""

    facts: TableFacts
    by: str
    type: str
    past: Fragment
    expired: Fragment
    archived: bool
    carry: Prepared | None = None

    @property
    def table(self) -> Fragment:
        """The table as FROM names it: a plain one without children, a partitioned one whole."""
        name = self.facts.table.sql
        return name if self.facts.kind == "p" else named("table_alone").fill(table=name)


def leading_index(facts: TableFacts, by: str) -> Index | None:
    """The smallest valid btree that leads with the time column and holds every row."""
    usable = [
        index
        for index in facts.indexes
        if index.keys[0] == by
        and index.method == "btree"
        and index.is_valid
        and not index.is_partial
    ]
    return min(usable, key=lambda index: (index.bytes, index.name), default=None)


def choose(walk: Walk, server_version: int) -> tuple[Path, str] | None:
    """The path and its reason; None for a partitioned table without an index on its time."""
    index = leading_index(walk.facts, walk.by)
    if index is not None:
        reason = f"by key on {index.name.name}"
        return KeyRange(index.name, _probe(walk), _segment(walk, _key_between(walk))), reason
    if walk.facts.kind == "p":
        return None
    if server_version >= TID_RANGE_VERSION:
        blocks, how = named("block_between").prepare(), "by blocks"
    else:
        blocks, how = named("block_among").prepare(), "by row addresses, as 13 has no block ranges"
    return BlockRange(_segment(walk, blocks)), f"{how}: no index leads with {walk.by}"


def lock(walk: Walk) -> Fragment:
    """Keeps the table as it is until the end of a transaction."""
    return named("lock_table").fill(table=walk.table)


def remaining(walk: Walk) -> Prepared:
    """Counts what has expired and is still there."""
    return named("count_remaining").prepare(table=walk.table, expired=walk.expired)


def oddities(walk: Walk, zone: str) -> Fragment:
    """Counts the rows that have no age: NULL, infinite and future times by the clock of a zone."""
    indexed = leading_index(walk.facts, walk.by) is not None
    statement = named("count_oddities" if indexed else "count_oddities_in_one_pass")
    present = named(f"present_{walk.type}")
    zoned = {} if walk.type == "timestamptz" else {"zone": literal(zone)}
    return statement.fill(
        table=walk.table,
        by=quote(walk.by),
        type=Fragment(walk.type),
        present=present.fill(**zoned),
    )


def _probe(walk: Walk) -> Prepared:
    return named("probe_key").prepare(table=walk.table, by=quote(walk.by), past=walk.past)


def _key_between(walk: Walk) -> Prepared:
    return named("key_between").prepare(by=quote(walk.by))


def _segment(walk: Walk, span: Prepared) -> Prepared:
    kept = "archived" if walk.archived else "unarchived"
    if walk.carry is None:
        return named(f"purge_{kept}").prepare(table=walk.table, range=span, expired=walk.expired)
    return named(f"purge_{kept}_carried").prepare(
        table=walk.table, range=span, expired=walk.expired, carry=walk.carry
    )
