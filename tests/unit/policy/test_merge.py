"""Several files and folders become one policy."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from maintainer.errors import PolicyError
from maintainer.policy.load import load

RULE = "retention:\n  events: {keep: 90 days, by: at, every: day, archive: none"


def test_files_of_a_folder_are_merged(desk):
    """Sections of names are joined, lists too; each file may say the version."""
    desk.write("version: 1\ntimezone: UTC\nretention:\n  a: {keep: forever, reason: r}\n", "a.yaml")
    desk.write(
        "version: 1\nretention:\n  b: {keep: forever, reason: r}\nholds: [{name: h, tables: [b]}]\n",
        "b.yml",
    )
    desk.write("holds: [{name: i, tables: [a]}]\nblackouts:\n", "c.yaml")
    desk.write("nonsense", "notes.txt")
    desk.write("nonsense: [", ".hidden.yaml")

    policy = load([desk.folder], {})

    assert list(policy.retention) == ["a", "b"]
    assert [hold.name for hold in policy.holds] == ["h", "i"]


def test_a_name_is_defined_once(desk):
    """The second definition names the place of the first; nothing is taken from either in silence."""
    desk.write("version: 1\ntimezone: UTC\nretention:\n  a: {keep: forever, reason: r}\n", "a.yaml")
    desk.write("version: 2\ntimezone: UTC\nretention:\n  a: {keep: forever, reason: r}\n", "b.yaml")

    with pytest.raises(PolicyError) as refused:
        load([desk.folder], {})

    assert desk.lines(refused.value) == [
        "b.yaml:1:1: version: 'version' is defined a second time, first in a.yaml:1:1; remove one",
        "b.yaml:2:1: timezone: 'timezone' is defined a second time, first in a.yaml:2:1; remove one",
        "b.yaml:4:3: retention.a: 'a' is defined a second time, first in a.yaml:4:3; remove one",
    ]


def test_a_file_named_twice_is_read_once(desk):
    """A folder and a file in it are no contradiction."""
    file = desk.write("version: 1\ntimezone: UTC\n")

    assert (
        load([desk.folder, file.parent / ".." / file.parent.name / file.name], {}).timezone == "UTC"
    )


def test_a_broken_file_does_not_hide_the_faults_of_the_others(desk):
    """What the broken file may have defined is not complained about."""
    desk.write("version: 1\ntimezone: [\n", "a.yaml")
    desk.write(f"{RULE}, window: nightly, keeep: 1}}\n", "b.yaml")

    with pytest.raises(PolicyError) as refused:
        load([desk.folder], {})

    first, second = desk.lines(refused.value)
    assert first.startswith("a.yaml:3:1: policy: this is not YAML")
    assert second.startswith(
        "b.yaml:2:79: retention.events.keeep: unknown key 'keeep'; did you mean 'keep'?"
    )


def test_paths_that_cannot_be_read(desk):
    """A missing file, a folder without policies: one line each, no traceback."""
    (desk.folder / "empty").mkdir()

    with pytest.raises(PolicyError) as refused:
        load([desk.folder / "missing.yaml", desk.folder / "empty"], {})

    first, second, *_ = desk.lines(refused.value)
    assert (
        first
        == "empty:1:1: policy: no *.yaml file is in this folder; write a policy there, or name another folder"
    )
    assert second.startswith(
        "missing.yaml:1:1: policy: cannot be read (No such file or directory); "
    )


def test_no_paths_at_all_are_a_fault():
    """Nothing is not a policy."""
    with pytest.raises(PolicyError, match="timezone: is missing; add `timezone: Europe/Amsterdam`"):
        load([], {})


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read(desk):
    """Permission is a fault with its path."""
    desk.write("version: 1\n").chmod(0)

    with pytest.raises(PolicyError, match="Permission denied"):
        load([desk.folder], {})


def test_a_folder_of_symbolic_links(desk, tmp_path: Path):
    """A ConfigMap's files are links beside hidden folders."""
    hidden = tmp_path / "..data"
    hidden.mkdir()
    (hidden / "p.yaml").write_text("version: 1\ntimezone: UTC\n")
    (tmp_path / "p.yaml").symlink_to("..data/p.yaml")

    assert load([tmp_path], {}).timezone == "UTC"
