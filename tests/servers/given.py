"""The server that MAINTAINER_TEST_DSN names."""

from __future__ import annotations

import os

from tests.servers.server import NoServerError, Server

VARIABLE = "MAINTAINER_TEST_DSN"


def server() -> Server | None:
    """Look at it, or None when the variable is not set. Raises NoServerError when it is silent."""
    if not (dsn := os.environ.get(VARIABLE)):
        return None
    import psycopg

    try:
        with psycopg.connect(dsn) as connection:
            seen = connection.info
            return Server(
                version=seen.server_version // 10000,
                host=seen.host,
                port=seen.port,
                superuser=seen.user,
                password=seen.password,
                source=VARIABLE,
            )
    except psycopg.OperationalError as exc:
        raise NoServerError(f"{VARIABLE} does not answer: {exc}") from exc
