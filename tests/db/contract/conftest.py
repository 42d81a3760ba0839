"""What the contract suite needs beside the shared fixtures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from maintainer.db import conninfo
from maintainer.db.connect import connect
from maintainer.db.session import Session
from tests.db.contract.proxy import Proxy


@pytest.fixture
def opened(driver: str) -> Iterator[Callable[..., Session]]:
    """Open sessions by DSN, `opened(dsn)`; they are closed at the end."""
    with ExitStack() as stack:

        def open_(dsn: str | None, environ: dict[str, str] | None = None, **options) -> Session:
            info = conninfo.resolve(dsn, environ or {})
            session = connect(info, driver=driver, **options)
            stack.callback(session.close)
            return session

        yield open_


@pytest.fixture
def proxy(server) -> Iterator[Proxy]:
    """A TCP proxy before the server that can cut the line."""
    with Proxy(server.host, server.port) as standing:
        yield standing
