"""One look at the database: who it is, which tables there are, what is known of some."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from maintainer.db.session import Row, Session
from maintainer.names import TableName, quote
from maintainer.plan.facts import Column, Count, ForeignKey, Index, TableFacts, Target
from maintainer.sql.statement import named

MAINTAIN_VERSION = 170000  # the MAINTAIN privilege came with PostgreSQL 17
STALE_SHARE = 0.2
STALE_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation as the catalogue lists it; `kind` is relkind, `persistence` relpersistence."""

    oid: int
    name: TableName
    kind: str
    persistence: str


def target(session: Session) -> tuple[Target, Any]:
    """Which database this is, and what its clock says."""
    row = session.execute(named("select_target").fill()).rows[0]
    database, version, standby, encoding, role, now, readable = row
    identifier, timeline = _identity(session) if readable else (None, None)
    found = Target(
        str(database),
        int(str(version)),
        identifier,
        timeline,
        bool(standby),
        str(encoding),
        str(role),
    )
    return found, now


def _identity(session: Session) -> tuple[str | None, int | None]:
    row = session.execute(named("select_identity").fill()).rows[0]
    return str(row[0]), int(str(row[1]))


def relations(session: Session) -> list[Relation]:
    """Every table, view and foreign table outside the catalogues."""
    rows = session.execute(named("select_relations").fill()).rows
    return [
        Relation(int(str(oid)), TableName(str(schema), str(name)), str(kind), str(persistence))
        for oid, schema, name, kind, persistence in rows
    ]


def resolve(
    names: Iterable[str], present: Sequence[Relation]
) -> tuple[dict[str, Relation], dict[str, str]]:
    """What people's names mean: those found, and why the others were not."""
    by_name: dict[str, list[Relation]] = defaultdict(list)
    for relation in present:
        for spelling in _spellings(relation.name):
            by_name[spelling].append(relation)
    found: dict[str, Relation] = {}
    lost: dict[str, str] = {}
    for name in names:
        match by_name.get(name, []):
            case [one]:
                found[name] = one
            case []:
                lost[name] = _missing(name, by_name)
            case several:
                lost[name] = (
                    f"{name} is in several places: {', '.join(str(r.name) for r in several)}"
                )
    return found, lost


def _spellings(table: TableName) -> set[str]:
    """Every way in which people may write a name: parts in quotes or not, with a schema or not."""
    schemas = (table.schema, quote(table.schema))
    names = {table.name, str(quote(table.name))}
    return names | {f"{schema}.{name}" for schema in schemas for name in names}


def _missing(name: str, by_name: Mapping[str, object]) -> str:
    folded = [known for known in by_name if known.lower() == name.lower()]
    near = f"; there is {' and '.join(sorted(folded))} (names are case-sensitive)" if folded else ""
    schema, dot, _ = name.partition(".")
    if dot and not any(known.startswith(f"{schema}.") for known in by_name):
        return f"there is no table {name}, nor any table in a schema {schema}{near}"
    return f"there is no table {name}{near}"


def owner_of_index(session: Session, name: str) -> tuple[Relation, TableName] | None:
    """The table of the one index of that name, and the index; None: there is none, or several."""
    rows: Sequence[Any] = session.execute(named("select_index_owner").fill(), [name]).rows
    if len(rows) != 1:
        return None
    oid, schema, table, kind, persistence, index_schema, index = rows[0]
    relation = Relation(oid, TableName(schema, table), kind, persistence)
    return relation, TableName(index_schema, index)


def tables(
    session: Session, wanted: Sequence[Relation], server_version: int
) -> dict[TableName, TableFacts]:
    """What is known of some tables, by a constant number of queries."""
    oids = [relation.oid for relation in wanted]
    if not oids:
        return {}
    columns, indexes = _columns(session, oids), _indexes(session, oids)
    shapes = {oid: str(shape) for oid, shape in _rows(session, "select_shapes", oids)}
    seen = {}
    for row in session.execute(_facts(server_version), [oids]).rows:
        facts = _table(row)
        seen[facts.oid] = replace(
            facts,
            columns=tuple(columns[facts.oid]),
            indexes=tuple(indexes[facts.oid]),
            shape=shapes.get(facts.oid, ""),
        )
    for oid, group in groupby(_rows(session, "select_obstacles", oids), key=lambda row: row[0]):
        if oid in seen:
            seen[oid] = _obstructed(seen[oid], list(group))
    return {facts.table: facts for facts in seen.values()}


def _facts(server_version: int) -> Any:
    how = "privilege" if server_version >= MAINTAIN_VERSION else "ownership"
    return named("select_facts").fill(maintain=named(f"vacuum_by_{how}").fill())


def _rows(session: Session, statement: str, oids: Sequence[int]) -> list[Row]:
    return session.execute(named(statement).fill(), [oids]).rows


def _table(row: Sequence[Any]) -> TableFacts:
    (oid, schema, name, kind, persistence, is_partition, use, select, delete, maintain, write,
     hides, heap, total, estimate, analyzed, modified, dead) = row  # fmt: skip
    return TableFacts(
        table=TableName(schema, name),
        oid=oid,
        kind=kind,
        persistence=persistence,
        columns=(),
        is_partition=is_partition,
        can_use=use,
        can_select=select,
        can_delete=delete,
        can_maintain=maintain,
        can_write=write,
        hides_rows=hides,
        heap_bytes=heap,
        total_bytes=total,
        rows=_estimated(estimate or 0, modified, analyzed=analyzed),
        dead_rows=dead,
    )


def _estimated(rows: int, modified: int, *, analyzed: bool) -> Count:
    fresh = analyzed and modified <= STALE_ROWS + STALE_SHARE * rows
    return Count(rows, "estimated" if fresh else "stale")


def _columns(session: Session, oids: Sequence[int]) -> dict[int, list[Column]]:
    columns: dict[Any, list[Column]] = defaultdict(list)
    for oid, name, type_, *schemas in _rows(session, "select_columns", oids):
        unique = tuple(dict.fromkeys(str(schema) for schema in schemas))
        columns[oid].append(Column(str(name), str(type_), unique))
    return columns


def _indexes(session: Session, oids: Sequence[int]) -> dict[int, list[Index]]:
    indexes: dict[Any, list[Index]] = defaultdict(list)
    rows = _rows(session, "select_indexes", oids)
    for _, group in groupby(rows, key=lambda row: row[:3]):
        keys: list[Any] = list(group)
        oid, schema, name, method, size, valid, partial, exclusion = keys[0][:8]
        columns = tuple(key[9] for key in keys)
        indexes[oid].append(
            Index(TableName(schema, name), method, columns, size, valid, partial, exclusion)
        )
    return indexes


def _obstructed(facts: TableFacts, rows: Sequence[Sequence[Any]]) -> TableFacts:
    def names(kind: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row[2] for row in rows if row[1] == kind))

    def tables(kind: str) -> tuple[TableName, ...]:
        return tuple(TableName(row[3], row[4]) for row in rows if row[1] == kind)

    keys = [ForeignKey(r[2], TableName(r[3], r[4]), r[5]) for r in rows if r[1] == "foreign key"]
    return replace(
        facts,
        inbound=tuple(keys),
        delete_triggers=names("trigger"),
        delete_rules=names("rule"),
        children=tables("child"),
        foreign_partitions=tables("foreign partition"),
    )
