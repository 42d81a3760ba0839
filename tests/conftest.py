"""Fixtures for everybody; see tests/README.md.

A test asks for what it needs:

    def test_x(database):             an empty database, dropped afterwards; .dsn .name .server
        database.run("CREATE TABLE t (id int)")            set-up SQL as superuser, past our code
    def test_x(every_database):       the same once on each PostgreSQL version at hand
    def test_x(session):              a maintainer Session on `database`, once per driver
    def test_x(every_session):        the same on `every_database`
    def test_x(driver):               "psycopg", then "pg8000"
    def test_x(server, every_server): the shared server: .version .host .port .superuser .password
                                      .dsn(database, user, password) .socket_dir; do not stop it
    def test_x(own_server):           one's own: .stop() .start() .restart() .crash() .log()
    def test_x(make_own_server):      the same, with settings: make_own_server(fsync="off")
    def test_x(make_database):        several: make_database() or make_database(server)
    def test_x(make_role):            make_role("NOINHERIT") -> .name .password; database.dsn_as(role)
    def test_x(accept):               True when goldens are to be written anew (pytest --accept)
    def test_x(uncovered):            subprocesses are not measured (for benchmarks)

`from tests.servers import run_sql` runs SQL on any DSN. A part that only .ci/run has (an extension, a
program): `tests.parts.need_extension(server, "citext")`, `need_program("psql")`.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.servers import (
    Database,
    NoServerError,
    Pool,
    Role,
    Server,
    account,
    fresh_database,
    fresh_role,
    guardian,
    pool,
)

if TYPE_CHECKING:
    from maintainer.db.session import Session

PLACE = pytest.StashKey[Path]()
END = pytest.StashKey[subprocess.Popen]()
NARROWING = (
    "keyword",
    "markexpr",
    "deselect",
    "ignore",
    "ignore_glob",
    "lf",
    "stepwise",
    "maxfail",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """One switch to accept changed golden files."""
    parser.addoption("--accept", action="store_true", help="write golden files anew")


def pytest_configure(config: pytest.Config) -> None:
    """Prepare the folder of servers; in a worker it is the controller's."""
    worker = getattr(config, "workerinput", None)
    if worker is not None:
        config.stash[PLACE] = Path(worker["maintainer_servers"])
        return
    config.stash[PLACE] = account.workplace()
    config.stash[END] = guardian.post(config.stash[PLACE])
    _judge_coverage_of_whole_runs_only(config)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node) -> None:
    """Tell a worker where the servers are."""
    node.workerinput["maintainer_servers"] = str(node.config.stash[PLACE])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let the guardian stop the servers, and wait for it."""
    watcher = config.stash.get(END, None)
    if watcher is not None:
        watcher.communicate()


@pytest.fixture(scope="session")
def servers(pytestconfig: pytest.Config) -> Pool:
    """The servers of this test run: `.shared(version)` and `.private(version, settings)`."""
    return Pool(pytestconfig.stash[PLACE])


@pytest.fixture(scope="session")
def server(servers: Pool) -> Server:
    """The server most tests use: of MAINTAINER_TEST_DSN, else the newest version at hand."""
    return servers.shared(pool.default_version())


@pytest.fixture(scope="session")
def every_server(servers: Pool, request: pytest.FixtureRequest) -> Server:
    """The shared server of each version at hand, one after another."""
    return servers.shared(request.param)


@pytest.fixture
def make_own_server(servers: Pool) -> Iterator[Callable[..., Server]]:
    """Start servers of one's own, of a version and with settings of one's own."""
    with ExitStack() as stack:

        def make(version: int | None = None, **settings: str) -> Server:
            own = servers.private(version or pool.default_version(), settings)
            stack.callback(_stop_for_good, own)
            return own

        yield make


@pytest.fixture
def own_server(make_own_server: Callable[..., Server]) -> Server:
    """A server of one's own, of the default version, to stop or to crash."""
    return make_own_server()


@pytest.fixture
def make_database(server: Server) -> Iterator[Callable[..., Database]]:
    """Make as many databases as a test wants."""
    with ExitStack() as stack:
        yield lambda on=server: stack.enter_context(fresh_database(on))


@pytest.fixture
def database(server: Server) -> Iterator[Database]:
    """An empty database on the default server."""
    with fresh_database(server) as fresh:
        yield fresh


@pytest.fixture
def every_database(every_server: Server) -> Iterator[Database]:
    """An empty database on each version at hand."""
    with fresh_database(every_server) as fresh:
        yield fresh


@pytest.fixture
def make_role(server: Server) -> Iterator[Callable[..., Role]]:
    """Make roles that can log in, with attributes as in CREATE ROLE, on any server."""
    with ExitStack() as stack:
        yield lambda attributes="", on=server: stack.enter_context(fresh_role(on, attributes))


@pytest.fixture(params=["psycopg", "pg8000"])
def driver(request: pytest.FixtureRequest) -> str:
    """Both drivers, one after another."""
    return request.param


@pytest.fixture
def session(database: Database, driver: str) -> Iterator[Session]:
    """A session on `database` as superuser, under each driver."""
    yield from _session(database, driver)


@pytest.fixture
def every_session(every_database: Database, driver: str) -> Iterator[Session]:
    """A session on each version, under each driver; its database is `every_database`."""
    yield from _session(every_database, driver)


@pytest.fixture
def accept(pytestconfig: pytest.Config) -> bool:
    """Whether golden files are to be written anew."""
    return pytestconfig.getoption("--accept")


@pytest.fixture
def uncovered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Subprocesses of this test run at full speed: their coverage is not measured."""
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
    monkeypatch.delenv("COVERAGE_PROCESS_START", raising=False)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Ask which versions there are only where a test wants all of them."""
    if "every_server" in metafunc.fixturenames:
        metafunc.parametrize(
            "every_server", pool.versions(), ids="pg{}".format, indirect=True, scope="session"
        )


def _session(on: Database, driver: str) -> Iterator[Session]:
    from maintainer.db import conninfo
    from maintainer.db.connect import connect

    opened = connect(conninfo.resolve(on.dsn, {}), driver=driver)
    try:
        yield opened
    finally:
        opened.close()


def _stop_for_good(own: Server) -> None:
    with suppress(NoServerError):  # the test may have stopped it
        own.crash()


def _judge_coverage_of_whole_runs_only(config: pytest.Config) -> None:
    asked = config.invocation_params.args
    coverage = config.pluginmanager.get_plugin("_cov")
    if coverage is None or any(str(argument).startswith("--cov") for argument in asked):
        return
    chosen = config.option.file_or_dir or any(
        getattr(config.option, name, None) for name in NARROWING
    )
    if chosen:
        coverage.options.cov_fail_under = 0
        coverage.options.cov_report = {}
