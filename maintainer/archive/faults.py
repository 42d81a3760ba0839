"""What the file system says, translated into our own errors."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from maintainer.errors import MaintainerError, UnreachableError

HINTS = {
    errno.ENOSPC: "make room there, or point MAINTAINER_ARCHIVE at a larger place",
    errno.EDQUOT: "the quota is used up; make room",
    errno.EROFS: "mount it writable, or point MAINTAINER_ARCHIVE elsewhere",
    errno.EACCES: "let the user that runs maintainer write there",
    errno.EPERM: "let the user that runs maintainer write there",
    errno.EIO: "the disk reports errors; check it before anything else",
}
OTHERWISE = "check the folder that `archive: to:` names"


@contextmanager
def reached(path: Path) -> Iterator[None]:
    """Turn an OSError into UnreachableError, with what to do."""
    try:
        yield
    except OSError as error:
        raise UnreachableError(
            f"the archive cannot be used: {path}: {error.strerror or error}",
            hint=f"{HINTS.get(error.errno or 0, OTHERWISE)}; no row was lost",
        ) from error


@contextmanager
def published(path: Path, final: Path) -> Iterator[None]:
    """Turn what goes wrong after a COMMIT into UnreachableError that says where the rows are."""
    try:
        yield
    except (OSError, MaintainerError) as error:
        if isinstance(error, OSError):
            why, hint = error.strerror or str(error), HINTS.get(error.errno or 0, OTHERWISE)
        else:
            why, hint = error.message, error.hint
        raise UnreachableError(
            f"{final} cannot be published: {why}; its rows are archived in {path}, "
            "and the next run publishes them",
            hint=hint,
        ) from error
