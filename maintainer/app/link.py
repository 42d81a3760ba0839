"""Sessions with the policy's database: one that works, and one that watches."""

from __future__ import annotations

from collections.abc import Mapping

from maintainer.db import conninfo
from maintainer.db.connect import connect
from maintainer.db.session import Session
from maintainer.policy.model import Database


class Link:
    """Opens sessions when they are asked for, and closes them all at the end."""

    def __init__(
        self, dsn: str | None, driver: str | None, database: Database, environ: Mapping[str, str]
    ) -> None:
        wanted = dsn or _of_policy(database) or environ.get("DATABASE_URL") or None
        self._conninfo = conninfo.resolve(wanted, environ)
        self._driver = driver or database.driver
        self._session: Session | None = None
        self._watch: Session | None = None

    def session(self) -> Session:
        """The session that does the work."""
        if self._session is None:
            self._session = self._open("maintainer")
        return self._session

    def watch(self) -> Session:
        """A session beside it, opened again when it was lost."""
        if self._watch is None or self._watch.closed:
            self._watch = self._open("maintainer watch")
        return self._watch

    def close(self) -> None:
        """Close what is open."""
        for session in (self._session, self._watch):
            if session is not None:
                session.close()

    def _open(self, name: str) -> Session:
        return connect(self._conninfo, driver=self._driver, application_name=name)


def _of_policy(database: Database) -> str | None:
    return database.dsn.get_secret_value() if database.dsn else None
