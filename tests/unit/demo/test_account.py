"""Whom the server runs as, and how programs are run for it."""

from __future__ import annotations

import os
import pwd
import signal

import pytest

from maintainer.demo import account
from maintainer.errors import MaintainerError
from tests.parts import need


def test_an_ordinary_user_is_himself(monkeypatch):
    """Nobody else is needed."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    assert account.chosen() == account.Account()


def test_root_becomes_somebody_harmless(monkeypatch):
    """PostgreSQL refuses to run as root."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    nobody = pwd.getpwnam("nobody")

    assert account.chosen() == account.Account(nobody.pw_uid, nobody.pw_gid)


def test_root_alone_in_the_world_is_told_what_to_do(monkeypatch):
    """Where there is nobody to become."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(account, "HARMLESS", "there-is-no-such-user")

    with pytest.raises(MaintainerError) as caught:
        account.chosen()

    assert caught.value.hint == "start the demo as another user"


def test_a_program_sees_nothing_of_our_environment(monkeypatch):
    """PGDATA, LANG and their like would change what PostgreSQL's programs do."""
    monkeypatch.setenv("PGDATA", "/elsewhere")

    said = account.Account().run("/usr/bin/env")

    assert said == account.Said(0, f"LC_ALL=C\nPATH={os.defpath}")


def test_a_program_runs_as_the_account(tmp_path):
    """With its user and group and no other."""
    need(os.geteuid() == 0, "root, to become somebody else")
    harmless = account.chosen()

    said = harmless.run("/bin/sh", "-c", "id -u; id -G")

    assert said.text == f"{harmless.uid}\n{harmless.gid}"


@pytest.mark.parametrize("number", account.WAITING)
def test_a_signal_waits_for_the_program(number, tmp_path):
    """A server that was half started could not be stopped."""
    mark = tmp_path / "mark"
    program = f"kill -{int(number)} {os.getpid()}; : > {mark}"

    def interrupt(_number, _frame):
        assert mark.exists()
        raise KeyboardInterrupt

    before = signal.signal(number, interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            account.Account().run("/bin/sh", "-c", program)
    finally:
        signal.signal(number, before)

    assert mark.exists()


def test_a_closed_folder_cannot_be_entered_by_others(tmp_path):
    """Neither it nor what lies in it, even when that is open."""
    inner = tmp_path / "inner"
    inner.mkdir(mode=0o755)
    tmp_path.chmod(0o700)
    other = account.Account(12345, 12345)

    assert account.Account().can_enter(inner)
    assert not other.can_enter(tmp_path)
    assert not other.can_enter(inner)
