"""Files of the repository, as the rules of the house read them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[3]
FOLDERS = ("maintainer", "policies", "tests", "deploy", ".ci")
MADE = {"__pycache__", "node_modules"}


@dataclass(frozen=True)
class Source:
    """One file: its path as seen from the top of the repository, and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed module."""
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Every node of the module."""
        return list(ast.walk(self.tree))

    @cached_property
    def docstrings(self) -> set[ast.AST]:
        """The nodes that are documentation and not program."""
        owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        return {
            node.body[0].value
            for node in self.nodes
            if isinstance(node, owners) and ast.get_docstring(node, clean=False) is not None
        }

    def at(self, node: ast.AST, what: str) -> str:
        """One offence, with its place."""
        return f"{self.path}:{node.lineno}: {what}"


def python() -> list[Source]:
    """Every Python file of the package."""
    return [_read(path) for path in sorted((ROOT / "maintainer").rglob("*.py"))]


def statements() -> list[Source]:
    """Every file of named statements."""
    return [_read(path) for path in sorted((ROOT / "maintainer" / "sql").glob("*.sql"))]


def scripts() -> list[Source]:
    """Every SQL file that is run as a whole."""
    files = sorted((ROOT / "maintainer").rglob("*.sql"))
    return [_read(path) for path in files if path.parent != ROOT / "maintainer" / "sql"]


def everything() -> Iterator[Source]:
    """Every text file that is kept."""
    tops = [path for path in ROOT.iterdir() if path.is_file() and not path.name.startswith(".")]
    below = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()]
    for path in [*tops, *below]:
        if not MADE & set(path.parts):
            try:
                yield _read(path)
            except UnicodeDecodeError:
                continue


def _read(path: Path) -> Source:
    return Source(path.relative_to(ROOT).as_posix(), path.read_text("utf-8"))
