"""The options before the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Maintainer
from tests.unit.cli.fake_core import FakeCore


def test_without_a_command_the_help_is_shown(maintainer: Maintainer) -> None:
    """Somebody who types nothing learns what there is."""
    answer = maintainer()

    assert answer.code == 0
    assert "dry-run, plan  Show what a run would do now" in answer.out


def test_the_version_is_one_line(maintainer: Maintainer) -> None:
    """Scripts read it."""
    from maintainer import __version__

    assert maintainer("--version").out == f"maintainer {__version__}\n"


def test_options_reach_the_core(maintainer: Maintainer, core: FakeCore) -> None:
    """Policy paths, DSN and driver are handed on as they were typed."""
    maintainer(
        "--policy", "a", "--policy", "b.yaml", "--dsn", "service=x", "--driver", "pg8000", "dry-run"
    )

    call = core.calls[0]
    assert (call.policy, call.dsn, call.driver) == (
        (Path("a"), Path("b.yaml")),
        "service=x",
        "pg8000",
    )


def test_the_environment_fills_what_no_flag_says(
    maintainer: Maintainer, core: FakeCore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A MAINTAINER_ variable is weaker than a flag; it may hold a password."""
    monkeypatch.setenv("MAINTAINER_POLICY", "a:b")
    monkeypatch.setenv("MAINTAINER_DSN", "postgres://u:hush@h/db")
    monkeypatch.setenv("MAINTAINER_DRIVER", "psycopg")

    maintainer("--driver", "pg8000", "dry-run")

    call = core.calls[0]
    assert call.policy == (Path("a"), Path("b"))
    assert (call.dsn, call.driver) == ("postgres://u:hush@h/db", "pg8000")


def test_what_nobody_says_is_left_open(
    maintainer: Maintainer, core: FakeCore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty variable is as good as none; the policy decides about DSN and driver."""
    for name in ("POLICY", "DSN", "DRIVER", "LOG_FORMAT"):
        monkeypatch.setenv(f"MAINTAINER_{name}", "")

    assert maintainer("dry-run").code == 0
    call = core.calls[0]
    assert (call.policy, call.dsn, call.driver) == ((Path("policies"),), None, None)


@pytest.mark.parametrize(
    "dsn", ["postgres://u:hush@h/db", "host=h password=hush", "postgres://h/db?password=hush"]
)
def test_a_password_on_the_command_line_is_refused(maintainer: Maintainer, dsn: str) -> None:
    """Everybody could read it in the process list; the answer does not repeat it."""
    answer = maintainer("--dsn", dsn, "dry-run")

    assert answer.code == 2
    assert "--dsn holds a password" in answer.err
    assert "hint: put the DSN into MAINTAINER_DSN" in answer.err
    assert "hush" not in answer.err + answer.out


def test_quiet_and_verbose_contradict_each_other(maintainer: Maintainer) -> None:
    """One of them was not meant."""
    assert maintainer("-q", "-v", "dry-run").code == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["runn"], "there is no command 'runn'; did you mean run?"),
        (["--polcy", "x", "run"], "--polcy"),
        (["run", "-o", "json"], "write it before the command: `maintainer -o … run`"),
        (["run", "--as-of", "yesterday"], "'yesterday' is not a time; write ISO 8601"),
        (["run", "--only", "both"], "'both'"),
        (["vacuum"], "TABLE"),
        (["schema"], "Missing command"),
    ],
)
def test_what_cannot_be_meant_is_said_in_two_lines(
    maintainer: Maintainer, words: list[str], said: str
) -> None:
    """A usage error leaves with 2, names what is wrong and says where help is."""
    answer = maintainer(*words)

    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert [line.split(":")[0] for line in answer.err.splitlines()] == ["error", "hint"]
