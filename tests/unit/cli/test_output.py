"""Where the product goes, and what happens where it cannot go."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

POLICIES = Path(__file__).parents[3] / "policies"
VALIDATE = [sys.executable, "-m", "maintainer", "--policy", str(POLICIES), "validate", "--schema"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a full disk at hand")
def test_a_full_disk_behind_stdout_is_said() -> None:
    """It is no bug of ours."""
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(VALIDATE, stdout=full, stderr=subprocess.PIPE, text=True, check=False)

    assert (ran.returncode, ran.stderr) == (
        1,
        "error: the output cannot be written: No space left on device\n",
    )


def test_a_reader_that_has_gone_is_no_reason_to_complain() -> None:
    """`maintainer … | head` ends in silence."""
    running = subprocess.Popen(VALIDATE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    running.stdout.close()
    said = running.stderr.read()
    running.stderr.close()

    assert (running.wait(), said) == (1, b"")
