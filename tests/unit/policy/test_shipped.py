"""The policy of the seven tables, as it is shipped."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from maintainer.policy import json_schema, yaml_text
from maintainer.policy.load import load
from maintainer.policy.nodes import Node, Scalar, Sequence, plain
from maintainer.schedule.calendar import Span

POLICIES = Path(__file__).parents[3] / "policies"
SCHEMA = POLICIES / "policy.schema.json"
FILES = sorted(POLICIES.glob("*.yaml"))


@pytest.fixture(scope="module")
def policy():
    """As it is shipped, with nothing in the environment."""
    return load([POLICIES], {})


def jsonable(value: object) -> object:
    """Lists instead of tuples."""
    return json.loads(json.dumps(value))


def test_the_seven_tables_are_decided(policy):
    """What the document of the seven tables says, and a reason for the others."""
    keeps = {name: rule.keep for name, rule in policy.retention.items()}

    assert keeps == {
        "audit_logs": Span(7, "years"),
        "performance_analytics": Span(90, "days"),
        "usage_tracking": Span(13, "months"),
        "invoices": None,
        "subscription_changes": None,
        "scheduled_reports": None,
        "message_templates": None,
    }
    assert all(rule.reason for rule in policy.retention.values() if rule.keep is None)
    assert policy.retention["invoices"].reason == "financial records"


def test_what_leaves_is_archived_in_its_rhythm(policy):
    """By its own time column; audit_logs every quarter, usage_tracking by whole months."""
    leaving = {
        name: (rule.by, str(rule.every), rule.align, rule.archive)
        for name, rule in policy.retention.items()
        if rule.keep is not None
    }

    assert leaving == {
        "audit_logs": ("created_at", "quarter", None, True),
        "performance_analytics": ("timestamp", "day", None, True),
        "usage_tracking": ("usage_date", "month", "month", True),
    }


def test_usage_is_aggregated_monthly(policy):
    """Daily totals stand apart from hourly rows; gauges have their peak."""
    rollup = policy.retention["usage_tracking"].rollup

    assert (rollup.into, rollup.month, rollup.count) == (
        "usage_tracking_monthly",
        "usage_month",
        "usage_rows",
    )
    assert [name for name, _ in rollup.group_by] == [
        "organization_id", "resource_type", "unit", "currency", "is_billable", "granularity",
    ]  # fmt: skip
    assert [name for name, _ in rollup.sum] == [
        "quantity",
        "total_cost",
        "included_quantity",
        "overage_quantity",
    ]
    assert rollup.max == (("peak_quantity", "quantity"),)


def test_upkeep(policy):
    """Statistics weekly, VACUUM and REINDEX of the tables with much churn monthly."""
    churn = ("performance_analytics", "audit_logs")

    assert [(u.do, u.tables, str(u.every)) for u in policy.upkeep.values()] == [
        ("analyze", "all", "week"),
        ("vacuum", churn, "month"),
        ("reindex", churn, "month"),
    ]


def test_it_runs_against_what_the_environment_names(policy):
    """DATABASE_URL and MAINTAINER_ARCHIVE decide; without them it is still a policy."""
    named = load(
        [POLICIES], {"DATABASE_URL": "postgresql://x/y", "MAINTAINER_ARCHIVE": "/srv/archive"}
    )

    assert policy.database.dsn is None
    assert policy.archive.to == "file:./archive"
    assert named.database.dsn.get_secret_value() == "postgresql://x/y"
    assert named.archive.to == "file:/srv/archive"
    assert (policy.timezone, set(policy.windows), policy.blackouts) == (
        "Europe/Amsterdam",
        {"nightly", "weekend"},
        (),
    )


def test_the_committed_schema_is_current():
    """Editors see what the loader accepts: `maintainer validate --schema` writes this file."""
    assert SCHEMA.read_text("utf-8") == json_schema.text()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_shipped_files_fit_the_schema(file):
    """Each file alone, with the header by which an editor finds the schema."""
    reading = yaml_text.read(file.read_bytes(), file.name)

    jsonschema.validate(jsonable(plain(reading.root)), json.loads(SCHEMA.read_text("utf-8")))
    assert file.read_text("utf-8").startswith(
        "# yaml-language-server: $schema=./policy.schema.json\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "retenton: {}", "retention: {a: {keep: 90}}", "retention: {a: {by: x}}", "windows: {w: {from: '1:00', too: x}}",
        "upkeep: {u: {do: vaccum, tables: all, every: day}}", "version: 2", "defaults: {pace: fast}",
        "retention: {a: {keep: 9 days, archive: false}}",
    ],
)  # fmt: skip
def test_the_schema_refuses_what_the_loader_refuses(text):
    """An editor underlines the common mistakes."""
    reading = yaml_text.read(text.encode(), "p.yaml")

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(jsonable(plain(reading.root)), json.loads(SCHEMA.read_text("utf-8")))


def leaves(node: Node):
    """Every scalar."""
    match node:
        case Scalar():
            yield node
        case Sequence():
            for item in node.items:
                yield from leaves(item)
        case _:
            for value in node.entries.values():
                yield from leaves(value)


def test_every_value_knows_its_place():
    """The text of each plain value stands at the line and column that its node says."""
    for file in FILES:
        lines = file.read_text("utf-8").splitlines()
        for leaf in leaves(yaml_text.read(file.read_bytes(), file.name).root):
            found = lines[leaf.place.line - 1][leaf.place.column - 1 :]
            assert found.lstrip("'\"").startswith(leaf.text)
