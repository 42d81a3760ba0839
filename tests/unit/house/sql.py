"""SQL stands in .sql files, under a name and with a purpose, and nowhere else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from tests.unit.house.source import Source

SENDS = {"execute", "copy_out", "copy_in", "executemany"}
WRITERS = ("maintainer/names.py", "maintainer/sql/")
HEADER = re.compile(r"^-- name: (\w+)\n-- (\S.{9,})\n(?!--)", re.MULTILINE)
NAME = re.compile(r"^-- name:(?: ([a-z][a-z0-9_]*)$)?", re.MULTILINE)

# A statement as we would send it. GRANT and CREATE INDEX are what we advise people to run and
# never run ourselves; that they cannot be sent either is the rule of the fragments below.
STATEMENT = re.compile(
    r"""
    \b SELECT \s+ (?: \* | \$\d | \d+ \b | ' | [\w.]+\s*\( | .* \b FROM \b )
  | \b INSERT \s+ INTO \b
  | \b DELETE \s+ FROM \b
  | \b UPDATE \s+ \S+ (?: \s+ AS \s+ \S+ )? \s+ SET \b
  | \b MERGE \s+ INTO \b
  | \b TRUNCATE \s+ \S
  | \b (?: VACUUM | ANALYZE | REINDEX | CLUSTER ) \s* (?: \( | " | \{ )
  | \b REINDEX \s+ (?: INDEX | TABLE | SCHEMA | DATABASE ) \b
  | \b (?: CREATE | ALTER | DROP ) \s+
       (?: (?: OR | REPLACE | UNLOGGED | TEMP | TEMPORARY | MATERIALIZED | FOREIGN | EVENT ) \s+ )*
       (?: TABLE | SCHEMA | VIEW | FUNCTION | ROLE | DATABASE | EXTENSION | TRIGGER | POLICY ) \b
  | \b (?: ALTER | DROP ) \s+ INDEX \b
  | \b COPY \s* \( | \b COPY \s+ (?! TO\b | FROM\b ) \S .* \b (?: TO \s+ STDOUT | FROM \s+ STDIN ) \b
  | \b (?: TO \s+ STDOUT | FROM \s+ STDIN ) \s* (?: WITH | \( )
  | \b BEGIN \s+ (?: ISOLATION | TRANSACTION | WORK | READ )
  | \b (?-i: SET ) \s+ (?: LOCAL \s+ | SESSION \s+ )? [\w.]+ \s* (?: = | TO \b )
  | \b LOCK \s+ TABLE \b
  | \b EXPLAIN \s* \( | \b WITH \s+ \w+ \s+ AS \s* \(
    """,
    re.VERBOSE | re.DOTALL,
)
# In small letters these are English too, unless the string begins with them and goes on as SQL.
OPENING = re.compile(STATEMENT.pattern, STATEMENT.flags | re.IGNORECASE)
WORDS = re.compile(
    r"\b(select|insert|update|delete|merge|truncate|vacuum|analyze|reindex|cluster|create|alter|drop"
    r"|copy|begin|start|commit|rollback|savepoint|release|set|reset|show|lock|explain|grant|revoke"
    r"|call|do|declare|fetch|close|listen|notify|discard|prepare|execute|with|from|where|join|group"
    r"|order|having|union|returning|values|limit|and|or|not|in|is|cast|case)\b",
    re.IGNORECASE,
)


def statement_in_a_string(source: Source) -> Iterator[str]:
    """No string, bytes or f-string is a statement or holds one; docstrings may speak of them."""
    for node in source.nodes:
        text = written(node)
        if text is None or node in source.docstrings:
            continue
        if STATEMENT.search(text) or OPENING.match(text.lstrip(" \n(")):
            yield source.at(node, f"SQL in a string: {text.strip()[:60]!r}")


def keyword_in_a_fragment(source: Source) -> Iterator[str]:
    """What is made a Fragment by hand is a name, a type or a number, and holds no word of SQL."""
    if source.path.startswith(WRITERS):
        return
    for node in source.nodes:
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called, first = _called(node), node.args[0]
        if called in SENDS and written(first) is not None:
            yield source.at(node, f"{called} of a string")
        if called == "Fragment":
            text = " ".join(written(part) or "" for part in ast.walk(first))
            if word := WORDS.search(text):
                yield source.at(node, f"Fragment with the word {word[0]}")


def without_name_or_purpose(source: Source) -> Iterator[str]:
    """Every statement of a .sql file has its name and, on one line, what it is for."""
    if not source.text.startswith("-- name: "):
        yield f"{source.path}:1: something stands before the first name"
    named, purposeful = len(NAME.findall(source.text)), len(HEADER.findall(source.text))
    if named != purposeful:
        yield f"{source.path}: a purpose is not one line: {named - purposeful} of {named}"
    if "" in NAME.findall(source.text):
        yield f"{source.path}: a name is not of small letters, digits and underscores"


def without_use(files: Iterable[Source], programs: Iterable[Source]) -> Iterator[str]:
    """Every statement is called by its name somewhere, or by an f-string that makes its name."""
    nodes = [node for program in programs for node in program.nodes]
    names = {node.value for node in nodes if isinstance(node, ast.Constant)}
    made = [re.compile(_pattern(node)) for node in nodes if isinstance(node, ast.JoinedStr)]
    for source in files:
        for name in NAME.findall(source.text):
            if name not in names and not any(pattern.fullmatch(name) for pattern in made):
                yield f"{source.path}: {name} is used nowhere"


def unknown(files: Iterable[Source], programs: Iterable[Source]) -> Iterator[str]:
    """`named("x")` finds a statement."""
    known = {name for source in files for name in NAME.findall(source.text)}
    for program in programs:
        for node in program.nodes:
            match node:
                case ast.Call(args=[ast.Constant(value=str(name))]) if _called(node) == "named":
                    if name not in known:
                        yield program.at(node, f"no statement is called {name}")


def written(node: ast.AST) -> str | None:
    """The text of a string, bytes, f-string or sum of strings; `{}` where a value goes."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Constant(value=bytes(text)):
            return text.decode("latin-1")
        case ast.JoinedStr(values=parts):
            return "".join(written(part) or "{}" for part in parts)
        case ast.BinOp(left=left, op=ast.Add() | ast.Mod(), right=right):
            texts = written(left), written(right)
            return None if texts == (None, None) else "".join(text or "{}" for text in texts)
    return None


def _called(node: ast.Call) -> str:
    return getattr(node.func, "attr", None) or getattr(node.func, "id", None) or ""


def _pattern(node: ast.JoinedStr) -> str:
    fixed = "".join(part.value for part in node.values if isinstance(part, ast.Constant))
    if not re.fullmatch(r"[a-z0-9_]{4,}", fixed):
        return r"(?!)"
    return "".join(part.value if isinstance(part, ast.Constant) else r"\w+" for part in node.values)
