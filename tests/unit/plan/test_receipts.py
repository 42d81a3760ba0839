"""One exit code for several causes."""

from __future__ import annotations

import itertools

import pytest

from maintainer.plan.receipts import SEVERITY, Outcome, Receipt, Report
from tests.plans import build


def report(*codes: int, signal: int = 0) -> Report:
    """A run whose steps asked for these codes."""
    receipts = tuple(Receipt(build.skip(), Outcome.DONE, exit_code=code) for code in codes)
    return Report("run", receipts, signal=signal)


def test_a_run_without_faults_is_zero() -> None:
    """Nothing due is no fault."""
    assert report().exit_code == 0
    assert report(0, 0).exit_code == 0


@pytest.mark.parametrize(("grave", "light"), list(itertools.pairwise((70, 6, 3, 5, 1, 0))))
def test_the_gravest_cause_decides(grave: int, light: int) -> None:
    """In whatever order they came."""
    assert report(grave, light).exit_code == report(light, grave).exit_code == grave


@pytest.mark.parametrize(("signal", "code"), [(2, 130), (15, 143), (1, 129)])
def test_a_signal_is_told_as_shells_do(signal: int, code: int) -> None:
    """Where nothing else went wrong."""
    assert report(0, signal=signal).exit_code == code


@pytest.mark.parametrize("code", SEVERITY)
def test_what_went_wrong_before_a_signal_is_still_told(code: int) -> None:
    """A fault must not hide behind Ctrl-C."""
    assert report(code, signal=2).exit_code == code
