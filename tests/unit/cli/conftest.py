"""The command line as a user calls it, in this process, with a core that only remembers."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from maintainer.cli.call import Call
from maintainer.cli.main import main
from tests.unit.cli.fake_core import FakeCore


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command left behind."""

    code: int
    out: str
    err: str


Maintainer = Callable[..., Answer]


@pytest.fixture
def maintainer(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Maintainer:
    """Call the command line with some words."""
    for name in ("POLICY", "DSN", "DRIVER", "LOG_FORMAT"):
        monkeypatch.delenv(f"MAINTAINER_{name}", raising=False)

    def run(*words: str) -> Answer:
        monkeypatch.setattr(sys, "argv", ["maintainer", *words])
        with pytest.raises(SystemExit) as leaving:
            main()
        out, err = capsys.readouterr()
        return Answer(int(leaving.value.code or 0), out, err)

    return run


@pytest.fixture
def core(monkeypatch: pytest.MonkeyPatch) -> FakeCore:
    """The core that commands find; `.calls` holds the options they came with."""
    fake = FakeCore()

    def app(call: Call) -> FakeCore:
        fake.calls.append(call)
        return fake

    monkeypatch.setattr(Call, "app", app)
    return fake
