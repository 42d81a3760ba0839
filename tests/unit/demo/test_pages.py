"""What the demo shows of the tables and the archive, also when it does not add up."""

from __future__ import annotations

from pathlib import Path

from maintainer.cli.render import demo, grid
from maintainer.demo import account, server, show

ROOT = Path("/tmp/archive")


def balance(archived: int) -> show.Balance:
    """A table from which 60 rows went."""
    return show.Balance(
        show.Table("public.x", 100, 16384), show.Table("public.x", 40, 8192), 0, archived
    )


def test_what_adds_up_is_said():
    """Rows and sizes stand beside each other, before and after."""
    text = grid.plain(demo.balance([balance(60)]))

    assert "public.x          100       60        60          40        16 kB        8 kB" in text
    assert "In every table as many rows are gone as" in text


def test_what_does_not_add_up_is_not_hidden():
    """The table is shown with both numbers, and no sentence says that all is well."""
    text = grid.plain(demo.balance([balance(59)]))

    assert "       60        59  " in text
    assert "does NOT make up" in text
    assert "In every table" not in text


def test_files_are_told_by_folder():
    """How many, how many rows, how large before and after packing; the name of the first."""
    names = ("public.x/archived=2026-01-01/r-000001", "public.x/archived=2026-01-01/r-000002")
    files = [show.File(ROOT / f"{name}.csv.zst", "public.x", 30, 2048, 1024) for name in names]

    text = grid.plain(demo.files(files, ROOT))

    assert "public.x/archived=2026-01-01      2    60  4 kB    2 kB" in text
    assert "the first of which is r-000001.csv.zst." in text


def test_an_empty_archive_has_no_first_file():
    """Where nothing was old enough."""
    assert grid.plain(demo.files([], ROOT)) == f"These folders are below {ROOT}"


def test_months_that_were_not_added_up_are_told():
    """No claim is made of a sum that was not made."""
    assert "nothing to add up" in grid.plain(demo.monthly([], 0))


def test_a_policy_folder_with_a_space_can_be_typed():
    """The printed commands are for copying."""
    kept = server.Server(Path("/tmp/maintainer-demo-x"), Path("/bin"), account.Account())

    text = demo.kept(kept, Path("/my home/policies"))

    assert "export MAINTAINER_POLICY='/my home/policies'" in text
    assert (
        "export MAINTAINER_DSN='postgresql://postgres@/demo?host=/tmp/maintainer-demo-x/data'"
        in text
    )
