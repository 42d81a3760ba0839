"""maintainer's own record in the database: runs, steps, segments, approvals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from maintainer.db.session import Param, Session
from maintainer.journal import events
from maintainer.names import TableName
from maintainer.plan.facts import Approval, Past
from maintainer.plan.receipts import Receipt
from maintainer.plan.segment import Sealed, Segment
from maintainer.plan.steps import Purge, Skip, Work, kind
from maintainer.sql.statement import named

RUN, BY_HAND = "run", "by hand"


@dataclass(frozen=True, slots=True)
class RunRow:
    """What the record says of a run when it begins; `kind` is RUN or BY_HAND."""

    id: str
    kind: str
    actor: str
    reason: str | None
    version: str
    policy_fingerprint: str
    plan_digest: str
    system_identifier: str | None
    timeline: int | None


@dataclass(frozen=True, slots=True)
class LastStep:
    """How a rule ended on a table when it last ran."""

    started_at: dt.datetime
    outcome: str | None
    rows: int


def is_there(session: Session) -> bool:
    """Whether `maintainer init` has been here."""
    return bool(session.execute(named("select_ledger").fill()).rows[0][0])


def owner(session: Session) -> str:
    """The identity that init gave this database."""
    return str(session.execute(named("select_owner").fill()).rows[0][0])


def past(session: Session) -> dict[tuple[str, TableName], Past]:
    """What is known of each rule on each table."""
    rows: Sequence[Any] = session.execute(named("select_past").fill()).rows
    return {(r[0], TableName(r[1], r[2])): Past(r[3], r[4], r[5]) for r in rows}


def last_steps(session: Session) -> dict[tuple[str, TableName], LastStep]:
    """How each rule ended on each table when it last ran."""
    rows: Sequence[Any] = session.execute(named("select_last_steps").fill()).rows
    return {(r[0], TableName(r[1], r[2])): LastStep(r[3], r[4], r[5]) for r in rows}


def approvals(session: Session) -> tuple[Approval, ...]:
    """What people have approved and what has not expired, with what has gone under it."""
    rows: Sequence[Any] = session.execute(named("select_approvals").fill()).rows
    return tuple(Approval(seed, ceiling, used) for seed, ceiling, used in rows)


def approve(session: Session, rule: str, approval: Approval, run: RunRow) -> None:
    """Keep a person's yes."""
    values: list[Param] = [approval.seed, rule, approval.ceiling, run.actor, run.reason, run.id]
    session.execute(named("insert_approval").fill(), values)


def carries(session: Session) -> dict[str, str]:
    """Rollup name to the definition that its carry has."""
    rows = session.execute(named("select_rollups").fill()).rows
    return {str(name): str(definition) for name, definition in rows}


def begin_run(session: Session, run: RunRow) -> None:
    """A run begins."""
    session.execute(
        named("insert_run").fill(),
        [run.id, run.kind, run.actor, run.reason, run.version, run.policy_fingerprint,
         run.plan_digest, run.system_identifier, run.timeline],
    )  # fmt: skip


def end_run(session: Session, run: str, outcome: str, exit_code: int) -> None:
    """A run is over."""
    session.execute(named("end_run").fill(), [run, outcome, exit_code])


def begin_step(session: Session, run: str, number: int, step: Work) -> None:
    """A step begins."""
    settled = step.settled if isinstance(step, Purge) else None
    session.execute(
        named("insert_step").fill(),
        [run, number, kind(step), step.rule, step.table.schema, step.table.name,
         settled.keep if settled else None, settled.scope if settled else None,
         step.cutoff_at if isinstance(step, Purge) else None],
    )  # fmt: skip


def settle(session: Session, run: str, number: int, skip: Skip) -> None:
    """A rule had nothing to do: that is as good as finished."""
    if skip.settles is None or not isinstance(skip.table, TableName):
        return
    session.execute(
        named("insert_settled").fill(),
        [run, number, skip.kind, skip.rule, skip.table.schema, skip.table.name,
         skip.settles.keep, skip.settles.scope, skip.reason],
    )  # fmt: skip


def end_step(session: Session, run: str, number: int, receipt: Receipt) -> None:
    """A step is over, with the sums of its final receipt."""
    session.execute(
        named("end_step").fill(),
        [run, number, receipt.outcome.value, receipt.finished, receipt.rows, receipt.raw_bytes,
         receipt.stored_bytes, receipt.detail],
    )  # fmt: skip


def record(session: Session, segment: Segment) -> events.Link:
    """Write a segment into the ledger, inside the transaction that deleted its rows."""
    sealed = segment.sealed
    link = events.append(session, segment.run, "segment.committed", _body(segment))
    session.execute(
        named("insert_segment").fill(),
        [segment.run, segment.number, segment.step, segment.rule, segment.schema, segment.table,
         sealed.uri if sealed else None, segment.rows,
         sealed.raw_bytes if sealed else 0, sealed.stored_bytes if sealed else 0,
         sealed.raw_sha256 if sealed else None, sealed.stored_sha256 if sealed else None,
         segment.range_from, segment.range_to, segment.range_kind, segment.cutoff_at,
         sealed.has_copy_end if sealed else False, segment.columns, link.number],
    )  # fmt: skip
    return link


def _body(segment: Segment) -> Mapping[str, object]:
    sealed = segment.sealed
    return {
        "segment": segment.number,
        "rule": segment.rule,
        "table": f"{segment.schema}.{segment.table}",
        "rows": segment.rows,
        "range": [segment.range_kind, segment.range_from, segment.range_to],
        "cutoff": segment.cutoff_at,
        "uri": sealed.uri if sealed else None,
        "sha256": sealed.stored_sha256 if sealed else None,
    }


def segments(session: Session, run: str) -> list[Segment]:
    """The committed segments of a run in their order."""
    rows: Sequence[Any] = session.execute(named("select_segments").fill(), [run]).rows
    return [_segment(run, row) for row in rows]


def _segment(run: str, row: Sequence[Any]) -> Segment:
    (number, step, rule, schema, table, uri, rows, raw, stored, raw_hash, stored_hash,
     start, end, range_kind, cutoff_at, copy_end, columns) = row  # fmt: skip
    sealed = Sealed(uri, rows, raw, stored, raw_hash, stored_hash, copy_end) if uri else None
    return Segment(
        run,
        number,
        step,
        rule,
        schema,
        table,
        sealed,
        rows,
        start,
        end,
        range_kind,
        cutoff_at,
        columns,
    )


def known(session: Session, runs: Sequence[str]) -> set[str]:
    """Which of some runs this record knows."""
    rows = session.execute(named("select_known_runs").fill(), [list(runs)]).rows
    return {str(row[0]) for row in rows}


def open_runs(session: Session) -> list[str]:
    """Runs that were never ended."""
    return [str(row[0]) for row in session.execute(named("select_open_runs").fill()).rows]


def close(session: Session, run: str) -> None:
    """End a run that was killed, with the sums of what it had committed."""
    with session.transaction():
        session.execute(named("close_steps").fill(), [run])
        events.append(session, run, "run.interrupted", {})
        session.execute(named("end_run").fill(), [run, "interrupted", None])


def run_facts(session: Session, run: str) -> dict[str, object]:
    """What a manifest says about its run."""
    row = session.execute(named("select_run").fill(), [run]).rows[0]
    names = (
        "started_at",
        "policy_fingerprint",
        "version",
        "system_identifier",
        "timeline",
        "server_version",
        "encoding",
    )
    return dict(zip(names, row, strict=True))
