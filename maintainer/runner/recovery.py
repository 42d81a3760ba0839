"""What a killed run left behind: files are published or removed, open runs are ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from maintainer.archive import manifest
from maintainer.archive.folder import Folder, Pending
from maintainer.db import locks
from maintainer.db.session import Session
from maintainer.journal import ledger
from maintainer.observe.event import Event, Observer
from maintainer.plan.segment import Segment

PROOF_MS = 30_000


def recover(session: Session, folder: Folder | None, observe: Observer) -> None:
    """Bring archive and ledger together; proves first that no segment's transaction is open.

    Raises UnreachableError when that cannot be proven in time: then nothing was touched.
    """
    locks.exclude_segments(session, PROOF_MS)
    try:
        if folder is not None:
            _settle(session, folder, observe)
        for run in ledger.open_runs(session):
            if folder is not None:
                describe(session, folder, run)
            ledger.close(session, run)
            observe(Event("recovery.closed", {"run": run}))
    finally:
        locks.release(session)


def describe(session: Session, folder: Folder, run: str) -> None:
    """Write the manifests of a run from the ledger."""
    segments = ledger.segments(session, run)
    if segments:
        manifest.write(folder, segments, ledger.run_facts(session, run))


def _settle(session: Session, folder: Folder, observe: Observer) -> None:
    pendings = list(folder.pendings())
    known = ledger.known(session, sorted({pending.run for pending in pendings}))
    committed = {run: _by_number(ledger.segments(session, run)) for run in known}
    for pending in pendings:
        observe(_settled(folder, pending, committed))
    for run in sorted(known):
        describe(session, folder, run)


def _settled(
    folder: Folder, pending: Pending, committed: Mapping[str, Mapping[int, Segment]]
) -> Event:
    if pending.run not in committed:
        return Event("recovery.ignored", {"file": str(pending.path), "reason": "unknown run"})
    segment = committed[pending.run].get(pending.number)
    if segment is None or segment.sealed is None:
        folder.remove(pending)
        return Event("recovery.removed", {"file": str(pending.path), "reason": "not committed"})
    folder.publish(pending.path, segment.sealed.uri)
    return Event("recovery.published", {"file": segment.sealed.uri, "rows": segment.rows})


def _by_number(segments: Sequence[Segment]) -> dict[int, Segment]:
    return {segment.number: segment for segment in segments}
