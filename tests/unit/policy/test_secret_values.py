"""Values from outside, and what never shows."""

from __future__ import annotations

import pytest

SECRET = "hunter2"
URL = f"postgresql://app:{SECRET}@db/app"


def dsn(desk, text: str, **environ: str) -> str | None:
    """The connection string that a policy has."""
    found = desk.load(f"database: {{dsn: {text!r}}}", environ).database.dsn
    return None if found is None else found.get_secret_value()


def test_references_are_replaced(desk):
    """Environment, default, empty default, file, and several in one value."""
    file = desk.folder / "dsn"
    file.write_text(URL + "\n")

    assert dsn(desk, "${env:URL}", URL=URL) == URL
    assert dsn(desk, "${env:URL:-host=db}") == "host=db"
    assert dsn(desk, "${env:URL:-host=db}", URL="") == "host=db"
    assert dsn(desk, "${env:URL:-}") is None
    assert dsn(desk, f"${{file:{file}}}") == URL
    assert (
        dsn(desk, "postgresql://${env:U}:${env:P}@db/app", U="a", P=SECRET)
        == f"postgresql://a:{SECRET}@db/app"
    )


def test_a_value_is_not_read_again(desk):
    """What comes from outside is never itself a reference, even through an alias."""
    text = "database: {dsn: &x '${env:A}', expect: {database: *x}}"
    policy = desk.load(text, {"A": "${env:B}", "B": "no"})

    assert policy.database.expect.database == "${env:B}"


def test_every_value_of_database_and_archive(desk):
    """Names, places and yes or no."""
    policy = desk.load(
        "database: {driver: '${env:D}', expect: {database: '${env:N:-app}', standby: '${env:S}'}}",
        {"D": "pg8000", "S": "false", "A": "/var/archive", "T": "prod"},
        base="version: 1\ntimezone: UTC\narchive: {name: '${env:T}', to: '${env:A:-file:./archive}'}\n",
    )

    assert (policy.database.driver, policy.database.expect.database) == ("pg8000", "app")
    assert policy.database.expect.standby is False
    assert policy.archive is not None
    assert (policy.archive.name, policy.archive.to) == ("prod", "file:/var/archive")


@pytest.mark.parametrize(
    "text",
    [
        URL,
        "postgresql://app:hun/ter2@db/app",
        "postgresql://app:p?x@db",
        "host=db password=hunter2",
        "host=db password = 'hunter2'",
        "HOST=db PassWord=hunter2 dbname=x",
        "postgresql://db/app?sslmode=require&password=hunter2",
        "sslpassword=hunter2",
        f"${{env:URL:-{URL}}}",
        "password=${env:P:-hunter2}",
        "password=${env:P}hunter2",
        "postgresql://app:hunter2${env:P}@db",
    ],
)
def test_a_literal_password_is_refused(desk, text):
    """In a URL, in key=value, in a query, as a default; it is not repeated in the message."""
    line = (
        desk.fault(f"database: {{dsn: {text!r}}}".replace('"', "'"), {"P": "x", "URL": "x"})
        if "'" not in text
        else desk.fault(f'database: {{dsn: "{text}"}}')
    )

    assert "database.dsn: a password stands in the policy; write ${env:DATABASE_URL}" in line
    assert "hunter" not in line


def test_a_password_of_two_lines_is_refused(desk):
    """Nothing that a text can hold hides a password."""
    text = 'database: {dsn: "postgresql://app:hun\\nter2@db"}'

    assert "a password stands in the policy" in desk.fault(text)


@pytest.mark.parametrize(
    "text",
    ["postgresql://app@db:5432/app", "host=db user=app passfile=/x", "postgresql://app:${env:P}@db", "password=${file:/dev/null}",
     "postgresql://[::1]:5432/app", "service=prod", "postgresql://a,b:5432/app?target_session_attrs=any"],
)  # fmt: skip
def test_what_is_no_password_is_taken(desk, text):
    """Ports, users, pass files and references are no literal password."""
    assert dsn(desk, text, P="x")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "${env:NOPE}",
            "the environment variable NOPE is not set; set it, or write ${env:NOPE:-default}",
        ),
        ("${file:/no/such/file}", "/no/such/file cannot be read (No such file or directory)"),
        ("${file:/}", "/ cannot be read (Is a directory)"),
        ("${vault:x}", "${vault:…} is not known; write ${env:NAME}"),
        ("${env:X", "a reference is not complete; write ${env:NAME}"),
        ("${X}", "a reference is not complete"),
        ("${file:/x:-y}", "${file:…} is not known"),
    ],
)
def test_references_that_lead_nowhere(desk, text, why):
    """The name of what is missing and what to write, once."""
    assert f"database.dsn: {why}" in desk.fault(f"database: {{dsn: '{text}'}}")


def test_a_file_that_holds_no_value(desk):
    """Binary and endless files are refused without a traceback."""
    for raw in (b"\xff\xfe", b"a\0b", b"x" * 70_000):
        (desk.folder / "raw").write_bytes(raw)
        assert "database.dsn: " in desk.fault(f"database: {{dsn: '${{file:{desk.folder}/raw}}'}}")


def test_secrets_show_nowhere(desk):
    """Not in the policy's repr, not in its fingerprint, not in a refusal of what came from outside."""
    policy = desk.load("database: {dsn: '${env:URL}'}", {"URL": URL})
    other = desk.load("database: {dsn: '${env:URL}'}", {"URL": "host=elsewhere"})

    assert SECRET not in repr(policy)
    assert SECRET not in str(policy.database.dsn)
    assert policy.fingerprint == other.fingerprint
    base = "version: 1\ntimezone: UTC\narchive: {name: '${env:N}', to: /x}\n"
    line = desk.fault("", {"N": f"{SECRET}/"}, base=base)
    assert "archive.name: the value is not safe" in line
    assert SECRET not in line
    driver = desk.fault("database: {driver: '${env:D}'}", {"D": SECRET})
    assert "database.driver: the value is not known" in driver
    assert SECRET not in driver
