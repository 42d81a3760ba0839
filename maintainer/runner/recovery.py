"""What a killed run left behind: files are published or set aside, open runs are ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from maintainer.archive import manifest
from maintainer.archive.folder import VOID, Folder, Pending
from maintainer.db import locks
from maintainer.db.session import Session
from maintainer.errors import (
    MaintainerError,
    RefusedError,
    UnreachableError,
    VerificationError,
)
from maintainer.journal import archives, ledger
from maintainer.observe.event import Event, Observer
from maintainer.plan.segment import Segment

Archive = Folder | MaintainerError | None

PROOF_MS = 30_000
FAULTS = (RefusedError, UnreachableError, VerificationError)
NAMED = 5


def recover(session: Session, archive: Archive, observe: Observer) -> Archive:
    """Bring archive and ledger together; proves first that no segment's transaction is open.

    Returns the archive, or why it cannot be used now; what it hides is settled by a later recovery.
    Raises UnreachableError when there is no proof in time: then nothing was touched; and, once for
    each file, VerificationError when one is missing: then everything else is settled.
    """
    locks.exclude_segments(session, PROOF_MS)
    try:
        settling = _Settling(session, observe)
        opened = ledger.open_runs(session)
        if isinstance(archive, Folder):
            settling.settle(archive, opened)
        for run in opened:
            ledger.close(session, run)
            observe(Event("recovery.closed", {"run": run}))
    finally:
        locks.release(session)
    if isinstance(archive, Folder) and settling.missing:
        raise _gone(archive, settling.missing)
    return settling.fault or archive


def describe(session: Session, folder: Folder, run: str) -> list[Segment]:
    """Write the manifests of a run from the ledger; the segments whose file is nowhere.

    A file that still waits to be published is left out until it is.
    """
    here = archives.stored(session, run)
    segments = [one for one in ledger.segments(session, run) if one.number in here]
    away = [one for one in segments if not _is_published(folder, one)]
    waiting = {one.number for one in away if _is_pending(folder, one)}
    missing = [one for one in away if one.number not in waiting]
    if said := [one for one in segments if one.number not in waiting]:
        numbers = {one.number for one in missing}
        manifest.write(folder, said, ledger.run_facts(session, run), numbers)
    return missing


@dataclass(slots=True)
class _Settling:
    """One recovery of an archive; a fault with one file does not keep the others waiting."""

    session: Session
    observe: Observer
    fault: MaintainerError | None = None
    missing: list[Segment] = field(default_factory=list)

    def settle(self, folder: Folder, opened: Sequence[str]) -> None:
        with self._noted():
            pendings = list(folder.pendings())
            known = ledger.known(self.session, sorted({pending.run for pending in pendings}))
            committed = {
                (run, one.number): one
                for run in known
                for one in ledger.segments(self.session, run)
            }
            for pending in pendings:
                with self._noted():
                    segment = committed.get((pending.run, pending.number))
                    self._place(folder, pending, segment, is_known=pending.run in known)
            for run in sorted({*known, *opened, *archives.unsettled(self.session)}):
                with self._noted():
                    self._describe(folder, run)

    def _place(
        self, folder: Folder, pending: Pending, segment: Segment | None, *, is_known: bool
    ) -> None:
        if not is_known:
            self._ignore(pending, "unknown run")
        elif segment is None or segment.sealed is None:
            aside = str(folder.void(pending))
            self.observe(Event("recovery.voided", {"file": aside, "reason": "not committed"}))
        elif not _is_pending(folder, segment):
            self._ignore(pending, "another size")
        else:
            folder.publish(pending.path, segment.sealed.uri)
            told = {"file": segment.sealed.uri, "rows": segment.rows}
            self.observe(Event("recovery.published", told))

    def _ignore(self, pending: Pending, reason: str) -> None:
        self.observe(Event("recovery.ignored", {"file": str(pending.path), "reason": reason}))

    def _describe(self, folder: Folder, run: str) -> None:
        missed = {number for number, was in archives.stored(self.session, run).items() if was}
        missing = describe(self.session, folder, run)
        for segment in missing:
            if segment.number not in missed:
                archives.miss(self.session, segment)
                self.missing.append(segment)
        found = missed - {segment.number for segment in missing}
        for segment in ledger.segments(self.session, run) if found else ():
            if segment.number in found:
                archives.find(self.session, segment)

    @contextmanager
    def _noted(self) -> Iterator[None]:
        """Keep the first fault of the archive; those of the database go through."""
        try:
            yield
        except FAULTS as error:
            self.fault = self.fault or error


def _is_published(folder: Folder, segment: Segment) -> bool:
    sealed = segment.sealed
    return sealed is not None and folder.holds(folder.root / sealed.uri, sealed.stored_bytes)


def _is_pending(folder: Folder, segment: Segment) -> bool:
    sealed = segment.sealed
    path = folder.pending(segment.run, segment.number)
    return sealed is not None and folder.holds(path, sealed.stored_bytes)


def _gone(folder: Folder, missing: Sequence[Segment]) -> VerificationError:
    named = [f"{one.sealed.uri} ({one.rows:,} rows)" for one in missing if one.sealed]
    more = [f"{len(named) - NAMED} more"] if len(named) > NAMED else []
    return VerificationError(
        f"files of committed segments are missing in {folder.root}, or have another size: "
        + ", ".join([*named[:NAMED], *more]),
        hint=f"put them back from {folder.root / VOID} or from a copy of the archive, under these "
        "names or in _pending; maintainer.segment has their SHA-256. This is said once: the next "
        "run goes on, and SHA256SUMS leaves them out until they are back",
    )
