"""The rules of the house hold everywhere; `house/` has the rules and the proof that they bite."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from tests.unit.house import doors, shape, source, sql

BIN = Path(sys.executable).parent
LIGHT = {"click", "maintainer"}
RULES_FOR_PROGRAMS = [
    doors.dry_run_is_elsewhere,
    doors.driver_is_reached_elsewhere,
    doors.environment_is_read_elsewhere,
    doors.talk_is_elsewhere,
    doors.time_is_told_elsewhere,
    shape.empty_name,
    shape.too_long,
    sql.keyword_in_a_fragment,
    sql.statement_in_a_string,
]
RULES_FOR_EVERYTHING = [shape.left_undone, shape.place_of_this_machine]

Rule = Callable[[source.Source], Iterator[str]]


@pytest.mark.parametrize("rule", RULES_FOR_PROGRAMS, ids=lambda rule: rule.__name__)
def test_no_program_breaks(rule: Rule) -> None:
    """No file of the package breaks a rule of the house."""
    assert _broken(rule, source.python()) == []


@pytest.mark.parametrize("rule", RULES_FOR_EVERYTHING, ids=lambda rule: rule.__name__)
def test_no_file_breaks(rule: Rule) -> None:
    """No file of the repository breaks a rule of the house."""
    assert _broken(rule, source.everything()) == []


def test_every_statement_has_name_and_purpose() -> None:
    """A DBA can read the folder of statements from the top."""
    assert _broken(sql.without_name_or_purpose, source.statements()) == []


def test_every_statement_is_used() -> None:
    """A statement that nobody sends is not reviewed for nothing."""
    assert list(sql.without_use(source.statements(), source.python())) == []


def test_every_statement_asked_for_is_there() -> None:
    """A name that no file has would be found out at run time."""
    assert list(sql.unknown(source.statements(), source.python())) == []


def test_every_script_says_what_it_is_for() -> None:
    """SQL that is run as a whole file begins with its purpose."""
    assert [script.path for script in source.scripts() if not script.text.startswith("-- ")] == []


def test_the_top_of_the_repository_is_the_layout() -> None:
    """Nothing lies beside what the layout names."""
    assert shape.beside_the_layout(path.name for path in source.ROOT.iterdir()) == []


def test_imports_run_down_the_floors() -> None:
    """The contracts of import-linter are kept."""
    _passes(BIN / "lint-imports", "--no-cache")


def test_types_are_strict() -> None:
    """Mypy finds nothing."""
    _passes(sys.executable, "-m", "mypy")


@pytest.mark.parametrize("folder", ["maintainer", "tests"])
def test_ruff_has_no_complaint(folder: str) -> None:
    """Every rule but the reasoned exceptions."""
    _passes(sys.executable, "-m", "ruff", "check", "--output-format=concise", folder)


@pytest.mark.parametrize("folder", ["maintainer", "tests"])
def test_ruff_would_format_nothing(folder: str) -> None:
    """One format."""
    _passes(sys.executable, "-m", "ruff", "format", "--check", folder)


@pytest.mark.parametrize(
    ("light", "program"),
    [
        ({"maintainer"}, "import maintainer"),
        (LIGHT, "sys.argv[1:] = ['--help']; from maintainer.cli.main import main; main()"),
        (LIGHT, "sys.argv[1:] = ['--version']; from maintainer.cli.main import main; main()"),
    ],
    ids=["import", "--help", "--version"],
)
def test_start_loads_click_alone(light: set[str], program: str) -> None:
    """Help is there at once: no driver, pydantic, structlog, rich or YAML comes with it."""
    assert _third_party(program) <= light


def test_ci_runs_the_command_of_the_readme() -> None:
    """What CI calls is what the README tells people to call, to the letter."""
    command = (source.ROOT / ".ci" / "run").read_text("utf-8").splitlines()[-1]

    assert command.endswith("pytest")
    assert command in (source.ROOT / "README.md").read_text("utf-8")


def _broken(rule: Rule, files: Iterable[source.Source]) -> list[str]:
    return [offence for file in files for offence in rule(file)]


def _passes(*command: str | Path) -> None:
    answer = subprocess.run(command, check=False, capture_output=True, text=True, cwd=source.ROOT)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def _third_party(program: str) -> set[str]:
    """The packages that a program imports beside the standard library."""
    script = (
        "import json, sys; before = set(sys.modules)\n"
        f"try:\n    {program}\nexcept SystemExit as end:\n    assert not end.code\n"
        "tops = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(json.dumps(sorted(tops - sys.stdlib_module_names)))"
    )
    command = [sys.executable, "-c", script]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    return set(json.loads(answer.stdout.splitlines()[-1]))
