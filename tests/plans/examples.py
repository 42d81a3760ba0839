"""The plans whose text is kept in `golden/`."""

from __future__ import annotations

import datetime as dt

from maintainer.names import TableName
from maintainer.plan.facts import UNKNOWN, Count
from maintainer.plan.steps import Estimate, Hours
from tests.plans import build

LONG = TableName("tenant.with.dots", "a" * 63)

EXAMPLES = {
    "empty": build.plan(),
    "nothing-due": build.plan(
        build.skip(),
        build.skip(
            build.ANALYTICS,
            reason="finished 2026-03-02 01:04, in this period (every day, since 2026-03-02 00:00)",
            next_at=dt.datetime(2026, 3, 2, 23, 0, tzinfo=dt.UTC),
        ),
        build.skip(build.AUDIT, rule="statistics", kind="analyze", reason="not due"),
    ),
    "a-night": build.plan(
        build.purge(),
        build.purge(
            build.USAGE,
            path=build.BLOCKS,
            rollup=build.rollup(),
            cutoff="2025-02-01",
            cutoff_at=dt.datetime(2025, 1, 31, 23, 0, tzinfo=dt.UTC),
            reason="keep 13 months, whole months; oldest 2024-11-01; much of the table has expired",
            estimate=Estimate(Count(88_120, "exact"), 14 << 20),
        ),
        build.vacuum(),
        build.analyze(hours=Hours(ends_at=build.NOW + dt.timedelta(hours=2), why="nightly")),
        build.reindex(),
        build.skip(),
    ),
    "first-run": build.plan(
        build.refuse(
            reason="it runs for the first time; 72 % of the table is more than guard max_percent 50"
        ),
        build.refuse(build.ANALYTICS),
        build.refuse(
            TableName("public", "sessions"),
            rule="old-sessions",
            reason="row level security would hide rows from role keeper",
            hint="let the role bypass it: ALTER ROLE keeper BYPASSRLS",
            seed="",
            token=None,
            would=None,
        ),
        build.analyze(),
        build.skip(),
    ),
    "odd": build.plan(
        build.purge(
            LONG,
            archived=False,
            overdue=True,
            cutoff="1551484800000",
            reason="line one\nline two \x1b[31mred\x1b[0m",
            estimate=Estimate(UNKNOWN),
        ),
        build.skip("Größe.表", reason="the table is not there"),
    ),
}
