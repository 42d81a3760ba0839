"""Where to connect: every way to say it, and their order."""

from __future__ import annotations

import pytest

from maintainer.db.conninfo import Host, resolve
from maintainer.errors import UsageError

WHO = {"PGUSER": "me"}


URLS = {
    "postgres://h": ([("h", 5432)], "me", "me"),
    "postgresql://u@h:6543/db": ([("h", 6543)], "u", "db"),
    "postgresql://h/db?user=x&port=7": ([("h", 7)], "x", "db"),
    "postgresql://[2001:db8::1]:5433/db": ([("2001:db8::1", 5433)], "me", "db"),
    "postgresql://a:1,b:2,c/db": ([("a", 1), ("b", 2), ("c", 5432)], "me", "db"),
    "postgresql:///db?host=/run/pg": ([("/run/pg", 5432)], "me", "db"),
    "postgresql://%2Frun%2Fpg/db": ([("/run/pg", 5432)], "me", "db"),
    "postgresql://u%40x@h/d%2Fb": ([("h", 5432)], "u@x", "d/b"),
    "postgresql://h/db?host=other": ([("other", 5432)], "me", "db"),
}
PAIRS = {
    "host=h user=u dbname=d": ([("h", 5432)], "u", "d"),
    " host = h   port= 6 user =u": ([("h", 6)], "u", "u"),
    "host=h dbname='with space' user='it\\'s'": ([("h", 5432)], "it's", "with space"),
    "host=h dbname=back\\\\slash": ([("h", 5432)], "me", "back\\slash"),
    "host=a,b port=5": ([("a", 5), ("b", 5)], "me", "me"),
    "host=a,b port=5,6": ([("a", 5), ("b", 6)], "me", "me"),
    "host=h dbname=''": ([("h", 5432)], "me", "me"),
    "hostaddr=10.0.0.1": ([("10.0.0.1", 5432)], "me", "me"),
}


@pytest.mark.parametrize(("dsn", "expected"), [*URLS.items(), *PAIRS.items()])
def test_a_dsn_says_hosts_user_and_database(dsn, expected):
    """URLs and key=value strings, as libpq reads them."""
    found = resolve(dsn, WHO)

    assert (
        [(host.name, host.port) for host in found.hosts],
        found.user,
        found.database,
    ) == expected


@pytest.mark.parametrize("dsn", [*URLS, *PAIRS])
def test_libpq_reads_it_the_same(dsn):
    """The parser of libpq is the judge of our parser."""
    from psycopg.conninfo import conninfo_to_dict

    theirs = {key: str(value) for key, value in conninfo_to_dict(dsn).items() if value != ""}
    found = resolve(dsn, WHO)

    assert ",".join(theirs.get("host", theirs.get("hostaddr", "")).split(",")) == ",".join(
        host.name for host in found.hosts
    )
    assert theirs.get("user", "me") == found.user
    assert theirs.get("dbname", found.user) == found.database


WRONG = {
    "postgres://u:p@ss@h/db": "character that ends it",
    "postgres://u:p/ss@h/db": "",
    "postgres://u:sEcret%zz@h/db": "two hexadecimal digits",
    "postgres://u:sEcret%00@h/db": "two hexadecimal digits",
    "postgres://h:sEcret/db": "the port is not a number",
    "postgres://h:70000/db": "the port is not a number",
    "postgres://h/db?nosuch=1": "no parameter 'nosuch'",
    "postgres://h/db?sslmod=require": "no parameter 'sslmod'",
    "postgres://h/db?sslmode": "key=value",
    "postgres://[::1/db": "",
    "mysql://u:sEcret@h/db": "mysql://",
    "postgresql+psycopg://h/db": "postgresql+psycopg://",
    "mydb": "cannot be read from character 1",
    "host=h password=sEcret word": "cannot be read from character 24",
    "host=h password='sEcret": "cannot be read from character",
    "host=h pasword=sEcret": "no parameter 'pasword'",
    "host=h sslmode=sometimes": "sslmode cannot be",
    "host=h target_session_attrs=x": "target_session_attrs cannot be",
    "host=a,b port=1,2,3": "2 hosts",
    "host=h connect_timeout=soon": "connect_timeout",
    "host=h sslmode=verify-full": "needs the certificate",
    "host=h sslmode=require sslrootcert=system": "too weak",
    "host=h sslrootcert=/nonexistent/ca.crt": "/nonexistent/ca.crt",
}


@pytest.mark.parametrize(("dsn", "says"), WRONG.items(), ids=WRONG)
def test_a_mistake_is_said_without_the_secret(dsn, says):
    """What is wrong and what to write, and never a piece of a password."""
    with pytest.raises(UsageError) as caught:
        resolve(dsn, WHO)

    whole = caught.value.message + caught.value.hint
    assert says in caught.value.message
    assert caught.value.hint or "key=value" in whole
    assert "sEcret" not in whole
    assert "ss@" not in whole


def test_a_misspelt_keyword_is_corrected():
    """The nearest keyword is suggested."""
    with pytest.raises(UsageError) as caught:
        resolve("host=h pasword=x", WHO)

    assert caught.value.hint == "did you mean password?"


def test_the_order_is_dsn_service_environment_default(tmp_path):
    """What is said nearer wins, keyword by keyword."""
    file = tmp_path / "services"
    file.write_text("[s]\nhost=service\nport=2\ndbname=service\n")
    environ = {"PGSERVICEFILE": str(file), "PGHOST": "env", "PGPORT": "3", "PGUSER": "env"}

    found = resolve("service=s host=dsn", environ)

    assert (found.hosts, found.database, found.user) == ((Host("dsn", 2),), "service", "env")


def test_the_environment_alone():
    """None is PG* and nothing else."""
    environ = {
        "PGHOST": "h",
        "PGDATABASE": "d",
        "PGUSER": "u",
        "PGPASSWORD": "p",
        "PGSSLMODE": "require",
        "PGAPPNAME": "a",
        "PGOPTIONS": "-c x=y",
        "PGCONNECT_TIMEOUT": "3",
        "PGTARGETSESSIONATTRS": "primary",
        "PGCHANNELBINDING": "disable",
    }

    found = resolve(None, environ)

    assert found.hosts == (Host("h", 5432, "", "p"),)
    assert (found.database, found.user, found.tls.mode) == ("d", "u", "require")
    assert (found.application_name, found.options) == ("a", "-c x=y")
    assert (found.connect_timeout, found.target_session_attrs) == (3, "primary")
    assert found.channel_binding == "disable"


def test_passwords_are_not_shown():
    """Neither repr nor the form for people holds one."""
    found = resolve("postgresql://u:hunter2@a,b:6/d?sslpassword=hunter3", {})

    assert found.hosts[0].password == "hunter2"
    assert "hunter" not in repr(found) + str(found) + found.shown
    assert found.shown == "postgresql://u@a:5432,b:6/d"


def test_each_host_has_its_own_password(tmp_path):
    """The password file is asked for each host and port."""
    file = tmp_path / "pass"
    file.write_text("a:5432:*:me:one\nb:6:*:me:two\n")
    file.chmod(0o600)

    found = resolve("host=a,b,c port=5432,6,7", {**WHO, "PGPASSFILE": str(file)})

    assert [host.password for host in found.hosts] == ["one", "two", None]


def test_a_password_that_is_given_needs_no_file(tmp_path):
    """The file is not even looked at."""
    file = tmp_path / "pass"
    file.write_text("*:*:*:*:other\n")

    found = resolve("host=a password=mine", {**WHO, "PGPASSFILE": str(file)})

    assert (found.hosts[0].password, found.note) == ("mine", "")


def test_files_at_home_are_found(tmp_path):
    """~/.postgresql/root.crt makes even `require` verify, as in libpq."""
    (tmp_path / ".postgresql").mkdir()
    (tmp_path / ".postgresql" / "root.crt").write_text("")

    tls = resolve("host=h sslmode=require", {**WHO, "HOME": str(tmp_path)}).tls

    assert tls.root == str(tmp_path / ".postgresql" / "root.crt")
    assert tls.verifies
    assert not resolve("host=h sslmode=require", WHO).tls.verifies


def test_system_means_verify_full():
    """sslrootcert=system alone is the strictest mode."""
    tls = resolve("host=h sslrootcert=system", WHO).tls

    assert (tls.mode, tls.verifies) == ("verify-full", True)


def test_keepalive_is_ours_unless_said():
    """A dead peer is noticed; what the DSN says wins."""
    found = resolve("host=h keepalives_idle=7", WHO).keepalive()

    assert (found["keepalives"], found["keepalives_idle"]) == (1, 7)
    assert found["tcp_user_timeout"] >= 600_000


def test_jdbc_s_ssl_is_understood():
    """?ssl=true is what libpq takes for sslmode=require."""
    assert resolve("postgres://u@h/d?ssl=true", {}).tls.mode == "require"


def test_an_address_beside_a_name():
    """An address is where to go, host is whom the certificate must name."""
    (host,) = resolve("host=db.example.com hostaddr=10.0.0.1", WHO).hosts

    assert (host.name, host.address) == ("db.example.com", "10.0.0.1")
