"""What only one place may do: tell the time, read the environment, talk, reach a driver."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fnmatch import fnmatch

from tests.unit.house.source import Source

TIME = {"now", "utcnow", "today", "monotonic", "sleep"}
ENVIRONMENT = {"environ", "environb", "getenv", "putenv", "unsetenv"}
TALK = {"click", "rich"}
DRIVERS = {"psycopg", "pg8000"}


def time_is_told_elsewhere(source: Source) -> Iterator[str]:
    """Time is had from the injected clock alone; `time` is imported by schedule/clock.py alone."""
    if source.path == "maintainer/schedule/clock.py":
        return
    for node, module in _imports(source):
        if module == "time":
            yield source.at(node, "imports time; ask the clock")
    for node in source.nodes:
        match node:
            case ast.Call(func=ast.Attribute(attr=name, value=whose)) if name in TIME:
                if "clock" not in ast.unparse(whose).lower():
                    yield source.at(node, f"{name}() of something that is not called a clock")
            case ast.Attribute(attr=name, value=ast.Name(id="dt" | "date" | "datetime")):
                if name in TIME:
                    yield source.at(node, f"{name} of datetime; ask the clock")


def environment_is_read_elsewhere(source: Source) -> Iterator[str]:
    """The environment is read in settings.py; everybody else is given a mapping."""
    if source.path == "maintainer/settings.py":
        return
    for node in source.nodes:
        match node:
            case ast.Import(names=aliases) if any(a.name == "os" and a.asname for a in aliases):
                yield source.at(node, "gives os another name")
            case ast.ImportFrom(module="os", names=aliases):
                if ENVIRONMENT.intersection(alias.name for alias in aliases):
                    yield source.at(node, "imports the environment")
            case ast.Attribute(attr=name, value=ast.Name(id="os")) if name in ENVIRONMENT:
                yield source.at(node, f"reads os.{name}")


def talk_is_elsewhere(source: Source) -> Iterator[str]:
    """Only cli/ prints and knows click; observe/ draws progress and writes the log on stderr."""
    if source.path.startswith("maintainer/cli/"):
        return
    is_log = source.path.startswith("maintainer/observe/")
    for node, module in _imports(source):
        if module in (TALK - {"rich"} if is_log else TALK):
            yield source.at(node, f"imports {module}")
    for node in source.nodes:
        match node:
            case ast.Name(id="print"):
                yield source.at(node, "prints")
            case ast.Attribute(attr="stdout" | "stderr" as name, value=ast.Name(id="sys")):
                if name == "stdout" or not is_log:
                    yield source.at(node, f"writes to {name}")


def dry_run_is_elsewhere(source: Source) -> Iterator[str]:
    """There is no such thing below the command line: neither a name nor a message."""
    if source.path.startswith("maintainer/cli/"):
        return
    for node in source.nodes:
        words = {node.value} if _is_text(source, node) else _names(node)
        if any("dryrun" in word.lower().translate(JOIN) for word in words):
            yield source.at(node, "speaks of a dry run")


def driver_is_reached_elsewhere(source: Source) -> Iterator[str]:
    """Drivers are imported by their own files in db/, by no name and by no trick."""
    if fnmatch(source.path, "maintainer/db/*_driver*.py"):
        return
    for node, module in _imports(source):
        if module in DRIVERS:
            yield source.at(node, f"imports {module}")


JOIN = str.maketrans("", "", "_- ")


def _is_text(source: Source, node: ast.AST) -> bool:
    is_string = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return is_string and node not in source.docstrings


def _names(node: ast.AST) -> set[str]:
    """The identifiers a node brings in by itself."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
            return {name}
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.keyword(arg=str(name)):
            return {name}
        case ast.ImportFrom(names=aliases) | ast.Import(names=aliases):
            return {part for alias in aliases for part in alias.name.split(".")}
    return set()


def _imports(source: Source) -> Iterator[tuple[ast.AST, str]]:
    """Every import with the top-level package it asks for, also those by name at run time."""
    for node in source.nodes:
        match node:
            case ast.Import(names=aliases):
                for alias in aliases:
                    yield node, alias.name.split(".")[0]
            case ast.ImportFrom(module=str(module), level=0):
                yield node, module.split(".")[0]
            case ast.Call(func=function, args=[ast.Constant(value=str(module)), *_]):
                if _names(function) & {"import_module", "__import__"}:
                    yield node, module.split(".")[0]
