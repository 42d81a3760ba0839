"""What the file system says, translated into our own errors."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from maintainer.errors import UnreachableError

HINTS = {
    errno.ENOSPC: "make room there, or point MAINTAINER_ARCHIVE at a larger place; no row was lost",
    errno.EDQUOT: "the quota is used up; make room, no row was lost",
    errno.EROFS: "mount it writable, or point MAINTAINER_ARCHIVE elsewhere; no row was lost",
    errno.EACCES: "let the user that runs maintainer write there; no row was lost",
    errno.EPERM: "let the user that runs maintainer write there; no row was lost",
    errno.EIO: "the disk reports errors; check it before anything else; no row was lost",
}
OTHERWISE = "check the folder that `archive: to:` names; no row was lost"


@contextmanager
def reached(path: Path) -> Iterator[None]:
    """Turn an OSError into UnreachableError, with what to do."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise UnreachableError(
            f"the archive cannot be used: {path}: {reason}",
            hint=HINTS.get(error.errno or 0, OTHERWISE),
        ) from error
