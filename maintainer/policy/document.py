"""The policy as people write it: what may stand where. Unknown keys are errors."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from maintainer.policy import shapes
from maintainer.policy.model import PACES
from maintainer.policy.place import MisreadError
from maintainer.policy.words import did_you_mean
from maintainer.schedule.calendar import Align
from maintainer.schedule.due import Every


class Entry(BaseModel):
    """What every part of a policy has in common."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True
    )


class ExpectEntry(Entry):
    """Refuse the wrong target."""

    database: shapes.Name | None = None
    standby: shapes.Yes | None = None


class DatabaseEntry(Entry):
    """How the database is reached; PG* variables, service file and pgpass fill what is missing."""

    dsn: shapes.Dsn = None
    driver: Literal["auto", "psycopg", "pg8000"] = "auto"
    expect: ExpectEntry = ExpectEntry()


class ColumnsEntry(Entry):
    """The columns of the audit table, where they have other names than usual."""

    id: shapes.Name | None = None
    organization_id: shapes.Name | None = None
    actor_id: shapes.Name | None = None
    actor_email: shapes.Name | None = None
    actor_role: shapes.Name | None = None
    action: shapes.Name | None = None
    resource_type: shapes.Name | None = None
    resource_id: shapes.Name | None = None
    old_values: shapes.Name | None = None
    new_values: shapes.Name | None = None
    risk_level: shapes.Name | None = None
    ip_address: shapes.Name | None = None
    user_agent: shapes.Name | None = None
    metadata: shapes.Name | None = None
    session_id: shapes.Name | None = None
    created_at: shapes.Name | None = None


class AuditEntry(Entry):
    """Where each run is recorded."""

    table: shapes.Table = "public.audit_logs"
    columns: ColumnsEntry = ColumnsEntry()


class WindowEntry(Entry):
    """Hours in which work may be done; `days` are those on which they begin."""

    days: shapes.Days = tuple(range(7))
    from_: shapes.Clock = Field(alias="from")
    to: shapes.Clock | None = None
    for_: shapes.Duration | None = Field(None, alias="for")
    timezone: shapes.Zone | None = None


class BlackoutEntry(Entry):
    """Days on which nothing is done: first and last date, or `yearly`."""

    from_: shapes.Day | None = Field(None, alias="from")
    to: shapes.Day | None = None
    yearly: shapes.Yearly | None = None
    reason: shapes.Text


class ArchiveEntry(Entry):
    """Where archived rows go; one name for each database."""

    name: shapes.Folder
    to: shapes.Store
    format: Literal["csv.zst"] = "csv.zst"
    verify: Literal["readback"] = "readback"


class PaceEntry(Entry):
    """How big one segment may become."""

    max_segment_seconds: shapes.Seconds | None = None
    max_segment_rows: shapes.SegmentRows | None = None
    max_segment_bytes: shapes.SegmentBytes | None = None


class GuardEntry(Entry):
    """How much may go without being approved."""

    max_rows: shapes.Rows | None = None
    max_percent: shapes.Percent | None = None


def _preset(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value not in PACES:
        raise MisreadError(f"is not a pace; {did_you_mean(value, tuple(PACES))}")
    pace = PACES[value]
    return {
        "max_segment_seconds": pace.max_segment_seconds,
        "max_segment_rows": pace.max_segment_rows,
        "max_segment_bytes": pace.max_segment_bytes,
    }


PACE_SCHEMA = {
    "anyOf": [
        {"enum": [*PACES]},
        {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "max_segment_seconds": {"type": "number"},
                "max_segment_rows": {"type": "integer"},
                "max_segment_bytes": {"type": ["integer", "string"]},
            },
        },
    ]
}
AnyPace = Annotated[PaceEntry, BeforeValidator(_preset), WithJsonSchema(PACE_SCHEMA)]


class DefaultsEntry(Entry):
    """What holds for every rule that does not say otherwise."""

    window: shapes.Windows = ()
    pace: AnyPace = PaceEntry()
    guard: GuardEntry = GuardEntry()
    search_path: shapes.SearchPath = ()


class RollupEntry(Entry):
    """The monthly aggregate of what the rule removes."""

    name: shapes.Name | None = None
    into: shapes.Table
    month: shapes.Name
    group_by: Annotated[tuple[shapes.Pair, ...], Field(min_length=1)]
    sum: shapes.Measures = ()
    max: shapes.Measures = ()
    count: shapes.Name | None = None


class RuleEntry(Entry):
    """How long the rows of a table stay."""

    keep: shapes.Keep
    table: shapes.Table | None = None
    reason: shapes.Text | None = None
    by: shapes.Column | None = None
    zone: shapes.Zone | None = None
    align: Align | None = None
    every: shapes.Rhythm = Every("day", "day")
    archive: shapes.Archived | None = None
    where: shapes.Text | None = None
    window: shapes.Windows | None = None
    pace: AnyPace = PaceEntry()
    guard: GuardEntry = GuardEntry()
    search_path: shapes.SearchPath | None = None
    rollup: RollupEntry | None = None


class OptionsEntry(Entry):
    """How VACUUM is done."""

    freeze: shapes.Yes | None = None
    truncate: shapes.Yes | None = None
    index_cleanup: shapes.Yes | None = None
    parallel: Annotated[int, Field(ge=0, le=1024)] | None = None


class UpkeepEntry(Entry):
    """What is done regularly for the health of tables."""

    do: Literal["analyze", "vacuum", "reindex"]
    tables: shapes.AllTables
    every: shapes.Rhythm
    window: shapes.Windows | None = None
    options: OptionsEntry = OptionsEntry()


class HoldEntry(Entry):
    """Rows that stay whatever their age."""

    name: shapes.Text
    tables: shapes.SomeTables
    where: shapes.Text = "true"
    ticket: shapes.Text = ""
    reason: shapes.Text = ""


class Document(Entry):
    """A policy of maintainer; it may be spread over several files."""

    version: shapes.Version
    timezone: shapes.Zone
    database: DatabaseEntry = DatabaseEntry()
    audit: AuditEntry = AuditEntry()
    windows: dict[str, WindowEntry] = {}
    blackouts: tuple[BlackoutEntry, ...] = ()
    archive: ArchiveEntry | None = None
    defaults: DefaultsEntry = DefaultsEntry()
    retention: dict[str, RuleEntry] = {}
    upkeep: dict[str, UpkeepEntry] = {}
    holds: tuple[HoldEntry, ...] = ()
