"""One maintainer on one database: a policy, an archive, and what they hold, seen from outside."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from maintainer.app import App, Options, RunRequest, StopSignal
from maintainer.archive.zstandard import ZstdDecompressor
from maintainer.observe.event import Event
from maintainer.plan.plan import Plan
from maintainer.plan.receipts import Outcome, Receipt, Report
from maintainer.schedule.clock import SystemClock
from tests.servers import Database

HEAD = """
version: 1
timezone: {timezone}
archive: {{name: test, to: "file:{to}"}}
{more}
retention:
"""


class QuickClock(SystemClock):
    """The machine's clock, but waiting costs nothing; it remembers for how long it was asked to."""

    def __init__(self) -> None:
        self.naps: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Do not wait."""
        self.naps.append(seconds)


@dataclass
class Night:
    """Runs of one policy; `events` is everything the last run told."""

    database: Database
    driver: str
    folder: Path
    clock: SystemClock = field(default_factory=QuickClock)
    stop: StopSignal = field(default_factory=StopSignal)
    events: list[Event] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    shown: Callable[[Plan], object] = lambda _plan: None

    @property
    def archive(self) -> Path:
        """The database's folder in the archive."""
        return self.folder / "archive" / "test"

    def policy(self, *rules: str, more: str = "", timezone: str = "UTC") -> Night:
        """Write the policy: its rules as lines of YAML, `more` being its other sections."""
        head = HEAD.format(timezone=timezone, to=self.folder / "archive", more=more)
        text = head + "".join(f"  {rule}\n" for rule in rules)
        self.folder.mkdir(exist_ok=True)
        (self.folder / "policy.yaml").write_text(text, "utf-8")
        return self

    def app(self, dsn: str | None = None) -> App:
        """A fresh core, as each command makes one."""
        options = Options((self.folder / "policy.yaml",), dsn or self.database.dsn, self.driver)
        return App(options, {"HOSTNAME": "host"}, self.clock)

    def init(self) -> Night:
        """What `maintainer init` does."""
        with self.app() as core:
            core.init()
        return self

    def plan(self, *tables: str, exact: bool = True, **wish: object) -> Plan:
        """What `maintainer dry-run` shows."""
        with self.app() as core:
            return core.plan(tables, exact=exact, **wish)

    def fingerprint(self) -> str | None:
        """What `dry-run` prints to approve."""
        from maintainer.plan import approvals

        return approvals.fingerprint(self.plan().refusals)

    def run(self, *tables: str, **request: object) -> Report:
        """What `maintainer run` does."""
        self.events.clear()
        with self.app() as core:
            asked = RunRequest(tables=tables, **request)
            return core.run(asked, self._show, self.events.append, self.stop)

    def _show(self, plan: Plan) -> None:
        self.plans.append(plan)
        self.shown(plan)

    def approved(self, **request: object) -> Report:
        """A run with everything approved that asks for it."""
        fingerprint = self.fingerprint()
        return self.run(**request, approve=(fingerprint,) if fingerprint else ())

    def tell(self, name: str) -> list[Event]:
        """The events of that name."""
        return [event for event in self.events if event.name == name]

    def files(self) -> list[Path]:
        """The published files of the archive, in the order of their names."""
        return sorted(path for path in self.archive.glob("[!_]*/*/*.csv.zst"))

    def pending(self) -> list[Path]:
        """Files that were not published."""
        return sorted(self.archive.glob("_pending/*"))

    def archived(self, table: str = "") -> list[tuple[str, ...]]:
        """The rows in the published files of a table (as schema.table; else of all)."""
        return [
            row
            for path in self.files()
            if not table or path.parent.parent.name == table
            for row in rows_of(path)
        ]

    def ids(self) -> Counter[str]:
        """The first column of every archived row, counted."""
        return Counter(row[0] for row in self.archived())

    def segments(self) -> list[tuple]:
        """Committed segments: uri, rows, raw and stored bytes, both hashes, rule."""
        return self.database.run(
            "SELECT uri, row_count, raw_bytes, stored_bytes, raw_sha256, stored_sha256, rule"
            " FROM maintainer.segment ORDER BY run, number"
        )

    def audit(self, columns: str = "action") -> list[tuple]:
        """Audit rows in the order of the chain."""
        return self.database.run(
            f"SELECT {columns} FROM public.audit_logs WHERE action LIKE 'maintainer.%'"
            " ORDER BY (metadata->>'event')::bigint"
        )


def unpacked(path: Path) -> bytes:
    """What a file holds, by nothing but zstd."""
    return ZstdDecompressor().decompress(path.read_bytes())


def rows_of(path: Path) -> list[tuple[str, ...]]:
    """The rows of a file, by nothing but zstd and csv."""
    text = io.StringIO(unpacked(path).decode("utf-8"), newline="")
    return [tuple(row) for row in csv.reader(text)][1:]


def last(report: Report, rule: str | None = None) -> Receipt:
    """The final receipt of the only step, or of a rule's."""
    (receipt,) = [one for one in report.receipts if rule in {None, one.step.rule}]
    return receipt


def outcomes(report: Report) -> dict[str, Outcome]:
    """How each rule ended."""
    return {receipt.step.rule: receipt.outcome for receipt in report.receipts}


def check_books(night: Night) -> None:
    """Ledger, files, SHA256SUMS and manifests say the same, read from outside."""
    segments = night.segments()
    stored = {str(path.relative_to(night.archive)): path for path in night.files()}
    assert sorted(stored) == sorted(row[0] for row in segments if row[0])
    for uri, rows, raw_bytes, stored_bytes, raw_hash, stored_hash, _ in segments:
        if uri is None:
            continue
        packed, plain = stored[uri].read_bytes(), unpacked(stored[uri])
        assert (len(rows_of(stored[uri])), len(plain), len(packed)) == (
            rows,
            raw_bytes,
            stored_bytes,
        )
        assert (_sha256(plain), _sha256(packed)) == (raw_hash, stored_hash)
    assert night.pending() == []
    assert dict(_sums(night.archive)) == {
        path.resolve(): _sha256(path.read_bytes()) for path in stored.values()
    }
    assert sum(manifest["rows"] for manifest in manifests(night)) == sum(
        row[1] for row in segments if row[0]
    )


def manifests(night: Night) -> list[dict]:
    """Every manifest of the archive."""
    return [
        json.loads(path.read_text("utf-8"))
        for path in sorted(night.archive.glob("[!_]*/*/*.manifest.json"))
    ]


def _sums(archive: Path) -> Iterator[tuple[Path, str]]:
    """What `sha256sum --check` reads: hash, two spaces, name beside the file of sums."""
    for sums in archive.glob("[!_]*/*/*.SHA256SUMS"):
        for line in sums.read_text("utf-8").splitlines():
            digest, name = line.split("  ", 1)
            yield (sums.parent / name).resolve(), digest


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def other(night: Night) -> psycopg.Connection:
    """Somebody else's connection, in autocommit."""
    return psycopg.connect(night.database.dsn, autocommit=True)
