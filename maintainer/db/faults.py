"""What the server or the network said, as our own errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from maintainer.db.conninfo import ConnInfo, Host
from maintainer.errors import (
    CancelledError,
    ConflictError,
    ConnectionFailedError,
    ConnectionLostError,
    DatabaseError,
    LockTimeoutError,
    MissingObjectError,
    PrivilegeError,
    ReadOnlyError,
    RowSecurityError,
    ServerResourceError,
)

BY_STATE: Mapping[str, type[DatabaseError]] = {
    "08P01": DatabaseError,  # wrong number of parameters; the session goes on
    **dict.fromkeys(("25006",), ReadOnlyError),
    **dict.fromkeys(("3F000", "42703", "42704", "42883", "42P01"), MissingObjectError),
    **dict.fromkeys(("40001", "40P01"), ConflictError),
    "42501": PrivilegeError,
    "55P03": LockTimeoutError,
    "57014": CancelledError,
    **dict.fromkeys(("25P03", "25P04", "57P01", "57P02", "57P03", "57P05"), ConnectionLostError),
}
BY_CLASS: Mapping[str, type[DatabaseError]] = {
    "08": ConnectionLostError,
    "53": ServerResourceError,
}
HINTS: Mapping[type[DatabaseError], str] = {
    ReadOnlyError: "connect to the primary; a standby or a read-only role cannot be maintained",
    PrivilegeError: "give the role what it lacks: maintainer init --print-sql prints every grant",
    RowSecurityError: "row level security would hide rows: let the table's owner run this, "
    "or a role with BYPASSRLS",
    ConnectionLostError: "the server or the network ended the session; its open transaction is "
    "undone unless it was committing",
}
# what the server's text says in English where the driver gives no SQLSTATE
SAID: Mapping[str, str] = {
    "password authentication failed": "28P01",
    "no password supplied": "28P01",
    "no pg_hba.conf entry": "28000",
    "permission denied": "42501",
    'role "': "28000",
    'database "': "3D000",
    "authentication failed": "28000",
    "too many connections": "53300",
    "too many clients": "53300",
    "remaining connection slots": "53300",
    "the database system is": "57P03",
}
FAILED_HINTS: Mapping[str, str] = {
    "28P01": "check the user and the password (PGPASSWORD, the password file, or the DSN)",
    "28000": "the server's pg_hba.conf does not let this user in from here, or wants TLS (sslmode)",
    "42501": "the role needs CONNECT on the database",
    "3D000": "check the name of the database",
    "53300": "the server has no free connection; try again later",
    "57P03": "the server is starting or stopping; try again in a moment",
}
UNREACHED = (
    "refused",
    "timeout",
    "timed out",
    "resolve",
    "translate host",
    "known",
    "No such file",
    "unreachable",
    "No route",
)
TLS_SIGNS = ("ssl", "tls", "certificate")


@dataclass(frozen=True, slots=True)
class Said:
    """The fields of an error message of the server."""

    sqlstate: str
    message: str
    detail: str = ""
    hint: str = ""
    routine: str = ""


def refused(said: Said) -> DatabaseError:
    """The error for what the server answered to a statement."""
    kind = BY_STATE.get(said.sqlstate) or BY_CLASS.get(said.sqlstate[:2]) or DatabaseError
    if kind is PrivilegeError and _hides_rows(said):
        kind = RowSecurityError
    hint = HINTS.get(kind, said.hint) if kind is not DatabaseError else said.hint
    return kind(said.message, sqlstate=said.sqlstate, detail=said.detail, hint=hint)


def lost(reason: object) -> ConnectionLostError:
    """The error for a session that ended under a statement."""
    text = " ".join(str(reason).split()) or "the connection is closed"
    return ConnectionLostError(
        f"the connection to the server is lost: {text}",
        sqlstate="08006",
        hint=HINTS[ConnectionLostError],
    )


def unconnected(conninfo: ConnInfo, host: Host, reason: str, state: str) -> ConnectionFailedError:
    """The error for a session that could not be had from one host."""
    text = " ".join(reason.split()).removeprefix("FATAL: ").strip()
    known = state or next((code for sign, code in SAID.items() if sign in text), "")
    hint = FAILED_HINTS.get(known) or _guess(text, host)
    return ConnectionFailedError(
        f"no connection to {host.shown} as user {conninfo.user!r}, "
        f"database {conninfo.database!r}: {text}",
        sqlstate=known,
        hint=f"{hint}; {conninfo.note}" if conninfo.note else hint,
    )


def _hides_rows(said: Said) -> bool:
    # the routine is the same in every language of the server
    return said.routine == "check_enable_rls" or (
        not said.routine and "row-level security" in said.message
    )


def _guess(text: str, host: Host) -> str:
    if any(sign in text for sign in UNREACHED):
        return f"is the server running, and does it listen at {host.shown}? is a firewall between?"
    if any(sign in text.lower() for sign in TLS_SIGNS):
        return "check sslmode and sslrootcert against what the server offers"
    return "check host, port, user, password and database"
