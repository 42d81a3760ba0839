"""The demo's own server: where it is, who can reach it, and what becomes of one that fails."""

from __future__ import annotations

import stat
import tempfile
from collections.abc import Iterator

import pytest

from maintainer.app.link import Link
from maintainer.demo import server as servers
from maintainer.errors import MaintainerError
from maintainer.policy.model import Database
from tests.end_to_end.demo_place import Place, fresh
from tests.servers import run_sql


@pytest.fixture
def place() -> Iterator[Place]:
    """A temporary folder for one demo."""
    yield from fresh()


@pytest.fixture
def here(place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The temporary folder of this process."""
    monkeypatch.setattr(tempfile, "tempdir", str(place.folder))
    return place


@pytest.fixture
def server(here: Place):
    """A server of its own, stopped afterwards."""
    started = servers.start()
    yield started
    started.stop()
    assert here.left() == []


def test_it_is_version_18_and_runs_what_it_is_sent(server):
    """In the database that the DSN names."""
    asked = "SELECT current_database(), current_setting('server_version_num')::int / 10000"

    assert run_sql(server.dsn(), asked) == [("demo", 18)]


def test_nobody_else_on_the_machine_reaches_it(server):
    """It listens on no port, and its socket is in a folder that only its user may enter."""
    asked = "SELECT current_setting('listen_addresses')"

    assert run_sql(server.dsn(), asked) == [("",)]
    assert stat.S_IMODE(server.data_dir.stat().st_mode) == 0o700
    assert server.data_dir.samefile(server.folder / "data")


def test_several_do_not_meet(server, here):
    """Two demos on one machine have nothing in common."""
    other = servers.start()
    try:
        run_sql(other.dsn(), "CREATE TABLE only_here ()")
        assert run_sql(server.dsn(), "SELECT to_regclass('only_here')") == [(None,)]
    finally:
        other.stop()


def test_its_environment_is_all_that_the_policy_needs(server):
    """A link without any DSN but the environment's reaches it; the archive is in its folder."""
    link = Link(None, None, Database(), server.environ)
    try:
        assert not link.session().closed
    finally:
        link.close()
    assert server.environ["MAINTAINER_ARCHIVE"] == f"file:{server.folder}/archive"


@pytest.mark.parametrize(
    ("name", "wrong"), [("shared_buffers", "1 elephant"), ("TimeZone", "Middle/Earth")]
)
def test_one_that_does_not_start_says_why_and_leaves_nothing(name, wrong, here, monkeypatch):
    """What PostgreSQL complained of is in the message."""
    monkeypatch.setattr(servers, "SETTINGS", {**servers.SETTINGS, name: wrong})

    with pytest.raises(MaintainerError, match=f'did not start:(.|\n)*"{name}"'):
        servers.start()

    assert here.left() == []


def test_a_folder_with_a_strange_name_is_not_used(here, monkeypatch):
    """A socket's name is short, and the printed commands are typed into a shell."""
    strange = here.folder / "it's here"
    strange.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(strange))

    started = servers.start()
    started.stop()

    assert started.folder.parent != strange
    assert list(strange.iterdir()) == []
    strange.rmdir()
