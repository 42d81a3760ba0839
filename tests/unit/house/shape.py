"""Size, words and places: what a stranger sees first."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from tests.unit.house.source import Source

FILE_LINES = 250
FUNCTION_LINES = 25
# "path:function" or "path", and why it cannot be two
LONGER: dict[str, str] = {
    "maintainer/plan/retention.py:_purge": "one call that names every field of the step",
}
TOP = {
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "README.md",
    "deploy",
    "maintainer",
    "policies",
    "pyproject.toml",
    "tests",
}
MADE = re.compile(r"__pycache__|dist|build|.*\.egg-info")
# A class of one letter keeps these patterns from finding themselves.
NEVER = re.compile(r"\b(TO[D]O|FI[X]ME|X[X]X|HA[C]K)\b")
NAMES = {"utils", "helpers", "manager", "data", "info", "process", "handle"}
HOSTS = re.compile(
    r"pyp[i][.]org|python[h]osted[.]org|npm[j]s[.](org|com)|de[b][.]debian[.]org|proxy[.]golang[.]org"
    r"|ghcr[.]io|quay[.]io|gcr[.]io|registry-1[.]docker"
)
PATHS = re.compile(r"/wor[k]/|/far[m]/|/op[t]/mt\b|/tmp/bas[h]_jobs|/home/\w+/|/Use[r]s/\w+/")


def too_long(source: Source) -> Iterator[str]:
    """A file past 250 lines is two files; a body past 25 lines is two functions."""
    lines = source.text.count("\n")
    if lines > FILE_LINES and source.path not in LONGER:
        yield f"{source.path}: {lines} lines"
    for node in source.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = _body_lines(node)
            if length > FUNCTION_LINES and f"{source.path}:{node.name}" not in LONGER:
                yield source.at(node, f"{node.name} has {length} lines")


def left_undone(source: Source) -> Iterator[str]:
    """What is not done is an issue, not a comment."""
    yield from _found(source, NEVER, "")


def place_of_this_machine(source: Source) -> Iterator[str]:
    """No file names a registry's host or a folder of the machine it was written on."""
    yield from _found(source, HOSTS, "names a registry: ")
    yield from _found(source, PATHS, "names a folder of one machine: ")


def empty_name(source: Source) -> Iterator[str]:
    """No module is called by a word that fits everything."""
    parts = source.path.removesuffix(".py").split("/")
    yield from (f"{source.path}: {part} says nothing" for part in NAMES.intersection(parts))


def beside_the_layout(entries: Iterable[str]) -> list[str]:
    """What lies at the top of the repository and has no place there."""
    return sorted(
        entry
        for entry in entries
        if not entry.startswith(".") and entry not in TOP and not MADE.fullmatch(entry)
    )


def _body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    if ast.get_docstring(node, clean=False) is not None:
        if len(node.body) == 1:
            return 0
        return node.end_lineno - first.end_lineno
    return node.end_lineno - first.lineno + 1


def _found(source: Source, pattern: re.Pattern[str], what: str) -> Iterator[str]:
    for number, line in enumerate(source.text.splitlines(), 1):
        if match := pattern.search(line):
            yield f"{source.path}:{number}: {what}{match[0]}"
