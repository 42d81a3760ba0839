"""A policy written into a folder, as people do it."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

from maintainer.errors import PolicyError
from maintainer.policy.load import load
from maintainer.policy.model import Policy

BASE = """\
version: 1
timezone: Europe/Amsterdam
archive: {name: test, to: "file:./archive"}
windows:
  nightly: {days: [mon], from: "01:00", to: "05:00"}
"""

INDENTED = " " * 8


class Desk:
    """Writes files and reads them as a policy."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, text: str, name: str = "policy.yaml") -> Path:
        """Put a file into the folder."""
        file = self.folder / name
        file.write_text(textwrap.dedent(text), "utf-8")
        return file

    def load(self, more: str = "", environ: Mapping[str, str] = {}, base: str = BASE) -> Policy:
        """Read the usual beginning and what follows it."""
        return load(
            [self.write(base + (textwrap.dedent(more) if more.startswith(INDENTED) else more))],
            environ,
        )

    def faults(self, more: str, environ: Mapping[str, str] = {}, base: str = BASE) -> list[str]:
        """The lines of the refusal, without the folder."""
        with pytest.raises(PolicyError) as refused:
            self.load(more, environ, base)
        return self.lines(refused.value)

    def lines(self, error: PolicyError) -> list[str]:
        """The lines of a refusal, without the folder."""
        return error.message.replace(f"{self.folder}/", "").splitlines()

    def fault(self, more: str, environ: Mapping[str, str] = {}, base: str = BASE) -> str:
        """The one line of the refusal."""
        (line,) = self.faults(more, environ, base)
        return line


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A folder of its own."""
    return Desk(tmp_path)
