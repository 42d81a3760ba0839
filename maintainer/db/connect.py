"""From a ConnInfo to a session: a driver, a host that suits, and settings that hold."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from maintainer.db.answering import Answering
from maintainer.db.conninfo import ConnInfo, Host
from maintainer.db.session import Session
from maintainer.errors import ConnectionFailedError, DatabaseError, RefusedError, UsageError
from maintainer.sql.statement import named

DRIVERS = ("auto", "psycopg", "pg8000")
NAME_BYTES = 63

Open = Callable[[ConnInfo, Host, str], Answering]


@dataclass(frozen=True, slots=True)
class Standing:
    """What kind of server answered."""

    in_recovery: bool
    read_only: bool

    def suits(self, wanted: str) -> bool:
        """Whether it is what target_session_attrs asks for."""
        match wanted:
            case "read-write":
                return not (self.in_recovery or self.read_only)
            case "read-only":
                return self.in_recovery or self.read_only
            case "primary":
                return not self.in_recovery
            case "standby":
                return self.in_recovery
        return True


def connect(
    conninfo: ConnInfo, *, driver: str = "auto", application_name: str = "maintainer"
) -> Session:
    """Open a session and pin its settings.

    Raises ConnectionFailedError when no host lets us in, RefusedError when a setting does not hold.
    """
    opened = _opener(driver)
    name = "".join(sign for sign in application_name if " " <= sign <= "~")[:NAME_BYTES]
    failures: list[ConnectionFailedError] = []
    for host, wanted in _attempts(conninfo):
        try:
            session = opened(conninfo, host, name)
        except ConnectionFailedError as exc:
            failures.append(exc)
            continue
        if (standing := _pin_or_close(session, name)).suits(wanted):
            _refuse_pooler(session, partial(opened, conninfo, host, name))
            return session
        session.close()
        failures.append(_unsuited(host, wanted, standing))
    raise _together(failures)


def _opener(driver: str) -> Open:
    if driver not in DRIVERS:
        raise UsageError(f"there is no driver {driver!r}", hint="one of " + ", ".join(DRIVERS))
    if driver != "pg8000":
        try:
            return _driver("psycopg")
        except ImportError as exc:
            if driver == "psycopg":
                raise UsageError(
                    f"the driver psycopg cannot be loaded: {str(exc).splitlines()[0]}",
                    hint="pip install 'maintainer[binary]', or use --driver pg8000",
                ) from exc
    return _driver("pg8000")


def _driver(name: str) -> Open:
    opened: Open = importlib.import_module(f"maintainer.db.{name}_driver").open_session
    return opened


def _attempts(conninfo: ConnInfo) -> Iterator[tuple[Host, str]]:
    wanted = conninfo.target_session_attrs
    if wanted == "prefer-standby":
        yield from ((host, "standby") for host in conninfo.hosts)
        wanted = "any"
    yield from ((host, wanted) for host in conninfo.hosts)


def _pin_or_close(session: Answering, application_name: str) -> Standing:
    try:
        return _pin(session, application_name)
    except BaseException:
        session.close()
        raise


def _pin(session: Answering, application_name: str) -> Standing:
    settings = named("session_settings").fill()
    try:
        session.execute(named("set_session").fill(settings=settings), [application_name, False])
    except DatabaseError as exc:
        if exc.exit_code == ConnectionFailedError.exit_code:
            raise
        raise _not_pinned(exc.message) from exc
    answer = session.execute(
        named("show_session").fill(settings=settings), [application_name, True]
    )
    pid, adrift, in_recovery, read_only = answer.rows[0]
    if adrift is not None:
        raise _not_pinned(str(adrift))
    session.behind_pooler = pid != session.pid
    session.pid = int(str(pid))
    return Standing(bool(in_recovery), bool(read_only))


def _not_pinned(why: str) -> RefusedError:
    return RefusedError(
        f"a setting of the session does not hold: {why}",
        hint="connect to the server directly, not through a transaction pooler; "
        "a value the provider caps has to be raised there",
    )


def _refuse_pooler(session: Answering, again: Callable[[], Answering]) -> None:
    """A pooler that gives our server away between two statements is no place to work."""
    if not session.behind_pooler:
        return
    try:
        if not _shares_its_server(session, again):
            return
    except BaseException:
        session.close()
        raise
    session.close()
    raise RefusedError(
        "this is a transaction pooler: session settings and locks do not survive in it",
        hint="use the direct connection (often port 5432 instead of 6543, or a host without "
        "-pooler)",
    )


def _shares_its_server(session: Answering, again: Callable[[], Answering]) -> bool:
    """Whether a second client in a transaction is served by the first one's process."""
    second = again()
    try:
        with second.transaction():
            others = second.execute(named("show_backend").fill()).rows
            own = session.execute(named("show_backend").fill()).rows
    finally:
        second.close()
    return others == [(session.pid,)] or own != [(session.pid,)]


def _unsuited(host: Host, wanted: str, standing: Standing) -> ConnectionFailedError:
    kind = "a standby" if standing.in_recovery else "a primary"
    kind += " that is read-only" if standing.read_only and not standing.in_recovery else ""
    return ConnectionFailedError(
        f"{host.shown} is {kind}, and target_session_attrs={wanted}",
        hint="name another host, or another target_session_attrs",
    )


def _together(failures: list[ConnectionFailedError]) -> ConnectionFailedError:
    last = failures[-1]
    if len(failures) > 1:
        message = "; ".join(failure.message for failure in failures)
        joined = ConnectionFailedError(message, sqlstate=last.sqlstate, hint=last.hint)
        joined.__cause__ = last
        return joined
    return last
