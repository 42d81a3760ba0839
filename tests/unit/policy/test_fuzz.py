"""No policy, however broken, makes a traceback."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from maintainer.errors import PolicyError
from maintainer.policy import known
from maintainer.policy.load import load
from maintainer.policy.model import Policy

POLICIES = Path(__file__).parents[3] / "policies"
SHIPPED = (
    b"\n".join(
        file.read_bytes().replace(b"version: 1", b"") for file in sorted(POLICIES.glob("*.yaml"))
    )
    + b"\nversion: 1\n"
)

KEYS = sorted({key for path in known.SHAPES for key in known.known_keys(path)} | {"a", "public.b"})
WORDS = ["90 days", "forever", "month", "true", "all", "any", "nightly", "01:00", "9h", "UTC", "none", "a", "", "x.y.z",
         "2026-01-01", "12-24/12-26", "gentle", "${env:X}", "${file:/}", "csv.zst", "/x", "mon", "* * * * *"]  # fmt: skip
VALUES = st.sampled_from([*WORDS, None, True, False, 0, 1, -1, 1.5, 10**30]) | st.text(max_size=5)
TREES = st.recursive(
    VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=25,
)  # fmt: skip


def outcome(raw: bytes) -> Policy | PolicyError:
    """Read it; a refusal has a place in each of its lines."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "p.yaml"
        file.write_bytes(raw)
        try:
            return load([file], {"X": "x"})
        except PolicyError as error:
            refused = error
    assert all(line.startswith((f"{file}:", "… and ")) for line in refused.message.split("\n"))
    return refused


def test_the_shipped_policy_as_one_file_is_read():
    """What the fuzzing starts from is a policy."""
    assert isinstance(outcome(SHIPPED), Policy)


ODD = [None, True, False, 0, -1, 1.5, 10**30, "", "x", "x" * 5000, [], [[]], [None], [{}], ["x", 1], {}, {"": ""},
       {"x": None}, {"x": {"x": []}}, {"x": "x"}]  # fmt: skip


@pytest.mark.parametrize("path", known.SHAPES, ids=".".join)
def test_every_key_takes_or_refuses_every_kind_of_value(path):
    """A value of the wrong kind is a fault at its key, never a traceback."""
    for key in known.known_keys(path):
        for value in ODD:
            tree: object = {key: value}
            for part in reversed(path):
                tree = {"a" if part == "*" else part: tree}
            if path[:1] in {("blackouts",), ("holds",)}:
                tree = {path[0]: [{key: value}]}
            outcome(yaml.safe_dump(tree).encode())


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, len(SHIPPED)), st.integers(0, 12), st.binary(max_size=6)),
        min_size=1,
        max_size=4,
    )
)
def test_a_mutilated_policy_is_read_or_refused(cuts):
    """Bytes are taken out and put in anywhere."""
    raw = SHIPPED
    for at, length, more in cuts:
        raw = raw[:at] + more + raw[at + length :]

    outcome(raw)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), TREES, max_size=8))
def test_any_tree_of_known_words_is_read_or_refused(tree):
    """Right words in wrong places."""
    outcome(yaml.safe_dump({"version": 1, "timezone": "UTC", **tree}, allow_unicode=True).encode())


@settings(deadline=None)
@given(
    st.sampled_from(["retention", "upkeep", "windows"]),
    st.dictionaries(st.sampled_from(KEYS), VALUES | TREES, max_size=8),
)
def test_any_entry_is_read_or_refused(section, entry):
    """One entry of a section with whatever in it."""
    outcome(
        yaml.safe_dump(
            {"version": 1, "timezone": "UTC", section: {"a": entry}}, allow_unicode=True
        ).encode()
    )
