"""What can go wrong, said for people; each class knows the exit code of the command line."""

from __future__ import annotations


class MaintainerError(Exception):
    """Something a person can act on: what is wrong, where, and what to do about it."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(MaintainerError):
    """The command was called with something that cannot be meant."""

    exit_code = 2


class PolicyError(MaintainerError):
    """The policy is invalid; the message holds one line for every fault in every file."""

    exit_code = 2


class RefusedError(MaintainerError):
    """Going on would break a promise: wrong target, missing privilege, row level security."""

    exit_code = 3


class TableChangedError(MaintainerError):
    """A table is no longer what was planned; nothing was done to it since."""


class LockHeldError(MaintainerError):
    """Another run is at work on the same database."""

    exit_code = 4


class UnreachableError(MaintainerError):
    """The database or the archive store is out of reach, or an outcome is in doubt."""

    exit_code = 5


class VerificationError(MaintainerError):
    """An archive file is not what it should be; the message says where its rows are."""

    exit_code = 6


class DatabaseError(MaintainerError):
    """The server refused a statement; `sqlstate` says why, `__cause__` is the driver's error."""

    def __init__(
        self, message: str, *, sqlstate: str = "", detail: str = "", hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.sqlstate = sqlstate
        self.detail = detail


class ConnectionFailedError(DatabaseError):
    """No session could be had: host, port, TLS, password, database name."""

    exit_code = 5


class ConnectionLostError(DatabaseError):
    """The session is gone; what a COMMIT in flight did is unknown."""

    exit_code = 5


class PrivilegeError(DatabaseError):
    """The role may not do this (42501 without row level security)."""

    exit_code = 3


class RowSecurityError(DatabaseError):
    """Row level security would hide rows from this role (42501 under row_security = off)."""

    exit_code = 3


class ReadOnlyError(DatabaseError):
    """A standby or a read-only transaction (25006)."""

    exit_code = 3


class MissingObjectError(DatabaseError):
    """A table, column, schema, type or function is not there (42P01, 42703, 3F000 …)."""


class LockTimeoutError(DatabaseError):
    """lock_timeout passed, or NOWAIT found a lock (55P03)."""


class ConflictError(DatabaseError):
    """A deadlock or serialization failure (40P01, 40001): the same work may be tried again."""


class CancelledError(DatabaseError):
    """The statement was cancelled (57014)."""


class ServerResourceError(DatabaseError):
    """Disk full, out of memory, too many connections (class 53)."""

    exit_code = 5
