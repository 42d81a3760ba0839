"""Every rule of the house finds what it is for, and leaves alone what it is not for."""

from __future__ import annotations

import pytest

from tests.unit.house import doors, shape, sql
from tests.unit.house.source import Source


def offences(rule, text: str, path: str = "maintainer/plan/x.py") -> list[str]:
    """What a rule says about one file."""
    return list(rule(Source(path, text)))


@pytest.mark.parametrize(
    "text",
    [
        'x = "SELECT 1"',
        "x = 'select a, b\\n  from t'",
        'x = f"DELETE FROM {table}"',
        'x = b"COMMIT; INSERT INTO t"',
        'x = f"{head} UPDATE {t} SET a = 1"',
        'x = "VACUUM (ANALYZE) " + t',
        'x = f"REINDEX INDEX CONCURRENTLY {i}"',
        'x = "CREATE UNLOGGED TABLE " + t',
        'x = "ALTER TABLE %s" % t',
        'x = "DELETE " + "FROM t"',
        'x = f"COPY ({inner}) TO STDOUT"',
        'x = "SET LOCAL lock_timeout = 1"',
        'def f():\n    x = """\n    with a as (select)\n    """',
        '"""Docstring."""\n"""SELECT a FROM t"""',
    ],
)
def test_a_statement_in_a_string_is_found(text) -> None:
    """In capitals anywhere, in small letters at the beginning, in any kind of string."""
    assert offences(sql.statement_in_a_string, text)


@pytest.mark.parametrize(
    "text",
    [
        '"""Runs SELECT a FROM t."""',
        'x = "the role lacks SELECT and DELETE"',
        'x = "GRANT SELECT ON TABLE t TO r"',
        'x = "run ANALYZE first"',
        'x = "set TMPDIR to a folder that is there"',
        'x = "rows to select from the table"',
        'x = "the update sets nothing"',
        'x = "foreign key is ON DELETE CASCADE"',
    ],
)
def test_words_to_people_are_not_statements(text) -> None:
    """Messages and docstrings may speak of SQL."""
    assert offences(sql.statement_in_a_string, text) == []


@pytest.mark.parametrize(
    "text",
    [
        'Fragment("COMMIT")',
        'Fragment(f"{a} and {b}")',
        'names.Fragment("x" + " order by 1")',
        'session.execute("anything")',
        'self.session.copy_out(f"{x}", sink)',
    ],
)
def test_sql_made_a_fragment_by_hand_is_found(text) -> None:
    """The gate of the server: what is no Fragment is not sent, and this makes none."""
    assert offences(sql.keyword_in_a_fragment, text)


@pytest.mark.parametrize("text", ['Fragment("bigint")', "Fragment(column.type)", "execute(x)"])
def test_a_name_or_type_may_be_a_fragment(text) -> None:
    """Types that the server spelled and columns of our own stand as they are."""
    assert offences(sql.keyword_in_a_fragment, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1",
        "-- name: select_x\nSELECT 1",
        "-- name: select_x\n-- short\nSELECT 1",
        "-- name: select_x\n-- What it is for, told\n-- in two lines.\nSELECT 1",
        "-- name: Select X\n-- What it is really for.\nSELECT 1",
        "-- name: select_x\n-- What it is really for.\nSELECT 1\n\n-- name: select_y\nSELECT 2",
    ],
)
def test_a_statement_without_name_or_purpose_is_found(text) -> None:
    """Name, then one line, then the statement."""
    assert offences(sql.without_name_or_purpose, text)


def test_a_statement_nobody_uses_is_found() -> None:
    """A name in a call, a table or an f-string is a use; a docstring of another word is none."""
    file = Source(
        "maintainer/sql/x.sql",
        "".join(
            f"-- name: {name}\n-- What it is really for.\nSELECT 1\n\n"
            for name in ("select_x", "select_y", "measure_sum")
        ),
    )
    program = Source("maintainer/x.py", 'named("select_x"); named(f"measure_{kind}")')

    assert list(sql.without_use([file], [program])) == [
        "maintainer/sql/x.sql: select_y is used nowhere"
    ]


def test_a_statement_that_is_not_there_is_found() -> None:
    """A misspelled name is found before it is called."""
    program = Source("maintainer/x.py", 'named("selekt_x")')

    assert list(sql.unknown([], [program])) == [
        "maintainer/x.py:1: no statement is called selekt_x"
    ]


BAD = [
    (doors.time_is_told_elsewhere, "import time"),
    (doors.time_is_told_elsewhere, "from time import sleep as rest"),
    (doors.time_is_told_elsewhere, "x = __import__('time')"),
    (doors.time_is_told_elsewhere, "x = dt.datetime.now(dt.UTC)"),
    (doors.time_is_told_elsewhere, "from datetime import datetime as d\nx = d.utcnow()"),
    (doors.time_is_told_elsewhere, "f = datetime.now"),
    (doors.time_is_told_elsewhere, "x = date.today()"),
    (doors.time_is_told_elsewhere, "await asyncio.sleep(1)"),
    (doors.environment_is_read_elsewhere, "x = os.environ['A']"),
    (doors.environment_is_read_elsewhere, "x = os.getenv('A')"),
    (doors.environment_is_read_elsewhere, "from os import environ as e"),
    (doors.environment_is_read_elsewhere, "import os as o"),
    (doors.talk_is_elsewhere, "print(1)"),
    (doors.talk_is_elsewhere, "say = print"),
    (doors.talk_is_elsewhere, "import click"),
    (doors.talk_is_elsewhere, "def f():\n    from rich.table import Table"),
    (doors.talk_is_elsewhere, "sys.stderr.write('x')"),
    (doors.dry_run_is_elsewhere, "def f(dry_run): ..."),
    (doors.dry_run_is_elsewhere, "f(dry_run=True)"),
    (doors.dry_run_is_elsewhere, "class DryRun: ..."),
    (doors.dry_run_is_elsewhere, "if options['dry-run']: ..."),
    (doors.dry_run_is_elsewhere, "x = f'{y} dry run'"),
    (doors.dry_run_is_elsewhere, "is_dry_run = self.is_dry_run"),
    (doors.driver_is_reached_elsewhere, "import psycopg"),
    (doors.driver_is_reached_elsewhere, "from pg8000.native import Connection"),
    (doors.driver_is_reached_elsewhere, "importlib.import_module('psycopg.rows')"),
    (doors.driver_is_reached_elsewhere, "if TYPE_CHECKING:\n    import psycopg"),
    (shape.left_undone, "# TO" + "DO: later"),
    (shape.left_undone, "# fine\n# FIX" + "ME"),
    (shape.place_of_this_machine, "see https://pypi" + ".org/project/x"),
    (shape.place_of_this_machine, "--index-url=https://files.python" + "hosted.org"),
    (shape.place_of_this_machine, "/wor" + "k/main"),
    (shape.place_of_this_machine, "/hom" + "e/someone/src"),
    (shape.too_long, "x = 1\n" * 251),
    (shape.too_long, "def f():\n" + "    x = 1\n" * 26),
    (shape.too_long, 'async def f():\n    """D."""\n' + "    x = 1\n" * 26),
]


@pytest.mark.parametrize(("rule", "text"), BAD)
def test_an_offence_is_found(rule, text) -> None:
    """A rule that cannot fail is a defect."""
    assert offences(rule, text)


GOOD = [
    (doors.time_is_told_elsewhere, "x = self._clock.now()\nclock.sleep(1)\ny = plan.now"),
    (doors.time_is_told_elsewhere, "def f(now: datetime): return now.time()"),
    (doors.environment_is_read_elsewhere, "def load(paths, environ): return environ['A']"),
    (doors.talk_is_elsewhere, "log.info('step.finished')"),
    (doors.dry_run_is_elsewhere, '"""What dry-run prints."""'),
    (doors.driver_is_reached_elsewhere, "x = 'psycopg'\nfrom maintainer.db import psycopg_driver"),
    (shape.too_long, "x = 1\n" * 250),
    (shape.too_long, 'def f():\n    """One.\n\n    Two.\n    """\n' + "    x = 1\n" * 25),
    (shape.left_undone, "mastodons and hackers"),
]


@pytest.mark.parametrize(("rule", "text"), GOOD)
def test_what_is_right_is_left_alone(rule, text) -> None:
    """No rule cries about what the house does on purpose."""
    assert offences(rule, text) == []


@pytest.mark.parametrize(
    ("rule", "text", "path"),
    [
        (doors.time_is_told_elsewhere, "import time", "maintainer/schedule/clock.py"),
        (doors.environment_is_read_elsewhere, "os.environ", "maintainer/settings.py"),
        (doors.talk_is_elsewhere, "import click", "maintainer/cli/run.py"),
        (doors.talk_is_elsewhere, "sys.stderr; import rich", "maintainer/observe/logs.py"),
        (doors.dry_run_is_elsewhere, "dry_run = 1", "maintainer/cli/run.py"),
        (doors.driver_is_reached_elsewhere, "import psycopg", "maintainer/db/psycopg_driver.py"),
    ],
)
def test_the_one_place_may(rule, text, path) -> None:
    """Each thing has its place, and there it is right; elsewhere it is not."""
    assert offences(rule, text, path) == []
    assert offences(rule, text)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (doors.talk_is_elsewhere, "import click"),
        (doors.talk_is_elsewhere, "sys.stdout.write('x')"),
        (doors.talk_is_elsewhere, "print(1)"),
    ],
)
def test_observers_do_not_write_the_product(rule, text) -> None:
    """What observe/ says goes to stderr; stdout is the command line's."""
    assert offences(rule, text, "maintainer/observe/logs.py")


def test_names_that_say_nothing_are_found() -> None:
    """No module is called utils."""
    assert offences(shape.empty_name, "", "maintainer/archive/utils.py")
    assert offences(shape.empty_name, "", "maintainer/helpers/x.py")
    assert offences(shape.empty_name, "", "maintainer/archive/folder.py") == []


def test_what_lies_beside_the_layout_is_found() -> None:
    """The top level is fixed; dotfiles and what tools make are not looked at."""
    entries = ["maintainer", "README.md", ".ci", "maintainer.egg-info", "docs", "setup.py"]

    assert shape.beside_the_layout(entries) == ["docs", "setup.py"]
