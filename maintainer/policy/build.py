"""From what people wrote to the complete policy: defaults applied, names filled in."""

from __future__ import annotations

from types import MappingProxyType
from typing import TypeVar

from maintainer.policy import document as written
from maintainer.policy import model
from maintainer.policy.shapes import ALL_TABLES
from maintainer.schedule.window import AnyBlackout, Blackout, Window, YearlyBlackout

Part = TypeVar("Part")


def build(document: written.Document) -> model.Policy:
    """Make the policy of a document without faults."""
    defaults = document.defaults
    return model.Policy(
        version=document.version,
        timezone=document.timezone,
        database=_database(document.database),
        audit=_audit(document.audit),
        windows=_frozen({name: _window(entry) for name, entry in document.windows.items()}),
        blackouts=tuple(_blackout(entry) for entry in document.blackouts),
        archive=_archive(document.archive),
        retention=_frozen(
            {name: _rule(name, entry, defaults) for name, entry in document.retention.items()}
        ),
        upkeep=_frozen(
            {name: _upkeep(name, entry, defaults) for name, entry in document.upkeep.items()}
        ),
        holds=tuple(_hold(entry) for entry in document.holds),
    )


def _frozen(parts: dict[str, Part]) -> MappingProxyType[str, Part]:
    return MappingProxyType(parts)


def _database(entry: written.DatabaseEntry) -> model.Database:
    expect = model.Expect(entry.expect.database, entry.expect.standby)
    return model.Database(entry.dsn, entry.driver, expect)


def _audit(entry: written.AuditEntry) -> model.Audit:
    columns = {name: str(to) for name, to in entry.columns if to is not None}
    return model.Audit(entry.table, _frozen(columns))


def _window(entry: written.WindowEntry) -> Window:
    until = entry.to if entry.to is not None else entry.for_
    if until is None:
        raise ValueError("a window without an end")
    return Window(tuple(sorted(set(entry.days))), entry.from_, until, entry.timezone)


def _blackout(entry: written.BlackoutEntry) -> AnyBlackout:
    if entry.yearly is not None:
        return YearlyBlackout(*entry.yearly, entry.reason)
    if entry.from_ is None or entry.to is None:
        raise ValueError("a blackout without its days")
    return Blackout(entry.from_, entry.to, entry.reason)


def _archive(entry: written.ArchiveEntry | None) -> model.Archive | None:
    if entry is None:
        return None
    return model.Archive(entry.name, entry.to, entry.format, entry.verify)


def _rule(name: str, entry: written.RuleEntry, defaults: written.DefaultsEntry) -> model.Rule:
    path = entry.search_path
    return model.Rule(
        name=name,
        table=entry.table or name,
        keep=entry.keep,
        every=entry.every,
        reason=entry.reason,
        by=entry.by or "",
        zone=entry.zone,
        align=entry.align,
        archive=entry.archive is True,
        where=entry.where,
        windows=defaults.window if entry.window is None else entry.window,
        pace=_pace(entry.pace, defaults.pace),
        guard=_guard(entry.guard, defaults.guard),
        search_path=defaults.search_path if path is None else path,
        rollup=_rollup(entry.rollup),
    )


def _pace(*entries: written.PaceEntry) -> model.Pace:
    gentle = model.PACES["gentle"]
    return model.Pace(
        _first(*(entry.max_segment_seconds for entry in entries), last=gentle.max_segment_seconds),
        _first(*(entry.max_segment_rows for entry in entries), last=gentle.max_segment_rows),
        _first(*(entry.max_segment_bytes for entry in entries), last=gentle.max_segment_bytes),
    )


def _guard(*entries: written.GuardEntry) -> model.Guard:
    usual = model.Guard()
    return model.Guard(
        _first(*(entry.max_rows for entry in entries), last=usual.max_rows),
        _first(*(entry.max_percent for entry in entries), last=usual.max_percent),
    )


def _first(*values: Part | None, last: Part) -> Part:
    return next((value for value in values if value is not None), last)


def _rollup(entry: written.RollupEntry | None) -> model.Rollup | None:
    if entry is None:
        return None
    return model.Rollup(
        name=entry.name or entry.into,
        into=entry.into,
        month=entry.month,
        group_by=entry.group_by,
        sum=entry.sum,
        max=entry.max,
        count=entry.count,
    )


def _upkeep(name: str, entry: written.UpkeepEntry, defaults: written.DefaultsEntry) -> model.Upkeep:
    return model.Upkeep(
        name=name,
        do=entry.do,
        tables="all" if ALL_TABLES in entry.tables else entry.tables,
        every=entry.every,
        windows=defaults.window if entry.window is None else entry.window,
        options=_frozen({key: value for key, value in entry.options if value is not None}),
    )


def _hold(entry: written.HoldEntry) -> model.Hold:
    return model.Hold(entry.name, entry.tables, entry.where, entry.ticket, entry.reason)
