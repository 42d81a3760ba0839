"""Equal decisions have equal fingerprints."""

from __future__ import annotations

import dataclasses

import pytest

from maintainer.policy.model import Guard
from maintainer.schedule.calendar import Span
from maintainer.schedule.due import Every

RULE = "retention:\n  a: {keep: 90 days, by: at, archive: true}\n"


def test_it_does_not_depend_on_spelling(desk):
    """Order, comments and ways of writing the same change nothing."""
    plain = desk.load(RULE)
    spelt = desk.load(
        "retention:  # rules\n  a:\n    archive: true\n    by: at\n    keep: P90D\n    every: Day\n"
    )

    assert plain.fingerprint == spelt.fingerprint
    assert plain.rule_fingerprint(plain.retention["a"]) == spelt.rule_fingerprint(
        spelt.retention["a"]
    )
    assert len(plain.fingerprint) == 64


@pytest.mark.parametrize(
    "change",
    [
        {"name": "b"}, {"table": "b"}, {"keep": Span(89, "days")}, {"keep": Span(90, "weeks")}, {"by": "b"},
        {"zone": "UTC"}, {"align": "day"}, {"where": "x"}, {"archive": False}, {"guard": Guard(1, 50.0)},
        {"search_path": ("x",)},
    ],
)  # fmt: skip
def test_what_decides_about_rows_changes_it(desk, change):
    """Rule, table, keep, by, zone, align, where, search_path, archive and guard are part of it."""
    policy = desk.load(RULE)
    rule = policy.retention["a"]

    changed = dataclasses.replace(rule, **change)
    assert policy.rule_fingerprint(changed) != policy.rule_fingerprint(rule)


@pytest.mark.parametrize(
    "change", [{"every": Every.parse("week")}, {"windows": ("x",)}, {"reason": "r"}]
)
def test_what_decides_only_about_time_does_not(desk, change):
    """An approval outlives another rhythm or window."""
    policy = desk.load(RULE)
    rule = policy.retention["a"]

    assert policy.rule_fingerprint(dataclasses.replace(rule, **change)) == policy.rule_fingerprint(
        rule
    )


def test_the_name_of_the_archive_and_the_time_zone_are_part_of_it(desk):
    """The same rule into another archive is another approval; so is another wall clock."""
    policy = desk.load(RULE)
    rule = policy.retention["a"]
    elsewhere = dataclasses.replace(
        policy, archive=dataclasses.replace(policy.archive, name="other")
    )
    abroad = dataclasses.replace(policy, timezone="UTC")

    prints = {p.rule_fingerprint(rule) for p in (policy, elsewhere, abroad)}
    assert len(prints) == 3


@pytest.mark.parametrize(
    "more",
    [
        "holds: [{name: h, tables: a}]",
        "blackouts: [{yearly: 12-24/12-26, reason: r}]",
        "blackouts: [{from: 2026-01-01, to: 2026-01-02, reason: r}]",
        "  w: {from: '00:00', for: 1h}",
        "upkeep:\n  s: {do: analyze, tables: all, every: week}",
        "defaults: {pace: full}\nretention:\n  b: {keep: 1 day, by: at, archive: none}",
    ],
)
def test_every_part_of_the_policy_counts(desk, more):
    """Whatever is decided changes the policy's fingerprint."""
    assert desk.load(more).fingerprint != desk.load().fingerprint
