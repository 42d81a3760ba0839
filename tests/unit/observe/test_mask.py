"""What is a secret, and what only looks like one."""

from __future__ import annotations

import pytest

from maintainer.observe import mask


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("postgres://u:pa@ss@h/db", "postgres://u:***@h/db"),
        ("postgresql://u:p%20w@h1,h2:5433/db?x=1", "postgresql://u:***@h1,h2:5433/db?x=1"),
        ("https://:token@host", "https://:***@host"),
        ("host=h password=pw dbname=d", "host=h password=*** dbname=d"),
        ("host=h password = 'p w\\' x' dbname=d", "host=h password = *** dbname=d"),
        (
            "postgres://u@h/db?password=pw&sslpassword=key",
            "postgres://u@h/db?password=***&sslpassword=***",
        ),
        ('{"password": "pw", "host": "h"}', '{"password": ***, "host": "h"}'),
        ("PGPASSWORD=pw psql", "PGPASSWORD=*** psql"),
    ],
)
def test_a_password_in_a_text_is_masked_and_the_rest_stays(said: str, shown: str) -> None:
    """Whatever spelling of a connection string stands in a message, its password does not."""
    assert mask.text(said) == shown


@pytest.mark.parametrize(
    "said",
    [
        "postgres://u@h:5432/db",
        "postgres://h/db",
        'password authentication failed for user "u"',
        "2026-03-02T01:30:00Z public.audit_logs",
        "maintainer run --approve bd63a304eff6-jj",
    ],
)
def test_a_text_without_a_secret_stays_as_it_is(said: str) -> None:
    """Masking takes nothing from a message that holds no secret."""
    assert mask.text(said) == said


def test_a_field_that_is_named_like_a_secret_is_masked_whatever_it_holds() -> None:
    """The name decides, at every depth."""
    said = {"password": "pw", "api_key": 7, "nested": {"secret": ["a", "b"]}, "rows": 3}

    shown = {name: mask.value(name, value) for name, value in said.items()}

    assert shown == {"password": "***", "api_key": "***", "nested": {"secret": "***"}, "rows": 3}


def test_an_error_is_shown_by_its_masked_message() -> None:
    """A driver's error may quote the connection string."""
    assert mask.value("error", ValueError("no postgres://u:pw@h")) == "no postgres://u:***@h"
