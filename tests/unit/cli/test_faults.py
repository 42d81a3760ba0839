"""Errors become words and exit codes in one place."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

import pytest

from maintainer import errors
from maintainer.cli import faults
from maintainer.cli.call import Call


def answered(error: BaseException, call: Call | None = None) -> int:
    """The exit code that an error leads to."""
    with pytest.raises(SystemExit) as leaving, faults.answered(call or Call()):
        raise error
    return int(leaving.value.code)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.MaintainerError("x"), 1),
        (errors.PolicyError("x"), 2),
        (errors.RefusedError("x"), 3),
        (errors.LockHeldError("x"), 4),
        (errors.UnreachableError("x"), 5),
        (errors.ConnectionFailedError("x"), 5),
        (errors.VerificationError("x"), 6),
        (KeyboardInterrupt(), 130),
        (BrokenPipeError(), 1),
        (ZeroDivisionError("x"), 70),
    ],
)
def test_each_error_knows_its_exit_code(
    error: BaseException, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kubernetes decides by these."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(faults, "_abandon_stdout", lambda: None)

    assert answered(error) == code


def test_an_error_says_what_is_wrong_then_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    """On stderr; what the server adds stands between; more lines are set in."""
    error = errors.DatabaseError("no table t\nnor u", detail="Key (id)", hint="create it")

    answered(error)

    out, err = capsys.readouterr()
    assert (out, err) == (
        "",
        "error: no table t\n       nor u\ndetail: Key (id)\nhint: create it\n",
    )


def test_an_error_without_a_hint_has_no_hint_line(capsys: pytest.CaptureFixture[str]) -> None:
    """No empty words."""
    answered(errors.MaintainerError("no table t"))

    assert capsys.readouterr().err == "error: no table t\n"


def test_an_error_for_a_machine_is_one_json_line(capsys: pytest.CaptureFixture[str]) -> None:
    """With --log-format json, stderr holds nothing but JSON."""
    answered(errors.LockHeldError("busy", hint="wait"), Call(log_format="json"))

    assert json.loads(capsys.readouterr().err) == {
        "level": "error",
        "event": "command.failed",
        "error": "busy",
        "hint": "wait",
    }


def test_no_error_repeats_a_password(capsys: pytest.CaptureFixture[str]) -> None:
    """A driver may quote the connection string it was given."""
    answered(errors.ConnectionFailedError("no postgres://u:hush@h", hint="password=hush"))

    assert "hush" not in capsys.readouterr().err


def test_a_bug_is_one_line_and_a_file_only_we_can_read(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No traceback reaches a user; the file named in the message holds it, without secrets."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    answered(RuntimeError("lost postgres://u:hush@h\nsecond line"))

    err = capsys.readouterr().err
    named = re.fullmatch(
        r"error: this is a bug in maintainer: RuntimeError: lost postgres://u:\*\*\*@h\n"
        r"hint: the details are in (.+); please report them\n",
        err,
    )
    file = Path(named[1])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "Traceback" in file.read_text()
    assert "hush" not in file.read_text()


def test_a_bug_is_told_even_where_nothing_can_be_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read-only container has no temporary folder."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))

    assert answered(RuntimeError("lost")) == 70
    assert "the details could not be written" in capsys.readouterr().err


def test_a_command_that_leaves_by_itself_is_let_go() -> None:
    """Its exit code is the command's own affair."""
    assert answered(SystemExit(10)) == 10


def test_nothing_wrong_is_nothing_said(capsys: pytest.CaptureFixture[str]) -> None:
    """The block ends as it would without."""
    with faults.answered(Call()):
        pass

    assert capsys.readouterr().err == ""
