"""Archives that are full, closed, broken, or somebody else's: no row leaves its table."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.end_to_end.bad import REFUSED, UNREACHED, elsewhere, one_failure, staged, untouched
from tests.faults import outside
from tests.servers import run_sql


@pytest.fixture
def stage(database, tmp_path):
    """A stage that is ready, and the fingerprint of its first run."""
    return staged(database, tmp_path)


def test_there_is_no_room_to_begin(stage, tmp_path) -> None:
    """A segment does not start on a disk that is nearly full."""
    place, approval = stage
    with _mounted(tmp_path / "small", "size=4m"):
        place.environ["MAINTAINER_ARCHIVE"] = f"file:{tmp_path / 'small'}"
        said = place.cli("run", "--approve", approval)

    one_failure(said, UNREACHED, "MB left", "no row was lost")
    untouched(place)


def test_the_disk_is_full_in_the_middle(stage, uncovered) -> None:
    """The file that could not be finished is removed, and its rows stay."""
    place, approval = stage
    place.limits["fsize"] = 50_000

    said = place.cli("run", "--approve", approval)

    one_failure(said, UNREACHED, "the archive cannot be used", "no row was lost")
    untouched(place)
    assert outside.check(place) == 0

    place.limits.clear()
    assert place.cli("run").code == 0
    assert outside.check_done(place) == 900


def test_nobody_may_write_there(stage, tmp_path) -> None:
    """A read-only folder is out of reach before anything is begun."""
    place, approval = stage
    with _read_only(tmp_path / "closed") as folder:
        place.environ["MAINTAINER_ARCHIVE"] = f"file:{folder}"
        said = place.cli("run", "--approve", approval)

    one_failure(said, UNREACHED, str(folder), "no row was lost")
    untouched(place)


def test_a_file_is_where_the_folder_should_be(stage, tmp_path) -> None:
    """So is a path that leads through a file."""
    place, approval = stage
    (tmp_path / "file").touch()
    place.environ["MAINTAINER_ARCHIVE"] = f"file:{tmp_path / 'file'}"

    said = place.cli("run", "--approve", approval)

    one_failure(
        said, UNREACHED, "the archive cannot be used", str(tmp_path / "file"), "no row was lost"
    )
    untouched(place)


def test_it_belongs_to_another_database(stage, database) -> None:
    """A clone keeps its hands off its original's archive, though its record says it ran before."""
    place, approval = stage
    assert place.cli("run", "--approve", approval).code == 0
    server, clone = database.server, f"{database.name}_clone"
    run_sql(server.dsn(), f'CREATE DATABASE "{clone}" TEMPLATE "{database.name}"')
    try:
        run_sql(
            server.dsn(clone),
            "UPDATE maintainer.step SET ended_at = ended_at - interval '2 days'; INSERT INTO metrics "
            "SELECT g, now() - interval '200 days' FROM generate_series(5000, 5009) AS g",
        )
        before = sorted(place.archive.rglob("*"))
        said = elsewhere(place, server.dsn(clone)).cli("run")
        rows = run_sql(server.dsn(clone), "SELECT count(*) FROM metrics WHERE id >= 5000")
    finally:
        run_sql(server.dsn(), f'DROP DATABASE "{clone}" WITH (FORCE)')

    one_failure(said, REFUSED, f"belongs to database {database.name}", "name of its own")
    assert rows == [(10,)]
    assert sorted(place.archive.rglob("*")) == before
    assert outside.check_done(place) == 900


def test_nobody_knows_whose_it_is(stage) -> None:
    """A folder with files and no owner is not taken over."""
    place, approval = stage
    place.archive.mkdir(parents=True)
    (place.archive / "something.csv").touch()

    said = place.cli("run", "--approve", approval)

    one_failure(said, REFUSED, "holds files but no archive.json", "name of its own")
    untouched(place)


@contextmanager
def _mounted(folder: Path, options: str) -> Iterator[None]:
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if (
        os.geteuid() != 0
        or subprocess.run(command, check=False, capture_output=True).returncode != 0
    ):
        pytest.skip("a file system of one's own cannot be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@contextmanager
def _read_only(folder: Path) -> Iterator[Path]:
    """Root may write everywhere but on a read-only file system, and not even there make a folder."""
    if os.geteuid() != 0:
        folder.mkdir(mode=0o555)
        yield folder
        return
    try:
        with _mounted(folder, "ro,size=1m"):
            yield folder
    except pytest.skip.Exception:
        yield Path("/proc/archive")
