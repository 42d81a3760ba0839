"""The reports and states whose text is kept in `golden/`."""

from __future__ import annotations

import datetime as dt

from maintainer.app.requests import StatusLine
from maintainer.plan.facts import UNKNOWN, Count
from maintainer.plan.receipts import Outcome, Receipt, Report
from tests.plans import build

MB = 1 << 20

PURGED = Receipt(
    build.purge(),
    Outcome.DONE,
    rows=1_204_998,
    raw_bytes=812 * MB,
    stored_bytes=96 * MB + 300_000,
    seconds=187.4,
    finished=True,
)
STOPPED = Receipt(
    build.purge(build.USAGE, path=build.BLOCKS),
    Outcome.STOPPED,
    rows=40_000,
    raw_bytes=6 * MB,
    stored_bytes=700_000,
    seconds=8.25,
    detail="the window ends",
)
FAILED = Receipt(
    build.vacuum(),
    Outcome.FAILED,
    seconds=3.0,
    detail="could not extend file: no space left on device",
    hint="make room on the server's disk",
    exit_code=5,
)
REFUSED = Receipt(
    build.refuse(),
    Outcome.REFUSED,
    detail="it runs for the first time",
    hint="look at the rows; then approve it",
    exit_code=3,
)
LATER = Receipt(build.reindex(), Outcome.SKIPPED, detail="outside of weekend")
NOTHING = Receipt(build.skip(), Outcome.SKIPPED, detail="kept for ever")

REPORTS = {
    "report-nothing": Report("20260302-013000-ab12", (NOTHING,)),
    "report-good": Report("20260302-013000-ab12", (PURGED, LATER, NOTHING)),
    "report-bad": Report(
        "20260302-013000-ab12", (PURGED, STOPPED, FAILED, REFUSED), stopped="the window ends"
    ),
}

STATES = [
    StatusLine(
        rule="audit_logs",
        table=build.AUDIT,
        keep="7 years",
        cutoff_at=dt.datetime(2019, 3, 1, 23, tzinfo=dt.UTC),
        oldest="2019-01-04 11:12:13+00",
        rows_due=Count(4_331, "estimated"),
        last_run_at=dt.datetime(2026, 1, 1, 0, 4, tzinfo=dt.UTC),
        last_outcome="done",
        next_due_at=dt.datetime(2026, 3, 31, 22, tzinfo=dt.UTC),
    ),
    StatusLine(
        rule="old-sessions",
        table=build.ANALYTICS,
        keep="90 days",
        cutoff_at=dt.datetime(2025, 12, 1, 23, tzinfo=dt.UTC),
        oldest=None,
        rows_due=UNKNOWN,
        last_run_at=dt.datetime(2026, 3, 1, 0, 4, tzinfo=dt.UTC),
        last_outcome="refused",
        next_due_at=None,
        note="row level security would hide rows from role keeper",
    ),
    StatusLine("invoices", "invoices", "forever", None, None, Count(0, "exact"), None, None, None),
]
