"""What each driver is told, and the bytes of the protocol."""

from __future__ import annotations

import pytest

from maintainer import settings
from maintainer.db import libpq, pg8000_words, values
from maintainer.db.connect import Standing
from maintainer.db.conninfo import resolve
from maintainer.db.messages import binding, columns, fields, message, said
from maintainer.errors import UsageError

LOCAL = {"PGUSER": "me"}


@pytest.mark.parametrize(
    "words",
    [
        "require_auth=scram-sha-256",
        "sslnegotiation=direct",
        "gssencmode=require",
        "requirepeer=postgres",
        "ssl_min_protocol_version=TLSv1.3",
        "load_balance_hosts=random",
    ],
)
def test_pg8000_refuses_what_it_would_ignore(words):
    """A wish for safety is never dropped in silence."""
    with pytest.raises(UsageError, match=words):
        pg8000_words.check(resolve(f"host=h {words}", LOCAL))


def test_pg8000_takes_what_changes_nothing():
    """Defaults that are spelled out do no harm."""
    pg8000_words.check(
        resolve("host=h gssencmode=prefer keepalives_idle=3 client_encoding=utf8 sslsni=1", LOCAL)
    )


@pytest.mark.parametrize(
    ("dsn", "expected"),
    [
        ("host=/run sslmode=require", (False,)),
        ("host=h sslmode=disable", (False,)),
        ("host=h sslmode=allow", (False, True)),
        ("host=h", (None, False)),
        ("host=h sslmode=require", (True,)),
        ("host=h sslrootcert=system", (True,)),
    ],
)
def test_the_ways_to_encrypt_are_tried_in_libpq_s_order(dsn, expected):
    """None takes what the server offers."""
    info = resolve(dsn, LOCAL)

    assert pg8000_words.attempts(info, info.hosts[0]) == expected


@pytest.mark.parametrize(
    ("text", "number"),
    [("15.18 (Debian 15.18-1)", 150018), ("18.4", 180004), ("19beta1", 190000), ("13", 130000)],
)
def test_a_version_is_a_number(text, number):
    """As server_version_num."""
    assert pg8000_words.server_version(text) == number


def test_libpq_is_told_everything():
    """No keyword is left for libpq to look up in an environment or a file that we did not read."""
    info = resolve("host=h dbname=d", LOCAL)

    words = libpq.words(info, info.hosts[0], "app")

    assert (words["passfile"], words["sslrootcert"]) == (libpq.NO_FILE, libpq.NO_FILE)
    assert (words["options"], words["sslmode"], words["target_session_attrs"]) == (
        "",
        "prefer",
        "any",
    )
    assert "client_encoding" not in libpq.words(
        resolve("host=h client_encoding=latin1", LOCAL), info.hosts[0], "app"
    )


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        (b"INSERT 0 5", ("INSERT", 5)),
        (b"COPY 7", ("COPY", 7)),
        (b"CREATE TABLE", ("CREATE TABLE", -1)),
        (b"", ("", -1)),
    ],
)
def test_a_tag_is_words_and_a_number(tag, expected):
    """The last number is the count."""
    assert values.split_tag(tag) == expected


def test_messages_are_read_as_written():
    """NULL and the empty value are different."""
    assert message(b"S") == b"S\0\0\0\x04"
    assert fields(b"\0\x03\xff\xff\xff\xff\0\0\0\0\0\0\0\x02ab") == [None, b"", b"ab"]
    assert binding([None, b"x"]) == (b"\0\0\0\0\0\x02\xff\xff\xff\xff\0\0\0\x01x\0\0")
    column = b"n\0" + b"\0\0\0\0\0\0" + b"\0\0\0\x17" + b"\0\x04\xff\xff\xff\xff\0\0"
    assert columns(b"\0\x02" + column * 2) == ([b"n", b"n"], [23, 23])
    assert said(b"SERROR\0Mwhy\0\0") == {"S": "ERROR", "M": "why"}


@pytest.mark.parametrize(
    ("standing", "suits"),
    [
        (Standing(in_recovery=False, read_only=False), {"any", "primary", "read-write"}),
        (Standing(in_recovery=False, read_only=True), {"any", "primary", "read-only"}),
        (Standing(in_recovery=True, read_only=True), {"any", "standby", "read-only"}),
    ],
)
def test_a_server_suits_what_is_wanted(standing, suits):
    """target_session_attrs."""
    every = {"any", "primary", "standby", "read-write", "read-only"}

    assert {wanted for wanted in every if standing.suits(wanted)} == suits


def test_the_actor_is_a_pod_or_a_person():
    """For the record in audit_logs."""
    pod = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "HOSTNAME": "maintainer-28391-x"}

    assert settings.actor(pod) == "pod/maintainer-28391-x"
    assert settings.actor({"HOSTNAME": "laptop"}).endswith("@laptop")
    assert settings.environ()["PATH"]
