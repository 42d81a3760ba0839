"""The password file and the service file."""

from __future__ import annotations

import pytest

from maintainer.db import pgpass, service_file
from maintainer.errors import UsageError

LINES = {
    "exact": ("h:5432:d:u:secret", "secret"),
    "stars": ("*:*:*:*:secret", "secret"),
    "escaped colon": ("h:*:*:u:se\\:cret", "se:cret"),
    "escaped backslash": ("h:*:*:u:se\\\\cret", "se\\cret"),
    "ends at a colon": ("h:*:*:u:secret:more", "secret"),
    "another host": ("x:*:*:*:secret", None),
    "another port": ("*:1:*:*:secret", None),
    "another database": ("*:*:x:*:secret", None),
    "another user": ("*:*:*:x:secret", None),
    "a star within": ("h*:*:*:*:secret", None),
    "comment": ("#h:5432:d:u:secret", None),
    "too short": ("h:5432:d:u", None),
    "empty": ("", None),
    "no password": ("h:5432:d:u:", None),
}


def write(path, text, mode=0o600):
    """Make a file with that mode."""
    path.write_text(text)
    path.chmod(mode)
    return path


@pytest.mark.parametrize(("line", "expected"), LINES.values(), ids=LINES)
def test_a_line_matches_or_not(tmp_path, line, expected):
    """Wildcards and backslashes as libpq reads them."""
    found = pgpass.read(write(tmp_path / "p", line + "\n"))

    assert found.password("h", 5432, "d", "u") == expected


def test_the_first_line_that_matches_wins(tmp_path):
    """Order counts."""
    found = pgpass.read(write(tmp_path / "p", "h:1:*:*:no\n*:*:*:*:first\nh:*:*:*:second\n"))

    assert found.password("h", 5432, "d", "u") == "first"


def test_a_name_may_hold_a_colon(tmp_path):
    """An IPv6 address is escaped."""
    found = pgpass.read(write(tmp_path / "p", "\\:\\:1:*:*:*:six\n"))

    assert found.password("::1", 5432, "d", "u") == "six"


def test_the_usual_socket_is_localhost(tmp_path):
    """A line for localhost serves the default socket, a path its own socket."""
    found = pgpass.read(write(tmp_path / "p", "localhost:*:*:*:usual\n/run/x:*:*:*:own\n"))

    assert found.password("/var/run/postgresql", 5432, "d", "u") == "usual"
    assert found.password("/run/x", 5432, "d", "u") == "own"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_file_that_others_may_read_is_ignored(tmp_path, mode):
    """It counts for nothing, and the note says what to do."""
    path = write(tmp_path / "p", "*:*:*:*:secret\n", mode)

    found = pgpass.read(path)

    assert found.password("h", 5432, "d", "u") is None
    assert f"chmod 600 {path}" in found.note


def test_a_missing_file_is_no_matter(tmp_path):
    """Most people have none."""
    assert pgpass.read(tmp_path / "none") == pgpass.PasswordFile()
    assert pgpass.read(tmp_path / "none" / "below") == pgpass.PasswordFile()


def test_a_folder_is_no_file(tmp_path):
    """The note says so."""
    assert "not a plain file" in pgpass.read(tmp_path).note


def test_passwords_are_not_in_the_repr(tmp_path):
    """The lines are secrets."""
    assert "secret" not in repr(pgpass.read(write(tmp_path / "p", "*:*:*:*:secret\n")))


def test_a_service_ends_where_the_next_begins(tmp_path):
    """Comments and blank lines are skipped; the first of two equal keys counts."""
    path = write(
        tmp_path / "s",
        "host=outside\n[a]\nhost=one\n\n# port=9\n  port=1\nport=2\npassword= x y \n[b]\nuser=z\n",
    )

    found = service_file.read("a", {"PGSERVICEFILE": str(path)})

    assert found == {"host": "one", "port": "1", "password": " x y"}


def test_the_system_s_file_is_the_second(tmp_path):
    """~/.pg_service.conf, then PGSYSCONFDIR."""
    home, system = tmp_path / "home", tmp_path / "etc"
    home.mkdir()
    system.mkdir()
    write(home / ".pg_service.conf", "[a]\nhost=home\n")
    write(system / "pg_service.conf", "[a]\nhost=etc\n[b]\nhost=etc\n")
    environ = {"HOME": str(home), "PGSYSCONFDIR": str(system)}

    assert service_file.read("a", environ) == {"host": "home"}
    assert service_file.read("b", environ) == {"host": "etc"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[a]\nhost\n", ":2"),
        ("[a]\nservice=b\n", ":2"),
        ("[a]\nldap://x\n", ":2"),
        ("[a]\nhots=b\n", "hots"),
        ("[b]\n", "'a'"),
    ],
)
def test_a_wrong_service_file_is_said(tmp_path, text, says):
    """With the line where it is."""
    with pytest.raises(UsageError, match=says):
        service_file.read("a", {"PGSERVICEFILE": str(write(tmp_path / "s", text))})


def test_a_named_file_must_be_there():
    """PGSERVICEFILE is meant."""
    with pytest.raises(UsageError, match="/nonexistent/s"):
        service_file.read("a", {"PGSERVICEFILE": "/nonexistent/s"})
